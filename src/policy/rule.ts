// A rule finds; it does not decide. It is asked about the facts of one stanza and either has nothing against it or names
// a reason from the catalogue. What follows from a finding is the checkpoint's business (`checkpoint.ts`).
//
// Rule 1: a rule is a function of the facts: no clock, no lists, no state.
// Rule 2: rules are asked in order, and one may rely on what the earlier ones have found nothing against.
// Rule 3: a rule that judges who speaks to whom sees nothing of the stanza, so that it need not be asked for each
//         (`passages.ts`). Of the addresses it judges the domains, and whether they are well-formed; the rest is for words.

import type { StanzaCondition, StanzaErrorType } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { PairFacts, StanzaFacts } from './facts.ts'

/** What a rule has against a stanza. */
export interface Finding {
  readonly reason: ReasonId
  /** For us: the values that the reason does not know. Never shown to a peer. */
  readonly detail?: string
  /** `stanza`: this stanza is refused; `stream`: whoever sends such a thing is not to be listened to any longer. */
  readonly ends: 'stanza' | 'stream'
  /** The sender is not told. */
  readonly silent?: true
  /** What the answer says, where it is not what the catalogue has for the reason. */
  readonly condition?: StanzaCondition
  /** The error type of the answer, where it is not what RFC 6120 associates with the condition. */
  readonly type?: StanzaErrorType
}

export interface Rule<Judged> {
  /** Stable, in kebab case; recorded with each decision. */
  readonly id: string
  /** What holds when the rule finds nothing, as a sentence. */
  readonly about: string
  find(facts: Judged): Finding | undefined
}

/** Judges who speaks to whom. */
export type PairRule = Rule<PairFacts>
/** Judges what is said. */
export type StanzaRule = Rule<StanzaFacts>
