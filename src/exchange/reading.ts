// What an item of a list comes to.

/** Keys of a file, or why there are none. */
export interface Reading {
  readonly domain?: string
  /** Keys of the file other than `domain`; null where one is to be taken out. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** What was not carried over as it stands there, and why. */
  readonly notes?: readonly string[]
  /** Why nothing came of it, though nothing is wrong with it. */
  readonly left?: string
  /** What is wrong with it, and how to mend it. */
  readonly fault?: string
}

export type Values = Readonly<Record<string, unknown>>

/** A text or number that stands there, without blanks around it; undefined where nothing does. */
export function wordOf(values: Values, key: string): string | undefined {
  const value = values[key]
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
  return text === '' ? undefined : text
}

/** `True` and `False` as PowerShell writes them, in tables too. */
export function flagOf(values: Values, key: string): boolean | undefined {
  const value = values[key]
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return text === 'true' ? true : text === 'false' ? false : undefined
}
