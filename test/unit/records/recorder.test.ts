// The recorder: batches, bounds, what goes first under pressure, and a store that fails.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Recorder, type RecorderOptions } from '../../../src/records/recorder.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { StoreError, type DecisionRecord, type Store } from '../../../src/store/store.ts'

const NOON = Date.UTC(2026, 10, 22, 12)

const passed = (n: number): DecisionRecord => ({
  at: NOON,
  event: 'stanza',
  direction: 'inbound',
  verdict: 'pass',
  id: `p${n}`,
  pair: { local: 'corp.example', remote: 'partner.example' },
  facts: { n },
})

const reference = (n: number): string => `aaaa-bbbb-${String(n).padStart(4, '0')}`

const refused = (n: number): DecisionRecord => ({
  ...passed(n),
  verdict: 'refuse',
  id: `r${n}`,
  reference: reference(n),
  reason: 'SP-101',
})

/** A recorder on a real store in memory that can be made to fail, with the clock in the test's hands. */
function desk(t: TestContext, limits: RecorderOptions['limits'] = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: NOON })
  const real = openSqliteStore(':memory:')
  const trouble = { broken: false, batches: [] as number[] }
  const store: Store = {
    appendDecisions(rows) {
      trouble.batches.push(rows.length)
      if (trouble.broken) throw new StoreError('SP-702', 'x.db', 'the disk is full')
      return real.appendDecisions(rows)
    },
    decision: (wanted) => real.decision(wanted),
    lostAnswer: (wanted) => real.lostAnswer(wanted),
    recentDecisions: (query) => real.recentDecisions(query),
    prune: (...args) => real.prune(...args),
    close: () => real.close(),
    [Symbol.dispose]: () => real.close(),
  }
  const told: string[] = []
  const counts = { written: 0, skipped: 0, lostPasses: 0, lostOthers: 0, failed: 0 }
  const recorder = new Recorder({
    store,
    events: {
      recorderTrouble: ({ reason, waiting, lost }) => told.push(`${reason} waiting=${waiting} lost=${lost}`),
      recorderRecovered: (lost) => told.push(`recovered lost=${lost}`),
      recorderFailed: () => (counts.failed += 1),
      recordsWritten: (number) => (counts.written += number),
      recordsSkipped: (number) => (counts.skipped += number),
      recordsLost: (kind, number) => (counts[kind === 'pass' ? 'lostPasses' : 'lostOthers'] += number),
    },
    retention: () => ({ records: 100, keptMs: 86_400_000 }),
    limits,
    now: () => Date.now(),
  })
  t.after(() => recorder[Symbol.asyncDispose]())
  return { recorder, store, trouble, told, counts, tick: (ms: number) => t.mock.timers.tick(ms) }
}

const ids = (records: readonly DecisionRecord[]): readonly (string | undefined)[] => records.map(({ id }) => id)

test('records are written together, within the time, in the order in which they came', (t) => {
  const { recorder, store, trouble, tick } = desk(t)
  recorder.record(passed(1))
  recorder.record(refused(2))
  recorder.record(passed(3))
  assert.deepEqual(trouble.batches, [])
  tick(100)
  assert.deepEqual(trouble.batches, [3])
  assert.deepEqual(ids(store.recentDecisions({ limit: 9 })), ['p3', 'r2', 'p1'])
  assert.deepEqual(recorder.figures, { written: 3, waiting: 0, skipped: 0, lost: 0 })
})

test('what waits can be asked about at once', (t) => {
  const { recorder, trouble } = desk(t)
  recorder.record(refused(1))
  recorder.record(passed(2))
  assert.equal(recorder.why(reference(1))?.id, 'r1')
  assert.deepEqual(ids(recorder.recent({ limit: 9 })), ['p2', 'r1'])
  assert.deepEqual(ids(recorder.recent({ limit: 9, domain: 'other.example' })), [])
  assert.deepEqual(trouble.batches, [])
  recorder.flush()
  assert.equal(recorder.why(reference(1))?.id, 'r1')
  assert.equal(recorder.why(reference(9)), undefined)
})

test('too many at once: what passed is skipped and counted, every refusal is kept', (t) => {
  const { recorder, store, counts, tick } = desk(t, { passes: 20, batch: 50 })
  for (let i = 0; i < 100; i++) {
    recorder.record(passed(i))
    recorder.record(refused(i))
  }
  tick(100)
  for (let i = 0; i < 4; i++) tick(1)
  const kept = store.recentDecisions({ limit: 1000 })
  assert.equal(kept.filter(({ verdict }) => verdict === 'refuse').length, 100)
  assert.equal(kept.filter(({ verdict }) => verdict === 'pass').length, 20)
  assert.equal(counts.skipped, 80)
  assert.deepEqual(recorder.figures, { written: 120, waiting: 0, skipped: 80, lost: 0 })
})

test('no transaction is larger than a batch', (t) => {
  const { recorder, trouble, tick } = desk(t, { batch: 50, passes: 5 })
  for (let i = 0; i < 120; i++) recorder.record(refused(i))
  for (let i = 0; i < 9; i++) recorder.record(passed(i))
  tick(100)
  for (let i = 0; i < 5; i++) tick(1)
  assert.deepEqual(trouble.batches, [50, 50, 25])
})

test('of far too many that passed a few are kept, until they are fewer again', (t) => {
  const { recorder, counts, tick } = desk(t, { passes: 20 })
  const interval = (stanzas: number): number => {
    const before = counts.written
    for (let i = 0; i < stanzas; i++) {
      if (recorder.takesPasses) recorder.record(passed(i))
      else recorder.skip()
    }
    tick(100)
    return counts.written - before
  }
  assert.deepEqual([interval(80), interval(80), interval(81), interval(81), interval(10)], [20, 20, 20, 2, 2])
  assert.equal(interval(10), 10)
  assert.equal(counts.skipped + counts.written, 342)
})

test('what comes while a flush goes on does not keep it going', (t) => {
  const { recorder, trouble, tick } = desk(t, { batch: 5, passes: 20 })
  for (let i = 0; i < 20; i++) recorder.record(passed(i))
  tick(100)
  for (let i = 0; i < 40; i++) {
    for (let n = 0; n < 9; n++) if (recorder.takesPasses) recorder.record(passed(n))
    tick(1)
  }
  assert.equal(trouble.batches.length, 8, 'those of the first interval, and as many again')
})

test('a store that fails is told once, tried again with growing pauses, and loses no refusal', (t) => {
  const { recorder, trouble, told, counts, tick } = desk(t)
  trouble.broken = true
  for (let i = 0; i < 50; i++) {
    recorder.record(refused(i))
    recorder.record(passed(i))
    tick(100)
  }
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^SP-702 waiting=1 /)
  // 5 s of trouble: the first attempt, then after 0.2, 0.4, 0.8, 1.6 s…
  assert.ok(counts.failed >= 4 && counts.failed <= 6, String(counts.failed))
  assert.equal(recorder.why(reference(0))?.id, 'r0')
  assert.equal(recorder.figures.waiting >= 50, true)
  trouble.broken = false
  tick(10_000)
  tick(1)
  assert.equal(recorder.figures.waiting, 0)
  assert.equal(counts.lostOthers, 0)
  assert.equal(counts.lostPasses + counts.skipped + counts.written, 100)
  assert.match(told[1] ?? '', /^recovered/)
  for (let i = 0; i < 50; i++) assert.equal(recorder.why(reference(i))?.id, `r${i}`)
})

test('trouble that lasts is told once per interval', (t) => {
  const { recorder, trouble, told, tick } = desk(t, { tellMs: 60_000 })
  trouble.broken = true
  recorder.record(refused(1))
  for (let i = 0; i < 180; i++) tick(1000)
  assert.equal(told.length, 3)
})

test('with the store gone for long the oldest refusals go, counted, and memory stays bounded', (t) => {
  const { recorder, trouble, counts, tick } = desk(t, { others: 100 })
  trouble.broken = true
  for (let i = 0; i < 1000; i++) recorder.record(refused(i))
  tick(100)
  assert.equal(recorder.figures.waiting, 100)
  assert.equal(counts.lostOthers, 900)
  assert.equal(recorder.why(reference(899)), undefined)
  assert.equal(recorder.why(reference(999))?.id, 'r999')
})

test('traffic that only passes is recorded again after the store was unwell', (t) => {
  const { recorder, trouble, counts, tick } = desk(t)
  trouble.broken = true
  recorder.record(passed(1))
  tick(100)
  trouble.broken = false
  for (let i = 0; i < 20; i++) {
    recorder.record(passed(i))
    tick(100)
  }
  assert.ok(counts.written > 10, String(counts.written))
})

test('the end writes what waits', async (t) => {
  const { recorder, store } = desk(t)
  for (let i = 0; i < 1200; i++) recorder.record(refused(i))
  await recorder[Symbol.asyncDispose]()
  assert.equal(store.recentDecisions({ limit: 2000 }).length, 1200)
})

test('old records are deleted in time, a step at a turn', async (t) => {
  const { recorder, store, tick } = desk(t, { batch: 30 })
  for (let i = 0; i < 400; i++) recorder.record(refused(i))
  recorder.flush()
  tick(60_000)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.equal(store.recentDecisions({ limit: 1000 }).length, 100)
  assert.equal(store.decision(reference(399))?.id, 'r399')
})

test('contents and odd values never reach the store, and spoil no batch', (t) => {
  const { recorder, store } = desk(t)
  const circular: Record<string, unknown> = { big: 1n, bytes: Buffer.from('secret words'), size: 281 }
  circular['self'] = circular
  const facts = {
    body: 'secret words',
    payloads: Array.from({ length: 5000 }, () => ({ name: 'body', namespace: 'jabber:client' })),
    circular,
  }
  recorder.record({ ...refused(1), detail: 'x'.repeat(100_000), facts })
  recorder.record(refused(2))
  recorder.flush()
  const kept = JSON.stringify(store.decision(reference(1)))
  assert.doesNotMatch(kept, /secret|115,101/)
  assert.match(kept, /"name":"body","namespace":"jabber:client"/)
  assert.match(kept, /"size":281/)
  assert.ok(kept.length < 12_000, String(kept.length))
  assert.ok(store.decision(reference(2)))
})
