// How much somebody may send across the wall, as data: partners, each of their users, each of ours. What is not said is without
// limit. `meters.ts` holds what is sent against it.

import type { ReasonId } from '../../xmpp/reasons.ts'

/** What one sender may send. */
export interface Allowance {
  readonly stanzasPerSecond?: number | undefined
  readonly bytesPerSecond?: number | undefined
  /** Different addresses, without their resources, to which something is begun (`rules/partner-direction.ts`); a day is one of UTC. */
  readonly recipientsPerDay?: number | undefined
  /** Different addresses that are asked for their presence. RFC 6121 §3.1 */
  readonly requestsPerDay?: number | undefined
  /** Different rooms that are entered. XEP-0045 §7.2 */
  readonly roomsPerDay?: number | undefined
}

/** How many there may be at a time. */
export interface Caps {
  /** Streams that a partner has opened to us. */
  readonly connections?: number | undefined
  /** Requests for presence that cross to us: from a partner, or to one of ours. RFC 6121 §3.1 */
  readonly pendingRequests?: number | undefined
}

/** What a partner's entry says of it. */
export interface PartnerLimits extends Allowance, Caps {
  /** Each of its users. */
  readonly eachUser?: Allowance | undefined
}

/** What holds between us and one partner, or somebody without an entry. */
export interface Terms {
  /** All that comes from there. */
  readonly partner: Allowance & Caps
  /** What each user there sends. */
  readonly outsideUser: Allowance
  /** What each user of ours sends to all partners together, and what may wait for it. */
  readonly insideUser: Allowance & Caps
  /** So much as comes in this time by the rates may be sent at once. */
  readonly burstMs: number
}

/** What holds for all, where a partner's entry says nothing else. */
export type SendingPolicy = Omit<Terms, 'burstMs'>

/** A limit that has been reached, by its key. */
export type LimitName = keyof Allowance
/** Those that count different names in a day. */
export type DayLimit = 'recipientsPerDay' | 'requestsPerDay' | 'roomsPerDay'

export const DAY_LIMITS: readonly DayLimit[] = ['recipientsPerDay', 'requestsPerDay', 'roomsPerDay']

export const REASON_OF: Readonly<Record<LimitName, ReasonId>> = {
  stanzasPerSecond: 'SP-153',
  bytesPerSecond: 'SP-154',
  recipientsPerDay: 'SP-155',
  requestsPerDay: 'SP-156',
  roomsPerDay: 'SP-157',
}

export const LIMITS: readonly LimitName[] = ['stanzasPerSecond', 'bytesPerSecond', ...DAY_LIMITS]

/** Is anything limited? */
export const isLimiting = (allowed: Allowance): boolean => LIMITS.some((limit) => allowed[limit] !== undefined)

/** Nobody is limited. */
export const UNLIMITED: SendingPolicy = { partner: {}, outsideUser: {}, insideUser: {} }

/** What holds towards a partner, or somebody without an entry: what its entry says over what is said for all. */
export function termsOf(entry: PartnerLimits | undefined, all: SendingPolicy, burstMs: number): Terms {
  const { eachUser, ...partner } = entry ?? {}
  return {
    partner: { ...all.partner, ...partner },
    outsideUser: { ...all.outsideUser, ...eachUser },
    insideUser: all.insideUser,
    burstMs,
  }
}
