// How much somebody may send across the wall, as data: partners, each of their users, each of ours. What is not said is without
// limit. `meters.ts` holds what is sent against it.

import type { ReasonId } from '../../xmpp/reasons.ts'

/** What one sender may send. */
export interface Allowance {
  readonly stanzasPerSecond?: number | undefined
  readonly bytesPerSecond?: number | undefined
  /** Different addresses, without their resources, to which something is begun (`rules/partner-direction.ts`); a day is one of UTC. */
  readonly recipientsPerDay?: number | undefined
}

/** What a partner's entry says of it. */
export interface PartnerLimits extends Allowance {
  /** Each of its users. */
  readonly eachUser?: Allowance | undefined
}

/** What holds between us and one partner, or somebody without an entry. */
export interface Terms {
  /** All that comes from there. */
  readonly partner: Allowance
  /** What each user there sends. */
  readonly outsideUser: Allowance
  /** What each user of ours sends to all partners together. */
  readonly insideUser: Allowance
  /** So much as comes in this time by the rates may be sent at once. */
  readonly burstMs: number
}

/** A limit that has been reached, by its key. */
export type LimitName = keyof Allowance

export const REASON_OF: Readonly<Record<LimitName, ReasonId>> = {
  stanzasPerSecond: 'SP-153',
  bytesPerSecond: 'SP-154',
  recipientsPerDay: 'SP-155',
}

/** Is anything limited? */
export const isLimiting = (allowed: Allowance): boolean => Object.values(allowed).some((most) => most !== undefined)

/** What holds for a partner by its entry; undefined: it has none, or that says nothing. */
export function termsOf({ eachUser = {}, ...partner }: PartnerLimits = {}, burstMs: number): Terms {
  return { partner, outsideUser: eachUser, insideUser: {}, burstMs }
}
