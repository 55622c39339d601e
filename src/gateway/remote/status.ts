// What `status` tells of remote users.

import type { ClientFacts } from '../../net/client/transport.ts'
import type { GateStatus } from './gate.ts'

export interface SessionStatus {
  readonly id: string
  /** Bare; before the log-in has succeeded, as claimed. */
  readonly user: string | undefined
  /** Full, once it is bound. */
  readonly address: string | undefined
  /** What its client calls itself (XEP-0115), whatever that is worth; at most 100 characters. */
  readonly software: string | undefined
  readonly phase: string
  readonly mechanism: string | undefined
  readonly clientAddress: string
  readonly listener: string
  readonly transport: ClientFacts['transport']
  readonly tls: ClientFacts['tls']
  readonly since: string
  /** May the client take it up again over another connection? XEP-0198 */
  readonly resumable: boolean
  /** From the client and to it. */
  readonly stanzasIn: number
  readonly stanzasOut: number
  readonly refused: number
  readonly unsentBytes: number
  readonly unreadBytes: number
  /** Is either side not read, because the other cannot be written to? */
  readonly held: boolean
}

export interface RemoteStatus {
  /** All connections of clients that are secured. */
  readonly open: number
  readonly loggedIn: number
  /** Those for which the core is to be dialled, when it is their turn. */
  readonly waiting: number
  /** Sessions that can be resumed, up or not. */
  readonly resumable: number
  readonly gate: GateStatus
  /** Where there are very many, the first of them. */
  readonly sessions: readonly SessionStatus[]
}

/** So many are shown. */
export const MOST_SHOWN = 2000
