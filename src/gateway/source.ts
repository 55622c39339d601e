// A stream that feeds links. Any link that is full may hold it; it reads again when the last one lets go. So a slow
// destination stops exactly the streams that feed it, and the bytes wait in the sender's own socket.

import type { Stream } from '../net/stream.ts'

export class Source {
  readonly #stream: Pick<Stream, 'pause' | 'resume'>
  readonly #holders = new Set<object>()

  constructor(stream: Pick<Stream, 'pause' | 'resume'>) {
    this.#stream = stream
  }

  /** Stops reading until `by` releases; holding twice is holding once. */
  hold(by: object): void {
    if (this.#holders.size === 0) this.#stream.pause()
    this.#holders.add(by)
  }

  release(by: object): void {
    if (this.#holders.delete(by) && this.#holders.size === 0) this.#stream.resume()
  }
}

/** The sources that one link holds. */
export class Held {
  readonly #sources = new Set<Source>()

  add(source: Source | undefined): void {
    if (!source) return
    source.hold(this)
    this.#sources.add(source)
  }

  release(): void {
    for (const source of this.#sources) {
      this.#sources.delete(source)
      source.release(this)
    }
  }
}
