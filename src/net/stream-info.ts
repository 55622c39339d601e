// What a stream is, from what its negotiation has come to, and how it ended.

import type { CloseEffect, Pair, ProvenPair, TlsInfo } from '../stream/types.ts'
import type { CertificateSummary } from '../trust/verdict.ts'
import type { Party } from './party.ts'
import type { StreamFailure } from './reception.ts'
import type { StreamEnd, StreamInfo } from './stream.ts'

type About = Pick<StreamInfo, 'id' | 'reference' | 'bidi' | 'leg'>

/** The description of a stream that has just become ready; `chain`: what the peer showed; `tls`: how it is secured, where it is. */
export function infoOf(
  about: About,
  { pair, method, certificate }: ProvenPair,
  { role, remoteAddress, tls: start }: Party,
  chain: readonly Buffer[],
  tls: TlsInfo | undefined,
): Omit<StreamInfo, 'counters' | 'since'> {
  return {
    ...about,
    role,
    pair,
    peerAddress: remoteAddress,
    tls: tls && { ...tls, start },
    method,
    certificate,
    chain,
  }
}

/** How it ended, from what the automaton has said of that. */
export function endOf({ reason, detail, by, condition, elsewhere }: CloseEffect, reference: string): StreamEnd {
  const end = { reason, reference, detail, by, condition }
  return elsewhere === undefined ? end : { ...end, elsewhere }
}

/** How it failed, if it never became one. */
export function failureOf(
  end: StreamEnd,
  party: Party,
  pair: Pair | undefined,
  certificate: CertificateSummary | undefined,
): StreamFailure {
  const { role, remoteAddress } = party
  return { ...end, role, pair, leg: pair && party.leg(pair), remoteAddress, certificate }
}
