// `partner import` and `export` as typed: the report, the exit code, and lists that come back as they were.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { emptyDirectory, installation, partnerFile } from '../../support/installation.ts'
import { run } from './run.ts'

const EXAMPLES = join(import.meta.dirname, '../../cases/exchange')
const example = (name: string): string => join(EXAMPLES, name)

test('a list of Skype for Business is carried over, with a report of what was not', async (t) => {
  const directory = await installation(t)
  const words = ['partner', 'import', example('xmpp-partners.csv')]
  const dry = await run(directory, [...words, '--dry-run'])
  assert.match(dry.out, /^Get-CsXmppAllowedPartner: 2 to add, 0 to change, 0 as they are$/m)
  assert.match(dry.out, /^Not carried over\n {2}line 5 \(gmail\.example\): TlsNegotiation NotSupported/m)
  assert.deepEqual(readdirSync(join(directory, 'federation-config', 'partners')), [])
  const { code, out } = await run(directory, words)
  // Something was left out: a finding.
  assert.equal(code, 1)
  assert.match(out, /^2 entries written$/m)
  assert.match(readFileSync(partnerFile(directory, 'lax.example'), 'utf8'), /^authentication: dialback-over-tls$/m)
  const { out: checked } = await run(directory, ['check', '--json'])
  assert.doesNotMatch(checked, /partners\//)
})

test('a mistake is named with its line, the exit code is 1, and nothing is changed', async (t) => {
  const directory = await installation(t)
  const file = join(await emptyDirectory(t), 'list.csv')
  writeFileSync(file, 'domain,status,expires\na.example,allowed,2027-06-30\nb.example,allowed,30.06.2027\n')
  const { code, out } = await run(directory, ['partner', 'import', file])
  assert.equal(code, 1)
  assert.match(out, /^Mistakes; nothing was changed\n {2}line 3 \(b\.example\): expires: write a date as 2027-06-30$/m)
  assert.deepEqual(readdirSync(join(directory, 'federation-config', 'partners')), [])
  writeFileSync(file, 'domain,status\n"a.example,allowed\n')
  const broken = await run(directory, ['partner', 'import', file])
  assert.equal(broken.code, 1)
  assert.match(broken.err, /list\.csv:2: a quote is opened and never closed/)
  assert.equal((await run(directory, ['partner', 'import', file, '--kind', 'partnrs'])).code, 2)
})

test('what is there already is shown key by key, and left alone without --yes', async (t) => {
  const text = 'domain: aurora.example\nstatus: blocked\nowner: ops\n'
  const directory = await installation(t, { 'aurora.example': text })
  const { code, out, err } = await run(directory, ['partner', 'import', example('partners.csv')])
  assert.equal(code, 1)
  assert.match(out, /^ {2}aurora\.example: status: blocked → allowed$/m)
  assert.match(err, /would change an entry that is there already: aurora\.example; this would admit aurora\.example/)
  assert.equal(readFileSync(partnerFile(directory, 'aurora.example'), 'utf8'), text)
  assert.equal((await run(directory, ['partner', 'import', example('partners.csv'), '--yes'])).code, 0)
})

test('an export is imported again elsewhere, and exported the same', async (t) => {
  const [here, there] = [await installation(t), await installation(t)]
  await run(here, ['partner', 'import', example('partners.csv')])
  const folder = mkdtempSync(join(await emptyDirectory(t), 'lists-'))
  for (const format of ['csv', 'json'] as const) {
    const { out, code } = await run(here, ['partner', 'export', '--format', format])
    assert.equal(code, 0)
    if (format === 'csv') assert.match(out, /,'=it@corp\.example,/)
    const file = join(folder, `list.${format}`)
    writeFileSync(file, out)
    const { code: imported } = await run(there, ['partner', 'import', file, '--yes'])
    assert.equal(imported, 0)
    assert.equal((await run(there, ['partner', 'export', '--format', format])).out, out)
  }
  assert.equal((await run(here, ['partner', 'export', '--format', 'xml'])).code, 2)
})
