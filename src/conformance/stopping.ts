// What ends a run before its time: a signal, or that nobody reads any more what it says. Then it takes away what it has set up.

import process from 'node:process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Until it is disposed of. A second signal ends the program at once. */
export class Stopping implements Disposable {
  readonly #aborts = new AbortController()
  readonly #stack = new DisposableStack()

  constructor() {
    const { stdout } = process
    const stop = (why: unknown): void =>
      this.#aborts.abort(new Error(`ended before its time: ${why instanceof Error ? why.message : String(why)}`))
    for (const signal of SIGNALS) {
      process.once(signal, stop)
      this.#stack.defer(() => process.off(signal, stop))
    }
    // Whoever ends the program at once where nobody reads is not asked meanwhile.
    const former = stdout.listeners('error').map((one) => (error: unknown) => Reflect.apply(one, stdout, [error]))
    stdout.removeAllListeners('error').on('error', stop)
    this.#stack.defer(() => {
      stdout.off('error', stop)
      for (const one of former) stdout.on('error', one)
    })
  }

  get signal(): AbortSignal {
    return this.#aborts.signal
  }

  /** Why it has ended; empty: it has not. */
  get why(): string {
    const { reason } = this.signal
    return reason instanceof Error ? reason.message : ''
  }

  [Symbol.dispose](): void {
    this.#stack.dispose()
  }
}

/** Waits for the work, or throws why it was ended before; what still goes on then is nobody's any more. */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
