import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { NewPartnerVersion } from '../../../src/store/store.ts'
import { temporaryFolder } from '../../support/pki.ts'

const version = (
  domain: string,
  text: string | undefined,
  more: Partial<NewPartnerVersion> = {},
): NewPartnerVersion => ({
  ...{ domain, at: 5, done: text === undefined ? 'removed' : 'changed', by: 'anna', why: undefined, text },
  ...more,
})

test('versions are counted for each domain and come back newest first, also after the file was closed', async (t) => {
  const file = join(await temporaryFolder(t), 'test.db')
  {
    using store = openSqliteStore(file)
    store.addPartnerVersions([version('a.example', 'one', { done: 'added', why: "it's; DROP TABLE" })], 100)
    store.addPartnerVersions([version('b.example', 'other'), version('a.example', 'two')], 100)
    store.addPartnerVersions([version('b.example', undefined)], 100)
  }
  using store = openSqliteStore(file)
  assert.deepEqual(store.partnerVersions('a.example'), [
    { ...version('a.example', 'two'), version: 2 },
    { ...version('a.example', 'one', { done: 'added', why: "it's; DROP TABLE" }), version: 1 },
  ])
  assert.equal(store.lastPartnerVersion('b.example')?.text, undefined)
  assert.equal(store.lastPartnerVersion('c.example'), undefined)
  assert.deepEqual(store.partnersThere(), ['a.example'])
  assert.equal(store.partnerVersionsKept, 4)
})

test('of one file a hundred versions are kept, of all as many as allowed, and the last of each that is there', async (t) => {
  using store = openSqliteStore(join(await temporaryFolder(t), 'test.db'))
  store.addPartnerVersions([version('quiet.example', 'still there'), version('gone.example', undefined)], 1000)
  for (let n = 1; n <= 130; n += 1) store.addPartnerVersions([version('busy.example', `${n}`)], 1000)
  const kept = store.partnerVersions('busy.example')
  assert.deepEqual([kept.length, kept[0]?.version, kept.at(-1)?.version], [100, 130, 31])
  store.addPartnerVersions([version('busy.example', 'last')], 10)
  assert.equal(store.partnerVersionsKept, 10)
  assert.equal(store.lastPartnerVersion('quiet.example')?.text, 'still there')
  assert.equal(store.lastPartnerVersion('gone.example'), undefined)
  assert.equal(store.partnerVersions('busy.example').length, 9)
})
