// Is the peer still there? A quiet stream is asked, and one that does not answer is closed, so that the next stanza finds
// a living connection instead of a black hole, and those before it come back to their senders.
//
// Rule 1: who acknowledges is asked what has arrived (XEP-0198), on any stream: the answer comes back on the same one.
// Rule 2: anybody else is asked by XEP-0199, on an outgoing stream, and only where the answer has a way back, that is,
//         while the peer has a stream to us for the same pair. Asking without one would make them connect just to answer. A
//         black hole behind a stream that only we use is for the kernel to find: the blank of `limits.keepalive` stays
//         unacknowledged, and after TCP's own patience (tcp_retries2, about 15 minutes) the connection breaks. Node offers
//         no TCP_USER_TIMEOUT, and `limits.stall` sees only what the kernel does not take.

import type { AckFigures } from '../net/acks.ts'
import type { Limits } from '../config/limits.ts'
import type { Stream } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import { escapeAttribute } from '../xml/write.ts'
import type { Frame } from '../xml/frame.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { Streams } from './streams.ts'

export interface PingOptions {
  /** Silence of the peer, in ms, after which it is asked. */
  readonly afterMs: number
  /** Time for the answer, in ms. */
  readonly answerMs: number
}

interface Watch {
  /** How many stanzas had come back when we last looked, and since when that has not changed. */
  heard: number
  since: number
  asked: { readonly id: string; readonly at: number } | undefined
}

/** What we know of a peer that acknowledges, and since when that has not changed. */
interface AckWatch {
  readonly answers: number
  readonly asking: boolean
  readonly since: number
}

/** How slowly a peer may read what lies before a question, in bytes per ms: about as slowly as `limits.stall` allows. */
const SLOWEST = 1

const ID_PREFIX = 'sallyport-ping-'

export class Pings {
  readonly #watches = new Map<Stream, Watch>()
  readonly #asked = new Map<string, Watch>()
  readonly #acks = new Map<Stream, AckWatch>()

  /**
   * Looks at every stream: asks those that were silent for long, and returns those that did not answer.
   *
   * @param streams all that are up
   * @param heard how many stanzas came back for a stream; undefined when there is no way back
   * @param reference makes ids nobody can guess
   */
  sweep(
    streams: Iterable<Stream>,
    heard: (stream: Stream) => number | undefined,
    options: PingOptions,
    now: number,
    reference: () => string,
  ): readonly Stream[] {
    const dead: Stream[] = []
    for (const stream of streams) {
      const { acks } = stream
      if (acks) {
        if (this.#isDead(stream, acks, options, now)) dead.push(stream)
        continue
      }
      if (stream.info.role === 'receiving' && !stream.info.bidi) continue
      const count = heard(stream)
      if (count === undefined) {
        this.forget(stream)
        continue
      }
      const watch = this.#watches.get(stream)
      if (!watch || watch.heard !== count) {
        if (watch?.asked) this.#asked.delete(watch.asked.id)
        this.#watches.set(stream, { heard: count, since: now, asked: undefined })
      } else if (watch.asked) {
        if (now - watch.asked.at >= options.answerMs) dead.push(stream)
      } else if (now - watch.since >= options.afterMs) {
        const id = `${ID_PREFIX}${reference()}`
        watch.asked = { id, at: now }
        this.#asked.set(id, watch)
        stream.interject(question(stream.info.pair, id))
      }
    }
    return dead
  }

  /** Looks at every stream on which we send, and closes those that are silent to the end of their time. */
  tend(
    streams: Pick<Streams, 'all' | 'heard'>,
    { pingMs: afterMs, pingAnswerMs: answerMs }: Pick<Limits, 'pingMs' | 'pingAnswerMs'>,
    now: number,
    reference: () => string,
  ): void {
    const dead = this.sweep(streams.all(), (stream) => streams.heard(stream), { afterMs, answerMs }, now, reference)
    for (const stream of dead) stream.close('SP-466', { detail: `no answer from ${stream.info.pair.remote}` })
  }

  /** True when the stanza is the answer to a question of ours, which goes no further. Any answer shows that the peer lives. */
  take(frame: Frame): boolean {
    if (frame.name !== 'iq' || !frame.id?.startsWith(ID_PREFIX)) return false
    if (frame.type !== 'result' && frame.type !== 'error') return false
    const watch = this.#asked.get(frame.id)
    if (!watch) return false
    this.#asked.delete(frame.id)
    watch.asked = undefined
    return true
  }

  /** Stops watching a stream that has ended. */
  forget(stream: Stream): void {
    const watch = this.#watches.get(stream)
    if (watch?.asked) this.#asked.delete(watch.asked.id)
    this.#watches.delete(stream)
    this.#acks.delete(stream)
  }

  /** Asks a peer that acknowledges, if it is time to; true when it has not answered in time. */
  #isDead(stream: Stream, acks: AckFigures, { afterMs, answerMs }: PingOptions, now: number): boolean {
    const { answers, asking, deaf, bytesAhead, unacknowledgedStanzas } = acks
    const watch = this.#acks.get(stream)
    if (!watch || deaf || watch.answers !== answers || watch.asking !== asking) {
      this.#acks.set(stream, { answers, asking, since: now })
      return false
    }
    const silentMs = now - watch.since
    if (asking) return silentMs >= answerMs + bytesAhead / SLOWEST
    if (silentMs >= afterMs || unacknowledgedStanzas > 0) stream.ask()
    return false
  }
}

/** XEP-0199 §4.1, from our domain to theirs. */
function question(pair: Pair, id: string): Buffer {
  const from = escapeAttribute(pair.local)
  const to = escapeAttribute(pair.remote)
  return Buffer.from(`<iq type='get' id='${id}' from='${from}' to='${to}'><ping xmlns='${NS.ping}'/></iq>`)
}
