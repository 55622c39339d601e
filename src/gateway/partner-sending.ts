// How it stands with the limits of one partner, or of a domain in no entry.

import { standingOf } from '../policy/conduct/standing.ts'
import type { LimitStanding } from '../policy/limits/meter.ts'
import type { Allowance } from '../policy/limits/terms.ts'
import type { HeldBack } from '../policy/limits/held.ts'
import type { House } from './house.ts'
import type { Limiting } from './limiting.ts'
import type { Streams } from './streams.ts'

export interface PartnerSending extends HeldBack {
  /** The name under which it is kept. */
  readonly domain: string
  /** Of rates, how much may be sent at once now and at most; of a day, how many came and may. */
  readonly limits: readonly LimitStanding[]
  /** What each of its users may send, and how many of them are measured. */
  readonly eachUser: Allowance
  readonly users: number
  /** Requests for presence that wait, as far as they are limited; undefined: as many as come may wait. */
  readonly pendingRequests: { readonly now: number; readonly most: number | undefined }
  /** Streams that it has opened to us; undefined: as many as come. */
  readonly connections: { readonly now: number; readonly most: number | undefined }
  /** Rooms of ours in which somebody of it is, and among how many organisations they may be there. */
  readonly rooms: { readonly now: number; readonly organisations: number | undefined }
}

interface Parts {
  readonly house: House
  readonly limiting: Limiting
  readonly streams: Pick<Streams, 'openedBy'>
}

export function partnerSending(asked: string, { house, limiting, streams }: Parts, now: number): PartnerSending {
  const domain = standingOf(asked, house.partners.terms(asked), house.partners)
  const { partner: allowed, outsideUser, burstMs } = house.terms(asked)
  const { meters, requests, held, doorman } = limiting
  requests.sweep(now)
  return {
    ...held.of(domain),
    domain,
    limits: meters.standing(domain, { user: undefined, allowed }, burstMs, now),
    eachUser: outsideUser,
    users: meters.users(domain),
    pendingRequests: { now: requests.of(domain), most: allowed.pendingRequests },
    connections: { now: streams.openedBy(domain, house), most: allowed.connections },
    rooms: { now: doorman.rooms.of(domain), organisations: doorman.mostOf(domain) },
  }
}
