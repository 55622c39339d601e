// How long a link waits after a failure before it may try again: about a second at first, twice as long after each
// further failure, and never longer than the limit.
//
// Rule 1: the time is drawn between half of the step and all of it, so that the many links to one dead server do not all
//         come back to it at once.
// Rule 2: only a stream that lived starts it anew. One that was ready and gone again would else make us hammer a peer
//         that accepts and hangs up.

export interface BackOffLimits {
  /** The longest time between attempts. */
  readonly backOffMs: number
}

/** The first step. */
const FIRST_MS = 1000

export class BackOff {
  readonly #limits: BackOffLimits
  readonly #random: () => number
  #failures = 0
  #until: number | undefined

  /** `random`: from 0 to 1, as `Math.random`. */
  constructor(limits: BackOffLimits, random: () => number) {
    this.#limits = limits
    this.#random = random
  }

  /** When the next attempt may be made, in ms; undefined: now. */
  until(now: number): number | undefined {
    return this.#until !== undefined && now < this.#until ? this.#until : undefined
  }

  failed(now: number): void {
    const step = Math.min(FIRST_MS * 2 ** this.#failures, this.#limits.backOffMs)
    if (step < this.#limits.backOffMs) this.#failures += 1
    this.#until = now + step / 2 + (this.#random() * step) / 2
  }

  /** A stream lived, or somebody says that things have changed: the next failure is as good as the first. */
  reset(): void {
    this.#failures = 0
    this.#until = undefined
  }
}
