// Something whose end others wait for. Whoever stops waiting is forgotten: it may outlive many of them.

export class Departing {
  /** Who waits; undefined: it is gone. */
  #waiting: Set<() => void> | undefined = new Set()

  /** Resolves when it is gone. */
  get gone(): Promise<void> {
    return new Promise((resolve) => this.whenGone(resolve))
  }

  /** Calls soon after it is gone; what this gives back calls that off. */
  whenGone(act: () => void): () => void {
    if (this.#waiting) this.#waiting.add(act)
    else queueMicrotask(act)
    return () => this.#waiting?.delete(act)
  }

  /** It is gone. */
  protected depart(): void {
    this.#waiting?.forEach((act) => queueMicrotask(act))
    this.#waiting = undefined
  }
}
