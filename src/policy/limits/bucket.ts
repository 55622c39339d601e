// A token bucket: so much at once, and from then on so much in a second. It keeps what is missing in it, so that a new bucket is
// full, and other settings hold at once.
//
// Rule 1: in any time, no more is taken than the bucket holds and what comes in that time.
// Rule 2: what is more than a whole bucket takes a whole bucket; otherwise it could never go.
// Rule 3: a clock that is set back gives nothing and takes nothing; from there on it gives as ever.

/** What comes in a second, and what the bucket holds. */
export interface Flow {
  readonly perSecond: number
  readonly most: number
}

/** What sums of fractions are off by. */
const DUST = 1e-6

export class Bucket {
  #missing = 0
  #at = 0

  /** How long until so much is there (ms); 0: it is now. */
  wait(cost: number, { perSecond, most }: Flow, now: number): number {
    const lacking = this.missing(perSecond, now) + Math.min(cost, most) - most
    return lacking <= DUST ? 0 : Math.ceil(((lacking - DUST) * 1000) / perSecond)
  }

  /** Takes so much, whether it is there or not. */
  take(cost: number, { perSecond, most }: Flow, now: number): void {
    this.#missing = this.missing(perSecond, now) + Math.min(cost, most)
    this.#at = now
  }

  /** What is missing at this time (ms); 0: it is full. */
  missing(perSecond: number, now: number): number {
    this.#at = Math.min(this.#at, now)
    return Math.max(0, this.#missing - ((now - this.#at) * perSecond) / 1000)
  }
}
