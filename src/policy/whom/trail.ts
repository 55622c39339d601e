// How it came about which wall or rule decides: every one that was asked, in order, and why it has nothing to say or what it says.
// For whoever wants to understand a decision; nothing here decides anything.

import type { Facts } from '../facts.ts'
import { objection } from './clause.ts'
import type { Allowed } from './policies.ts'
import type { Asked, Whom } from './whom.ts'

/** One wall or rule that was asked. */
export interface WhomStep {
  readonly is: 'wall' | 'rule'
  readonly rule: string
  readonly place: string | undefined
  /** What it says. */
  readonly about: string
  /** What came of asking it. */
  readonly note: string
}

/** The walls and rules that were asked of a stanza, the one that decides last. */
export function whomTrail(whom: Whom, facts: Facts): readonly WhomStep[] {
  const { partner, whom: standing } = facts
  const steps: WhomStep[] = []
  if (standing === undefined) return steps
  for (const asked of whom.askedOf(partner)) {
    const { clause, report } = asked
    const isFor = asked.isFor(partner)
    const has = isFor && asked.has(standing.user, partner)
    const about = aboutClause(asked)
    steps.push({ is: clause.is, rule: clause.name, place: clause.place, about, note: noteOf(asked, facts, isFor, has) })
    if (has && !report) break
  }
  return steps
}

function noteOf({ clause, report }: Asked, facts: Facts, isFor: boolean, has: boolean): string {
  if (!isFor) return clause.is === 'wall' ? 'the partner is on no side of it' : 'not made out to this partner'
  if (!has) return clause.is === 'wall' ? 'our user is not on another side of it' : 'not made out to this user'
  if (!report) return 'decides'
  const standing = facts.whom!
  const asked = standing.reports.find(({ name }) => name === clause.name)
  const finding = asked && objection(asked, standing.user, facts)
  return finding === undefined
    ? 'only reports; has nothing against it'
    : `only reports; would refuse (${finding.reason})`
}

/** What a wall or a rule says, as a sentence. */
export function aboutClause({ clause: { is, allow, direction }, clock }: Asked): string {
  if (is === 'wall') return 'Nothing crosses between its sides.'
  const way = direction === 'both' ? '' : `, ${direction} only`
  return `Allows ${allowText(allow)}${way}${clock === undefined ? '' : ', within its hours'}.`
}

const allowText = (allow: Allowed): string =>
  allow === 'all' ? 'everything' : allow === 'none' ? 'nothing' : allow.join(', ')
