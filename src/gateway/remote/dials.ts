// Connections to the core that are being made for remote users: so many at a time, and the others in order, so that nobody
// outside fills the core's queue of connections by coming in numbers. Whoever comes from a network where a user has logged in
// before goes first.
//
// Rule: bounded by the sessions there are; who waits is under the deadline of its session, and leaves when that is over.

type Turn = (given: boolean) => void

export class Dials {
  readonly #most: () => number
  readonly #ahead = new Set<Turn>()
  readonly #behind = new Set<Turn>()
  #underWay = 0

  /** So many may be under way; asked each time, since settings change. */
  constructor(most: () => number) {
    this.#most = most
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#ahead.size + this.#behind.size
  }

  /** Dials when it is its turn; `isAhead`: before all who are not. Undefined: it was aborted before. Rejects as `dial` does. */
  async take<T>(isAhead: boolean, signal: AbortSignal, dial: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined
    if (this.#underWay < this.#most()) this.#underWay += 1
    else if (!(await turnIn(isAhead ? this.#ahead : this.#behind, signal))) return undefined
    try {
      return signal.aborted ? undefined : await dial()
    } finally {
      this.#underWay -= 1
      this.#giveTurns()
    }
  }

  #giveTurns(): void {
    while (this.#underWay < this.#most()) {
      const [turn] = this.#ahead.size > 0 ? this.#ahead : this.#behind
      if (!turn) return
      this.#ahead.delete(turn)
      this.#behind.delete(turn)
      this.#underWay += 1
      turn(true)
    }
  }
}

/** Has it got a turn? It has not when it was aborted before. */
async function turnIn(queue: Set<Turn>, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const leave = (): void => {
    queue.delete(resolve)
    resolve(false)
  }
  queue.add(resolve)
  signal.addEventListener('abort', leave)
  const given = await promise
  signal.removeEventListener('abort', leave)
  return given
}
