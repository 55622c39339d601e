// Code and documents say the same: the catalogue of reasons, the list of them in README.md, and the metrics.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isReasonId, reasonIds } from '../../src/xmpp/reasons.ts'
import type { TableName } from '../tables.ts'
import { benchSection, readResults, trustSection, withBench } from '../../bench/report/write.ts'
import { README, withSections } from './readme.ts'
import { assertNone, ROOT, sources } from './sources.ts'

const CATALOGUE = 'src/xmpp/reasons.ts'
const src = sources('src').filter(({ path }) => path !== CATALOGUE)
const readme = existsSync(README) ? readFileSync(README, 'utf8') : undefined

test('every reason that the code or a document names is in the catalogue', () => {
  const unknown = [...src, ...(readme === undefined ? [] : [{ path: 'README.md', text: readme }])].flatMap(
    ({ path, text }) =>
      [...text.matchAll(/\bSP-\d{3,}\b/g)].filter(([id]) => !isReasonId(id)).map(([id]) => `${path}: ${id}`),
  )
  assertNone(unknown, 'No such reason in src/xmpp/reasons.ts:')
})

test('every entry of the catalogue is given by something', () => {
  const used = new Set(src.flatMap(({ text }) => text.match(/\bSP-\d{3}\b/g) ?? []))
  assertNone(
    reasonIds().filter((id) => !used.has(id)),
    'Entries that nothing in src/ gives; use them or take them out:',
  )
})

test('the generated parts of README.md are those that `npm run docs` writes', () => {
  if (readme === undefined) return // Not written yet.
  assert.ok(readme.includes('<!-- reasons:begin -->'), 'README.md has no place for the list of reasons')
  assert.ok(readme === withSections(readme), 'README.md is behind the code: run `npm run docs`')
})

test('a generated part is written between its markers, and writing twice changes nothing', () => {
  const text = 'before\n<!-- reasons:begin -->\nold\n<!-- reasons:end -->\nafter\n'
  const once = withSections(text)
  assert.match(once, /^before\n<!-- reasons:begin -->\n\n### 1xx: Policy\n/)
  assert.match(once, /\| \*\*SP-101\*\* partner-unknown \|/)
  assert.match(once, /<!-- reasons:end -->\nafter\n$/)
  assert.equal(withSections(once), once)
  assert.equal(withSections('no markers'), 'no markers')
})

/** How many rows each table of results has at least: twelve topologies, two proofs of two partners, kinds of certificates, of weather. */
const ROWS: Readonly<Record<TableName, number>> = {
  topologies: 12,
  proofs: 4,
  'our-certificate': 21,
  'foul-weather': 32,
}

test('the results of the tests with real servers stand in README.md', () => {
  for (const [name, least] of Object.entries(ROWS)) {
    const [, table = ''] = new RegExp(`<!-- ${name}:begin -->([^]*)<!-- ${name}:end -->`).exec(readme ?? '') ?? []
    const rows = table.split('\n').filter((line) => line.startsWith('| ')).length - 2
    assert.ok(rows >= least, `${name} has ${rows} rows of at least ${least}`)
  }
})

test('the tables of the benchmark in README.md are those of bench/results.json and bench/results-trust.json', () => {
  const file = join(ROOT, 'bench/results.json')
  assert.match(readme ?? '', /<!-- bench:begin -->[^]*<!-- bench:end -->/, 'README.md has no place for them')
  if (!existsSync(file)) return // Nothing has been measured.
  const results = readResults(file)
  const trust = trustSection(results, readResults(join(ROOT, 'bench/results-trust.json')))
  const written = withBench(withBench(readme ?? '', benchSection(results)), trust, 'bench-trust')
  assert.ok(readme === written, 'README.md is behind the results: run `npm run bench:report`')
})
