// Code and documents say the same: the catalogue of reasons, the list of them in README.md, and the metrics.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isReasonId, reasonIds } from '../../src/xmpp/reasons.ts'
import { README, withSections } from './readme.ts'
import { assertNone, sources } from './sources.ts'

const CATALOGUE = 'src/xmpp/reasons.ts'
const src = sources('src').filter(({ path }) => path !== CATALOGUE)
const readme = existsSync(README) ? readFileSync(README, 'utf8') : undefined

/** Ids that nothing gives yet, and who could. A list to shorten, not to lengthen. */
const RESERVED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['SP-901', 'SP-902', 'SP-911', 'SP-912', 'SP-913'].map((id) => [id, 'a start that fails, which says so in words']),
  ),
  ...Object.fromEntries(
    ['SP-921', 'SP-922', 'SP-923', 'SP-924', 'SP-925', 'SP-926', 'SP-927'].map((id) => [
      id,
      'findings about our files',
    ]),
  ),
  ...Object.fromEntries(['SP-931', 'SP-932', 'SP-933', 'SP-934', 'SP-935'].map((id) => [id, 'findings about trust'])),
  ...Object.fromEntries(['SP-941', 'SP-942', 'SP-943', 'SP-944', 'SP-703'].map((id) => [id, 'answers of operations'])),
  ...Object.fromEntries(['SP-951', 'SP-952', 'SP-953', 'SP-954'].map((id) => [id, 'changes of the partner list'])),
  'SP-509': 'explain, of what is no stanza',
  'SP-510': 'a refused stanza that may not be answered',
}

test('every reason that the code or a document names is in the catalogue', () => {
  const unknown = [...src, ...(readme === undefined ? [] : [{ path: 'README.md', text: readme }])].flatMap(
    ({ path, text }) =>
      [...text.matchAll(/\bSP-\d{3,}\b/g)].filter(([id]) => !isReasonId(id)).map(([id]) => `${path}: ${id}`),
  )
  assertNone(unknown, 'No such reason in src/xmpp/reasons.ts:')
})

test('every entry of the catalogue is used', () => {
  const used = new Set(src.flatMap(({ text }) => text.match(/\bSP-\d{3}\b/g) ?? []))
  assertNone(
    reasonIds().filter((id) => !used.has(id) && !(id in RESERVED)),
    'Entries that nothing in src/ uses; use them, or say in RESERVED what they wait for:',
  )
  assertNone(
    Object.keys(RESERVED).filter((id) => used.has(id) || !isReasonId(id)),
    'Used by now, or gone; take them out of RESERVED:',
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
