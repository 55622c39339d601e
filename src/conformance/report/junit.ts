// The runs in the form that build servers read. What a case is for stands in properties by the names that the XMPP Interop
// Testing project uses, so that its results and ours can be laid side by side.

import type { TestCase } from '../case.ts'
import type { Requirement } from '../requirement.ts'
import type { Run } from '../verdict.ts'
import type { Report } from './report.ts'
import { escaped } from './escape.ts'

/** JUnit XML: a suite for each area. */
export function junitOf(
  { runs, system, made }: Report,
  cases: ReadonlyMap<string, TestCase>,
  requirements: ReadonlyMap<string, Requirement>,
): string {
  const areas = Map.groupBy(runs, ({ case: id }) => id.slice(0, id.indexOf('-')))
  const suites = [...areas].map(([area, own]) => {
    const failures = own.filter(({ outcome }) => outcome.kind === 'violation').length
    const errors = own.filter(({ outcome }) => outcome.kind !== 'violation' && outcome.kind !== 'pass').length
    const inside = own.map((run) => caseOf(run, cases, requirements)).join('')
    return `<testsuite name="${area}" tests="${own.length}" failures="${failures}" errors="${errors}" timestamp="${made}" hostname="${escaped(system.system)}">${inside}</testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="Sallyport ${escaped(system.version)} ${escaped(system.profile)}">\n${suites.join('')}</testsuites>\n`
}

function caseOf(
  { case: id, ip, outcome, ms, evidence }: Run,
  cases: ReadonlyMap<string, TestCase>,
  requirements: ReadonlyMap<string, Requirement>,
): string {
  const { title = id, requirements: of = [] } = cases.get(id) ?? {}
  const properties = of.flatMap((one): readonly (readonly [string, string])[] => [
    ['specification', requirements.get(one)?.governing ?? ''],
    ['quote', `${one}: ${requirements.get(one)?.requirement ?? ''}`],
  ])
  const said = [...properties, ...evidence.map((file) => ['log', file] as const)]
    .map(([name, value]) => `<property name="${name}" value="${escaped(value)}"/>`)
    .join('')
  const detail = 'detail' in outcome ? escaped(outcome.detail) : ''
  const came =
    outcome.kind === 'pass'
      ? ''
      : `<${outcome.kind === 'violation' ? 'failure' : 'error'} type="${outcome.kind}" message="${detail}"/>`
  return `<testcase classname="${escaped(id)}" name="${escaped(title)}${ip === undefined ? '' : ` (IPv${ip})`}" time="${(ms / 1000).toFixed(3)}"><properties>${said}</properties>${came}</testcase>`
}
