// Every way to misconfigure has a folder here: `federation-config/` as an operator might write it, and `expected`, the
// lines that the operator must see, one per finding. An empty `expected` is a configuration that starts without a word.
//
// `UPDATE_EXPECTED=1` writes what is seen now into the files; read the difference before you keep it.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatFinding, hasErrors } from '../../src/config/finding.ts'
import { loadConfig } from '../../src/config/load.ts'

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory())

/** Days are counted from here. */
const NOW = Date.UTC(2026, 0, 15, 12)

test('there are at least forty ways to misconfigure', () => {
  assert.ok(folders.length >= 40, `${folders.length} folders`)
})

for (const { name } of folders) {
  test(`configuration: ${name.replaceAll('-', ' ')}`, async () => {
    const folder = join(import.meta.dirname, name)
    const file = join(folder, 'expected')
    const { settings, partners, findings } = await loadConfig(join(folder, 'federation-config'), {
      shownFrom: folder,
      now: NOW,
    })
    const seen = findings.map((finding) => `${formatFinding(finding)}\n`).join('')
    if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(file, seen)
    assert.equal(seen, readFileSync(file, 'utf8'))
    assert.equal(settings === undefined, hasErrors(findings), 'it starts exactly when nothing is wrong')
    if (settings === undefined) assert.deepEqual(partners, [])
    if (name.startsWith('good-')) assert.ok(settings)
  })
}
