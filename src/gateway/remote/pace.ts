// How fast a remote user may speak: so many stanzas and other words a second, a few seconds' worth at once. Who sends more is not refused
// but read more slowly. Pure: time is an argument.

/** Seconds' worth that may come at once: a client that has just logged in asks for many things. */
const BURST_SECONDS = 5

export class Pace {
  #left: number
  #at: number

  constructor(perSecond: number, now: number) {
    this.#left = perSecond * BURST_SECONDS
    this.#at = now
  }

  /** Counts an element. Gives back for how long (ms) no other is to be read; 0: go on. */
  take(perSecond: number, now: number): number {
    const gained = (Math.max(0, now - this.#at) * perSecond) / 1000
    this.#left = Math.min(this.#left + gained, perSecond * BURST_SECONDS) - 1
    this.#at = now
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left * 1000) / perSecond)
  }
}
