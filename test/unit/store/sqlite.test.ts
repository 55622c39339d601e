// The SQLite store: what goes in comes out, batches are whole, old files are mended or explained, old records go.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { explain } from '../../../src/store/sqlite-file.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { StoreError, type DecisionRecord } from '../../../src/store/store.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

const passed = (at: number, id = `m${at}`): DecisionRecord => ({
  at,
  event: 'stanza',
  direction: 'inbound',
  verdict: 'pass',
  id,
  partner: 'partner.example',
  pair: { local: 'corp.example', remote: 'partner.example' },
  facts: {},
})

const refused = (at: number, reference: string): DecisionRecord => ({
  ...passed(at),
  reference,
  verdict: 'refuse',
  rule: 'partner-admitted',
  reason: 'SP-101',
  from: 'romeo@partner.example/orchard',
  to: 'juliet@corp.example',
  kind: 'message',
  type: 'chat',
  peerAddress: '192.0.2.1',
  detail: 'not in the list',
  facts: { kind: 'message', bytes: 281, payloads: ['jabber:client body'] },
})

function folder(t: { after(fn: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const plain = (record: DecisionRecord | undefined): unknown => record && JSON.parse(JSON.stringify(record))

test('a record comes back as it went in, also after the file was closed', (t) => {
  const file = join(folder(t), 'deep', 'var', 'sallyport.db')
  const record = refused(NOON, 'aaaa-bbbb-cccc')
  {
    using store = openSqliteStore(file)
    assert.equal(store.appendDecisions([record]), 1)
  }
  using store = openSqliteStore(file)
  assert.deepEqual(plain(store.decision('aaaa-bbbb-cccc')), plain(record))
  assert.equal(store.decision('aaaa-bbbb-cccd'), undefined)
  assert.equal(statSync(join(file, '..')).mode & 0o777, 0o700)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(`${file}-wal`).mode & 0o777, 0o600)
})

test('an answer that was lost is found by the reference that was in it', () => {
  using store = openSqliteStore(':memory:')
  const cause = 'aaaa-bbbb-cccc'
  const lost: DecisionRecord = { ...refused(NOON, 'aaaa-bbbb-cccd'), kind: 'answer', verdict: 'drop', cause }
  const bounced: DecisionRecord = { ...refused(NOON, 'aaaa-bbbb-ccce'), verdict: 'drop', cause }
  store.appendDecisions([refused(NOON, cause), bounced, lost])
  assert.equal(store.lostAnswer(cause)?.reference, 'aaaa-bbbb-cccd')
  assert.equal(store.lostAnswer('aaaa-bbbb-cccd'), undefined)
})

test('values are data: quotes, SQL, line ends, NUL and emoji survive', () => {
  using store = openSqliteStore(':memory:')
  const nasty = `x'); DROP TABLE decisions; --"\n\u001b[31m\u0000\u202e🏰`
  store.appendDecisions([{ ...refused(NOON, 'aaaa-bbbb-cccc'), from: nasty, facts: { nasty } }])
  const back = store.decision('aaaa-bbbb-cccc')
  assert.equal(back?.from, nasty)
  assert.deepEqual(back?.facts, { nasty })
})

test('a reference is taken once; the rest of the batch is kept', () => {
  using store = openSqliteStore(':memory:')
  store.appendDecisions([refused(1, 'aaaa-bbbb-cccc')])
  assert.equal(store.appendDecisions([refused(2, 'aaaa-bbbb-cccc'), refused(3, 'dddd-eeee-ffff'), passed(4)]), 2)
  assert.equal(store.decision('aaaa-bbbb-cccc')?.at, 1)
  assert.equal(store.recentDecisions({ limit: 10 }).length, 3)
})

test('a batch is kept whole or not at all', () => {
  using store = openSqliteStore(':memory:')
  const circular: { self?: object } = {}
  circular.self = circular
  assert.throws(() => store.appendDecisions([passed(1), { ...passed(2), facts: circular }]), StoreError)
  assert.equal(store.recentDecisions({ limit: 10 }).length, 0)
  assert.equal(store.appendDecisions([passed(3)]), 1)
})

test('recent decisions are the newest first, of all domains or of one, also of a room below a partner', () => {
  using store = openSqliteStore(':memory:')
  const room = { ...passed(2, 'room'), pair: { local: 'corp.example', remote: 'rooms.partner.example' } }
  const other = { ...passed(3, 'other'), partner: undefined, pair: { local: 'corp.example', remote: 'other.example' } }
  store.appendDecisions([passed(1, 'first'), room, other, passed(4, 'last')])
  const ids = (domain: string | undefined, limit = 10): unknown =>
    store.recentDecisions({ domain, limit }).map((record) => record.id)
  assert.deepEqual(ids(undefined), ['last', 'other', 'room', 'first'])
  assert.deepEqual(ids(undefined, 2), ['last', 'other'])
  assert.deepEqual(ids('partner.example'), ['last', 'room', 'first'])
  assert.deepEqual(ids('rooms.partner.example'), ['room'])
  assert.deepEqual(ids('nobody.example'), [])
})

test('pruning lets the old go, in steps, and never trades refusals for what passed', () => {
  using store = openSqliteStore(':memory:')
  const day = 86_400_000
  store.appendDecisions([
    ...Array.from({ length: 5 }, (_, i) => refused(NOON - 40 * day + i, `aaaa-bbbb-000${i}`)),
    ...Array.from({ length: 6 }, (_, i) => refused(NOON + i, `aaaa-bbbb-100${i}`)),
    ...Array.from({ length: 30 }, (_, i) => passed(NOON + i)),
  ])
  const retention = { records: 20, keptMs: 30 * day }
  const steps: number[] = []
  for (let gone = store.prune(retention, NOON + 100, 4); gone > 0; gone = store.prune(retention, NOON + 100, 4)) {
    steps.push(gone)
  }
  assert.ok(steps.every((gone) => gone <= 4) && steps.length > 5, String(steps))
  const left = store.recentDecisions({ limit: 100 })
  assert.equal(left.filter((record) => record.verdict === 'pass').length, 10)
  assert.equal(left.filter((record) => record.verdict === 'refuse').length, 6)
  assert.equal(store.decision('aaaa-bbbb-0000'), undefined)
  assert.equal(store.decision('aaaa-bbbb-1005')?.at, NOON + 5)
  assert.equal(left[0]?.at, NOON + 29)
})

test('strangers push nothing out by streams that come to nothing, over a restart too', (t) => {
  const file = join(folder(t), 'sallyport.db')
  const failed = (at: number): DecisionRecord => ({ ...refused(at, `ffff-0000-${at - NOON}`), verdict: 'fail' })
  const kinds = (store: ReturnType<typeof openSqliteStore>): string => {
    while (store.prune({ records: 20, keptMs: 1e9 }, NOON + 1000, 4) > 0);
    const all = store.recentDecisions({ limit: 100 }).map(({ verdict }) => verdict)
    return ['pass', 'fail', 'refuse', 'close'].map((kind) => all.filter((one) => one === kind).length).join(' ')
  }
  const store = openSqliteStore(file)
  store.appendDecisions(Array.from({ length: 8 }, (_, i) => refused(NOON + i, `aaaa-bbbb-000${i}`)))
  store.appendDecisions([{ ...refused(NOON + 8, 'aaaa-bbbb-0008'), verdict: 'close' }])
  store.appendDecisions(Array.from({ length: 50 }, (_, i) => failed(NOON + 10 + i)))
  assert.equal(kinds(store), '0 11 8 1')
  assert.equal(store.recentDecisions({ limit: 1 })[0]?.at, NOON + 59, 'the oldest of them have gone')
  store.close()
  using again = openSqliteStore(file)
  again.appendDecisions(Array.from({ length: 50 }, (_, i) => refused(NOON + 100 + i, `cccc-bbbb-000${i}`)))
  assert.equal(kinds(again), '0 10 10 0', 'nor are they pushed out altogether')
  again.appendDecisions(Array.from({ length: 50 }, (_, i) => passed(NOON + 200 + i)))
  again.appendDecisions(Array.from({ length: 50 }, (_, i) => failed(NOON + 300 + i)))
  assert.equal(kinds(again), '10 5 5 0')
})

test('a reader beside the gateway sees what was written and makes nothing', (t) => {
  const file = join(folder(t), 'sallyport.db')
  assert.throws(() => openSqliteStore(file, { readOnly: true }), { name: 'StoreError', reason: 'SP-701' })
  using store = openSqliteStore(file)
  store.appendDecisions([refused(NOON, 'aaaa-bbbb-cccc')])
  using reader = openSqliteStore(file, { readOnly: true })
  assert.equal(reader.decision('aaaa-bbbb-cccc')?.at, NOON)
  assert.throws(() => reader.appendDecisions([passed(1)]), { reason: 'SP-701' })
})

/** What stands at the path, and what the operator must read. */
const TROUBLES: readonly [name: string, prepare: (file: string) => void, reason: string, says: RegExp][] = [
  ['a text file', (f) => writeFileSync(f, 'no database at all, but long enough '.repeat(50)), 'SP-705', /no database/],
  ['a damaged database', damaged, 'SP-705', /damaged|no database/],
  ['a directory', (f) => mkdirSync(f), 'SP-701', /is a directory/],
  ['a file of a newer version', newer, 'SP-704', /newer version/],
  ['a file another process holds', held, 'SP-701', /locked by another process/],
]

for (const [name, prepare, reason, says] of TROUBLES) {
  test(`${name} in the place of the store is explained, with the file named`, (t) => {
    const file = join(folder(t), 'sallyport.db')
    prepare(file)
    assert.throws(
      () => openSqliteStore(file, { openMs: 20 }),
      (error) => {
        assert.ok(error instanceof StoreError)
        assert.equal(error.reason, reason)
        assert.match(error.message, says)
        assert.ok(error.message.startsWith(`${file}: `))
        return true
      },
    )
    releaseAll()
  })
}

test('what the system says about a path is put into words', () => {
  const says = (code: string): string =>
    explain('var/x.db', Object.assign(new Error(`${code}: open`), { code })).message
  assert.match(says('EACCES'), /^var\/x\.db: may not be made or written; .*user of the gateway \(EACCES/)
  assert.match(says('EROFS'), /only be read/)
  assert.match(says('ENOTDIR'), /part of the path is a file/)
  assert.match(says('EODD'), /^var\/x\.db: EODD: open$/)
})

test('a file where a directory should be is explained', (t) => {
  const place = join(folder(t), 'var')
  writeFileSync(place, '')
  assert.throws(() => openSqliteStore(join(place, 'below', 'x.db')), { reason: 'SP-701', message: /is a file/ })
})

// SQLite refuses to grow past a given size with the same SQLITE_FULL that a full disk gives.
test('a full disk loses the batch whole, and the next one that fits is taken', () => {
  using store = openSqliteStore(':memory:', { maxBytes: 200_000 })
  const bulky = { ...passed(1), facts: { filler: 'x'.repeat(60_000) } }
  assert.throws(() => store.appendDecisions([bulky, bulky, bulky, bulky]), {
    reason: 'SP-702',
    message: /disk is full/,
  })
  assert.equal(store.recentDecisions({ limit: 5 }).length, 0)
  assert.equal(store.appendDecisions([bulky]), 1)
})

test('two gateways that start at once make one file', (t) => {
  const file = join(folder(t), 'sallyport.db')
  using first = openSqliteStore(file)
  using second = openSqliteStore(file)
  first.appendDecisions([refused(1, 'aaaa-bbbb-cccc')])
  assert.equal(second.appendDecisions([refused(2, 'aaaa-bbbb-cccc')]), 0)
})

function damaged(file: string): void {
  {
    using store = openSqliteStore(file)
    store.appendDecisions(Array.from({ length: 500 }, (_, i) => refused(i, `aaaa-bbbb-${String(i).padStart(4, '0')}`)))
  }
  const bytes = readFileSync(file)
  bytes.fill(0x5a, 100, 8000)
  writeFileSync(file, bytes)
}

function newer(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 1000')
  database.close()
}

const holders: DatabaseSync[] = []

function held(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE t (x); BEGIN EXCLUSIVE')
  holders.push(database)
}

function releaseAll(): void {
  for (const database of holders.splice(0)) database.close()
}

test('evidence is kept over a restart, replaced, and dropped when it is over', (t) => {
  const file = join(folder(t), 'evidence.db')
  const bounds = { now: NOON, mostBytes: 1000 }
  const one = { octets: Buffer.from('one'), until: NOON + 10 }
  const store = openSqliteStore(file)
  store.keepEvidence('a', one, bounds)
  store.keepEvidence('b', { octets: Buffer.from('two'), until: NOON + 99 }, bounds)
  store.keepEvidence('b', { octets: Buffer.from('three'), until: NOON + 100 }, bounds)
  store.close()
  using again = openSqliteStore(file)
  assert.deepEqual(again.evidence('a'), one)
  assert.deepEqual(again.evidence('b'), { octets: Buffer.from('three'), until: NOON + 100 })
  assert.equal(again.evidence('c'), undefined)
  again.keepEvidence('c', one, { ...bounds, now: NOON + 10 })
  assert.equal(again.evidence('a'), undefined, 'it was over')
})

test('evidence is bounded by octets: the oldest goes first, and what is larger than all is not kept', (t) => {
  using store = openSqliteStore(join(folder(t), 'bounded.db'))
  const keep = (place: string, at: number, bytes: number): void =>
    store.keepEvidence(place, { octets: Buffer.alloc(bytes), until: NOON + 1000 }, { now: NOON + at, mostBytes: 1000 })
  keep('a', 1, 300)
  keep('b', 2, 300)
  keep('c', 3, 300)
  const kept = (): string[] => ['a', 'b', 'c', 'd'].filter((place) => store.evidence(place))
  assert.deepEqual(kept(), ['b', 'c'])
  keep('d', 4, 1001)
  assert.deepEqual(kept(), ['b', 'c'])
  keep('d', 5, 1000)
  assert.deepEqual(kept(), ['d'])
  const numbers = Array.from({ length: 20 }, (_, i) => String(i))
  for (const [i, place] of numbers.entries()) keep(place, 6 + i, 0)
  const left = numbers.filter((place) => store.evidence(place))
  assert.deepEqual(left, numbers.slice(-7), 'rows without octets count too')
})
