// The keys of partners in the SQLite file: they survive a restart, and a file of the time before is brought to its shape.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { MIGRATIONS } from '../../../src/store/migrations.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { StoreError, type KnownKey } from '../../../src/store/store.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

const key = (domain: string, spki: string, more: Partial<KnownKey> = {}): KnownKey => ({
  domain,
  spki,
  state: 'known',
  change: 'first',
  certificate: { issuer: 'CN=A CA', names: [`DNS:${domain}`] },
  sides: ['client', 'server'],
  firstSeen: NOON,
  lastSeen: NOON + 1,
  reference: undefined,
  decidedAt: undefined,
  decidedBy: undefined,
  ...more,
})

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'sallyport.db')
}

test('keys come back as they went in, also after the file was closed', (t) => {
  const file = place(t)
  const bare = key('b.test', 'sha256/b', { certificate: undefined, sides: [], change: 'told', decidedAt: NOON })
  const open = key('a.test', 'sha256/o', { state: 'open', reference: 'aaaa-bbbb-cccc', firstSeen: NOON + 5 })
  const no = key('a.test', "sha256/'; DROP TABLE known_keys", {
    state: 'refused',
    decidedAt: NOON + 9,
    decidedBy: 'root',
  })
  {
    using store = openSqliteStore(file)
    store.keepKnownKeys([no, open, bare], [])
  }
  using store = openSqliteStore(file)
  assert.deepEqual(store.knownKeys(), [no, open, bare])
})

test('a key takes the place of what was kept of it, and one that is gone is gone', (t) => {
  using store = openSqliteStore(place(t))
  store.keepKnownKeys([key('a.test', 'one'), key('a.test', 'two'), key('b.test', 'one')], [])
  store.keepKnownKeys([key('a.test', 'two', { lastSeen: NOON + 7 })], [{ domain: 'a.test', spki: 'one' }])
  const kept = store.knownKeys().map(({ domain, spki, lastSeen }) => [domain, spki, lastSeen - NOON])
  assert.deepEqual(kept, [
    ['a.test', 'two', 7],
    ['b.test', 'one', 1],
  ])
})

test('a file of a version that knew no keys is brought to its shape, with what was in it', (t) => {
  const file = place(t)
  const before = new DatabaseSync(file)
  const shape = MIGRATIONS.findIndex((step) => step.includes('known_keys'))
  for (const step of MIGRATIONS.slice(0, shape)) before.exec(step)
  before.exec(`PRAGMA user_version = ${shape}`)
  before.exec(
    "INSERT INTO decisions (reference, at, event, verdict, facts) VALUES ('aaaa-bbbb-cccc', 1, 'stream', 'fail', '{}')",
  )
  before.close()
  using store = openSqliteStore(file)
  assert.deepEqual(store.knownKeys(), [])
  assert.equal(store.decision('aaaa-bbbb-cccc')?.verdict, 'fail')
  store.keepKnownKeys([key('a.test', 'one')], [])
  assert.equal(store.knownKeys().length, 1)
})

test('a row with a state that this version does not know makes no key known', (t) => {
  const file = place(t)
  {
    using store = openSqliteStore(file)
    store.keepKnownKeys([key('a.test', 'one'), key('a.test', 'two')], [])
  }
  const meddling = new DatabaseSync(file)
  meddling.exec("UPDATE known_keys SET state = 'sworn' WHERE spki = 'one'")
  meddling.exec("UPDATE known_keys SET certificate = '{' WHERE spki = 'two'")
  meddling.close()
  using store = openSqliteStore(file)
  assert.deepEqual(store.knownKeys(), [key('a.test', 'two', { certificate: undefined })])
})

test('a store that cannot write says so, and nothing of the batch is kept', (t) => {
  using store = openSqliteStore(place(t), { maxBytes: 200_000 })
  const many = Array.from({ length: 5000 }, (_, n) => key('a.test', `sha256/${n}`))
  assert.throws(() => store.keepKnownKeys(many, []), StoreError)
  assert.deepEqual(store.knownKeys(), [])
})
