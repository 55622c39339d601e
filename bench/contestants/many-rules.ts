// A policy.yaml as a large organisation may have it: 200 groups of 50 people, a wall, and 30 rules, of which one of the last
// decides what is measured, by a list of kinds.

import { OURS } from '../setting.ts'

const GROUPS = 200
const MEMBERS = 50
const RULES = 30
/** So many partners have a tag of their own. */
export const TAGS = 500

/** @param version odd ones say something else in one of the rules that do not decide */
export function manyRules(version = 0): object {
  const groups = Object.fromEntries(
    Array.from({ length: GROUPS }, (_, group) => [
      `group-${group}`,
      // The first two are those who talk; the others never do.
      membersOf(group),
    ]),
  )
  const others = Array.from({ length: RULES - 2 }, (_, rule) => ({
    name: `rule-${rule}`,
    who: [`group-${2 + rule}`, `group-${100 + rule}`],
    partners: [`tag:tag${rule}`, 'tag:measured'],
    allow: rule === 7 && version % 2 === 1 ? ['messages'] : ['messages', 'presence'],
  }))
  const decides = [0, 1].map((group) => ({
    name: `talks-${group}`,
    who: [`group-${group}`],
    partners: ['tag:measured'],
    allow: ['presence', 'subscriptions', 'rooms', 'queries', 'messages'],
  }))
  return {
    groups,
    walls: [{ name: 'apart', sides: [{ who: ['group-199'] }, { partners: ['tag:tag7'] }] }],
    policies: { default: { rules: [...others, ...decides], otherwise: 'none' } },
  }
}

const membersOf = (group: number): readonly string[] =>
  Array.from({ length: MEMBERS }, (_, member) => `${userOf(group * MEMBERS + member)}@${OURS}`)

/** As the generator calls them. */
const userOf = (number: number): string => `user${String(number).padStart(3, '0')}`
