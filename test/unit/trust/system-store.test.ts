import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import tls from 'node:tls'
import { anchorsOf, loadAnchors } from '../../../src/trust/anchors.ts'
import type { Anchors } from '../../../src/trust/anchors.ts'
import { decodePem } from '../../../src/trust/pem.ts'
import { MOST_FILES, stampOfStore, storeFiles } from '../../../src/trust/system-store.ts'
import { makeCa, temporaryFolder, type Issued } from '../../support/pki.ts'

/** When no file was written a moment ago. */
const LATER = Date.now() + 3_600_000

const known = ({ byFingerprint }: Anchors): readonly string[] => [...byFingerprint.keys()].toSorted()
const those = (...cas: readonly Issued[]): readonly string[] => {
  return known(
    anchorsOf(
      cas.map(({ der }) => der),
      '',
    ),
  )
}

/** An empty store, and what is found there. */
async function emptyStore(t: TestContext) {
  const folder = await temporaryFolder(t)
  const store = { file: join(folder, 'cert.pem'), directory: join(folder, 'certs') }
  await mkdir(store.directory)
  const load = async (former?: Anchors) => {
    const { anchors, findings } = await loadAnchors('system', former, { store, now: LATER })
    return { anchors, told: findings.map(({ severity, message }) => `${severity} ${message}`) }
  }
  return { folder, store, load, at: (name: string): string => join(store.directory, name) }
}

test('the store has what Node finds in it', async () => {
  const { anchors, findings } = await loadAnchors('system')
  assert.deepEqual(findings, [])
  assert.deepEqual(known(anchors), known(anchorsOf(tls.getCACertificates('system').flatMap(decodePem), 'Node')))
})

test('who goes into the store counts, who is taken out does not, and what has not changed is not read again', async (t) => {
  const { folder, store, load, at } = await emptyStore(t)
  const [first, second, third] = await Promise.all([makeCa(), makeCa(), makeCa()])
  await writeFile(at('ca-certificates.crt'), first.pem + second.pem)
  await writeFile(at('third.pem'), third.pem)
  await symlink('third.pem', at('01234567.0'))
  const { anchors: all, told } = await load()
  assert.deepEqual([known(all), told], [those(first, second, third), []])
  assert.equal((await load(all)).anchors, all)
  await writeFile(at('ca-certificates.crt'), first.pem)
  const { anchors: fewer } = await load(all)
  assert.deepEqual(known(fewer), those(first, third))
  await writeFile(store.file, second.pem)
  const { anchors: more } = await load(fewer)
  assert.deepEqual(known(more), known(all))
  await rm(at('third.pem'))
  const { anchors: left, told: still } = await load(more)
  assert.deepEqual([known(left), still], [those(first, second), []], 'a link that leads nowhere is no fault')
  await rm(folder, { recursive: true })
  const last = await load(left)
  assert.deepEqual(known(last.anchors), known(left))
  assert.match(last.told.join(), /^warning the system's store of CA certificates cannot be read any more; [^,]*$/)
})

test('a file that is none of the bundles counts when it is written anew in its place', async (t) => {
  const { store, load, at } = await emptyStore(t)
  const [first, second, third] = await Promise.all([makeCa(), makeCa(), makeCa()])
  await writeFile(at('first.pem'), first.pem)
  await writeFile(at('other.pem'), second.pem)
  assert.ok((await storeFiles(store)).includes(at('other.pem')), 'it is followed')
  const { anchors } = await load()
  await writeFile(at('other.pem'), `${third.pem}\n`)
  assert.deepEqual(known((await load(anchors)).anchors), those(first, third))
})

test('of what cannot be read, what was in it before counts; all else counts as it is, and is read again', async (t) => {
  const { load, at } = await emptyStore(t)
  const [first, second, third, fourth] = await Promise.all([makeCa(), makeCa(), makeCa(), makeCa()])
  await writeFile(at('ca-bundle.crt'), first.pem)
  await writeFile(at('second.pem'), second.pem)
  await writeFile(at('third.pem'), third.pem)
  const { anchors: all } = await load()
  await rm(at('second.pem'))
  await rm(at('third.pem'))
  await symlink('/proc/self/mem', at('second.pem')) // EIO
  await symlink('third.pem', at('third.pem')) // ELOOP
  await writeFile(at('ca-bundle.crt'), fourth.pem + fourth.pem)
  const faulty = await load(all)
  assert.deepEqual([known(faulty.anchors), faulty.anchors.stamp], [those(second, third, fourth), undefined])
  assert.equal(faulty.told.length, 1)
  assert.match(faulty.told[0]!, /^warning .*\/second\.pem cannot be read \(EIO\), and 1 more; what was there before/)
  const again = await load(faulty.anchors)
  assert.notEqual(again.anchors, faulty.anchors)
  assert.deepEqual([known(again.anchors), again.told], [known(faulty.anchors), faulty.told])
  const fresh = await load()
  assert.deepEqual([known(fresh.anchors), fresh.anchors.stamp], [those(fourth), undefined])
  assert.match(
    fresh.told[0]!,
    /^warning .*\/second\.pem cannot be read \(EIO\), and 1 more; who is there is not believed/,
  )
  await rm(at('second.pem'))
  await rm(at('third.pem'))
  const mended = await load(again.anchors)
  assert.deepEqual([known(mended.anchors), mended.told], [those(fourth), []])
})

test('of a directory that cannot be read, what was in it before counts', async (t) => {
  const { store, load, at } = await emptyStore(t)
  const [first, second, third] = await Promise.all([makeCa(), makeCa(), makeCa()])
  await writeFile(store.file, first.pem)
  await writeFile(at('second.pem'), second.pem)
  const { anchors } = await load()
  await rm(store.directory, { recursive: true })
  await symlink('certs', store.directory)
  await writeFile(store.file, third.pem + third.pem)
  const faulty = await load(anchors)
  assert.deepEqual([known(faulty.anchors), faulty.anchors.stamp], [those(second, third), undefined])
  assert.match(faulty.told[0]!, /\/certs cannot be read \(ELOOP\)/)
})

test('of too many files the bundles and the first by name count, and that is told each time', async (t) => {
  const { load, at } = await emptyStore(t)
  const [first, second, third] = await Promise.all([makeCa(), makeCa(), makeCa()])
  await writeFile(at('ca-certificates.crt'), first.pem)
  await writeFile(at('0.pem'), second.pem)
  await writeFile(at('zz.pem'), third.pem)
  await Promise.all(Array.from({ length: MOST_FILES }, (_, n) => writeFile(at(`a${n}`), '')))
  const { anchors, told } = await load()
  assert.deepEqual(known(anchors), those(first, second))
  assert.match(told.join(), /^warning .*more than 2000 files, of which 5 are not looked at/)
  const again = await load(anchors)
  assert.deepEqual([again.anchors, again.told], [anchors, told])
})

test('a bundle that changes where its link leads is another store', async (t) => {
  const { folder, store, at } = await emptyStore(t)
  await writeFile(join(folder, 'extracted.pem'), 'one')
  await symlink('../extracted.pem', at('ca-bundle.crt'))
  const before = await stampOfStore(LATER, store)
  await writeFile(join(folder, 'extracted.pem'), 'another')
  assert.notEqual(await stampOfStore(LATER, store), before)
})

test('a file that was written a moment ago is read once more: it may have been written again without telling', async (t) => {
  const { store, at } = await emptyStore(t)
  const now = Date.now()
  await writeFile(at('one.pem'), 'one')
  const stamps = await Promise.all([now, LATER, LATER + 1].map((ms) => stampOfStore(ms, store)))
  assert.notEqual(stamps[0], stamps[1])
  assert.equal(stamps[1], stamps[2])
})
