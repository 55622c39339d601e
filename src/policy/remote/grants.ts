// Who may log in from outside, and on what terms: what `federation-config/policy.yaml` says, as plain data. The question
// itself is asked in `access.ts`. Who may talk to which partners is in `../whom/policies.ts`.

import type { Directory } from '../directory.ts'
import type { ShownByClass } from '../shown.ts'
import type { RoomTerms } from '../partner.ts'
import type { SendingPolicy } from '../limits/terms.ts'
import type { WhomPolicy } from '../whom/policies.ts'

/** Must a user show a certificate, may they, or may they not? */
export type CertificateUse = 'required' | 'optional' | 'forbidden'

/** Opening hours on some days of the week. */
export interface OpenHours {
  /** The days on which they begin, 0 is Monday. */
  readonly days: readonly number[]
  /** Minutes since midnight. */
  readonly from: number
  /** Minutes since the midnight of the day on which they began; behind 1440 they end on the next day. */
  readonly to: number
}

/** Times by the clock of one time zone. */
export interface Hours {
  /** A name of the IANA time zone database, `Europe/Berlin`. */
  readonly zone: string
  readonly open: readonly OpenHours[]
}

/** One permission. */
export interface Grant {
  /** Names of groups, and bare addresses in canonical form. */
  readonly to: 'everyone' | readonly string[]
  /** CIDR; empty: from anywhere. */
  readonly networks: readonly string[]
  readonly certificate: CertificateUse
  /** How many sessions of one user there may be at a time. */
  readonly sessions: number
  /** Undefined: at any time. */
  readonly hours: Hours | undefined
}

export interface Policy {
  /** Members by group, bare addresses in canonical form; in force, those of directories too. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Where the members of further groups are read. */
  readonly directories: readonly Directory[]
  readonly remote: {
    /** Groups and users who may not, whatever the grants say. */
    readonly block: readonly string[]
    /** From the first to the last: the first one made out to a user and the network they come from decides. */
    readonly grants: readonly Grant[]
  }
  readonly whom: WhomPolicy
  /** What partners are shown of our users, by class. */
  readonly shown?: ShownByClass
  /** How much may be sent; absent: as much as anybody likes. */
  readonly limits?: SendingPolicy
  /** On what terms partners may be in rooms of ours. */
  readonly rooms?: RoomTerms
}
