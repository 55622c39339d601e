// The gate of remote users: whoever knows who may log in, from where and how often answers here. The sessions ask; they
// decide nothing.
//
// Rule 1: asked before the core hears anything of a log-in, and told whatever came of it: for each claim that is admitted
//         one of `failed`, `succeeded` and `abandoned`, with the same claim.
// Rule 2: what a client is shown does not depend on the reason of a refusal.

import type { ClientFacts } from '../../net/client/transport.ts'
import type { Lock } from '../../policy/remote/guard.ts'
import type { ScramChallenge } from '../../stream/client/scram.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'

/** Somebody wants to be somebody. One value for one attempt. */
export interface Claim {
  readonly domain: string
  readonly mechanism: string
  /** The bare address that is claimed, canonical; undefined where the mechanism names nobody. */
  readonly user: string | undefined
}

/** A challenge that is shown first, as the core would show one to a real user. */
export interface Decoy extends ScramChallenge {
  /** So long from now. */
  readonly delayMs: number
}

/** How a log-in that comes to nothing is answered. */
export interface Answer {
  /** So long after the client's last word; `cut`: not at all, the connection ends. */
  readonly delayMs: number | 'cut'
  readonly decoy?: Decoy
}

export type Verdict =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly reason: ReasonId; readonly detail: string; readonly answer: Answer }

/** How the core has said no: had it shown a challenge, and how long has it taken since the client's last word? */
export interface CoreRefusal {
  readonly challenged: boolean
  readonly tookMs: number
}

/** A session after its log-in, as far as anybody judges it. */
export interface SessionFacts {
  readonly id: string
  /** Bare. */
  readonly user: string
  readonly domain: string
  readonly mechanism: string
  readonly client: ClientFacts
  /** ms since 1970. */
  readonly since: number
  /** Full, once it is bound. */
  readonly address: string | undefined
}

export interface LoginGate {
  /** A connection from there, before TLS: why it is not taken. */
  connecting(address: string): ReasonId | undefined
  /** Has any user logged in from that network? */
  knows(address: string): boolean
  /** A connection from there came to nothing before any log-in. */
  fumbled(address: string): void
  /** A secured connection asks for this domain; the core is not dialled yet. Refused: its stream ends for the reason. */
  before(domain: string, client: ClientFacts): Verdict
  /** A log-in begins; the core has heard nothing. Refused: the answer is that to a wrong password. */
  claimed(claim: Claim, client: ClientFacts): Verdict
  /** The core has shown a challenge, so long after it was asked; gives how long the client waits for it (ms). */
  challenged(claim: Claim, shown: ScramChallenge, tookMs: number): number
  /** The core has said no. */
  failed(claim: Claim, refusal: CoreRefusal): Answer
  /** The core has said yes, and takes them for `session.user`. Refused: the session ends. */
  succeeded(claim: Claim, session: SessionFacts): Verdict
  /** A log-in came to nothing: the connection broke, or the core could not judge. `guessed`: it counts as one that failed. */
  abandoned(claim: Claim, guessed: boolean): void
  /** Why a session may not go on; asked of each every second, and when settings change. */
  objection(session: SessionFacts): ReasonId | undefined
  /** A session that was admitted is over. */
  ended(session: SessionFacts): void
  /** What fails too often now. */
  locks(): readonly Lock[]
  /** Forgets the failures of a user, or of an address and its network; gives how many there were. */
  unlock(what: { readonly user: string } | { readonly address: string }): number
  /** Sees to it that what is learnt of users outlasts the process. */
  keep(): void
  readonly status: GateStatus
}

/** What the gate keeps and has done, for the status. */
export interface GateStatus {
  readonly locks: number
  /** Names of which failures are counted, and users of whom networks are known. */
  readonly counted: number
  readonly knownUsers: number
  /** Are there more names than there is room for, so that some count as more than they are? */
  readonly blurred: boolean
  readonly answersWaiting: number
  /** Answers that were not given, since the start: too many waited. */
  readonly answersCut: number
}

const NOBODY: Verdict = { admitted: false, reason: 'SP-801', detail: 'nothing grants it', answer: { delayMs: 0 } }

/** Where nothing is granted. */
export const SHUT: LoginGate = {
  connecting: () => undefined,
  knows: () => false,
  fumbled() {},
  before: () => NOBODY,
  claimed: () => NOBODY,
  challenged: () => 0,
  failed: () => ({ delayMs: 0 }),
  succeeded: () => NOBODY,
  abandoned() {},
  objection: () => 'SP-801',
  ended() {},
  locks: () => [],
  unlock: () => 0,
  keep() {},
  status: { locks: 0, counted: 0, knownUsers: 0, blurred: false, answersWaiting: 0, answersCut: 0 },
}
