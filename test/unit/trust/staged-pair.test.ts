import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { StagedPair } from '../../../src/trust/staged-pair.ts'
import { temporaryFolder } from '../../support/pki.ts'

const NEW = { fullchain: 'new certificate', privkey: 'new key' }

test('a pair that is not put in place leaves nothing behind', async (t) => {
  const folder = await temporaryFolder(t)
  const places = { certFile: join(folder, 'deep', 'fullchain.pem'), keyFile: join(folder, 'deep', 'privkey.pem') }
  {
    await using pair = await StagedPair.write(places, NEW)
    assert.equal(await readFile(pair.staged.keyFile, 'utf8'), 'new key')
    assert.equal((await stat(pair.staged.keyFile)).mode & 0o777, 0o600)
  }
  assert.deepEqual(await readdir(join(folder, 'deep')), [])
})

test('when the certificate cannot be put in its place, the key from before is there again', async (t) => {
  const folder = await temporaryFolder(t)
  const places = { certFile: join(folder, 'fullchain.pem'), keyFile: join(folder, 'privkey.pem') }
  await writeFile(places.keyFile, 'old key', { mode: 0o600 })
  await writeFile(places.certFile, 'old certificate')
  await using pair = await StagedPair.write(places, NEW)
  // Gone before it can be renamed.
  const { staged } = pair
  await mkdir(join(folder, 'elsewhere'))
  await rename(staged.certFile, join(folder, 'elsewhere', 'taken.pem'))
  await assert.rejects(pair.commit('20260301-120000'), { code: 'ENOENT' })
  assert.equal(await readFile(places.keyFile, 'utf8'), 'old key')
  assert.equal(await readFile(places.certFile, 'utf8'), 'old certificate')
  assert.equal((await stat(places.keyFile)).mode & 0o777, 0o600)
})

test('what an import that was cut off has left is no hindrance to the next', async (t) => {
  const folder = await temporaryFolder(t)
  const places = { certFile: join(folder, 'fullchain.pem'), keyFile: join(folder, 'privkey.pem') }
  await StagedPair.write(places, { fullchain: 'first', privkey: 'first' })
  await using pair = await StagedPair.write(places, NEW)
  assert.deepEqual(await pair.commit('20260301-120000'), [])
  assert.equal(await readFile(places.certFile, 'utf8'), 'new certificate')
  assert.deepEqual((await readdir(folder)).toSorted(), ['fullchain.pem', 'privkey.pem'])
})
