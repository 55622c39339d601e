// The scenarios with live partners in the form that build servers read: a suite for each partner.

import type { Pair, PairRun } from '../partner/meeting.ts'
import { evidenceOf, type Pairwise } from '../partner/pairwise.ts'
import { SCENARIOS } from '../partner/scenarios.ts'
import { escaped } from './escape.ts'
import { countsOf, tagOf } from './junit-counts.ts'

const TITLES: ReadonlyMap<string, string> = new Map(SCENARIOS.map(({ id, title }) => [id, title]))

export const pairSuites = ({ pairs }: Pairwise, made: string): string =>
  pairs.map((pair) => suiteOf(pair, made)).join('')

function suiteOf({ peer, runs }: Pair, made: string): string {
  const inside = runs.map((run) => caseOf(peer, run)).join('')
  return `<testsuite name="${escaped(`Live partner ${peer}`)}" ${countsOf(runs)} timestamp="${made}">${inside}</testsuite>\n`
}

function caseOf(peer: string, { scenario, outcome, ms }: PairRun): string {
  const tag = tagOf(outcome)
  const detail = 'detail' in outcome ? escaped(outcome.detail) : ''
  const came =
    tag === undefined ? '' : `<${tag}${tag === 'skipped' ? '' : ` type="${outcome.kind}"`} message="${detail}"/>`
  return `<testcase classname="${scenario}" name="${escaped(TITLES.get(scenario) ?? scenario)} (${escaped(peer)})" time="${(ms / 1000).toFixed(3)}"><properties><property name="attachment" value="${escaped(evidenceOf(peer))}"/></properties>${came}</testcase>`
}
