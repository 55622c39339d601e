import assert from 'node:assert/strict'
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { EvidenceFiles } from '../../../src/store/evidence-files.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { StoreError } from '../../../src/store/store.ts'
import { temporaryFolder } from '../../support/pki.ts'

const now = 1_000_000_000_000
const HOUR = 3_600_000
const long = (mark: string, bytes = 200_000): Buffer => Buffer.alloc(bytes, mark)

async function bench(t: TestContext) {
  const root = await temporaryFolder(t)
  const folder = join(root, 'evidence')
  const store = openSqliteStore(join(root, 'test.db'))
  t.after(() => store.close())
  const files = new EvidenceFiles(store, folder)
  const keep = (place: string, octets: Buffer, { until = now + HOUR, mostBytes = 1_000_000, at = now } = {}) =>
    files.keep(place, { octets, until }, { now: at, mostBytes })
  const count = async (): Promise<number> => (await readdir(folder).catch(() => [])).length
  return { root, folder, store, files, keep, count }
}

test('what is short is kept in the store, what is long in a file; both are there again, also for the next gateway', async (t) => {
  const { folder, store, files, keep, count } = await bench(t)
  await keep('http://a.test/', Buffer.from('short'))
  await keep('http://b.test/', long('b'))
  assert.equal(await count(), 1)
  assert.deepEqual(store.evidence('http://b.test/'), { octets: Buffer.alloc(0), until: now + HOUR })
  for (const some of [files, new EvidenceFiles(store, folder)]) {
    assert.deepEqual(await some.find('http://a.test/'), { octets: Buffer.from('short'), until: now + HOUR })
    assert.deepEqual(await some.find('http://b.test/'), { octets: long('b'), until: now + HOUR })
    assert.equal(await some.find('http://c.test/'), undefined)
  }
})

test('the last word counts, whichever way it was kept', async (t) => {
  const { files, keep } = await bench(t)
  const said = async () => (await files.find('a'))?.octets.toString('latin1', 0, 3)
  await keep('a', long('1'))
  await keep('a', long('2'))
  assert.equal(await said(), '222')
  await keep('a', Buffer.from('3'))
  assert.equal(await said(), '3')
  await keep('a', long('4'))
  assert.equal(await said(), '444')
})

test('files are bounded: what is over goes, then what is over soonest', async (t) => {
  const { files, keep, count } = await bench(t)
  const is = async (place: string) => (await files.find(place)) !== undefined
  for (const [place, hours] of [
    ['a', 3],
    ['b', 1],
    ['c', 2],
  ] as const)
    await keep(place, long(place), { until: now + hours * HOUR, mostBytes: 650_000 })
  assert.equal(await count(), 3)
  await keep('d', long('d'), { until: now + 4 * HOUR, mostBytes: 650_000 })
  assert.deepEqual([await is('a'), await is('b'), await is('c'), await is('d')], [true, false, true, true])
  await keep('e', long('e'), { until: now + 9 * HOUR, at: now + 3 * HOUR + 1 })
  assert.deepEqual([await count(), await is('d'), await is('e')], [2, true, true])
  await keep('f', long('f', 700_000), { mostBytes: 650_000 })
  assert.equal(await is('f'), false, 'larger than all may be')
})

test('what else lies in the folder is neither counted nor touched; what was left half written goes', async (t) => {
  const { folder, files, keep } = await bench(t)
  const name = 'a'.repeat(64)
  const strange = ['lost+found', '.snapshot', 'b'.repeat(64)]
  for (const one of strange) await mkdir(join(folder, one), { recursive: true })
  await writeFile(join(folder, 'notes'), Buffer.alloc(900_000))
  await writeFile(join(folder, `${name}.new`), 'half')
  await utimes(join(folder, `${name}.new`), now / 1000 - 60, now / 1000 - 60)
  await keep('a', long('a'), { mostBytes: 500_000 })
  await keep('b', long('b'), { mostBytes: 500_000 })
  for (const place of ['a', 'b']) assert.notEqual(await files.find(place), undefined, place)
  const left = await readdir(folder)
  assert.deepEqual(left.filter((one) => strange.includes(one)).length, 3)
  assert.ok(left.includes('notes') && !left.includes(`${name}.new`))
})

test('many that come at once are written one after another, and more than can wait are not', async (t) => {
  const { files, keep, count } = await bench(t)
  await Promise.all(Array.from({ length: 20 }, (_, i) => keep(String(i), long('x'), { mostBytes: 100_000_000 })))
  await files.settled()
  assert.equal(await count(), 8)
})

test('what is cut short by somebody, or gone, is not made up; a folder that is none is trouble of the store', async (t) => {
  const { root, folder, files, keep } = await bench(t)
  await keep('a', long('a'))
  await rm(folder, { recursive: true })
  assert.equal(await files.find('a'), undefined)
  await writeFile(folder, 'in the way')
  await assert.rejects(keep('b', long('b')), StoreError)
  await assert.rejects(files.find('a'), StoreError)
  await rm(folder)
  await mkdir(join(root, 'evidence'))
  await keep('c', long('c'))
  assert.notEqual(await files.find('c'), undefined, 'and when it is well again, so are we')
})
