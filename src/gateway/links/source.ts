// A stream that feeds links. Any link that is full may hold it; it reads again when the last one lets go. So a slow
// destination stops exactly the streams that feed it, and the bytes wait in the sender's own socket.

import { onTheClock } from '../../net/dial.ts'
import type { Delay } from '../../net/race.ts'
import type { Stream } from '../../net/stream.ts'

/** How long one link may hold a stream that feeds all others too. */
const SHARED_MS = 5000

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

/**
 * A stream that feeds the links of all partners. SECURITY: one that takes nothing must not keep the others waiting: a link
 * holds it for a while, and then not again before it has let go by itself, so that what does not fit into its queue
 * comes back.
 */
export class SharedSource extends Source {
  readonly #delay: Delay
  /** How to call off the end of each link's patience; undefined: it is over. */
  readonly #patience = new Map<object, (() => void) | undefined>()

  constructor(stream: Pick<Stream, 'pause' | 'resume'>, delay: Delay = onTheClock) {
    super(stream)
    this.#delay = delay
  }

  override hold(by: object): void {
    if (this.#patience.has(by)) return
    const over = (): void => {
      this.#patience.set(by, undefined)
      super.release(by)
    }
    this.#patience.set(by, this.#delay(SHARED_MS, over))
    super.hold(by)
  }

  override release(by: object): void {
    this.#patience.get(by)?.()
    this.#patience.delete(by)
    super.release(by)
  }
}

/** The sources that one link holds. */
export class Held {
  #sources = new Set<Source>()

  add(source: Source | undefined): void {
    if (!source) return
    source.hold(this)
    this.#sources.add(source)
  }

  release(): void {
    // Whoever goes on may be held again at once, and then waits behind the others.
    const held = this.#sources
    this.#sources = new Set()
    for (const source of held) source.release(this)
  }
}
