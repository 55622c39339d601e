// `npm run baseline`: plays every case under each profile and writes what each requirement comes to, with which
// `baseline.test.ts` compares. Some minutes; to be run when something has become better, and looked at before it is committed.

import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { CASES } from '../../src/conformance/cases/all.ts'
import { verdictsOf } from '../../src/conformance/report/report.ts'
import { PROFILE_NAMES } from '../../src/trust/profiles/profiles.ts'
import { BASELINE, isOf, played } from './playing.ts'

const profiles: [string, Record<string, string>][] = []
for (const profile of PROFILE_NAMES) {
  const verdicts = verdictsOf(await played({ profile, cases: CASES.filter(isOf(profile)) }), profile)
  profiles.push([profile, Object.fromEntries(verdicts.map(({ requirement, result }) => [requirement, result]))])
  const met = verdicts.filter(({ result }) => result === 'Met').length
  process.stdout.write(`${profile}: ${met} of ${verdicts.length} requirements are met\n`)
}
writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(profiles), undefined, 2)}\n`)
