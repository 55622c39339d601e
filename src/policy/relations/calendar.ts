// By which day it is reckoned what is too old: the clock's, which may be set to anything. What is forgotten does not come back, so a clock
// that is ahead must not forget all there is before anybody sees it.
//
// Rule 1: the day goes on by one in an hour at most, by a clock that nobody sets. Whoever was away for long is caught up with that fast.
// Rule 2: it goes back with the clock at once.

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** The day of a time (ms), counted from 1970. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS)

export class Calendar {
  readonly #steady: (() => number) | undefined
  #day: number | undefined
  #steppedAt = 0

  /** @param steady milliseconds by a clock that nobody sets; absent: days go as the clock does */
  constructor(steady?: () => number) {
    this.#steady = steady
  }

  /** Begins on a day on which something is known to have been used. */
  begin(day: number): void {
    this.#day = day
    this.#steppedAt = Number.NEGATIVE_INFINITY
  }

  /** A moment has passed. */
  turn(now: number): void {
    const [wanted, steady] = [dayOf(now), this.#steady?.() ?? 0]
    if (this.#day === undefined || wanted < this.#day) this.#day = wanted
    if (wanted === this.#day || steady - this.#steppedAt < HOUR_MS) return
    this.#day += 1
    this.#steppedAt = steady
  }

  /** The day of a time (ms), no later than today. */
  of(at: number): number {
    const day = dayOf(at)
    return this.#steady === undefined || this.#day === undefined ? day : Math.min(day, this.#day)
  }
}
