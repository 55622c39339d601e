// Whatever comes into a connection from outside runs in here: what it throws is a bug, is told, and ends this connection
// and no other.

export interface Guarded {
  /** Tells it. */
  bug(error: unknown): void
  /** Ends the connection in good order. */
  fail(detail: string): void
  /** Cuts it, where even that has thrown. */
  destroy(): void
}

/** Runs what has been caused from outside. */
export function guard(guarded: Guarded, act: () => unknown): void {
  try {
    act()
  } catch (error) {
    caught(guarded, error)
  }
}

/** Answers for what was thrown. */
export function caught(guarded: Guarded, error: unknown): void {
  try {
    guarded.bug(error)
    guarded.fail(error instanceof Error ? error.message : String(error))
  } catch (second) {
    guarded.bug(second)
    guarded.destroy()
  }
}
