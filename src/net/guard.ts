// Whatever comes into a connection from outside runs in here: what it throws is a bug, is told, and ends this connection
// and no other.

export interface Guarded {
  /** Tells it. */
  bug(error: unknown): void
  /** Ends the connection in good order. */
  quit(error: unknown): void
  /** Cuts it, where even that has thrown. */
  destroy(): void
}

export class Guard {
  readonly #guarded: Guarded

  constructor(guarded: Guarded) {
    this.#guarded = guarded
  }

  readonly run = (act: () => unknown): void => {
    try {
      act()
    } catch (error) {
      this.caught(error)
    }
  }

  caught(error: unknown): void {
    const { bug, quit, destroy } = this.#guarded
    try {
      bug(error)
      quit(error)
    } catch (second) {
      bug(second)
      destroy()
    }
  }
}
