// A rule finds; it does not decide. It is asked about the facts of one stanza and either has nothing against it or names
// a reason from the catalogue. What follows from a finding is the checkpoint's business (`checkpoint.ts`).
//
// Rule 1: a rule is a function of the facts: no clock, no lists, no state.
// Rule 2: rules are asked in order, and one may rely on what the earlier ones have found nothing against.

import type { StanzaErrorType } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Facts } from './facts.ts'

/** What a rule has against a stanza. */
export interface Finding {
  readonly reason: ReasonId
  /** For us: the values that the reason does not know. Never shown to a peer. */
  readonly detail?: string
  /** `stanza`: this stanza is refused; `stream`: whoever sends such a thing is not to be listened to any longer. */
  readonly ends: 'stanza' | 'stream'
  /** The error type of the answer, where it is not what RFC 6120 associates with the condition. */
  readonly type?: StanzaErrorType
}

export interface Rule {
  /** Stable, in kebab case; recorded with each decision. */
  readonly id: string
  /** What holds when the rule finds nothing, as a sentence. */
  readonly about: string
  find(facts: Facts): Finding | undefined
}
