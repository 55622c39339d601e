// The one error type: a stanza that cannot be served. It has three renderings, a stanza error for the sender, a status
// for the HTTP API and a line for our log, and keeps apart what each may see: `text` is fit for the peer, `detail` is ours.

import { STANZA_CONDITIONS, type StanzaCondition, type StanzaErrorType } from './conditions.ts'
import type { ReasonId } from './reasons.ts'

export interface XmppErrorOptions {
  /** Default: what RFC 6120 associates with the condition. */
  readonly type?: StanzaErrorType
  /** For the peer to read; nothing about our rules, lists or addresses. */
  readonly text?: string
  /** For us; never leaves the gateway. */
  readonly detail?: string
  readonly reason?: ReasonId
  readonly reference?: string
  readonly cause?: unknown
}

/** A stanza cannot be served. Thrown where it is noticed, caught in one place, answered by a stanza error. RFC 6120 §8.3. */
export class XmppError extends Error {
  override readonly name = 'XmppError'
  readonly condition: StanzaCondition
  readonly type: StanzaErrorType
  readonly text: string | undefined
  readonly detail: string | undefined
  readonly reason: ReasonId | undefined
  readonly reference: string | undefined

  constructor(condition: StanzaCondition, options: XmppErrorOptions = {}) {
    const { type, text, detail, reason, reference, cause } = options
    super(detail === undefined ? condition : `${condition}: ${detail}`, cause === undefined ? undefined : { cause })
    this.condition = condition
    this.type = type ?? STANZA_CONDITIONS[condition].type
    this.text = text
    this.detail = detail
    this.reason = reason
    this.reference = reference
  }
}
