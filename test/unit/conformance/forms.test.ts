import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SaxesParser } from 'saxes'
import { CASES } from '../../../src/conformance/cases/all.ts'
import { csvOf } from '../../../src/conformance/report/csv.ts'
import { differencesOf } from '../../../src/conformance/report/differences.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { junitOf } from '../../../src/conformance/report/junit.ts'
import { type Report, reportOf } from '../../../src/conformance/report/report.ts'
import { REQUIREMENTS } from '../../../src/conformance/requirement.ts'
import type { Result } from '../../../src/conformance/verdict.ts'

const cases = new Map(CASES.map((one) => [one.id, one]))
const requirements = new Map(REQUIREMENTS.map((one) => [one.id, one]))

const report: Report = reportOf({
  runs: [
    {
      case: 'STR-01/other-root-namespace',
      ip: 4,
      outcome: { kind: 'pass' },
      began: 0,
      ms: 12,
      evidence: ['evidence/a.txt'],
    },
    {
      ...{ case: 'LBL-01/label/in', ip: 6, began: 0, ms: 5, evidence: ['evidence/b.txt'] },
      outcome: { kind: 'violation', detail: '<a b="c"> & \u0001=1+1' },
    },
  ],
  system: { version: '1.2.3', node: 'v26', openssl: '3.5', profile: 'dod', configuration: 'ab', host: 'linux' },
  now: Date.UTC(2026, 10, 26),
})

test('in the table for spreadsheets every requirement has a row, and no cell is a formula', () => {
  const rows = csvOf(report, requirements).split('\r\n')
  assert.equal(rows.length, REQUIREMENTS.length + 2)
  assert.match(rows.find((row) => row.startsWith('"STR-01"')) ?? '', /"Met"/)
  assert.match(rows.find((row) => row.startsWith('"LBL-01"')) ?? '', /"Not met".*<a b=""c"">/)
  const formula: Report = {
    ...report,
    verdicts: [{ requirement: 'STR-01', result: 'Met', because: '=HYPERLINK("x")', cases: [] }],
  }
  assert.match(csvOf(formula, requirements), /"'=HYPERLINK\(""x""\)"/)
})

test('the form for build servers is well-formed XML with what failed and why', () => {
  const text = junitOf(report, cases, requirements)
  const seen: string[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) =>
    seen.push(`${name} ${attributes['tests'] ?? attributes['message'] ?? ''}`),
  )
  parser.on('error', (error) => assert.fail(error.message))
  parser.write(text).close()
  assert.ok(seen.includes('testsuite 1'))
  assert.ok(seen.some((one) => one.startsWith('failure <a b="c"> & \ufffd')))
  assert.ok(seen.filter((one) => one.startsWith('property')).length >= 4)
})

test('the page has every requirement, what is open as a discrepancy, and no markup of what was said', () => {
  const page = htmlOf(report, cases, requirements)
  for (const { id } of REQUIREMENTS) assert.ok(page.includes(`id="${id}"`), id)
  assert.match(page, /TDR \d+: LBL-01/)
  assert.doesNotMatch(page, /<a b="c">/)
  assert.match(page, /1 requirements are met/)
})

test('a part of a report has the rows of its areas alone, and says on its first page that it is one', () => {
  const part = reportOf({ runs: report.runs, system: report.system, now: 0, part: ['LBL', 'MSG'] })
  assert.deepEqual(
    part.verdicts.map(({ requirement }) => requirement),
    REQUIREMENTS.map(({ id }) => id).filter((id) => /^(?:LBL|MSG)-/.test(id)),
  )
  assert.match(
    htmlOf(part, cases, requirements),
    /<header>[^]*This is a part of a report[^]*LBL, MSG alone[^]*<\/header>/,
  )
  assert.doesNotMatch(htmlOf(report, cases, requirements), /part of a report/)
  // What one of them is not about has not become worse.
  assert.deepEqual(
    differencesOf(report, part).filter(({ kind }) => kind === 'worse'),
    [],
  )
})

test('of two reports what is better and what is worse', () => {
  const one = (result: Result) => ({ requirement: 'STR-01', result, because: 'so' })
  const kind = (before: Result | undefined, after: Result | undefined) =>
    differencesOf({ verdicts: before ? [one(before)] : [] }, { verdicts: after ? [one(after)] : [] })[0]?.kind
  assert.equal(kind('Met', 'Met'), undefined)
  assert.equal(kind('Met', 'Not met'), 'worse')
  assert.equal(kind('Met', 'Partially met'), 'worse')
  assert.equal(kind('Not met', 'Met'), 'better')
  assert.equal(kind('Not met', 'N/A'), 'other')
  assert.equal(kind('Met', undefined), 'worse')
  assert.equal(kind(undefined, 'Met'), 'other')
})
