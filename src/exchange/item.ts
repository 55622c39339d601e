// What a list is made of before anybody knows what it means: items with names and values, as they stand there.

import { isRecord } from '../config/check.ts'

/** An item of a list, its keys as they are written there. */
export interface Item {
  /** Where it stands: a line, or the number of the item. */
  readonly place: string
  readonly values: Readonly<Record<string, unknown>>
}

export interface Items {
  readonly items: readonly Item[]
  /** The type of PowerShell that the list says its items have, such as `….Edge.AllowedDomain`. */
  readonly type?: string | undefined
}

/** A list that PowerShell has wrapped, with how long it is; anything else as it is. */
export const listIn = (value: unknown): unknown =>
  isRecord(value) && 'Count' in value && Array.isArray(value['value']) ? value['value'] : value
