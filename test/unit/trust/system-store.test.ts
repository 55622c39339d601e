import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import { anchorsOf, loadAnchors } from '../../../src/trust/anchors.ts'
import type { Anchors } from '../../../src/trust/anchors.ts'
import { decodePem } from '../../../src/trust/pem.ts'
import { stampOfStore } from '../../../src/trust/system-store.ts'
import { makeCa, temporaryFolder } from '../../support/pki.ts'

const known = ({ byFingerprint }: Anchors): readonly string[] => [...byFingerprint.keys()].toSorted()

test('the store has what Node finds in it', async () => {
  const { anchors, findings } = await loadAnchors('system')
  assert.deepEqual(findings, [])
  assert.deepEqual(known(anchors), known(anchorsOf(tls.getCACertificates('system').flatMap(decodePem), 'Node')))
})

test('who goes into the store counts, who is taken out does not, and what has not changed is not read again', async (t) => {
  const folder = await temporaryFolder(t)
  const store = { file: join(folder, 'cert.pem'), directory: join(folder, 'certs') }
  const [first, second, third] = await Promise.all([makeCa(), makeCa(), makeCa()])
  await mkdir(store.directory)
  await writeFile(join(store.directory, 'ca-certificates.crt'), first.pem + second.pem)
  await writeFile(join(store.directory, 'third.pem'), third.pem)
  await symlink('third.pem', join(store.directory, '01234567.0'))
  const load = async (former?: Anchors): Promise<Anchors> => (await loadAnchors('system', former, store)).anchors
  const all = await load()
  assert.deepEqual(known(all), known(anchorsOf([first.der, second.der, third.der], '')))
  assert.equal(await load(all), all)
  await writeFile(join(store.directory, 'ca-certificates.crt'), first.pem)
  const fewer = await load(all)
  assert.deepEqual(known(fewer), known(anchorsOf([first.der, third.der], '')))
  await writeFile(store.file, second.pem)
  const more = await load(fewer)
  assert.deepEqual(known(more), known(all))
  await rm(join(store.directory, 'third.pem'))
  const left = await load(more)
  assert.deepEqual(known(left), known(anchorsOf([first.der, second.der], '')))
  await rm(folder, { recursive: true })
  const { anchors, findings } = await loadAnchors('system', left, store)
  assert.deepEqual([anchors, findings.map(({ severity }) => severity)], [left, ['warning']])
})

test('a bundle that changes where its link leads is another store', async (t) => {
  const folder = await temporaryFolder(t)
  const directory = join(folder, 'certs')
  await mkdir(directory)
  await writeFile(join(folder, 'extracted.pem'), 'one')
  await symlink('../extracted.pem', join(directory, 'ca-bundle.crt'))
  const places = { file: join(folder, 'none'), directory }
  const before = await stampOfStore(places)
  await writeFile(join(folder, 'extracted.pem'), 'another')
  assert.notEqual(await stampOfStore(places), before)
})
