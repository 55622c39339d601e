// The other direction of a probe: our ping makes the partner's server connect to us, if it has no stream to us yet. This
// collects what comes: the streams of the domain, or from its addresses, and the answer.

import { claimedPair } from '../../net/introduction.ts'
import type { Observer, Sight } from '../../net/observer.ts'
import type { ConnectionOrigin } from '../../net/reception.ts'
import type { Stream } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import { isAnswer } from './ping.ts'
import type { ProbeInbound } from './report.ts'
import { StreamWatch } from './watch.ts'

/** More connections than any honest server opens to answer a ping. */
const MOST = 16

interface Watched {
  readonly origin: ConnectionOrigin
  readonly reference: string
  readonly watch: StreamWatch
  /** Theirs, by the name in its header. Undefined: not known yet. */
  pair: Pair | undefined
  /** Somebody else's. */
  strange: boolean
  method: string | undefined
}

/** The streams that come from one partner while a probe of it runs. */
export class Callback {
  /** Waits for something to happen. */
  #wake = Promise.withResolvers<void>()
  readonly #pair: Pair
  readonly #now: () => number
  readonly #watched: Watched[] = []
  #addresses: ReadonlySet<string> = new Set()
  #answer: { readonly frame: Frame; readonly stream: Stream; readonly at: number } | undefined
  #standing: readonly Stream[] = []
  #id: string | undefined

  constructor(pair: Pair, now: () => number) {
    this.#pair = pair
    this.#now = now
  }

  /** From where the partner's server might come without having said a name. */
  expectFrom(addresses: readonly string[]): void {
    this.#addresses = new Set(addresses)
  }

  /** The streams that are up already. */
  stand(streams: Iterable<Stream>): void {
    this.#standing = [...streams].slice(0, MOST)
  }

  /** Whoever connects now might be the partner. */
  observer(origin: ConnectionOrigin, reference: string): Observer {
    const watch = new StreamWatch(this.#now)
    const watched: Watched = { origin, reference, watch, pair: undefined, strange: false, method: undefined }
    return (sight) => this.#see(watched, sight)
  }

  /** A stream has become ready. */
  opened({ info }: Stream): void {
    for (const watched of this.#watched) if (watched.reference === info.reference) watched.method = info.method
  }

  #see(watched: Watched, sight: Sight): void {
    if (watched.strange) return
    watched.watch.see(sight)
    if (!watched.pair && sight.kind === 'event' && sight.event.kind === 'header') {
      const pair = claimedPair(sight.event.header)
      if (pair?.remote !== this.#pair.remote || pair.local !== this.#pair.local) {
        watched.strange = true
        return
      }
      watched.pair = pair
      this.#keep(watched)
    }
    const over = sight.kind === 'effect' && (sight.effect.kind === 'close' || sight.effect.kind === 'ready')
    if (!over) return
    // TLS from the first byte may end before any name was said; the address says whose it was.
    if (!watched.pair && this.#addresses.has(watched.origin.remoteAddress)) this.#keep(watched)
    this.#woken()
  }

  #keep(watched: Watched): void {
    if (this.#watched.length < MOST) this.#watched.push(watched)
  }

  /** Our ping has this id. */
  asks(id: string): void {
    this.#id = id
  }

  /** True when a stanza that came in on a stream of theirs is the answer to our ping: it goes no further. */
  take(frame: Frame, stream: Stream): boolean {
    if (this.#id === undefined || !isAnswer(frame, this.#id)) return false
    if (!stream.proven.some(({ pair }) => pair.remote === this.#pair.remote)) return false
    this.answered(frame, stream)
    return true
  }

  /** The answer to our ping has come, on this stream. */
  answered(frame: Frame, stream: Stream): void {
    this.#answer ??= { frame, stream, at: this.#now() }
    this.#woken()
  }

  get answer(): { readonly frame: Frame; readonly stream: Stream; readonly at: number } | undefined {
    return this.#answer
  }

  /** Did they come, and did nothing come of it? */
  get hopeless(): boolean {
    if (this.#standing.some(({ open }) => open)) return false
    const all = this.#came()
    return all.length > 0 && all.every(({ watch }) => watch.end !== undefined)
  }

  /** Resolves when something has happened. */
  get change(): Promise<void> {
    return this.#wake.promise
  }

  #woken(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  /** What came so far, and what was there. */
  inbound(): readonly ProbeInbound[] {
    return [...this.#standing.map(standing), ...this.#came().map(came)]
  }

  /** Without the streams on which we were only asked about a key of ours. */
  #came(): readonly Watched[] {
    return this.#watched.filter(({ watch: { asked, readyAt, end } }) => {
      return !asked || readyAt !== undefined || (end !== undefined && end.reason !== 'SP-481')
    })
  }
}

function standing({ info }: Stream): ProbeInbound {
  return {
    address: info.peerAddress,
    at: new Date(info.since).toISOString(),
    standing: true,
    state: 'ready',
    secured: info.tls,
    certificate: info.certificate,
    anchor: undefined,
    method: info.method,
    failure: undefined,
  }
}

function came({ origin, reference, watch, method }: Watched): ProbeInbound {
  const { verdict, end, readyAt, secured, startedAt } = watch
  return {
    address: origin.remoteAddress,
    at: new Date(startedAt).toISOString(),
    standing: false,
    state: readyAt !== undefined ? 'ready' : end ? 'failed' : 'negotiating',
    secured,
    certificate: verdict?.certificate,
    anchor: verdict?.proven === true ? verdict.anchor : undefined,
    method,
    failure:
      readyAt === undefined && end
        ? { reason: end.reason, detail: end.detail, by: end.by, condition: end.condition, reference }
        : undefined,
  }
}
