// What rules do: those of the checkpoint, and walls and rules of policy.yaml. Their figures are kept where they are asked; here
// they are told. Bounded: the first so many rules have series of their own, in the order in which they are asked, and all
// others together are `other`.

import type { Desk } from './desk.ts'
import { OTHER, type Metrics } from './metrics.ts'

const MOST_RULES = 200
const OUTCOMES = ['asked', 'matched', 'refused', 'reported'] as const

/** The figures of one rule, as far as metrics tell them. */
export type RuleNow = Readonly<Record<(typeof OUTCOMES)[number], number>> & {
  readonly name: string
  readonly costNs: number | undefined
  /** A time in ISO 8601. */
  readonly lastAt: string | undefined
}

export interface RuleFigures {
  /** How rules stand now. */
  rulesNow(rules: readonly RuleNow[]): void
}

export function declareRules(metrics: Metrics) {
  return {
    ruleUses: metrics.declare(
      {
        name: 'sallyport_rule_uses',
        type: 'counter',
        help: `Walls, rules of policies and rules of the checkpoint, by outcome: asked (walls and rules of policies: pairs of a user and a partner, the others: stanzas), matched, refused, reported (would have refused, were it asked for more than a report). The first ${MOST_RULES} rules by name, all others as other.`,
        labels: ['rule', 'outcome'],
      },
      (MOST_RULES + 1) * OUTCOMES.length,
    ),
    ruleCost: metrics.declare(
      {
        name: 'sallyport_rule_cost_seconds',
        type: 'gauge',
        help: `What asking a rule takes, on average over those judgements that are timed (one stanza in 1,000, one pair in 8). Only the first ${MOST_RULES} rules.`,
        labels: ['rule'],
      },
      MOST_RULES,
    ),
    ruleLast: metrics.declare(
      {
        name: 'sallyport_rule_last_match_seconds',
        type: 'gauge',
        help: `Unix time at which a rule matched last. Only the first ${MOST_RULES} rules.`,
        labels: ['rule'],
      },
      MOST_RULES,
    ),
  }
}

export function ruleFigures({ figures: { ruleUses, ruleCost, ruleLast } }: Desk): RuleFigures {
  return {
    rulesNow(rules) {
      for (const metric of [ruleUses, ruleCost, ruleLast]) metric.clear()
      for (const [place, rule] of rules.entries()) {
        const isOwn = place < MOST_RULES
        for (const outcome of OUTCOMES) ruleUses.add({ rule: isOwn ? rule.name : OTHER, outcome }, rule[outcome])
        if (!isOwn) continue
        if (rule.costNs !== undefined) ruleCost.set({ rule: rule.name }, rule.costNs / 1e9)
        if (rule.lastAt !== undefined) ruleLast.set({ rule: rule.name }, Date.parse(rule.lastAt) / 1000)
      }
    },
  }
}
