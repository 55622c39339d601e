// Code and documents say the same: the catalogue of reasons, the lists of them, of settings and of metrics, and the results.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReasonId, reasonIds } from '../../src/xmpp/reasons.ts'
import type { TableName } from '../tables.ts'
import { withAllParts, withFront } from '../../bench/report/write.ts'
import { SECTIONS, withSections } from './pages.ts'
import { assertNone, documents, sources } from './sources.ts'

const CATALOGUE = 'src/xmpp/reasons.ts'
const src = sources('src').filter(({ path }) => path !== CATALOGUE)
const pages = documents()
const pageOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? assert.fail(`no ${path}`)

test('every reason that the code or a document names is in the catalogue', () => {
  const unknown = [...src, ...pages].flatMap(({ path, text }) =>
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

test('the generated parts of the pages are those that `npm run docs` writes', () => {
  for (const name of Object.keys(SECTIONS)) {
    const places = pages.filter(({ text }) => text.includes(`<!-- ${name}:begin -->`))
    assert.equal(places.length, 1, `${name} has one place, not ${places.map(({ path }) => path).join(', ') || 'none'}`)
  }
  const behind = pages.filter(({ text }) => text !== withSections(text)).map(({ path }) => path)
  assertNone(behind, 'Behind the code; run `npm run docs`:')
})

test('a generated part is written between its markers, and writing twice changes nothing', () => {
  const text = 'before\n<!-- reasons:begin -->\nold\n<!-- reasons:end -->\nafter\n'
  const once = withSections(text)
  assert.match(once, /^before\n<!-- reasons:begin -->\n\n## 1xx: Policy\n/)
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

test('the results of the tests with real servers stand on the pages', () => {
  const all = pages.map(({ text }) => text).join('\n')
  for (const [name, least] of Object.entries(ROWS)) {
    const [, table = ''] = new RegExp(`<!-- ${name}:begin -->([^]*)<!-- ${name}:end -->`).exec(all) ?? []
    const rows = table.split('\n').filter((line) => line.startsWith('| ')).length - 2
    assert.ok(rows >= least, `${name} has ${rows} rows of at least ${least}`)
  }
})

test('the tables of the benchmark are those of the results in bench/', () => {
  const [page, readme] = [pageOf('docs/benchmarks.md'), pageOf('README.md')]
  const behind = 'is behind the results: run `npm run bench:report`'
  assert.ok(page === withAllParts(page), `docs/benchmarks.md ${behind}`)
  assert.ok(readme === withFront(readme), `README.md ${behind}`)
})
