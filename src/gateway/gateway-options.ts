// What a gateway is started with.

import type { RevocationMode } from '../policy/partner.ts'
import type { Relations } from '../policy/relations/relations.ts'
import type { DialbackKeys } from '../trust/dialback-key.ts'
import type { Keeper } from '../trust/revocation/evidence.ts'
import type { Standing } from '../trust/revocation/standing.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import type { KeyKeeper } from './keys/memory.ts'
import type { ConductKeeper } from './conduct.ts'
import type { RequestKeeper } from './limiting.ts'
import type { PendingKeeper } from './pending.ts'
import type { LoginGate } from './remote/gate.ts'
import type { RemoteJournal } from './remote/journal.ts'

/** Who keeps what was fetched, and who hears of it. */
export interface RevocationParts {
  readonly keeper?: Keeper
  /** Something was fetched, or not. */
  fetched(kind: 'ocsp' | 'crl', outcome: 'ok' | ReasonId): void
  /** What is known of the certificates of a partner. */
  checked(domain: string, mode: RevocationMode, standing: Standing): void
}

export interface GatewayOptions {
  readonly house: House
  readonly journal: Journal
  now(): number
  /** The same by a clock that nobody sets (ms); absent: as `now`. */
  steady?(): number
  /** An unguessable reference, new each time. */
  reference(): string
  /** What we prove our domains with where a partner takes keys. */
  readonly keys: DialbackKeys
  /** Absent: what is said about revocation is kept in memory, and told to nobody. */
  readonly revocation?: RevocationParts
  /** Absent: the keys of partners are remembered until the end of the process. */
  readonly keyKeeper?: KeyKeeper
  /** Absent: domains that wait to be let in are remembered until the end of the process. */
  readonly pendingKeeper?: PendingKeeper
  /** Absent: requests for presence that wait are remembered until the end of the process. */
  readonly requestKeeper?: RequestKeeper
  /** Absent: how domains behave is remembered until the end of the process. */
  readonly conductKeeper?: ConductKeeper
  /** Absent: there are no remote users, wherever we listen for them. */
  readonly remote?: {
    readonly journal: RemoteJournal
    /** Absent: nobody is let in. */
    gate?(house: () => House): LoginGate
  }
  /** Who of ours has to do with whom outside; absent: nobody knows anybody. */
  readonly relations?: Relations
  /** From 0 to 1, as `Math.random`. */
  random(): number
}
