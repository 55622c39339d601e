// A partner is an organisation we federate with, on terms that its entry sets. Plain data: `config/` reads it from
// `federation-config/partners/<domain>.yaml`, the checkpoint judges by it. Domains are A-labels in lower case.

import type { PartnerClass } from './classes.ts'
import type { PartnerLimits } from './limits/terms.ts'
import type { ShownAsWritten } from './shown.ts'

export type PartnerStatus = 'allowed' | 'blocked' | 'pending' | 'suspended'
/** The way across the wall: `inbound` is from the partner to our core. */
export type Direction = 'inbound' | 'outbound'
/** The weakest proof of a peer's name that its entry accepts; never lowered silently. */
export type Floor = 'certificate' | 'dialback-over-tls'
/** What a peer's certificate must be for, from lax to strict: any side of TLS, the one the peer is on, both. */
export type Purposes = 'either' | 'own-side' | 'both'
/**
 * Must it be known that the certificates of a peer were not revoked? `off`: it is not asked. `soft`: who is known to be revoked is
 * refused. `hard`: so is who is not known to be good.
 */
export type RevocationMode = 'off' | 'soft' | 'hard'
/** By which rules of protocol and cryptography a partner is met, from lax to strict. */
export type ProfileName = 'standard' | 'nato' | 'dod'
/**
 * What becomes of a partner's certificate with another key than the known ones, from lax to strict. `accept`: nothing is
 * remembered. `report`: what no ordinary renewal explains is told of. `hold-unusual`: it is refused until an administrator
 * confirms it. `hold`: so is every other key.
 */
export type CertificateChange = 'accept' | 'report' | 'hold-unusual' | 'hold'
export type FederationMode = 'closed' | 'ask' | 'limited' | 'open'

/** Where to connect instead of what SRV says. */
export interface Route {
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'direct'
}

/** On what terms somebody may be in rooms of ours. */
export interface RoomTerms {
  /** So many may be in one at most, ours included; absent: however many. */
  readonly organisations?: number | undefined
}

export interface Partner {
  readonly domain: string
  /** Further domains under the same terms; `*.labs.example` matches every name below labs.example, not itself. */
  readonly alsoKnownAs: readonly string[]
  readonly status: PartnerStatus
  readonly class: PartnerClass
  readonly direction: Direction | 'both'
  readonly authentication: Floor
  /** SPKI pins, `sha256/<base64>`; any one of them must match the peer's own certificate. Empty: no pinning. */
  readonly pins: readonly string[]
  /** PEM files whose certificates alone vouch for this partner; empty: the gateway's anchors. */
  readonly anchors: readonly string[]
  /** OIDs of which one must hold for the partner's chain; absent or empty: those of the gateway. */
  readonly certificatePolicies?: readonly string[]
  /** At least as strict as the gateway's; absent: as that. */
  readonly extendedKeyUsage?: Purposes
  /** More than the gateway's settings ask for; absent: that. */
  readonly revocation?: RevocationMode
  /** At least as strict as the gateway's; absent: that. */
  readonly profile?: ProfileName
  /** Stricter than the gateway's settings; absent: as they say. */
  readonly certificateChange?: CertificateChange
  /** After so long at most its peers prove their names anew, if that is sooner than the gateway's settings ask for. */
  readonly reauthenticateMs?: number
  readonly connect: readonly Route[]
  /** A host whose certificate proves the names of this entry too, beside one with the name itself; absent: there is none. */
  readonly provider?: string
  /** Domains whose users it serves under decorated names of its own; absent: none. XEP-0106 */
  readonly decorates?: readonly string[]
  /** How much it and each of its users may send. */
  readonly limits: PartnerLimits
  readonly policy: string
  /** Among how many organisations it may be in a room of ours, ours included; absent: as is said of all. */
  readonly rooms?: RoomTerms
  /** What it is shown of our users; absent: as is said of its class. */
  readonly shown?: ShownAsWritten
  /** It is not in force as it is written: it waits for settings that came with it, and admits nothing. */
  readonly waits?: true
  /** Why the status is what it is. */
  readonly reason?: string
  readonly owner: string | undefined
  readonly purpose: string | undefined
  readonly contact: string | undefined
  /** Whatever whoever looks at the entry should know; may have several lines. */
  readonly notes?: string
  /** By which rules and people find it together with others. */
  readonly tags: readonly string[]
  /** The day by which its owner should have looked at it again, `YYYY-MM-DD`, UTC; nothing ends with it. */
  readonly review?: string
  /** The last day on which the entry admits anything, `YYYY-MM-DD`, UTC. */
  readonly expires: string | undefined
}
