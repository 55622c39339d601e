// Something that may be waited for until it is so. Whoever changes what it depends on says `check`.

export class Condition {
  readonly #holds: () => boolean
  #waiting: PromiseWithResolvers<void> | undefined

  constructor(holds: () => boolean) {
    this.#holds = holds
  }

  /** Resolves when it is so, at once if it is already. */
  met(): Promise<void> {
    if (this.#holds()) return Promise.resolve()
    this.#waiting ??= Promise.withResolvers()
    return this.#waiting.promise
  }

  check(): void {
    if (!this.#waiting || !this.#holds()) return
    this.#waiting.resolve()
    this.#waiting = undefined
  }
}
