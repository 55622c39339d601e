// The ends of a stream, as both automata write them: each gives the closed state and one `close` effect.
//
// Rule 1: the condition is the catalogue's for the reason, unless a rule or the scanner names its own.
// Rule 2: whoever closes with an error says it with the footer behind it (RFC 6120 §4.9.1.1); the answer to a peer's
//         error or footer is the footer alone (RFC 6120 §4.4).

import type { Frame } from '../xml/frame.ts'
import type { StreamCondition } from '../xmpp/conditions.ts'
import type { Reason } from '../xmpp/reason.ts'
import { type ReasonId, REASONS } from '../xmpp/reasons.ts'
import { readStreamError } from './stream-error.ts'
import type { Refusal, Step, StreamEvent } from './types.ts'

export interface Closed {
  readonly phase: 'closed'
}

export const CLOSED: Closed = { phase: 'closed' }

type End = Step<Closed>

/** What a stream that ends for this reason is closed with; undefined for a clean end. */
export function conditionOf(reason: ReasonId): StreamCondition | undefined {
  const entry: Reason = REASONS[reason]
  return entry.stream
}

/** We close: with the reason's stream error, or with the footer alone where the reason has none. */
export function close(reason: ReasonId, detail = '', condition = conditionOf(reason), application?: string): End {
  const say = condition ? 'error' : 'footer'
  return [CLOSED, { kind: 'close', reason, detail, by: 'us', condition, say, ...(application && { application }) }]
}

/** We want to end a stream that is not ready yet. */
export const quit = ({ reason, detail }: Extract<StreamEvent, { kind: 'quit' }>): End => close(reason, detail)

export const refuse = (refusal: Refusal): End => close(refusal.reason, refusal.detail ?? '', refusal.condition)

/** The peer closed with a stream error. RFC 6120 §4.9.1.2. */
export function closedByError(frame: Frame): End {
  return [CLOSED, { kind: 'close', ...readStreamError(frame), by: 'peer', say: 'footer' }]
}

/** The peer closed its stream in good order, which is early or late depending on the phase. RFC 6120 §4.4. */
export function closedByFooter(reason: 'SP-464' | 'SP-465', detail = ''): End {
  return [CLOSED, { kind: 'close', reason, detail, by: 'peer', condition: undefined, say: 'footer' }]
}

/** Why a stream that is closing in good order does so. */
export interface Closing {
  readonly phase: 'closing'
  readonly reason: ReasonId
  readonly detail: string
  /** What the peer was told. */
  readonly condition?: StreamCondition
}

/**
 * We close a ready stream: at once with an error, or in good order with a closing handshake. So too where the error says
 * only that we go, or that a new stream is wanted of a peer that is believed still: what it sent before it heard of that
 * is not lost. RFC 6120 §4.4, §4.9.3.16, §4.9.3.20
 */
export function startClosing(reason: ReasonId, detail: string): Step<Closing | Closed> {
  if (!isPatient(reason)) return close(reason, detail)
  const condition = conditionOf(reason)
  return [
    { phase: 'closing', reason, detail, ...(condition && { condition }) },
    { kind: 'footer', ...(condition && { condition }) },
  ]
}

/** May the peer go on for a while when a stream ends for this reason? */
function isPatient(reason: ReasonId): boolean {
  const condition = conditionOf(reason)
  return condition === undefined || condition === 'system-shutdown' || reason === 'SP-483'
}

/** A stream that is closing in good order already is to end: at once for what would end a ready one at once. */
export function closeClosing(closing: Closing, reason: ReasonId, detail: string): Step<Closing | Closed> {
  return isPatient(reason) ? [closing] : finishClosing({ ...closing, reason, detail })
}

/** Whatever ends a closing stream: it ends for what it was closed for, and nothing more is said. */
export function finishClosing({ reason, detail, condition }: Closing): End {
  return [CLOSED, { kind: 'close', reason, detail, by: 'us', condition, say: 'nothing' }]
}

/** The connection is gone: there is nobody to talk to. */
export function lost({ reason, detail }: Extract<StreamEvent, { kind: 'ended' }>): End {
  return [CLOSED, { kind: 'close', reason, detail, by: 'network', condition: undefined, say: 'nothing' }]
}
