import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { examine, PUBLIC_KEY, seal, signingKey } from '../../../src/conformance/report/manifest.ts'
import { temporaryFolder } from '../../support/pki.ts'

async function sealed(t: {
  after(fn: () => Promise<void>): void
}): Promise<{ readonly folder: string; readonly key: string }> {
  const root = await temporaryFolder(t)
  const folder = join(root, 'report')
  await mkdir(join(folder, 'evidence'), { recursive: true })
  await writeFile(join(folder, 'report.json'), '{}\n')
  await writeFile(join(folder, 'evidence/a.txt'), 'said\n')
  const key = join(root, 'keys/key.pem')
  await seal(folder, await signingKey(key))
  return { folder, key }
}

test('a report is as it was signed until something is changed, added, taken away, or signed by another', async (t) => {
  const { folder, key } = await sealed(t)
  assert.deepEqual((await examine(folder)).faults, [])
  assert.equal((await examine(folder)).files, 2)
  const publicKey = await readFile(join(folder, PUBLIC_KEY), 'utf8')
  assert.deepEqual((await examine(folder, publicKey)).faults, [])

  await writeFile(join(folder, 'evidence/a.txt'), 'said otherwise\n')
  assert.deepEqual((await examine(folder)).faults, ['evidence/a.txt was changed'])
  await writeFile(join(folder, 'evidence/a.txt'), 'said\n')
  await writeFile(join(folder, 'evidence/b.txt'), 'more\n')
  assert.deepEqual((await examine(folder)).faults, ['evidence/b.txt was added'])
  await rm(join(folder, 'evidence/b.txt'))
  await symlink('/etc', join(folder, 'evidence/more'))
  await symlink('a.txt', join(folder, 'evidence/b.txt'))
  assert.deepEqual((await examine(folder)).faults.toSorted(), [
    'evidence/b.txt is neither a file nor a folder',
    'evidence/more is neither a file nor a folder',
  ])
  await rm(join(folder, 'evidence/more'))
  await rm(join(folder, 'evidence/b.txt'))
  await rm(join(folder, 'report.json'))
  assert.deepEqual((await examine(folder)).faults, ['report.json is missing'])

  // Whoever changes something and signs it anew has another key.
  await seal(folder, generateKeyPairSync('ed25519').privateKey)
  assert.deepEqual((await examine(folder)).faults, [])
  assert.match((await examine(folder, publicKey)).faults.join(), /was not signed by sha256\//)
  assert.equal((await stat(key)).mode & 0o777, 0o600)

  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await seal(folder, rsa)
  assert.match((await examine(folder)).faults.join(), /another kind than Ed25519/)
})

test('the key is made once and kept, and another kind of key is refused', async (t) => {
  const { key } = await sealed(t)
  const kept = await readFile(key, 'utf8')
  await signingKey(key)
  assert.equal(await readFile(key, 'utf8'), kept)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await assert.rejects(signingKey(key), /Ed25519 is wanted, this is ec/)
})
