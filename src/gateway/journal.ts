// What happens at the gateway, told once, in the gateway's words. Whoever listens makes of it log lines, metrics and
// records; nobody here does, so that the three cannot drift apart.

import type { DialFailure } from '../net/dial.ts'
import type { ConnectionOrigin, StreamFailure } from '../net/reception.ts'
import type { Stream, StreamEnd } from '../net/stream.ts'
import type { TraceBegun, TraceOver } from '../observe/house-events.ts'
import type { Reported } from '../policy/checkpoint.ts'
import type { Facts } from '../policy/facts.ts'
import type { ConductMove } from '../policy/conduct/conducts.ts'
import type { Passage } from '../policy/passages.ts'
import type { PendingDomain } from '../policy/pending.ts'
import type { Judgement, KeyQuestion, Pair } from '../stream/types.ts'
import type { Frame } from '../xml/frame.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { LedgerStatus, Service } from './control.ts'
import type { Leg } from './leg.ts'
import type { KeyDecision, KeyNotice } from './keys/report.ts'
import type { Question } from './ledgers/questions.ts'

/** Why something was refused. `detail` is for us; `reference` is what the other side was shown. */
export interface Refusal {
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
  /** The rule of the checkpoint that found it, if one did. */
  readonly rule?: string | undefined
  /** The reference of the failure that led to this, such as that of a link. */
  readonly cause?: string | undefined
  /** What the other side was told. */
  readonly condition: string
  /** It is more than one user may send, whatever all of the domain may. */
  readonly ofUser?: true
}

/** Whose presence was taken back, why, and how much of it there was. */
export interface TakenBack {
  readonly leg: Leg
  /** Of the partner; undefined: the core, with all our domains. */
  readonly domain: string | undefined
  readonly reason: ReasonId
  readonly contacts: number
  /** In rooms: of theirs on the other side, and the other side's of theirs. */
  readonly occupants: number
}

/**
 * What came of it when a partner was to prove its name anew: on a new stream of ours, or it was told to open one; nothing
 * used the old one, so that there is none; an attempt failed, or the time is over.
 */
export type Renewal = 'renewed' | 'told' | 'unused' | 'failed' | 'overdue'

export interface Journal {
  opened(stream: Stream): void
  ended(stream: Stream, end: StreamEnd): void
  /** A stream of a peer that never became ready. */
  failed(failure: StreamFailure): void
  /** A partner was to prove its name anew, in place of this stream. */
  renewed(stream: Stream, outcome: Renewal): void
  /** A stream of ours that never became ready, with all that was tried. */
  notOpened(failure: DialFailure): void
  /** A claim of dialback was decided. */
  judged(claim: KeyQuestion, remoteAddress: string, judgement: Judgement): void
  /** Somebody asked whether a key is ours. */
  vouched(pair: Pair, id: string, genuine: boolean): void
  turnedAway(origin: ConnectionOrigin, reason: ReasonId, detail: string): void
  /** A stanza crosses, at this time (ms). Told of every single one: whoever wants more than counts asks the passage. */
  passed(frame: Frame, passage: Passage, stream: Stream, at: number): void
  /** A stanza was let pass and ends here: the partner is not shown what it tells. */
  withheld(passage: Passage): void
  /** Rules that only report would have refused a stanza that crosses. */
  reported(facts: Facts, stream: Stream, findings: readonly Reported[]): void
  /** The checkpoint refused a stanza. `answered`: its sender was told. */
  refused(facts: Facts, stream: Stream, refusal: Refusal, answered: boolean): void
  /** The checkpoint ends a stream for the stanza it brought. */
  closing(facts: Facts, stream: Stream, refusal: Refusal): void
  /** A stanza had passed, and could not be delivered by the link between these domains. */
  bounced(frame: Frame, leg: Leg, pair: Pair, refusal: Refusal, answered: boolean): void
  /** An answer of ours could not be delivered by the link between these domains; `refusal.cause` is the reference in it. */
  lostAnswer(leg: Leg, pair: Pair, refusal: Refusal): void
  /** A question had crossed, and was answered by us, because whom it asked did not. */
  unanswered(question: Question, refusal: Refusal, answered: boolean): void
  /** Somebody is gone, and what was seen of the presence behind them is taken back. */
  takenBack(taken: TakenBack): void
  /** A partner, or the core, is in touch again, and so many presences that were taken back are asked for. */
  askedAgain(leg: Leg, domain: string | undefined, presences: number): void
  /** A partner shows a key that was not known. */
  keyNoticed(notice: KeyNotice): void
  /** An administrator has said whose a key is. */
  keyDecided(decision: KeyDecision): void
  /** There was no room to remember a key that was not known; told once of each. `held`: so that it proves nothing. */
  keyUnkept(notice: KeyNotice): void
  /** A domain that is in no entry asks for the first time, or has proven its name now. */
  asks(pending: PendingDomain): void
  /** A probe was made of it. */
  lookedAt(pending: PendingDomain): void
  /** A domain is in another state of conduct. */
  moved(move: ConductMove, reference: string): void
  /** How full the ledgers are; once a second. */
  ledgers(status: LedgerStatus): void
  /** Somebody begins to trace a peer; `bodies`: and sees what its stanzas say. `running`: how many traces run now. */
  traceBegun(trace: TraceBegun): void
  traceOver(trace: TraceOver): void
  /** A listener could not accept a connection; it goes on. */
  acceptError(address: string, error: Error): void
  /** The gateway was taken out of service, has nothing left, or is back. */
  service(state: Service['state']): void
  /** Something threw that must not. */
  bug(error: unknown, reference: string): void
}
