// One attempt of a link to open a stream. What the stream tells is kept until its owner knows that there is one, and comes
// with the stream it is about: a link may have another by then.

import type { DialResult } from '../../net/dial.ts'
import type { Stream, StreamEnd, StreamHandler } from '../../net/stream.ts'
import type { Frame } from '../../xml/frame.ts'
import { holdBack } from './hold-back.ts'
import type { LinkOptions } from './link-options.ts'

/** What a link hears of its streams; `undefined`: of one that it never told anybody about. */
export interface Fate {
  taken(stanzas: number): void
  drained(): void
  closed(end: StreamEnd, stream: Stream | undefined): void
  /** The same of a stream of the peer's. */
  left(end: StreamEnd, stream: Stream | undefined): void
  gone(doubtful: number, stream: Stream | undefined): void
}

export interface Attempt {
  readonly result: DialResult
  /** The owner has told of the stream, or it never will: it hears all so far, and from then on at once. */
  release(stream?: Stream): void
}

/** @param instead the stream is to take the place of one that is up */
export async function attempt(
  { open, reader }: Pick<LinkOptions, 'open' | 'reader'>,
  fate: Fate,
  signal: AbortSignal,
  instead: boolean,
): Promise<Attempt> {
  let read: (frame: Frame) => void = () => {}
  let told: Stream | undefined
  const { handler, release } = holdBack({
    taken: (stanzas) => fate.taken(stanzas),
    drained: () => fate.drained(),
    frame: (frame) => read(frame),
    closed: (end) => fate.closed(end, told),
    gone: (doubtful) => fate.gone(doubtful, told),
  })
  const made = (stream: Stream): StreamHandler => {
    read = reader(stream)
    return handler
  }
  const result = await open(made, signal, instead)
  return {
    result,
    release(stream) {
      told = stream
      release()
    },
  }
}

/** A stream of the peer's that is this link's too from now on, if there is one. XEP-0288 */
export function adopted({ adopt }: Pick<LinkOptions, 'adopt'>, fate: Fate): Stream | undefined {
  const its: { stream?: Stream | undefined } = {}
  its.stream = adopt?.({
    taken: (stanzas) => fate.taken(stanzas),
    drained: () => fate.drained(),
    frame() {}, // whoever reads the stream has it
    closed: (end) => fate.left(end, its.stream),
    gone: (doubtful) => fate.gone(doubtful, its.stream),
  })
  return its.stream
}
