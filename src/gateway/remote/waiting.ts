// When a log-in that came to nothing is answered: never sooner than a uniform time, which follows from nothing but chance
// and how long the core takes for its own refusals. Wrong passwords, unknown names, locks and refusals by policy so take
// the same time.
//
// Rule: bounded. Of answers that wait there are so many; what is more ends without one, whatever the reason.

export interface WaitingParts {
  /** The least wait in ms, and how many answers may wait. */
  limits(): { readonly refusalMs: number; readonly answers: number }
  /** At least 0, less than 1. */
  random(): number
}

/** So many of the core's last refusals tell how long it takes. */
const REMEMBERED = 32
/** Nobody is kept waiting longer for a core that is slow. */
const LONGEST_MS = 30_000

export class Waiting {
  readonly #parts: WaitingParts
  #tookMs: readonly number[] = []
  /** When those that wait are answered, roughly the soonest first. */
  #until: number[] = []
  #gone = 0

  constructor(parts: WaitingParts) {
    this.#parts = parts
  }

  /** The core took so long to say no. */
  learn(tookMs: number): void {
    this.#tookMs = [...this.#tookMs.slice(1 - REMEMBERED), tookMs]
  }

  /** How many wait at this time (ms). */
  count(now: number): number {
    this.#until = this.#until.filter((until) => until > now)
    return this.#until.length
  }

  /** How many got no answer, since the start. */
  get unanswered(): number {
    return this.#gone
  }

  /** So long from now the answer waits, so long after the client's last word; `cut`: there is no room, it gets none. */
  answer(tookMs: number, now: number): number | 'cut' {
    const { refusalMs, answers } = this.#parts.limits()
    if (this.#until.length >= answers && this.count(now) >= answers) {
      this.#gone += 1
      return 'cut'
    }
    const least = Math.min(LONGEST_MS, Math.max(refusalMs, ...this.#tookMs.map((ms) => ms * 1.25)))
    const delayMs = Math.max(0, Math.ceil(least * (1 + this.#parts.random() / 2) - tookMs))
    this.#until.push(now + delayMs)
    return delayMs
  }
}
