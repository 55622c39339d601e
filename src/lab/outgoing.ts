// The way of a lab server to one domain: a stream when there is something to say, and what waits for it. When it fails,
// what waited is reported, not kept: the lab shows what a partner would see.

import { dial, type DialOptions } from '../net/dial.ts'
import type { Stream, StreamEnd } from '../net/stream.ts'
import type { StreamFailure } from '../net/reception.ts'

const MOST_WAITING = 1000

export class Outgoing {
  readonly #options: DialOptions
  readonly #failed: (failure: StreamFailure | StreamEnd) => void
  readonly #waiting: Buffer[] = []
  #stream: Stream | undefined
  #connecting = false

  /** `failed` hears why a stream could not be opened, or how it ended. */
  constructor(options: DialOptions, failed: (failure: StreamFailure | StreamEnd) => void) {
    this.#options = options
    this.#failed = failed
  }

  send(bytes: Buffer): void {
    if (this.#stream) {
      this.#stream.send(bytes)
      return
    }
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(bytes)
    if (!this.#connecting) void this.#connect()
  }

  async #connect(): Promise<void> {
    this.#connecting = true
    const result = await dial(this.#options, () => ({
      frame: () => {},
      drained: () => {},
      closed: (end) => {
        this.#stream = undefined
        if (end.by !== 'us') this.#failed(end)
      },
    }))
    this.#connecting = false
    const waiting = this.#waiting.splice(0)
    if (!result.ok) return this.#failed(result.failure)
    this.#stream = result.stream
    for (const bytes of waiting) result.stream.send(bytes)
  }

  close(): void {
    this.#stream?.close('SP-471')
  }
}
