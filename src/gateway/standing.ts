// May what is up stay? Asked when settings or partners change, once a second for what ends by itself, and once when a
// stream has just become ready, since things may have changed while it was negotiated.

import type { Stream, StreamInfo } from '../net/stream.ts'
import { readCertificate } from '../trust/certificate.ts'
import type { Pair } from '../stream/types.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { legOf, type Leg } from './leg.ts'
import type { House } from './house.ts'
import type { Links } from './links/links.ts'

/** Why there may be no link or stream between two domains, as things stand. */
export function objectionToPair(house: House, leg: Leg, { local, remote }: Pair): ReasonId | undefined {
  if (leg === 'partner')
    return house.isOurs(local) ? house.admission(remote) : house.gone.has(local) ? 'SP-117' : 'SP-115'
  if (house.settings.core.component) return 'SP-138'
  if (!house.isOurs(remote)) return 'SP-113'
  return house.isOurs(local) ? 'SP-114' : undefined
}

/** A stream, as far as it is asked whether it may stay. */
export interface Up extends Pick<Stream, 'proven'> {
  readonly info: Pick<StreamInfo, 'leg' | 'role' | 'peerAddress' | 'tls' | 'chain'>
}

/** Why a stream that is up may not stay up, by what can be told without judging its certificate again, unless one by which the core is known has ended. */
export function objectionToStream(house: House, stream: Up, now: number): ReasonId | undefined {
  const { info, proven } = stream
  const leg = legOf(info.leg)
  if (leg === 'core' && info.role === 'receiving' && !house.isCoreAddress(info.peerAddress)) return 'SP-112'
  if (info.leg === 'core' && mayHaveEnded(house, info.chain, now)) {
    const reason = objectionToProof(house, stream)
    if (reason) return reason === 'SP-302' ? 'SP-371' : reason
  }
  for (const { pair, method, certificate } of proven) {
    const objection = method === 'secret' ? objectionToComponent(house, pair) : objectionToPair(house, leg, pair)
    if (objection) return objection
    const fault = leg === 'partner' && info.tls ? house.handshakeFault(pair.remote, info.tls) : undefined
    if (fault) return fault.reason
    if (method === 'dialback' && house.floor(pair.remote) !== 'dialback-over-tls') return 'SP-472'
    if (certificate && Date.parse(certificate.notAfter) <= now) return 'SP-371' // RFC 6120 §13.7.2.3
  }
  return undefined
}

const firstEnds = new WeakMap<readonly Buffer[], number>()

/** Has anything ended by which the core was known, or that it showed? Partners are looked at by `revocations.ts`. */
function mayHaveEnded(house: House, chain: readonly Buffer[], now: number): boolean {
  let first = firstEnds.get(chain)
  if (first === undefined) {
    const ends = chain.map(readCertificate).map((one) => (typeof one === 'string' ? Infinity : one.notAfter))
    firstEnds.set(chain, (first = Math.min(...ends)))
  }
  return first <= now || house.coreEndings.some(({ notAfter }) => notAfter <= now)
}

/** Why there may be no connection to the core under this name. */
function objectionToComponent(house: House, { local, remote }: Pair): ReasonId | undefined {
  const { component } = house.settings.core
  const isWanted = component && (component.connections === 'one' || house.componentNames.has(local))
  return isWanted && house.isOurs(remote) ? undefined : 'SP-138'
}

/** Why what the peer proved itself with proves nothing by the trust of this house. */
export function objectionToProof(house: House, { info, proven }: Up): ReasonId | undefined {
  const side = info.role === 'receiving' ? 'client' : 'server'
  for (const { pair, certificate } of proven) {
    if (!certificate) continue
    const verdict =
      info.leg === 'core'
        ? house.verifyCore(pair.remote, info.chain)
        : house.verifyPartner(pair.remote, info.chain, side, info.tls)
    if (!verdict.proven) return verdict.reason
  }
  return undefined
}

/** The same where it may do so no longer, since this house trusts otherwise than the `former` one. */
export function objectionToNewTrust(house: House, stream: Up, former: House): ReasonId | undefined {
  const leg = legOf(stream.info.leg)
  const otherwise = stream.proven.some(({ pair }) => house.trustsOtherwise(former, leg, pair.remote))
  return otherwise ? objectionToProof(house, stream) : undefined
}

/** Why a stream may not stay up once this house takes the place of the `former` one, by all that can be told at once. */
export const objectionToChange = (house: House, stream: Up, former: House, now: number): ReasonId | undefined =>
  objectionToStream(house, stream, now) ?? objectionToNewTrust(house, stream, former)

/** Closes and forgets the links between domains that may have none any more. */
export function dismissLinks(links: Links, house: House, reference: () => string): void {
  for (const link of links.all()) {
    const reason = objectionToPair(house, link.leg, link.pair)
    if (!reason) continue
    link.close({ reason, detail: `${link.pair.remote} is no longer admitted`, reference: reference() })
    links.forget(link)
  }
}

/** Closes those of the streams that may not stay up; one that is closing in good order ends at once. */
export function dismissWhere(streams: Iterable<Stream>, objection: (stream: Stream) => ReasonId | undefined): void {
  for (const stream of streams) {
    const reason = objection(stream)
    if (reason) dismiss(stream, reason)
  }
}

/** Closes a stream that may not stay up, and says how long it was. */
export function dismiss(stream: Stream, reason: ReasonId): void {
  const { pair, since, certificate } = stream.info
  const until = certificate ? `, with a certificate that holds until ${certificate.notAfter}` : ''
  const detail = `the stream with ${pair.remote} was up since ${new Date(since).toISOString()}${until}`
  stream.close(reason, { detail })
}
