// A stream that a peer opened and that goes both ways (XEP-0288) can also carry what we have for the peer: the link of
// its pair adopts it instead of connecting.
//
// Rule 1: at most one link per stream, and none but that of its own leg and pair: nothing else was authenticated on it.
// Rule 2: frames go to whoever reads the stream; what becomes of our stanzas goes to the link. Both hear of the end.

import type { Stream, StreamHandler } from '../../net/stream.ts'

/** Whoever reads a stream. */
export type Reader = Pick<StreamHandler, 'frame' | 'closed'>

export class Adoptions {
  readonly #links = new WeakMap<Stream, StreamHandler>()

  /** What such a stream is given. */
  handler(stream: Stream, reader: Reader): StreamHandler {
    const link = (): StreamHandler | undefined => this.#links.get(stream)
    return {
      frame: (frame) => reader.frame(frame),
      taken: (stanzas) => link()?.taken?.(stanzas),
      drained: () => link()?.drained(),
      closed(end) {
        reader.closed(end)
        link()?.closed(end)
      },
      gone: (doubtful) => link()?.gone?.(doubtful),
    }
  }

  /** The first of these that is open and nobody's becomes that link's; undefined when there is none. */
  adopt(streams: Iterable<Stream>, link: StreamHandler): Stream | undefined {
    for (const stream of streams) {
      if (!stream.open || this.#links.has(stream)) continue
      this.#links.set(stream, link)
      return stream
    }
    return undefined
  }
}
