import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SaxesParser } from 'saxes'
import { csvOf } from '../../../src/conformance/report/csv.ts'
import { type Compared, differencesOf } from '../../../src/conformance/report/differences.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { junitOf } from '../../../src/conformance/report/junit.ts'
import { type Report, reportOf } from '../../../src/conformance/report/report.ts'
import { REQUIREMENTS } from '../../../src/conformance/requirement.ts'
import { CASES_BY_ID, INGREDIENTS, REPORT, REQUIREMENTS_BY_ID } from './example-report.ts'
import type { PairOutcome } from '../../../src/conformance/partner/scenario.ts'
import type { Result } from '../../../src/conformance/verdict.ts'

test('in the table for spreadsheets every requirement has a row, and no cell is a formula', () => {
  const rows = csvOf(REPORT, REQUIREMENTS_BY_ID).split('\r\n')
  assert.equal(rows.length, REQUIREMENTS.length + 2)
  assert.match(rows.find((row) => row.startsWith('"STR-01"')) ?? '', /"Met"/)
  assert.match(rows.find((row) => row.startsWith('"LBL-01"')) ?? '', /"Not met".*<a b=""c"">/)
  const formula: Report = {
    ...REPORT,
    verdicts: [{ requirement: 'STR-01', result: 'Met', because: '=HYPERLINK("x")', cases: [] }],
  }
  assert.match(csvOf(formula, REQUIREMENTS_BY_ID), /"'=HYPERLINK\(""x""\)"/)
})

test('the form for build servers is well-formed XML with what failed and why', () => {
  const text = junitOf(REPORT, CASES_BY_ID, REQUIREMENTS_BY_ID)
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
  // As the XMPP Interop Testing project has them.
  for (const property of [
    'name="attachment" value="evidence/a.txt"',
    'name="specification identifier" value="RFC6120"',
    'name="specification section" value="4.8.1"',
    'name="specification quote" value="STR-01: ',
    'name="specification URL" value="https://www.rfc-editor.org/rfc/rfc6120.html"',
    'name="specification identifier" value="XEP-0258"',
    'name="specification URL" value="https://xmpp.org/extensions/xep-0258.html"',
  ])
    assert.ok(text.includes(`<property ${property}`), property)
})

test('the page has every requirement, what is open as a discrepancy, and no markup of what was said', () => {
  const page = htmlOf(REPORT, CASES_BY_ID, REQUIREMENTS_BY_ID)
  for (const { id } of REQUIREMENTS) assert.ok(page.includes(`id="${id}"`), id)
  assert.match(page, /TDR-dod-LBL-01/)
  assert.doesNotMatch(page, /<a b="c">/)
  assert.match(page, /<strong>3<\/strong> are met/)
  // The table of requirements has its emphasis, and words of the wire, in a form of its own.
  assert.match(page, /users, <strong>local and remote<\/strong>, be granted/)
  assert.match(page, /fatal <code>invalid-namespace<\/code>/)
})

test('a part of a report has the rows of its areas alone, and says on its first page that it is one', () => {
  const part = reportOf({ ...INGREDIENTS, part: ['LBL', 'MSG'] })
  assert.deepEqual(
    part.verdicts.map(({ requirement }) => requirement),
    REQUIREMENTS.map(({ id }) => id).filter((id) => /^(?:LBL|MSG)-/.test(id)),
  )
  assert.match(
    htmlOf(part, CASES_BY_ID, REQUIREMENTS_BY_ID),
    /<header>[^]*This is a part of a report[^]*LBL, MSG alone[^]*<\/header>/,
  )
  assert.doesNotMatch(htmlOf(REPORT, CASES_BY_ID, REQUIREMENTS_BY_ID), /part of a report/)
  // What one of them is not about has not become worse.
  assert.deepEqual(
    differencesOf(REPORT, part).filter(({ kind }) => kind === 'worse'),
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

test('what was played with live partners is compared too, and what a partner does wrong is its own', () => {
  const one = (outcome: PairOutcome, peer = 'a.example'): Compared => ({
    ...{ verdicts: [], pairwise: { pairs: [{ peer, runs: [{ scenario: 'I-05', outcome }] }] } },
  })
  const bad = (kind: 'violation' | 'peer-violation' | 'not-run'): PairOutcome => ({ kind, detail: 'so' })
  const pass: PairOutcome = { kind: 'pass' }
  const kind = (before: Compared, after: Compared) => differencesOf(before, after)[0]?.kind
  assert.equal(kind(one(pass), one(pass)), undefined)
  assert.equal(kind(one(pass), one(bad('violation'))), 'worse')
  assert.equal(kind(one(bad('not-run')), one(bad('violation'))), 'worse')
  assert.equal(kind(one(bad('violation')), one(pass)), 'better')
  assert.equal(kind(one(pass), one(bad('peer-violation'))), 'other')
  assert.equal(kind(one(pass), one(bad('violation'), 'b.example')), undefined, 'another partner')
  assert.equal(differencesOf(one(pass), one(bad('violation')))[0]?.requirement, 'I-05 with a.example')
})
