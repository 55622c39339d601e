import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CASES } from '../../../src/conformance/cases/all.ts'
import type { Requirement } from '../../../src/conformance/requirement.ts'
import { REQUIREMENTS } from '../../../src/conformance/requirement.ts'
import { NO_IP6, withoutIp6 } from '../../../src/conformance/host-lacks.ts'
import { verdictsOf } from '../../../src/conformance/report/report.ts'
import { STATED, statementOf } from '../../../src/conformance/statements.ts'
import { type Outcome, type Result, type Run, type Statement, verdictOf } from '../../../src/conformance/verdict.ts'
import { PROFILE_NAMES } from '../../../src/trust/profiles/profiles.ts'

const requirement = (level: string): Requirement => ({
  ...{ id: 'XYZ-01', area: 'Example', requirement: 'So it is', who: 'S E' },
  ...{ level, governing: 'RFC 0', source: 'S0', test: 'Look' },
})

const ran = (outcome: Outcome): Run => ({ case: 'XYZ-01/a', ip: 4, outcome, began: 0, ms: 1, evidence: ['evidence/a'] })
const pass = ran({ kind: 'pass' })
const violation = ran({ kind: 'violation', detail: 'it did' })

const peer = ran({ kind: 'peer-violation', detail: 'sent nothing' })

const notMet: Statement = { kind: 'not-met', because: 'It is not there.', plan: 'Soon.' }
const notApplicable: Statement = { kind: 'not-applicable', because: 'It has no wheels.' }

const TABLE: readonly (readonly [string, readonly Run[], Statement | undefined, Result, RegExp])[] = [
  ['SHALL', [pass, pass], undefined, 'Met', /^1 case as expected, over IPv4\.$/],
  ['SHALL', [pass, violation], undefined, 'Not met', /over IPv4: it did/],
  ['SHOULD', [pass, violation], undefined, 'Partially met', /it did/],
  ['SHALL', [pass, ran({ kind: 'inconclusive', detail: 'no TLS' })], undefined, 'Not met', /showed nothing: no TLS/],
  // Neither for us nor against us.
  ['SHALL', [peer], undefined, 'Not met', /^XYZ-01\/a over IPv4: the peer has sent nothing/],
  ['SHALL', [pass, peer], undefined, 'Met', /^1 case/],
  ['SHALL', [violation, peer], undefined, 'Not met', /it did/],
  ['SHALL', [peer], notMet, 'Not met', /the peer has/],
  ['SHALL', [], undefined, 'Not met', /Nothing here shows it/],
  ['SHOULD', [], undefined, 'Not met', /Nothing here shows it/],
  ['SHALL', [], notMet, 'Not met', /It is not there\. Plan: Soon\./],
  ['SHALL', [pass], notMet, 'Partially met', /Plan/],
  ['SHALL', [violation], notMet, 'Not met', /it did/],
  ['SHALL', [], notApplicable, 'N/A', /wheels/],
  ['SHALL', [pass], notApplicable, 'N/A', /wheels/],
  ['SHALL', [violation], notApplicable, 'Not met', /it did/],
]

test('what a requirement comes to', () => {
  for (const [level, runs, statement, result, because] of TABLE) {
    const verdict = verdictOf(requirement(level), { runs, statement })
    assert.equal(verdict.result, result, `${level} ${because}`)
    assert.match(verdict.plan === undefined ? verdict.because : `${verdict.because} Plan: ${verdict.plan}`, because)
  }
})

test('what cannot be played where the run was is not assessed, whatever the rest has shown, but for what is wrong', () => {
  const because = ['the core is not seen', 'the core is not seen', 'its log is not at hand']
  const of = (runs: readonly Run[], statement?: Statement) =>
    verdictOf(requirement('SHALL'), { runs, statement, unplayed: because, isElsewhere: true })
  assert.match(of([]).because, /^Nothing of it was played; 3 cases cannot .*: the core is not seen; its log is not/)
  assert.match(of([pass]).because, /^1 case as expected, over IPv4; 3 cases/)
  assert.deepEqual(
    [of([]), of([pass]), of([pass], notMet), of([violation]), of([pass], notApplicable)].map(({ result }) => result),
    ['Not assessed', 'Not assessed', 'Not assessed', 'Not met', 'N/A'],
  )
  assert.equal(of([pass], notMet).plan, 'Soon.')
  const inReport: Statement = { kind: 'in-report', because: 'The first page says it.' }
  const told = (isElsewhere: boolean) => verdictOf(requirement('SHALL'), { runs: [], statement: inReport, isElsewhere })
  assert.deepEqual([told(false).result, told(true).result], ['Met', 'Not assessed'])
})

test('of a gateway that runs elsewhere nothing is said where nobody has looked', () => {
  const of = (runs: readonly Run[], statement?: Statement) =>
    verdictOf(requirement('SHALL'), { runs, statement, isElsewhere: true })
  assert.deepEqual(
    [of([]), of([], notMet), of([], notApplicable), of([pass]), of([pass], notMet), of([violation])].map(
      ({ result }) => result,
    ),
    ['Not assessed', 'Not assessed', 'N/A', 'Met', 'Partially met', 'Not met'],
  )
  assert.match(of([], notMet).because, /^Nothing of it was played: /)
  assert.equal(of([], notMet).plan, undefined, 'it is that of another gateway')
  const verdicts = verdictsOf([], 'dod', undefined, { isElsewhere: true })
  assert.deepEqual([...new Set(verdicts.map(({ result }) => result))].toSorted(), ['N/A', 'Not assessed'])
})

test('on a host without IPv6 no row is met of which a case needs it, and that is said', () => {
  const unplayed = withoutIp6(CASES)
  const needing = ['IP6-01/inbound', 'IP6-01/outbound', 'IP6-01/found', 'IP6-04/lost', 'IP6-06/networks']
  for (const id of [...needing, 'IP6-02/alone', 'IP6-02/clock']) assert.equal(unplayed.get(id), NO_IP6, id)
  for (const { id, ip } of CASES) assert.ok(ip !== 6 || unplayed.has(id), id)
  assert.ok(!unplayed.has('IP6-03/mixed') && !unplayed.has('STR-01/other-root-namespace'))
  const runs = CASES.filter(({ id }) => !unplayed.has(id)).map(({ id }): Run => ({ ...pass, case: id }))
  const verdicts = new Map(verdictsOf(runs, 'dod', undefined, { unplayed }).map((one) => [one.requirement, one]))
  for (const row of ['01', '02', '03', '04', '06']) {
    const { result, because } = verdicts.get(`IP6-${row}`)!
    assert.equal(result, 'Not assessed', row)
    assert.match(because, /(?:one case|\d cases) cannot be played here: this host has no IPv6\.$/)
  }
  assert.equal(verdicts.get('STR-01')?.result, 'Met')
})

test('what is written about some profiles is about those alone', () => {
  const kinds = PROFILE_NAMES.map((profile) => [profile, statementOf('SAS-16', profile)?.kind])
  assert.deepEqual(Object.fromEntries(kinds), { standard: 'not-met', nato: 'not-met', dod: undefined })
})

test('every requirement has a verdict with a reason', () => {
  const verdicts = verdictsOf([], 'dod')
  assert.deepEqual(
    verdicts.map((verdict) => verdict.requirement),
    REQUIREMENTS.map(({ id }) => id),
  )
  for (const verdict of verdicts) assert.notEqual(verdict.because, '')
  assert.deepEqual(
    verdicts.filter(({ result }) => result === 'Met').map(({ requirement: id }) => id),
    ['SCP-01', 'SCP-05'],
    'without a run, nothing is met but what the report itself shows',
  )
})

test('cases and statements are about requirements that exist', () => {
  const known = new Set(REQUIREMENTS.map(({ id }) => id))
  for (const id of STATED) assert.ok(known.has(id), id)
  for (const { id, requirements, profiles = PROFILE_NAMES } of CASES) {
    assert.ok(requirements.length > 0, id)
    for (const one of requirements) assert.ok(known.has(one), `${id}: ${one}`)
    // What does not apply cannot be shown.
    for (const one of requirements)
      for (const profile of profiles) {
        assert.notEqual(statementOf(one, profile)?.kind, 'not-applicable', `${id}: ${one}`)
      }
  }
  assert.equal(new Set(CASES.map(({ id }) => id)).size, CASES.length, 'each case has an id of its own')
})

test('a case can turn out badly: it hears something, or hears that nothing comes', () => {
  const EXPECTS = [
    'hear',
    'hearOneOf',
    'coreHears',
    'comesBack',
    'silence',
    'tls',
    'shows',
    'opened',
    'runs',
    'arrives',
    'nobodyArrives',
    'spreads',
    'retries',
    'crowds',
    'floods',
    'inOrder',
    'logs',
    'copiesOf',
    'listens',
    'ownFiles',
    'hears',
    'has',
  ]
  for (const { id, steps } of CASES)
    assert.ok(
      steps.some((step) => EXPECTS.some((key) => key in step)),
      id,
    )
})
