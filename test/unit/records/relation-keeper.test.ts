import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RelationKeeper } from '../../../src/records/relation-keeper.ts'
import { openSqliteStore, type SqliteStores } from '../../../src/store/sqlite.ts'
import { StoreError, type RelationStore } from '../../../src/store/store.ts'
import { DAY_MS, relations } from '../policy/relations/hash.ts'
import { NOW } from '../policy/people.ts'

const ALICE = 'alice@corp.example'

function setUp(store: RelationStore, most = 1000) {
  const ledger = relations(most, 30)
  const failures: string[] = []
  const clock = { now: NOW }
  const keeper = new RelationKeeper({
    ...{ store, relations: ledger, now: () => clock.now },
    events: { recorderFailed: (reason) => void failures.push(reason) },
  })
  return { ledger, keeper, failures, clock, [Symbol.dispose]: () => keeper[Symbol.dispose]() }
}

const kept = (store: SqliteStores): number => [...store.relations()].length

test('what is learnt is written a little at a time, and taken by the next start', () => {
  using store = openSqliteStore(':memory:')
  {
    using first = setUp(store)
    for (let n = 0; n < 250; n++) first.ledger.add(ALICE, `u${n}@a.example`, 1, NOW)
    first.keeper.tick()
    assert.equal(kept(store), 100)
    for (let ticks = 0; ticks < 2; ticks++) first.keeper.tick()
    assert.equal(kept(store), 250)
    first.ledger.add(ALICE, 'last@a.example', 1, NOW)
  }
  assert.equal(kept(store), 251, 'the last is written when it ends')
  using second = setUp(store)
  assert.ok(second.ledger.knows(ALICE, 'u249@a.example', NOW) && second.ledger.knows(ALICE, 'last@a.example', NOW))
  assert.equal(second.ledger.figures.waiting, 0)
})

test('what memory forgets is forgotten by the store too', () => {
  using store = openSqliteStore(':memory:')
  using set = setUp(store, 1000)
  for (let n = 0; n < 900; n++) set.ledger.add(ALICE, `u${n}@a.example`, 1, NOW)
  set.keeper.flush()
  set.clock.now = NOW + 20 * DAY_MS
  assert.ok(set.ledger.knows(ALICE, 'u1@a.example', set.clock.now))
  set.clock.now = NOW + 40 * DAY_MS
  // Through all parts of the table, and then through all rows.
  for (let ticks = 0; ticks < 300; ticks++) set.keeper.tick()
  assert.deepEqual(
    [...store.relations()].map(({ contact }) => contact),
    ['u1@a.example'],
  )
})

test('what was too old for memory when it started goes from the store as well', () => {
  using store = openSqliteStore(':memory:')
  store.keepRelations([{ user: ALICE, contact: 'old@a.example', marks: 1, day: 1 }])
  using set = setUp(store)
  set.keeper.tick()
  assert.equal(kept(store), 0)
})

test('while the store fails nothing is lost, and it is left in peace for a while', () => {
  using store = openSqliteStore(':memory:')
  let isFailing = true
  let attempts = 0
  const failing: RelationStore = {
    relations: () => store.relations(),
    relation: (pair) => store.relation(pair),
    relationsAfter: (...query) => store.relationsAfter(...query),
    keepRelations(changes) {
      attempts += 1
      if (isFailing) throw new StoreError('SP-702', 'a.db', 'the disk is full')
      store.keepRelations(changes)
    },
  }
  using set = setUp(failing)
  set.ledger.add(ALICE, 'bob@a.example', 1, NOW)
  for (let ticks = 0; ticks < 20; ticks++) set.keeper.tick()
  assert.deepEqual([attempts, set.failures], [1, ['SP-702']])
  isFailing = false
  set.clock.now += 10_000
  set.keeper.tick()
  assert.equal(kept(store), 1)
})

test('what an administrator adds or forgets is written at once, and can be listed', () => {
  using store = openSqliteStore(':memory:')
  using set = setUp(store)
  const [bob, eve] = ['bob@a.example', 'eve@a.example']
  set.keeper.add([bob, eve, '@'].map((contact) => ({ user: 'Alice@corp.example/x', contact, marks: 8 })))
  assert.equal(kept(store), 2)
  assert.ok(set.keeper.forget(ALICE, eve) && !set.keeper.forget(ALICE, eve))
  set.ledger.add(ALICE, 'new@a.example', 1, NOW)
  assert.deepEqual(
    set.keeper.of('ALICE@corp.example', 9).map(({ contact }) => contact),
    [bob, 'new@a.example'],
  )
  assert.deepEqual([set.keeper.of('carol@corp.example', 9), set.keeper.of(ALICE, 1).length], [[], 1])
})

test('what is over is forgotten by the store too, also where too much waits to be written', () => {
  using store = openSqliteStore(':memory:')
  const over = 'over@a.example'
  {
    using first = setUp(store, 300_000)
    for (const name of [over, 'stays@a.example']) first.ledger.add(ALICE, name, 1, NOW)
    first.keeper.flush()
    for (let n = 0; n < 100_000; n++) first.ledger.add(ALICE, `u${n}@b.example`, 1, NOW)
    assert.ok(first.ledger.forget(ALICE, over))
    assert.equal(first.ledger.figures.unsaved, 1)
    assert.ok(
      [...store.relations()].some(({ contact }) => contact === over),
      'it is not written yet',
    )
  }
  const contacts = new Set([...store.relations()].map(({ contact }) => contact))
  assert.deepEqual([contacts.has(over), contacts.has('stays@a.example'), contacts.size], [false, true, 100_001])
})
