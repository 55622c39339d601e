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
export function objectionToStream(house: House, { info }: Stream, now: number): ReasonId | undefined {
  const leg = legOf(info.leg)
  const objection = objectionToPair(house, leg, info.pair)
  if (objection) return objection
  if (leg === 'core' && info.role === 'receiving' && !house.isCoreAddress(info.peerAddress)) return 'SP-112'
  return Date.parse(info.certificate.notAfter) <= now ? 'SP-371' : undefined // RFC 6120 §13.7.2.3
}

/** Why what the peer proved itself with proves nothing by the trust of this house. */
export function objectionToProof(house: House, { info }: Stream): ReasonId | undefined {
  const verify = info.leg === 'core' ? house.verifyCore : house.verifyPartner
  const verdict = verify.call(house, info.pair.remote, info.chain)
  return verdict.proven ? undefined : verdict.reason
}
