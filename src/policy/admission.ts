// Is a domain admitted at all, as things stand? Asked before DNS for those we would call, after the proof of their name
// for those who call us, again for each stanza, and for all streams that are up whenever the list changes.
//
// The direction of an entry is no matter of admission: an entry for one direction still needs streams in both, because
// what is sent has to be answered (`rules/partner-direction.ts`).

import type { FederationMode, Partner } from './partner.ts'
import { termsOf, type PartnerTerms } from './partners.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

/** Where admission is asked. */
export interface Circumstances {
  readonly mode: FederationMode
  /** Unix time in milliseconds. */
  readonly now: number
}

/** Why the domain behind this entry, or behind none, is not admitted; undefined when it is. */
export const admission = (partner: Partner | undefined, circumstances: Circumstances): ReasonId | undefined =>
  admissionByTerms(partner === undefined ? undefined : termsOf(partner), circumstances)

/** The same, from terms that were worked out before. */
export function admissionByTerms(terms: PartnerTerms | undefined, { mode, now }: Circumstances): ReasonId | undefined {
  if (terms === undefined) return STRANGERS[mode]
  if (terms.status !== 'allowed') return NOT_ADMITTED[terms.status]
  if (terms.waits) return 'SP-842'
  return terms.endsAt !== undefined && now >= terms.endsAt ? 'SP-105' : undefined
}

/** What becomes of those that no entry is about. */
const STRANGERS = { closed: 'SP-101', ask: 'SP-161', limited: undefined, open: undefined } as const satisfies Readonly<
  Record<FederationMode, ReasonId | undefined>
>
const NOT_ADMITTED = { blocked: 'SP-102', suspended: 'SP-103', pending: 'SP-104' } as const
