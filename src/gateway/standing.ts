// May what is up stay? Asked when settings or partners change, once a second for what ends by itself, and once when a
// stream has just become ready, since things may have changed while it was negotiated.

import type { Stream } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { legOf, type Leg } from './control.ts'
import type { House } from './house.ts'

/** Why there may be no link or stream between two domains, as things stand. */
export function objectionToPair(house: House, leg: Leg, { local, remote }: Pair): ReasonId | undefined {
  if (leg === 'partner') return house.isOurs(local) ? house.admission(remote) : 'SP-115'
  if (!house.isOurs(remote)) return 'SP-113'
  return house.isOurs(local) ? 'SP-114' : undefined
}

/** Why a stream that is up may not stay up, by what can be told without judging its certificate again. */
export function objectionToStream(house: House, { info, proven }: Stream, now: number): ReasonId | undefined {
  const leg = legOf(info.leg)
  if (leg === 'core' && info.role === 'receiving' && !house.isCoreAddress(info.peerAddress)) return 'SP-112'
  for (const { pair, certificate } of proven) {
    const objection = objectionToPair(house, leg, pair)
    if (objection) return objection
    if (certificate && Date.parse(certificate.notAfter) <= now) return 'SP-371' // RFC 6120 §13.7.2.3
  }
  return undefined
}

/** Why what the peer proved itself with proves nothing by the trust of this house. */
export function objectionToProof(house: House, { info, proven }: Stream): ReasonId | undefined {
  const verify = info.leg === 'core' ? house.verifyCore : house.verifyPartner
  for (const { pair, method } of proven) {
    if (method !== 'certificate') continue
    const verdict = verify.call(house, pair.remote, info.chain)
    if (!verdict.proven) return verdict.reason
  }
  return undefined
}
