// Which partners have a metric label of their own: those of the partner list, up to a number, in the order in which the
// list names them. Everybody else is `other`: a stranger who asks under a thousand names must not become a thousand labels.

import { OTHER } from './metrics.ts'

export class PartnerLabels {
  readonly #limit: number
  readonly #listeners: ((gone: readonly string[]) => void)[] = []
  #known: ReadonlySet<string> = new Set()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The label for the domain of a partner's entry. */
  of(partner: string | undefined): string {
    return partner !== undefined && this.#known.has(partner) ? partner : OTHER
  }

  /** Tells that labels have changed, and which are gone, so that their series can be forgotten. */
  onChange(listener: (gone: readonly string[]) => void): void {
    this.#listeners.push(listener)
  }

  /** Takes over a new list; those who stay keep their label. */
  replace(partners: readonly string[]): void {
    const listed = new Set(partners)
    const stay = [...this.#known].filter((partner) => listed.has(partner))
    const gone = [...this.#known].filter((partner) => !listed.has(partner))
    this.#known = new Set([...new Set([...stay, ...partners])].slice(0, this.#limit))
    for (const listener of this.#listeners) listener(gone)
  }
}
