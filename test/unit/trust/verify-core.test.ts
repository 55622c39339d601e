import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadAnchors } from '../../../src/trust/anchors.ts'
import { loadCoreTrust, verifyCore } from '../../../src/trust/verify-core.ts'
import { issue, makeCa, temporaryFolder, writeAnchors } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

const now = Date.now()

async function said(source: string, core: Issued, domain = 'corp.test'): Promise<string> {
  const isPin = source.startsWith('sha256/')
  const { trust, findings } = await loadCoreTrust({ files: isPin ? [] : [source], pins: isPin ? [source] : [] })
  assert.deepEqual(findings, [])
  const verdict = verifyCore(core.chain, { domain, trust, now })
  return verdict.proven ? 'proven' : verdict.reason
}

test('known by its CA, the core must also name the domain', async (t) => {
  const folder = await temporaryFolder(t)
  const ca = await makeCa()
  const file = await writeAnchors(join(folder, 'ca.pem'), ca)
  assert.equal(await said(file, await issue({ ca, names: ['corp.test'] })), 'proven')
  assert.equal(await said(file, await issue({ ca, names: ['printer.corp.test'] })), 'SP-301')
  assert.equal(await said(file, await issue({ ca, names: ['corp.test'], expired: true })), 'SP-302')
  assert.equal(await said(file, await issue({ names: ['corp.test'] })), 'SP-304')
})

test('known by its certificate, its names do not count, and no other certificate will do', async (t) => {
  const folder = await temporaryFolder(t)
  const core = await issue({ names: ['core.internal.test'] })
  const file = await writeAnchors(join(folder, 'core.pem'), core)
  assert.equal(await said(file, core), 'proven')
  assert.equal(await said(file, await issue({ names: ['corp.test'] })), 'SP-331')
  assert.equal(await said(file, await issue({ names: ['corp.test'], keys: core.keys })), 'SP-331')
  // Not a CA: it vouches for nothing but itself.
  assert.equal(await said(file, await issue({ ca: core, names: ['corp.test'] })), 'SP-331')
})

test('a self-signed certificate that calls itself a CA can be the core’s own', async (t) => {
  const folder = await temporaryFolder(t)
  const core = await makeCa({ commonName: 'core' })
  assert.equal(await said(await writeAnchors(join(folder, 'core.pem'), core), core), 'proven')
})

test('known by its key, it may renew its certificate', async () => {
  const core = await issue({ names: ['core.internal.test'] })
  assert.equal(await said(core.pin, core), 'proven')
  assert.equal(await said(core.pin, await issue({ names: ['x.test'], keys: core.keys })), 'proven')
  assert.equal(await said(core.pin, await issue({ names: ['corp.test'] })), 'SP-331')
})

test('an expired certificate is refused however the core is known', async (t) => {
  const core = await issue({ names: ['corp.test'], expired: true })
  assert.equal(await said(core.pin, core), 'SP-302')
  assert.equal(await said(await writeAnchors(join(await temporaryFolder(t), 'core.pem'), core), core), 'SP-302')
})

test('what is no certificate file is explained, and vouches for nothing', async (t) => {
  const folder = await temporaryFolder(t)
  const empty = join(folder, 'empty.pem')
  const broken = join(folder, 'broken.pem')
  await writeFile(empty, 'nothing here\n')
  await writeFile(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  for (const [file, words] of [
    [join(folder, 'missing.pem'), /no such file; put/],
    [empty, /no certificate in it; write it in PEM/],
    [broken, /not a proper certificate/],
  ] as const) {
    const { trust, findings } = await loadCoreTrust({ files: [file], pins: [] })
    assert.equal(trust.anchors.size + trust.certificates.size, 0)
    assert.match(findings[0]?.message ?? '', words)
    assert.equal(findings[0]?.path, 'core.trust')
  }
})

test('anchors from files: all of them, and each fault', async (t) => {
  const folder = await temporaryFolder(t)
  const file = await writeAnchors(join(folder, 'two.pem'), await makeCa(), await makeCa())
  const { anchors, findings } = await loadAnchors([file, join(folder, 'missing.pem')])
  assert.equal(anchors.size, 2)
  assert.deepEqual(
    findings.map(({ severity, message }) => [severity, message]),
    [['error', 'no such file; put the certificates there, in PEM']],
  )
})

test('of a file that cannot be read counts what was read before, and of the others and the pins what they say now', async (t) => {
  const folder = await temporaryFolder(t)
  const [one, two, three, pinned] = await Promise.all([1, 2, 3, 4].map(() => issue({ names: ['corp.test'] })))
  assert.ok(one && two && three && pinned)
  const files = [await writeAnchors(join(folder, 'one.pem'), one), await writeAnchors(join(folder, 'two.pem'), two)]
  const before = await loadCoreTrust({ files, pins: [pinned.pin] })
  await writeFile(files[0]!, 'no certificate')
  await writeAnchors(files[1]!, three)
  const proven = ({ trust }: typeof before): readonly boolean[] =>
    [one, two, three, pinned].map(({ chain }) => verifyCore(chain, { domain: 'corp.test', trust, now }).proven)
  assert.deepEqual(proven(before), [true, true, false, true])
  const after = await loadCoreTrust({ files, pins: [] }, before.trust)
  assert.deepEqual(proven(after), [true, false, true, false])
  assert.equal(after.findings.length, 1)
  assert.deepEqual(proven(await loadCoreTrust({ files: files.slice(1), pins: [] }, after.trust)), [
    false,
    false,
    true,
    false,
  ])
})
