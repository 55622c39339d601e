import assert from 'node:assert/strict'
import { chown, link, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openInternalCa } from '../../../src/trust/internal-ca.ts'
import { closeFolder, makeOwnedFolder, readOwned, replaceOwned, writeOwned } from '../../../src/trust/owned-file.ts'
import { StagedPair } from '../../../src/trust/staged-pair.ts'
import { needsPeer } from '../../support/peers.ts'
import { temporaryFolder } from '../../support/pki.ts'

const GATEWAY = 4711
const DAY = 86_400_000

/** A file of ours, and a folder of the gateway's beside it. */
async function places(t: TestContext) {
  const outer = await temporaryFolder(t)
  const [secret, folder] = [join(outer, 'secret'), join(outer, 'certs')]
  await writeFile(secret, 'secret', { mode: 0o640 })
  await mkdir(folder)
  return { secret, folder }
}

async function rightsOf(file: string): Promise<string> {
  const { uid, gid, mode } = await stat(file)
  return `${uid}:${gid} ${(mode & 0o777).toString(8)}`
}

test('a link in the place of a file is never followed', async (t) => {
  const { secret, folder } = await places(t)
  const file = join(folder, 'privkey.pem')
  await symlink(secret, file)
  const before = await rightsOf(secret)
  await assert.rejects(writeOwned(file, 'new', 0o600), { code: 'EEXIST' })
  await assert.rejects(readOwned(file), { code: 'ELOOP' })
  assert.deepEqual(await readdir(folder), ['privkey.pem'])
  await replaceOwned(file, 'new', 0o600)
  assert.equal(await readFile(file, 'utf8'), 'new')
  assert.equal(await readFile(secret, 'utf8'), 'secret')
  const linked = join(folder, 'linked')
  await symlink(folder, linked)
  await closeFolder(linked)
  assert.equal((await stat(folder)).mode & 0o777, 0o755)
  assert.equal(await rightsOf(secret), before)
})

test('a file that is larger than any key is not read', async (t) => {
  const { folder } = await places(t)
  const file = join(folder, 'privkey.pem')
  await writeFile(file, '')
  await truncate(file, 1024 ** 4)
  await assert.rejects(readOwned(file), /are no certificate and no key/)
})

test('when a link takes the place of the pair from before, nothing of it is copied and nothing put in place', async (t) => {
  const { secret, folder } = await places(t)
  const before = await rightsOf(secret)
  for (const one of ['certFile', 'keyFile'] as const) {
    const here = join(folder, one)
    await mkdir(here)
    const pair = { certFile: join(here, 'fullchain.pem'), keyFile: join(here, 'privkey.pem') }
    await using staged = await StagedPair.write(pair, { fullchain: 'new', privkey: 'new' })
    await symlink(secret, pair[one])
    await assert.rejects(staged.commit('20260301-120000'), { code: 'ELOOP' })
    const left = (await readdir(here)).toSorted()
    const linked = one === 'certFile' ? 'fullchain.pem' : 'privkey.pem'
    assert.deepEqual(left, ['fullchain.import.pem', 'privkey.import.pem', linked].toSorted())
  }
  assert.equal(await rightsOf(secret), before)
})

test('what is no file of its folder is not read', needsPeer('root'), async (t) => {
  const { secret, folder } = await places(t)
  await chown(folder, GATEWAY, GATEWAY)
  const file = join(folder, 'privkey.pem')
  await link(secret, file)
  await assert.rejects(readOwned(file), /another name elsewhere/)
  await assert.rejects(readOwned(folder), /is no file/)
})

test('what root makes is for the owner of the folder', needsPeer('root'), async (t) => {
  const { folder } = await places(t)
  await chown(folder, GATEWAY, GATEWAY)
  const deep = join(folder, 'corp.example', 'second')
  const pair = { certFile: join(deep, 'fullchain.pem'), keyFile: join(deep, 'privkey.pem') }
  for (const stamp of ['1', '2']) {
    await using staged = await StagedPair.write(pair, { fullchain: stamp, privkey: stamp })
    await staged.commit(stamp)
  }
  const mine = `${GATEWAY}:${GATEWAY}`
  for (const made of [join(folder, 'corp.example'), deep]) assert.equal(await rightsOf(made), `${mine} 700`)
  for (const key of ['privkey.pem', 'privkey.2.pem']) assert.equal(await rightsOf(join(deep, key)), `${mine} 600`)
  for (const one of ['fullchain.pem', 'fullchain.2.pem']) assert.equal(await rightsOf(join(deep, one)), `${mine} 644`)
  assert.equal(await readFile(join(deep, 'privkey.2.pem'), 'utf8'), '1')
  await makeOwnedFolder(deep)
})

test('so is the key of an internal CA to come', needsPeer('root'), async (t) => {
  const { folder } = await places(t)
  await chown(folder, GATEWAY, GATEWAY)
  const directory = join(folder, 'internal-ca')
  let now = Date.now()
  const { ca } = await openInternalCa({ directory, excludes: ['corp.test'], now: () => now })
  assert.ok(ca)
  now += DAY
  assert.equal((await ca.rotate())?.phase, 'begun')
  const mine = `${GATEWAY}:${GATEWAY}`
  for (const key of ['ca.key', 'next.key']) assert.equal(await rightsOf(join(directory, key)), `${mine} 600`)
  assert.equal(await rightsOf(join(directory, 'ca.pem')), `${mine} 644`)
  assert.equal(await rightsOf(directory), `${mine} 700`)
})
