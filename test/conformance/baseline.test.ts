// No requirement comes to less than it did when the baseline was written. `npm run baseline` plays everything, which takes
// minutes; here most cases are played, over one version of IP, and of the profiles that differ in few cases only those.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CASES } from '../../src/conformance/cases/all.ts'
import type { TestCase } from '../../src/conformance/case.ts'
import type { Run } from '../../src/conformance/verdict.ts'
import { PROFILE_NAMES } from '../../src/trust/profiles/profiles.ts'
import type { ProfileName } from '../../src/trust/profiles/profile.ts'
import { betterThan, readBaseline, worseThan } from './baseline.ts'
import { isLong, isOf, played } from './playing.ts'

const ASK = 'npm run baseline writes a new one'
const baseline = readBaseline()

/** As if every case of the profile had been played, and had come out as expected. */
const atBest = (profile: ProfileName): readonly Run[] =>
  CASES.filter(isOf(profile)).map(({ id }) => ({
    ...{ case: id, ip: 4, outcome: { kind: 'pass' }, began: 0, ms: 0, evidence: [] },
  }))

test('what is worse is named with its row, and what is better asks for a new baseline', () => {
  const before = {
    profile: 'dod',
    results: { 'STR-01': 'Met', 'STR-02': 'Not met', 'LIM-06': 'Not met' },
  } as const
  const of = (kind: 'pass' | 'violation'): readonly Run[] => [
    {
      ...{ case: 'STR-01/other-root-namespace', ip: 4, began: 0, ms: 0, evidence: [] },
      outcome: kind === 'pass' ? { kind } : { kind, detail: 'bad-format' },
    },
  ]
  assert.deepEqual(worseThan(before, of('pass')), [])
  assert.match(worseThan(before, of('violation')).join(), /^STR-01 was "Met" and is "Not met": .*bad-format$/)
  assert.match(worseThan(before, []).join(), /^STR-01/, 'a case that is gone')
  assert.deepEqual(worseThan(before, [], true), [], 'one that was not played here')
  assert.deepEqual(betterThan({ profile: 'dod', results: { 'STR-01': 'Not met' } }, of('pass')), [
    'STR-01: "Not met" → "Met"',
  ])
})

for (const profile of PROFILE_NAMES)
  test(`under ${profile} each requirement still has the cases that show it`, (t) => {
    assert.deepEqual(worseThan({ profile, results: baseline[profile] }, atBest(profile)), [])
    for (const line of betterThan({ profile, results: baseline[profile] }, atBest(profile)))
      t.diagnostic(`${line} where its cases come out as expected; ${ASK}`)
  })

const own = ({ profiles }: TestCase): boolean => profiles !== undefined

test('under dod no requirement comes to less than it did', async () => {
  const cases = CASES.filter(isOf('dod')).filter((one) => !isLong(one))
  assert.deepEqual(
    worseThan({ profile: 'dod', results: baseline.dod }, await played({ profile: 'dod', cases, over: [4] }), true),
    [],
  )
})

for (const profile of ['nato', 'standard'] as const)
  test(`under ${profile} neither, in what is of its own`, async () => {
    const cases = CASES.filter(isOf(profile)).filter((one) => own(one) && !isLong(one))
    assert.ok(cases.length > 0)
    assert.deepEqual(
      worseThan({ profile, results: baseline[profile] }, await played({ profile, cases, over: [4] }), true),
      [],
    )
  })
