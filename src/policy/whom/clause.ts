// What a wall or a rule says of one user and one partner, and whether a stanza keeps to it. Plain data, kept with each
// decision, so that it can be asked again when the policy has long been another.

import type { StanzaFacts } from '../facts.ts'
import type { Direction } from '../partner.ts'
import type { Finding } from '../rule.ts'
import { starts } from '../rules/partner-direction.ts'
import { notAllowed } from './kinds.ts'
import type { Allowed, Wording, Written } from './policies.ts'

export interface Clause {
  readonly is: 'wall' | 'rule'
  /** `wall aurora`, `default/staff`, `default/otherwise`. */
  readonly name: string
  readonly place: Written
  /** Of what is kept with decisions, the version alone. */
  readonly says?: Wording
  readonly allow: Allowed
  readonly direction: Direction | 'both'
  /** Is it within its hours? Absent: it has none. */
  readonly isOpen?: boolean
}

/** What is written of a user and a partner. */
export interface Standing {
  /** The user's bare address as `foldedAddress` gives it; a domain of ours where it is that. */
  readonly user: string
  /** The wall or the rule that decides. */
  readonly decides: Clause
  /** Those that were asked before and only report. */
  readonly reports: readonly Clause[]
}

/** Does it let nothing cross, whatever it is? */
export const keepsApart = ({ is, allow }: Clause): boolean => is === 'wall' || allow === 'none'

/**
 * What the clause has against a stanza. SECURITY: whoever is outside hears the same of all of them, or they would learn by asking
 * who is in which group, and so who there is.
 */
export function objection(clause: Clause, user: string, stanza: StanzaFacts): Finding | undefined {
  const finding = found(clause, user, stanza)
  return finding && stanza.direction === 'inbound' ? { ...finding, ...TO_OUTSIDERS } : finding
}

/** The answer of all that policies have against somebody outside. */
export const TO_OUTSIDERS = { condition: 'not-allowed', type: 'cancel' } as const

function found(clause: Clause, user: string, stanza: StanzaFacts): Finding | undefined {
  const { is, allow, direction, isOpen } = clause
  if (is === 'wall') return { reason: 'SP-141', detail: detailOf(clause, user), ends: 'stanza' }
  if (allow === 'none') return { reason: 'SP-142', detail: detailOf(clause, user), ends: 'stanza' }
  if (direction !== 'both' && direction !== stanza.direction && starts(stanza))
    return { reason: 'SP-143', detail: `${detailOf(clause, user)}, ${direction} only`, ends: 'stanza' }
  if (isOpen === false && begins(stanza))
    return { reason: 'SP-145', detail: detailOf(clause, user), ends: 'stanza', type: 'wait' }
  const kind = allow === 'all' ? undefined : notAllowed(stanza, allow)
  if (kind === undefined) return undefined
  return { reason: 'SP-144', detail: `${detailOf(clause, user)}, kind=${kind}`, ends: 'stanza' }
}

const detailOf = ({ name, place }: Clause, user: string): string =>
  place === undefined ? `rule=${name}, user=${user}` : `rule=${name}, ${place}, user=${user}`

/** Outside of hours only what ends or answers something crosses. */
const begins = (stanza: StanzaFacts): boolean => notAllowed(stanza, []) !== undefined
