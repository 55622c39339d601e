// Is the peer still there? A quiet outgoing stream is asked by XEP-0199, and one that does not answer is closed, so
// that the next stanza finds a living connection instead of a black hole.
//
// Rule: only where the answer has a way back, that is, while the peer has a stream to us for the same pair. Asking
// anybody else would make them connect just to answer. A black hole behind a stream that only we use is for the
// kernel to find: the blank of `limits.keepalive` stays unacknowledged, and after TCP's own patience (tcp_retries2, about
// 15 minutes) the connection breaks. Node offers no TCP_USER_TIMEOUT, and `limits.stall` sees only what the kernel does
// not take.

import type { Stream } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import { escapeAttribute } from '../xml/write.ts'
import type { Frame } from '../xml/frame.ts'
import { NS } from '../xmpp/namespaces.ts'

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

const ID_PREFIX = 'sallyport-ping-'

export class Pings {
  readonly #watches = new Map<Stream, Watch>()
  readonly #asked = new Map<string, Watch>()

  /**
   * Looks at every outgoing stream: asks those that were silent for long, and returns those that did not answer.
   *
   * @param outgoing our streams to peers
   * @param heard how many stanzas came back for a stream; undefined when there is no way back
   * @param reference makes ids nobody can guess
   */
  sweep(
    outgoing: Iterable<Stream>,
    heard: (stream: Stream) => number | undefined,
    options: PingOptions,
    now: number,
    reference: () => string,
  ): readonly Stream[] {
    const dead: Stream[] = []
    for (const stream of outgoing) {
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
  }
}

/** XEP-0199 §4.1, from our domain to theirs. */
function question(pair: Pair, id: string): Buffer {
  const from = escapeAttribute(pair.local)
  const to = escapeAttribute(pair.remote)
  return Buffer.from(`<iq type='get' id='${id}' from='${from}' to='${to}'><ping xmlns='${NS.ping}'/></iq>`)
}
