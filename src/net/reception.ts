// What a listener asks of its owner while others connect, and what it tells: the seam between sockets and the gateway.

import type { Judgement, KeyQuestion, Pair, ReceivingRules, TlsInfo, TlsStart } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { CertificateSummary, Verdict } from '../trust/verdict.ts'
import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Observer } from './observer.ts'
import type { Stream, StreamHandler } from './stream.ts'

/** Where a connection comes from and where it arrived. */
export interface ConnectionOrigin {
  /** An IPv4 address, or an IPv6 address; IPv4 in IPv6 is given as IPv4. */
  readonly remoteAddress: string
  /** The name of the listener. */
  readonly listener: string
  /** How TLS begins there; absent: STARTTLS. */
  readonly tls?: TlsStart
  /** The balancer that handed the connection on and vouches for `remoteAddress`; absent: it came directly. */
  readonly balancer?: string
}

/** A stream that never became ready. Names are as claimed, unless there is a certificate summary that proves them. */
export interface StreamFailure {
  readonly reference: string
  readonly reason: ReasonId
  readonly detail: string
  readonly role: 'receiving' | 'initiating'
  readonly pair: Pair | undefined
  readonly leg: string | undefined
  readonly remoteAddress: string
  /** The stream error that was sent or received. */
  readonly condition: StreamCondition | undefined
  readonly by: 'us' | 'peer' | 'network'
  readonly certificate: CertificateSummary | undefined
  /** Where the peer sends us instead, in its words. RFC 6120 §4.9.3.19 */
  readonly elsewhere?: string
}

export interface Reception {
  /** What the names on a new connection are checked against. */
  rules(origin: ConnectionOrigin): ReceivingRules
  /** The label of the leg that a stream between these domains belongs to. */
  leg(pair: Pair, origin: ConnectionOrigin): string
  /** The certificate to show on a stream whose `to` is `pair.local`; a rejection refuses TLS. */
  identity(pair: Pair): Promise<Identity>
  /**
   * Direct TLS, before any header: the certificate to show to a peer whose SNI asks for this name, or for none. Undefined
   * for a name that is not known here: it gets what a peer without SNI gets.
   */
  greet?(servername: string | undefined): Identity | undefined
  /** Does the chain (DER, leaf first) prove `pair.remote`, over such TLS? A rejection is a bug of ours and ends the stream. */
  verify(pair: Pair, chain: readonly Buffer[], leg: string, tls: TlsInfo): Verdict | Promise<Verdict>
  /** May the peer speak for `pair.remote`, for which it has shown a key and this chain? A rejection ends the stream. */
  judge?(claim: KeyQuestion, chain: readonly Buffer[], origin: ConnectionOrigin, tls: TlsInfo): Promise<Judgement>
  /** A stream is up; called once, before its first frame. */
  ready(stream: Stream): StreamHandler
  failed(failure: StreamFailure): void
  reference(): string
  /** Who watches a new connection. */
  observers?(origin: ConnectionOrigin, reference: string): readonly Observer[]
  /** A connection was turned away before a stream existed. */
  turnedAway?(origin: ConnectionOrigin, reason: ReasonId, detail: string): void
  /** Something threw that must not; the stream behind the reference was closed. */
  bug?(error: unknown, reference: string): void
}
