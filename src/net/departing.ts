// Something whose end others wait for. Whoever stops waiting is forgotten: it may outlive many of them.

export class Departing {
  /** Who waits; undefined: nobody has so far. */
  #waiting: Set<() => void> | undefined
  #isGone = false

  /** Resolves when it is gone. */
  get gone(): Promise<void> {
    return new Promise((resolve) => this.whenGone(resolve))
  }

  /** Calls soon after it is gone; what this gives back calls that off. */
  whenGone(act: () => void): () => void {
    if (this.#isGone) queueMicrotask(act)
    else (this.#waiting ??= new Set()).add(act)
    return () => this.#waiting?.delete(act)
  }

  /** It is gone. */
  protected depart(): void {
    this.#isGone = true
    this.#waiting?.forEach((act) => queueMicrotask(act))
    this.#waiting = undefined
  }
}
