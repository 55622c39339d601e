// Sessions whose clients are lost, which are thousands at once where a network fails: each turn of the event loop ends a few of
// them, so that nobody who stays waits for all, and the core does not hear of all at once.
//
// Rule: bounded by the sessions there are. A session that waits here is up as far as others see it, as before its loss was
//       noticed; whoever comes back for it takes it up.

/** So long a turn goes on with it. */
const TURN_MS = 2

export class Leavers {
  readonly #now: () => number
  #waiting: (() => void)[] = []

  /** `now`: in ms. */
  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#waiting.length
  }

  /** Calls `end` soon, in the order in which they came; one that throws is a bug, and holds up none of the others. */
  add(end: () => void): void {
    this.#waiting.push(end)
    if (this.#waiting.length === 1) setImmediate(this.#some)
  }

  readonly #some = (): void => {
    const began = this.#now()
    let taken = 0
    try {
      for (const end of this.#waiting) {
        taken += 1
        end()
        if (this.#now() - began >= TURN_MS) break
      }
    } finally {
      this.#waiting = this.#waiting.slice(taken)
      if (this.#waiting.length > 0) setImmediate(this.#some)
    }
  }
}
