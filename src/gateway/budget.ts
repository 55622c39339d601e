// A shared allowance of bytes: what all queues together may hold.

export class Budget {
  readonly #limit: () => number
  #used = 0

  /** `limit`: asked each time, since settings change. */
  constructor(limit: () => number) {
    this.#limit = limit
  }

  get used(): number {
    return this.#used
  }

  /** Takes `bytes` if they still fit; false leaves everything as it was. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit()) return false
    this.#used += bytes
    return true
  }

  /** Takes `bytes` whether they fit or not. */
  owe(bytes: number): void {
    this.#used += bytes
  }

  give(bytes: number): void {
    this.#used -= bytes
  }
}
