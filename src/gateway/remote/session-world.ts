// The house around a session: what it asks, and what it tells.

import type { Reached } from '../../net/client/inner.ts'
import type { ClientTransport } from '../../net/client/transport.ts'
import type { RelayRules } from '../../stream/client/relay-types.ts'
import type { CardDesk } from './card-desk.ts'
import type { LoginGate } from './gate.ts'
import type { RemoteJournal } from './journal.ts'
import type { Resumables } from './resumables.ts'
import type { Session } from './session.ts'

/** For whom the core is dialled. */
export type Caller = Pick<ClientTransport, 'reference' | 'facts'>

export interface SessionWorld {
  readonly rules: Omit<RelayRules, 'requested' | 'card'>
  gate(): LoginGate
  /** Dials the core for a domain, for this client. */
  reach(domain: string, client: Caller, signal: AbortSignal): Promise<Reached>
  /** Log-in by certificate. */
  readonly cards: Pick<CardDesk, 'judge' | 'vouch' | 'begun' | 'ended'>
  readonly resumables: Resumables
  readonly journal: RemoteJournal
  /** Stanzas a second. */
  rate(): number
  /** A core that has not answered a log-in for so long has failed (ms). */
  patienceMs(): number
  /** ms since 1970. */
  now(): number
  reference(): string
  /** Somebody has logged in. */
  known(session: Session): void
  /** Its client is gone: it is told to end when it is its turn. */
  lost(end: () => void): void
  /** It is over. */
  left(session: Session): void
}
