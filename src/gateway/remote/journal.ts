// What happens to remote users, told once, in the gateway's words. Passwords, and what else a log-in says, are never told.

import type { ConnectionOrigin } from '../../net/reception.ts'
import type { CloseEffect } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { StreamCondition } from '../../xmpp/conditions.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Refused } from './checkpoint.ts'
import type { Claim } from './gate.ts'
import type { Session } from './session.ts'

/** Why somebody was not let in. */
export interface LogInFailure {
  readonly reason: ReasonId
  readonly detail: string
}

export interface SessionEnd extends LogInFailure {
  readonly condition: StreamCondition | undefined
  readonly reference: string
}

export interface RemoteJournal {
  /** A connection that was never secured. `domain`: as asked for. */
  unsecured(origin: ConnectionOrigin, end: CloseEffect, reference: string, domain: string | undefined): void
  logInFailed(session: Session, claim: Claim | undefined, failure: LogInFailure): void
  /** A client has shown a certificate by which nobody logs in; it may log in otherwise. */
  cardRefused(session: Session, failure: LogInFailure): void
  loggedIn(session: Session): void
  bound(session: Session): void
  ended(session: Session, end: SessionEnd): void
  /** A stanza of a session went no further. */
  refused(session: Session, frame: Frame, refused: Refused): void
  /** The core offers what cannot work through the gateway. */
  bindsChannel(): void
  bug(error: unknown, reference: string): void
}
