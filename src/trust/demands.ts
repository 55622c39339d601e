// What a profile, and a partner's entry above it, demand of a peer's certificates beyond RFC 5280: data, which the path
// check is given.
//
// Rule: a partner may be asked for more than the profile says, never for less; for other policies, since its PKI may be
//       another, but never for none.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Profile, ProfileName, Purposes } from './profiles/profile.ts'
import { PROFILES, stricter } from './profiles/profiles.ts'

/** Which side of TLS the peer is on this connection. */
export type PeerSide = 'client' | 'server'

export interface Demands {
  readonly purposes: Purposes
  /** Certificate policies (OIDs) of which one must hold for the whole path; none: nothing is demanded. */
  readonly policies: readonly string[]
  /** Algorithms and keys. */
  readonly profile: Profile
}

/** A fault of a path, with `detail` for us. */
export interface PathFault {
  readonly reason: ReasonId
  readonly detail: string
}

/** From lax to strict. */
const PURPOSES: readonly Purposes[] = ['either', 'own-side', 'both']

/** What somebody says beyond what is demanded of all. */
export interface Further {
  readonly purposes?: Purposes | undefined
  readonly policies?: readonly string[] | undefined
  readonly profile?: ProfileName | undefined
}

/** What is demanded of a partner whose entry says this, where the gateway demands that of all. */
export function demandsOf(gateway: Demands, { purposes, policies = [], profile }: Further): Demands {
  const held = PROFILES[stricter(gateway.profile.name, profile)]
  return {
    purposes: strictest(gateway.purposes, held.purposes.is, purposes ?? 'either'),
    policies: policies.length > 0 ? policies : gateway.policies,
    profile: held,
  }
}

const strictest = (...purposes: readonly Purposes[]): Purposes =>
  PURPOSES.findLast((one) => purposes.includes(one)) ?? 'both'

/** What the profile `standard` demands. */
export const STANDARD: Demands = { purposes: 'either', policies: [], profile: PROFILES.standard }
