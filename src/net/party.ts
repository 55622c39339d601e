// Whoever a connection is driven for: what the driver needs to know and to ask, the same for both roles.

import type { Judgement, KeyAnswer, KeyQuestion, Pair, TlsInfo, TlsStart } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import type { StreamLimits } from './limits.ts'
import type { Observers } from './observer.ts'
import type { StreamFailure } from './reception.ts'
import type { Stream, StreamHandler } from './stream.ts'

/** The side that a connection is driven for: a listener's reception, or whoever dials. */
export interface Party {
  readonly role: 'receiving' | 'initiating'
  readonly tls: TlsStart
  readonly limits: StreamLimits
  readonly reference: string
  readonly remoteAddress: string
  /** Known from the start to whoever dials. */
  readonly pair: Pair | undefined
  /** Who watches; they see the automaton too. */
  readonly observers: Observers
  identity(pair: Pair): Promise<Identity>
  /** Direct TLS: what to show to a peer that asks for this name, or for none; undefined: nothing better than for none. */
  greet?(servername: string | undefined): Identity | undefined
  /** `staple`: what a responder said of the first certificate, where the peer sent it along. RFC 6066 §8 */
  verify(pair: Pair, chain: readonly Buffer[], staple: Buffer | undefined, tls: TlsInfo): Verdict | Promise<Verdict>
  /** May the peer speak for `pair.remote`, for which it has shown a key and this chain? Where others claim. */
  judge?(claim: KeyQuestion, chain: readonly Buffer[], tls: TlsInfo): Promise<Judgement>
  /** Has the answer that the stream was opened for. */
  answered?(answer: KeyAnswer): void
  leg(pair: Pair): string
  ready(stream: Stream): StreamHandler
  failed(failure: StreamFailure): void
  bug(error: unknown, reference: string): void
}
