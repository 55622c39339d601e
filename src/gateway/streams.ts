// Every stream that is up, by leg, role and pair.

import type { Stream } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'

export class Streams {
  readonly #all = new Set<Stream>()
  readonly #receiving = new Map<string, Set<Stream>>()

  add(stream: Stream): void {
    this.#all.add(stream)
    if (stream.info.role !== 'receiving') return
    const key = keyOf(stream.info.leg, stream.info.pair)
    const known = this.#receiving.get(key)
    if (known) known.add(stream)
    else this.#receiving.set(key, new Set([stream]))
  }

  delete(stream: Stream): void {
    this.#all.delete(stream)
    const key = keyOf(stream.info.leg, stream.info.pair)
    const known = this.#receiving.get(key)
    if (known?.delete(stream) && known.size === 0) this.#receiving.delete(key)
  }

  get size(): number {
    return this.#all.size
  }

  all(): Iterable<Stream> {
    return this.#all
  }

  *initiating(): Iterable<Stream> {
    for (const stream of this.#all) if (stream.info.role === 'initiating') yield stream
  }

  /** The streams that a peer opened to us for a pair. */
  receiving(leg: string, pair: Pair): Iterable<Stream> {
    return this.#receiving.get(keyOf(leg, pair)) ?? []
  }

  /**
   * How many stanzas came back for a stream of ours: on the streams the peer has to us for the pair, or on the stream itself
   * where that carries both ways. Undefined when there is no way back.
   */
  heard({ info }: Stream): number | undefined {
    const { leg, pair, method, counters } = info
    let count = method === 'secret' ? counters.stanzasIn : undefined
    for (const stream of this.receiving(leg, pair)) count = (count ?? 0) + stream.info.counters.stanzasIn
    return count
  }
}

const keyOf = (leg: string, pair: Pair): string => `${leg} ${pair.local} ${pair.remote}`
