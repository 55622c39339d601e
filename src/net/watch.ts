// The clocks of a ready stream: how long nothing has crossed it, how long we have written nothing, and how long what we
// wrote is not taken. One timer serves all and is set anew only when it fires, so that traffic costs no timers.

import type { StreamLimits } from './limits.ts'
import { thisMoment } from './moment.ts'

/** How long each may last, in ms; 0: for ever. */
export type WatchLimits = Pick<StreamLimits, 'idleMs' | 'keepaliveMs' | 'stallMs'>

export interface Watched {
  /** Is it we who let nothing cross? Then the stream is not idle. */
  paused(): boolean
  /** Since when what we wrote is not taken, on the clock of `performance.now()`; undefined when all is. */
  stuckSince(): number | undefined
  idle(): void
  keepalive(): void
  stalled(): void
}

export class Watch implements Disposable {
  readonly #limits: WatchLimits
  readonly #watched: Watched
  #timer: NodeJS.Timeout | undefined
  #usedAt = performance.now()
  #wroteAt = performance.now()
  #idle = false
  #over = false

  constructor(limits: WatchLimits, watched: Watched) {
    this.#limits = limits
    this.#watched = watched
    this.#arm()
  }

  /** Something was received, or something that matters was sent. */
  used(): void {
    this.#usedAt = thisMoment()
    this.#idle = false
  }

  /** Anything was written. */
  wrote(): void {
    this.#wroteAt = thisMoment()
  }

  [Symbol.dispose](): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  #arm(): void {
    if (this.#over) return
    const { idleMs, keepaliveMs, stallMs } = this.#limits
    const now = performance.now()
    const due: number[] = []
    if (idleMs > 0 && !this.#idle) due.push(this.#usedAt + idleMs)
    if (keepaliveMs > 0) due.push(this.#wroteAt + keepaliveMs)
    if (stallMs > 0) due.push((this.#watched.stuckSince() ?? now) + stallMs)
    if (due.length === 0) return
    this.#timer = setTimeout(this.#fire, Math.max(1, Math.ceil(Math.min(...due) - now)))
    this.#timer.unref()
  }

  readonly #fire = (): void => {
    const { idleMs, keepaliveMs, stallMs } = this.#limits
    const now = performance.now()
    const stuck = this.#watched.stuckSince()
    if (stallMs > 0 && stuck !== undefined && now >= stuck + stallMs) this.#watched.stalled()
    if (keepaliveMs > 0 && now >= this.#wroteAt + keepaliveMs) {
      this.#wroteAt = now
      this.#watched.keepalive()
    }
    if (idleMs > 0 && !this.#idle && now >= this.#usedAt + idleMs) {
      if (this.#watched.paused()) this.used()
      else {
        this.#idle = true
        this.#watched.idle()
      }
    }
    this.#arm()
  }
}
