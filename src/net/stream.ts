// A ready stream: authenticated, of known names, frames in and bytes out. How it came about is the driver's affair.

import type { Pair, ProofMethod, ProvenPair, TlsInfo, TlsStart } from '../stream/types.ts'
import type { CertificateSummary } from '../trust/verdict.ts'
import type { Frame } from '../xml/frame.ts'
import { bufferOf, type Bytes } from '../xml/stretch.ts'
import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { AckFigures } from './acks.ts'
import type { Observer, Observers } from './observer.ts'
import { ProvenPairs } from './proven-pairs.ts'

/** What has crossed a stream so far. The one thing about a stream that changes. */
export interface StreamCounters {
  stanzasIn: number
  stanzasOut: number
  bytesIn: number
  bytesOut: number
}

export interface StreamInfo {
  /** The stream's id, unguessable, given by the receiving side; of our own making where the peer gave none. */
  readonly id: string
  readonly role: 'receiving' | 'initiating'
  /** The pair of domains that it became ready for; `Stream.proven` has those that came later too. */
  readonly pair: Pair
  /** The label its opener gave it: 'partner' or 'core'. */
  readonly leg: string
  readonly peerAddress: string
  /** Undefined in plaintext: a component only, on loopback or in a network of its operator's. */
  readonly tls: (TlsInfo & { readonly start: TlsStart }) | undefined
  /** Do stanzas cross it both ways? XEP-0288, and every connection of a component. */
  readonly bidi: boolean
  /** How the remote domain of `pair` proved its name. */
  readonly method: ProofMethod
  /** The certificate that proved it; undefined where none did. */
  readonly certificate: CertificateSummary | undefined
  /** What the peer showed, DER, leaf first: to be judged again when trust changes. */
  readonly chain: readonly Buffer[]
  /** When it became ready, ms since 1970. */
  readonly since: number
  readonly reference: string
  readonly counters: StreamCounters
}

export interface StreamEnd {
  readonly reason: ReasonId
  readonly reference: string
  readonly detail: string
  readonly by: 'us' | 'peer' | 'network'
  /** The stream error that was sent or received. */
  readonly condition: StreamCondition | undefined
  /** Where the peer sends us instead, in its words. RFC 6120 §4.9.3.19 */
  readonly elsewhere?: string
}

/** Who uses a ready stream. What it throws ends the stream with `internal-server-error`, and no other. */
export interface StreamHandler {
  /** One stanza. The handler may pause or close the stream meanwhile. */
  frame(frame: Frame): void
  /** The stream carries stanzas for a further pair, which `Stream.proven` has already. */
  proven?(proven: ProvenPair): void
  /** After `send` said false: there is room again. */
  drained(): void
  /**
   * So many more of the stanzas, in the order in which they were sent, are out of our hands: the peer has acknowledged
   * them where it acknowledges (XEP-0198), else the operating system has taken them.
   */
  taken?(stanzas: number): void
  /** The end; called once, and nothing but `taken` and `gone` after it. */
  closed(end: StreamEnd): void
  /**
   * After `closed`: the connection is gone, and what was not taken will not be. The first `doubtful` of those stanzas were
   * on their way and may have arrived, the others have not.
   */
  gone?(doubtful: number): void
}

export interface CloseOptions {
  readonly reference?: string
  readonly detail?: string
  /** In good order: time for the peer's side of the closing handshake, where that of the limits is too short. */
  readonly patienceMs?: number
}

/** Bytes received and not looked at, bytes written and not taken, and whether its handler keeps it from being read. */
export interface StreamFlow {
  readonly unread: number
  readonly unsent: number
  readonly held: boolean
}

/** What a stream asks of the driver below it. */
export interface Wire {
  readonly open: boolean
  readonly bufferedBytes: number
  readonly acks: AckFigures | undefined
  readonly flow: StreamFlow
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>
  /** Calls when the connection is gone, at once if it is; what it gives back calls that off. */
  whenGone(act: () => void): () => void
  readonly held: boolean
  send(bytes: Bytes): boolean
  interject(bytes: Buffer): void
  ask(): void
  destroy(): void
  pause(): void
  resume(): void
  waitFor(others: Promise<unknown>): void
  hush(): void
  quit(reason: ReasonId, options: CloseOptions): void
}

export class Stream implements AsyncDisposable {
  readonly info: StreamInfo
  /** Who is told; set when the stream becomes ready. */
  handler: StreamHandler
  readonly #wire: Wire
  readonly #observers: Observers
  readonly #proven: ProvenPairs

  /** Ready now, and nothing has crossed it. */
  constructor(wire: Wire, observers: Observers, about: Omit<StreamInfo, 'since' | 'counters'>) {
    const counters: StreamCounters = { stanzasIn: 0, stanzasOut: 0, bytesIn: 0, bytesOut: 0 }
    this.info = { ...about, since: Date.now(), counters }
    this.handler = NOBODY
    this.#wire = wire
    this.#observers = observers
    this.#proven = new ProvenPairs(about)
  }

  /** The pairs of domains that the stream may carry stanzas for, the one it became ready for first. */
  get proven(): readonly ProvenPair[] {
    return this.#proven.all
  }

  /** Takes a further pair: for whoever negotiates below. */
  authorise(proven: ProvenPair): void {
    this.#proven.add(proven)
    this.handler.proven?.(proven)
  }

  /** The names that the peer has proven on this stream towards a domain of our side. */
  provenTowards(local: string | undefined): readonly string[] {
    return this.#proven.towards(local)
  }

  /**
   * Writes one stanza, whose bytes must be valid inside this stream. False when the pipe is full: the bytes are taken all
   * the same, and `handler.drained()` says when there is room. On a stream that is not open they are lost.
   */
  send(bytes: Bytes): boolean {
    this.#shown('out', bytes)
    return this.#wire.send(bytes)
  }

  /** Writes a stanza of somebody else than the stream's owner, who is told nothing of it. Lost like those of `send`. */
  interject(bytes: Buffer): void {
    this.#shown('out', bytes)
    this.#wire.interject(bytes)
  }

  /** Takes a stanza of the peer: for whoever reads below. */
  take(frame: Frame): void {
    this.#shown('in', frame.raw)
    this.handler.frame(frame)
  }

  #shown(way: 'in' | 'out', bytes: Bytes): void {
    const { tell } = this.#observers
    if (tell && (way === 'in' || this.open)) tell({ kind: 'stanza', way, bytes: bufferOf(bytes) })
  }

  /** Shows an observer all that happens on the stream from now on, if it does not see it already. */
  watch(observer: Observer): void {
    this.#observers.add(observer)
  }

  unwatch(observer: Observer): void {
    this.#observers.delete(observer)
  }

  /** Bytes that were sent and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#wire.bufferedBytes
  }

  /** What the peer has acknowledged of what we sent; undefined when it acknowledges nothing. XEP-0198 */
  get acks(): AckFigures | undefined {
    return this.#wire.acks
  }

  /** What it holds now. */
  get flow(): StreamFlow {
    return this.#wire.flow
  }

  /** Asks the peer what has arrived, if it acknowledges. */
  ask(): void {
    this.#wire.ask()
  }

  /** May stanzas be sent? */
  get open(): boolean {
    return this.#wire.open
  }

  /** Stops reading: what has been received waits, the rest stays in the network. */
  pause(): void {
    this.#wire.pause()
  }

  resume(): void {
    this.#wire.resume()
  }

  /** Does anybody keep it from reading? */
  get held(): boolean {
    return this.#wire.held
  }

  /** Resolves when the connection is gone. */
  get gone(): Promise<void> {
    return this.#wire.gone
  }

  /** Calls when the connection is gone, at once if it is; what it gives back calls that off. */
  whenGone(act: () => void): () => void {
    return this.#wire.whenGone(act)
  }

  /** Reads nothing until the promise, which must not reject, resolves: for a stream that is not the first to speak. */
  waitFor(others: Promise<unknown>): void {
    this.#wire.waitFor(others)
  }

  /** Reads nothing more, whatever is resumed: for a stream that still has something to say before it ends. */
  hush(): void {
    this.#wire.hush()
  }

  /**
   * Ends the stream: with the reason's stream error, or in good order where it has none. Until the peer has closed its
   * side too, its stanzas still come in the latter case. RFC 6120 §4.4, §4.9
   */
  close(reason: ReasonId, options: CloseOptions = {}): void {
    this.#wire.quit(reason, options)
  }

  /** Cuts the connection at once. */
  destroy(): void {
    this.#wire.destroy()
  }

  /** Closes for shutdown and waits until the connection is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#wire.quit('SP-471', {})
    await this.#wire.gone
  }
}

const NOBODY: StreamHandler = { frame() {}, drained() {}, closed() {} }
