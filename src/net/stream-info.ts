// What a stream is, from what its negotiation has come to.

import type { ProvenPair, TlsInfo } from '../stream/types.ts'
import type { Party } from './party.ts'
import type { StreamInfo } from './stream.ts'

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
