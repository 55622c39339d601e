// Sessions that their clients may take up again over another connection (XEP-0198 §5), and what has to be known for it:
// the counts of both sides, and the address. The core has the stanzas.
//
// Rule: so many are remembered and no more; the one that has waited longest is forgotten, and its client starts anew.

import type { Counts } from '../../stream/client/counts.ts'

export interface Resumable {
  readonly counts: Counts
  readonly address: string
  /** Ends the session that is still up under this id, if one is. */
  replace(): void
}

export class Resumables {
  readonly #most: () => number
  readonly #kept = new Map<string, Resumable>()

  /** `most`: asked each time, since settings change. */
  constructor(most: () => number) {
    this.#most = most
  }

  get size(): number {
    return this.#kept.size
  }

  /** Remembers a session of this user. SECURITY: an id is of use only to whom it was given to. */
  keep(user: string, id: string, session: Resumable): void {
    const key = keyOf(user, id)
    this.#kept.delete(key)
    this.#kept.set(key, session)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most()) break
      this.#kept.delete(oldest)
    }
  }

  /** The session behind an id, which is forgotten: it goes on elsewhere, or never. */
  take(user: string, id: string): Resumable | undefined {
    const key = keyOf(user, id)
    const found = this.#kept.get(key)
    this.#kept.delete(key)
    return found
  }
}

const keyOf = (user: string, id: string): string => `${user} ${id}`
