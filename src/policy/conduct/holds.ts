// What administrators have said of how domains outside are to be met, in place of what follows from what they do.
//
// Rule 1: it is said of a name, in whatever entry that stands or comes to stand. It holds for that name and all below it, and what is said
//         of a longer name counts before.
// Rule 2: bounded by `MOST_HELD`; nothing is pushed out.

import { type Held, isOver } from './conduct.ts'

/** What somebody has said, and of which name. */
export interface Holding {
  readonly name: string
  readonly held: Held
}

/** Of so many names something can be said. */
export const MOST_HELD = 10_000

export class Holds {
  readonly #held = new Map<string, Held>()

  get(name: string): Held | undefined {
    return this.#held.get(name)
  }

  /** Undefined: nothing is said of it any more. */
  set(name: string, held: Held | undefined): void {
    if (held === undefined) this.#held.delete(name)
    else this.#held.set(name, held)
  }

  all(): readonly Holding[] {
    return Array.from(this.#held, ([name, held]) => ({ name, held }))
  }

  /** What holds for a domain. */
  for(domain: string): Holding | undefined {
    if (this.#held.size === 0) return undefined
    for (let name = domain; ; name = name.slice(name.indexOf('.') + 1)) {
      const held = this.#held.get(name)
      if (held !== undefined) return { name, held }
      if (!name.includes('.')) return undefined
    }
  }

  hasRoomFor(name: string): boolean {
    return this.#held.has(name) || this.#held.size < MOST_HELD
  }

  /** Forgets what is over. */
  end(now: number): readonly Holding[] {
    const over = this.all().filter(({ held }) => isOver(held, now))
    for (const { name } of over) this.#held.delete(name)
    return over
  }

  /** All times of it are later by so much. */
  move(ms: number): void {
    for (const [name, held] of this.#held) this.#held.set(name, heldBy(held, ms))
  }
}

/** The same, later. */
export const heldBy = (held: Held, ms: number): Held => ({
  ...held,
  at: held.at + ms,
  until: held.until === undefined ? undefined : held.until + ms,
})
