// The two clocks of a ready stream: how long nothing has crossed it, and how long we have written nothing. One timer
// serves both and is set anew only when it fires, so that traffic costs two timestamps and no timers.

export interface WatchOptions {
  /** 0: never. */
  readonly idleMs: number
  readonly keepaliveMs: number
  onIdle(): void
  onKeepalive(): void
}

export class Watch implements Disposable {
  readonly #options: WatchOptions
  #timer: NodeJS.Timeout | undefined
  #usedAt = performance.now()
  #wroteAt = performance.now()
  #idle = false

  constructor(options: WatchOptions) {
    this.#options = options
    this.#arm()
  }

  /** Something was received, or something that matters was sent. */
  used(): void {
    this.#usedAt = performance.now()
    this.#idle = false
  }

  /** Anything was written. */
  wrote(): void {
    this.#wroteAt = performance.now()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #arm(): void {
    const { idleMs, keepaliveMs } = this.#options
    const due: number[] = []
    if (idleMs > 0 && !this.#idle) due.push(this.#usedAt + idleMs)
    if (keepaliveMs > 0) due.push(this.#wroteAt + keepaliveMs)
    if (due.length === 0) return
    this.#timer = setTimeout(this.#fire, Math.max(1, Math.ceil(Math.min(...due) - performance.now())))
    this.#timer.unref()
  }

  readonly #fire = (): void => {
    const { idleMs, keepaliveMs } = this.#options
    const now = performance.now()
    if (keepaliveMs > 0 && now >= this.#wroteAt + keepaliveMs) {
      this.#wroteAt = now
      this.#options.onKeepalive()
    }
    const idle = idleMs > 0 && !this.#idle && now >= this.#usedAt + idleMs
    this.#idle ||= idle
    this.#arm()
    if (idle) this.#options.onIdle()
  }
}
