import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { PartnerHistory } from '../../../src/records/partner-history.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { StoreError } from '../../../src/store/store.ts'
import { temporaryFolder } from '../../support/pki.ts'

const NOW = Date.UTC(2026, 0, 1)
const A = 'a.example'

async function history(t: TestContext) {
  const store = openSqliteStore(join(await temporaryFolder(t), 'test.db'))
  t.after(() => store.close())
  const failures: string[] = []
  const clock = { now: NOW }
  const one = new PartnerHistory({ store, most: () => 1000, now: () => clock.now, failed: (id) => failures.push(id) })
  const told = (domain = A) =>
    one.of(domain).map(({ version, done, by, why, text }) => [version, done, by, why, text].join(' '))
  return { one, store, told, failures, clock }
}

test('a change that was announced is of whoever announced it, any other was made by hand', async (t) => {
  const { one, told } = await history(t)
  one.announce(A, 'text 1', { by: 'anna', why: 'a new project' })
  one.noticed([{ domain: A, before: undefined, after: 'text 1' }])
  one.noticed([{ domain: A, before: 'text 1', after: 'text 2' }])
  one.announce(A, 'text 3', { by: 'ben', why: undefined })
  one.noticed([{ domain: A, before: 'text 2', after: 'something else' }])
  one.announce(A, undefined, { by: 'ben', why: 'over' })
  one.noticed([{ domain: A, before: 'something else', after: undefined }])
  assert.deepEqual(told(), [
    '4 removed ben over ',
    '3 changed file  something else',
    '2 changed file  text 2',
    '1 added anna a new project text 1',
  ])
})

test('an announcement that was withdrawn, or is old, names nobody', async (t) => {
  const { one, told, clock } = await history(t)
  one.announce(A, 'text 1', { by: 'anna', why: 'spam' })
  one.withdraw(A)
  one.noticed([{ domain: A, before: undefined, after: 'text 1' }])
  one.announce(A, 'text 2', { by: 'anna', why: 'spam' })
  clock.now += 60_000
  one.noticed([{ domain: A, before: 'text 1', after: 'text 2' }])
  assert.deepEqual(told(), ['2 changed file  text 2', '1 added file  text 1'])
})

test('files that are changed at once are one change, however long it takes until they are noticed', async (t) => {
  const { one, clock } = await history(t)
  const domains = Array.from({ length: 120 }, (_, n) => `d${n}.example`)
  const together = { reference: 'REF', files: domains.length }
  for (const domain of domains) one.announce(domain, 'text', { by: 'anna', why: 'moved', together })
  clock.now += 3_600_000
  one.noticed(domains.map((domain) => ({ domain, before: undefined, after: 'text' })))
  assert.equal(await one.settle('REF', domains), true)
  const versions = await one.together('REF')
  assert.deepEqual(
    versions.map(({ domain, by }) => `${domain} ${by}`),
    domains.toSorted().map((domain) => `${domain} anna`),
  )
  assert.deepEqual(versions[0]?.together, together)
})

test('what was not noticed when all was done is no part of it, and nothing that is written later', async (t) => {
  const { one, told } = await history(t)
  const together = { reference: 'REF', files: 2 }
  for (const domain of [A, 'b.example']) one.announce(domain, 'text', { by: 'anna', why: undefined, together })
  one.noticed([{ domain: 'b.example', before: undefined, after: 'text' }])
  assert.equal(await one.settle('REF', [A, 'b.example']), false)
  one.noticed([{ domain: A, before: undefined, after: 'text' }])
  assert.deepEqual(told(), ['1 added file  text'])
  assert.deepEqual((await one.together('REF')).length, 1)
})

test('what was noticed among many is still of whoever announced it, though it is withdrawn then', async (t) => {
  const { one, told } = await history(t)
  one.announce(A, 'text', { by: 'anna', why: undefined })
  const others = Array.from({ length: 60 }, (_, n) => ({ domain: `p${n}.example`, before: undefined, after: 'text' }))
  one.noticed([...others, { domain: A, before: undefined, after: 'text' }])
  one.withdraw(A)
  assert.deepEqual(told(), ['1 added anna  text'])
})

test('what is noticed twice is one change, and what was there before the first change is found', async (t) => {
  const { one, told } = await history(t)
  one.noticed([{ domain: A, before: 'old', after: 'new' }])
  one.noticed([{ domain: A, before: 'old', after: 'new' }])
  assert.deepEqual(told(), ['2 changed file  new', '1 found file  old'])
})

test('of many changes some are kept at a time, in their order, and all before the store closes', async (t) => {
  const { one, store, told } = await history(t)
  const most = { batch: 0 }
  const add = store.addPartnerVersions.bind(store)
  store.addPartnerVersions = (versions, keep) => {
    most.batch = Math.max(most.batch, versions.length)
    return add(versions, keep)
  }
  const domains = Array.from({ length: 120 }, (_, number) => `d${number}.example`)
  const last = domains.at(-1)!
  one.announce(last, 'text 2', { by: 'anna', why: undefined })
  one.noticed(domains.map((domain) => ({ domain, before: undefined, after: 'text 1' })))
  one.noticed([{ domain: last, before: 'text 1', after: 'text 2' }])
  assert.deepEqual([most.batch, store.partnerVersionsKept], [50, 51])
  assert.deepEqual(told(last), ['2 changed anna  text 2', '1 added file  text 1'], 'who asks for one is told all of it')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(store.partnerVersionsKept, 102)
  one.flush()
  assert.deepEqual([most.batch, store.partnerVersionsKept], [50, 121])
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(store.partnerVersionsKept, 121)
})

test('what changed while nobody watched is noticed at the next start, what was there at the first is only found', async (t) => {
  const { one, told } = await history(t)
  const files = new Map([
    [A, 'one'],
    ['b.example', 'b'],
  ])
  const look = () => one.catchUp([...files.keys()], (domain) => files.get(domain))
  await look()
  await look()
  assert.deepEqual(told(), ['1 found file  one'])
  files.set(A, 'two').set('c.example', 'c').delete('b.example')
  await look()
  assert.deepEqual(told(), ['2 changed file  two', '1 found file  one'])
  assert.deepEqual(told('b.example'), ['2 removed file  ', '1 found file  b'])
  assert.deepEqual(told('c.example'), ['1 added file  c'])
})

test('what was done of a change of many files by a gateway that died over it is of whoever announced it', async (t) => {
  const { one, store, told } = await history(t)
  const names = Array.from({ length: 120 }, (_, n) => `p${n}.example`)
  const together = { reference: 'REF', files: names.length }
  const files = new Map(names.map((domain) => [domain, 'before']))
  const look = (it: PartnerHistory) => it.catchUp(names, (domain) => files.get(domain))
  await look(one)
  const said = { by: 'anna', why: 'moved', together }
  await one.announceAll(
    names.map((domain) => ({ domain, text: domain === 'p1.example' ? undefined : 'after' })),
    said,
  )
  assert.equal(store.partnersAnnounced().length, names.length)
  // It dies: some are written, and one is changed by hand before the next start.
  files.set('p0.example', 'after').set('p2.example', 'by hand').set('p119.example', 'after').delete('p1.example')
  const later = new PartnerHistory({ store, most: () => 1000, now: () => NOW, failed: (id) => assert.fail(id) })
  await look(later)
  assert.deepEqual(told('p0.example')[0], '2 changed anna moved after')
  assert.deepEqual(told('p1.example')[0], '2 removed anna moved ')
  assert.deepEqual(told('p2.example')[0], '2 changed file  by hand')
  assert.deepEqual(told('p3.example'), ['1 found file  before'])
  assert.deepEqual(
    store.partnerVersionsTogether('REF', '', 10).map(({ domain }) => domain),
    ['p0.example', 'p1.example', 'p119.example'],
  )
  assert.deepEqual(store.partnersAnnounced(), [])
  files.set('p3.example', 'after')
  await look(new PartnerHistory({ store, most: () => 1000, now: () => NOW, failed: (id) => assert.fail(id) }))
  assert.deepEqual(told('p3.example')[0], '2 changed file  after', 'who writes the same later is somebody else')
})

test('an announcement of many is kept no longer than until it is settled', async (t) => {
  const { one, store } = await history(t)
  const said = { by: 'anna', why: undefined, together: { reference: 'REF', files: 2 } }
  await one.announceAll(
    ['a.example', 'b.example'].map((domain) => ({ domain, text: 'x' })),
    said,
  )
  await one.announceAll([{ domain: 'b.example', text: 'y' }], { ...said, together: { reference: 'NEW', files: 1 } })
  await one.settle('REF', ['a.example', 'b.example'])
  assert.deepEqual(
    store.partnersAnnounced().map(({ domain, text, together }) => [domain, text, together.reference]),
    [['b.example', 'y', 'NEW']],
    'but for what another has announced since',
  )
})

test('many files are caught up with, in slices', async (t) => {
  const { one, store } = await history(t)
  const domains = Array.from({ length: 230 }, (_, n) => `p${n}.example`)
  await one.catchUp(domains, (domain) => domain)
  assert.equal(store.partnerVersionsKept, 230)
  assert.equal(store.partnersThere().length, 230)
})

test('a store that cannot keep it stops no change, and the next look finds it', async (t) => {
  const { store } = await history(t)
  let isWell = false
  const failures: string[] = []
  const weak = {
    ...{
      partnerVersionsKept: 1,
      partnerVersionsTogether: () => [],
      partnersThere: () => [],
      partnersAnnounced: () => [],
      announcePartners: () => undefined,
      forgetAnnounced: () => undefined,
      partnerVersions: (domain: string) => store.partnerVersions(domain),
    },
    lastPartnerVersion: (domain: string) => store.lastPartnerVersion(domain),
    addPartnerVersions(...added: Parameters<typeof store.addPartnerVersions>) {
      if (!isWell) throw new StoreError('SP-702', 'test.db', 'full')
      store.addPartnerVersions(...added)
    },
  }
  const one = new PartnerHistory({ store: weak, most: () => 1000, now: () => NOW, failed: (id) => failures.push(id) })
  one.announce(A, 'text', { by: 'anna', why: undefined })
  one.noticed([{ domain: A, before: undefined, after: 'text' }])
  assert.deepEqual(failures, ['SP-702'])
  isWell = true
  await one.catchUp([A], () => 'text')
  assert.equal(one.of(A)[0]?.by, 'anna')
})
