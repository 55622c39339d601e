// So many pieces of work at a time; the others wait in order, until their turn comes or their time is over.

export class Places {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  get isIdle(): boolean {
    return this.#taken === 0 && this.#waiting.length === 0
  }

  /** Does the work when its turn comes. Rejects as the work does, and when the time is over before its turn. */
  async run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    while (this.#taken >= this.#most) await this.#turn(signal)
    this.#taken += 1
    try {
      return await work()
    } finally {
      this.#taken -= 1
      this.#waiting.shift()?.()
    }
  }

  /** Resolves when a place is free. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const over = (): void => {
      const place = this.#waiting.indexOf(resolve)
      if (place !== -1) this.#waiting.splice(place, 1)
      reject(new Error('the time is over'))
    }
    this.#waiting.push(resolve)
    signal.addEventListener('abort', over, { once: true })
    if (signal.aborted) over()
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', over)
    }
  }
}
