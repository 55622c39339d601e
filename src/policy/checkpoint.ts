// The checkpoint: the one place every stanza passes, in either direction. It asks the rules in order; the first finding
// decides. No finding: the stanza crosses.
//
// What a finding comes to: `refuse` answers this stanza with an error and the stream goes on; `close` ends the stream it
// came on. The conditions are those of the reason's entry in the catalogue, unless the finding has another. Whoever carries out a decision adds the
// reference, and leaves a refused stanza unanswered where it may not be answered (RFC 6120 §8.3.1).

import {
  STANZA_CONDITIONS,
  type StanzaCondition,
  type StanzaErrorType,
  type StreamCondition,
} from '../xmpp/conditions.ts'
import { stanzaCondition, streamCondition, type ReasonId } from '../xmpp/reasons.ts'
import type { Facts, StanzaFacts } from './facts.ts'
import type { Finding, PairRule, Rule, StanzaRule } from './rule.ts'
import { acquainted } from './rules/acquainted.ts'
import { addressed } from './rules/addressed.ts'
import { authorsAdmitted, wordsOf } from './rules/authors-admitted.ts'
import { behindProvider } from './rules/behind-provider.ts'
import { goodConduct } from './rules/good-conduct.ts'
import { noRelay } from './rules/no-relay.ts'
import { partnerAdmitted } from './rules/partner-admitted.ts'
import { partnerDirection } from './rules/partner-direction.ts'
import { presenceShown } from './rules/presence-shown.ts'
import { rightStream } from './rules/right-stream.ts'
import { senderProven } from './rules/sender-proven.ts'
import { stanzaType } from './rules/stanza-type.ts'
import { walls } from './rules/walls.ts'
import { wellFormedAddresses } from './rules/well-formed-addresses.ts'
import { whoWithWhom } from './rules/who-with-whom.ts'
import { keepsApart, objection, type Clause } from './whom/clause.ts'

/** Who speaks, to whom, and whether they may. */
export const PAIR_RULES: readonly PairRule[] = [
  addressed,
  behindProvider,
  senderProven,
  wellFormedAddresses,
  noRelay,
  rightStream,
  partnerAdmitted,
  goodConduct,
]

/** What they may say. */
export const STANZA_RULES: readonly StanzaRule[] = [
  partnerDirection,
  stanzaType,
  walls,
  whoWithWhom,
  acquainted,
  presenceShown,
  authorsAdmitted,
]

/** Every rule, in the order in which they are asked. */
export const RULES: readonly Rule<Facts>[] = [...PAIR_RULES, ...STANZA_RULES]

export type Decision =
  | {
      readonly verdict: 'pass'
      /** What those had against it that only report. */
      readonly reported: readonly Reported[]
    }
  | {
      readonly verdict: 'refuse'
      readonly rule: string
      readonly reason: ReasonId
      readonly detail?: string
      readonly condition: StanzaCondition
      readonly type: StanzaErrorType
      /** It is not answered. */
      readonly silent?: true
      /** It is more than one user may send, whatever all of the domain may. */
      readonly ofUser?: true
    }
  | {
      readonly verdict: 'close'
      readonly rule: string
      readonly reason: ReasonId
      readonly detail?: string
      readonly condition: StreamCondition
    }

/** A finding of a wall or a rule of the policy that only reports. */
export interface Reported extends Finding {
  readonly clause: Clause
}

/** What one rule had to say. */
export interface Step {
  readonly rule: string
  readonly about: string
  readonly finding: Finding | undefined
}

export interface Explained {
  readonly decision: Decision
  /** One step per rule that was asked, the deciding one last. */
  readonly trail: readonly Step[]
}

const PASS: Decision = { verdict: 'pass', reported: [] }

/** What those that only report have against a stanza, and against who else has a part in it; each once. */
export function reported(facts: StanzaFacts): readonly Reported[] {
  const { whom, authors } = facts
  if (authors === undefined && (whom === undefined || whom.reports.length === 0)) return NOTHING
  const found = new Map<string, Reported>()
  for (const clause of whom?.reports ?? []) {
    const finding = objection(clause, whom?.user ?? '', facts)
    if (finding !== undefined) found.set(clause.name, { ...finding, clause })
  }
  for (const author of authors ?? [])
    for (const clause of author.whom?.reports ?? [])
      if (keepsApart(clause) && !found.has(clause.name))
        found.set(clause.name, { ...wordsOf(author, clause.name, facts), clause })
  return [...found.values()]
}

const NOTHING: readonly Reported[] = []

/** What follows where no rule has found anything. */
export function passed(facts: Facts): Decision {
  const all = reported(facts)
  return all.length === 0 ? PASS : { verdict: 'pass', reported: all }
}

/** Decides about one stanza. */
export function decide(facts: Facts): Decision {
  for (const rule of RULES) {
    const finding = rule.find(facts)
    if (finding !== undefined) return decisionOf(rule, finding)
  }
  return passed(facts)
}

/** Decides, and shows how it came about: every rule that was asked, with its finding. */
export function explain(facts: Facts): Explained {
  const trail: Step[] = []
  for (const rule of RULES) {
    const finding = rule.find(facts)
    trail.push({ rule: rule.id, about: rule.about, finding })
    if (finding !== undefined) return { decision: decisionOf(rule, finding), trail }
  }
  return { decision: passed(facts), trail }
}

/** What a finding comes to. */
export function decisionOf(
  rule: Pick<Rule<Facts>, 'id'>,
  { reason, detail, ends, condition: own, type, silent }: Finding,
): Decision {
  const known = { rule: rule.id, reason, ...(detail === undefined ? {} : { detail }) }
  if (ends === 'stream') return { verdict: 'close', ...known, condition: streamCondition(reason) }
  const condition = own ?? stanzaCondition(reason)
  return {
    verdict: 'refuse',
    ...known,
    condition,
    type: type ?? STANZA_CONDITIONS[condition].type,
    ...(silent && { silent }),
  }
}
