import assert from 'node:assert/strict'
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { CertificateFinding } from '../../../src/trust/finding.ts'
import { OwnCertificates } from '../../../src/trust/own-certificates.ts'
import type { OwnOptions } from '../../../src/trust/own-certificates.ts'
import { issue, makeCa, temporaryFolder, writeIdentity } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

const DAY = 86_400_000

interface Place {
  readonly folder: string
  readonly certFile: string
  readonly keyFile: string
}

async function place(t: TestContext): Promise<Place> {
  const folder = join(await temporaryFolder(t), 'corp.test')
  await mkdir(folder)
  return { folder, certFile: join(folder, 'fullchain.pem'), keyFile: join(folder, 'privkey.pem') }
}

function load(files: Place, o: Partial<OwnOptions> = {}): ReturnType<typeof OwnCertificates.load> {
  return OwnCertificates.load([{ domain: 'corp.test', ...files }], { now: Date.now, watch: false, ...o })
}

const ca = await makeCa()
const intermediate = await makeCa({ ca })
const good = (o: Parameters<typeof issue>[0] = {}): Promise<Issued> =>
  issue({ ca: intermediate, names: ['corp.test'], ...o })

test('a good pair has no findings and an identity', async (t) => {
  const files = await place(t)
  const leaf = await good()
  await writeIdentity(files.folder, leaf)
  const { own, findings } = await load(files)
  assert.deepEqual(findings, [])
  assert.equal(own.identity('corp.test')?.certificate.spki, leaf.pin)
  assert.equal(own.identity('corp.test')?.evaluation, false)
  assert.equal(own.identity('other.test'), undefined)
})

test('an RSA key will do', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good({ key: 'rsa2048' }))
  const { own, findings } = await load(files)
  assert.deepEqual(findings, [])
  assert.equal(own.identity('corp.test')?.certificate.key, 'RSA 2048')
})

type Case = readonly [
  what: string,
  severity: 'error' | 'warning',
  file: 'certFile' | 'keyFile',
  words: RegExp,
  prepare: (files: Place) => Promise<unknown>,
]

const CASES: readonly Case[] = [
  [
    'no certificate',
    'error',
    'certFile',
    /no such file; put the certificate for corp\.test there/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await rm(files.certFile)
    },
  ],
  [
    'no key',
    'error',
    'keyFile',
    /no such file; put the private key/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await rm(files.keyFile)
    },
  ],
  [
    'a file without a certificate',
    'error',
    'certFile',
    /no certificate in it; write it in PEM/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await writeFile(files.certFile, 'hello')
    },
  ],
  [
    'a file without a key',
    'error',
    'keyFile',
    /no private key in PEM/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await writeFile(files.keyFile, 'hello')
    },
  ],
  [
    'an encrypted key',
    'error',
    'keyFile',
    /without a passphrase/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await writeFile(
        files.keyFile,
        '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
      )
    },
  ],
  [
    'another certificate’s key',
    'error',
    'keyFile',
    /not the key of .*fullchain\.pem/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await writeFile(files.keyFile, (await good()).keyPem)
    },
  ],
  [
    'a key that others can read',
    'warning',
    'keyFile',
    /chmod 600/,
    async (files) => {
      await writeIdentity(files.folder, await good())
      await chmod(files.keyFile, 0o644)
    },
  ],
  [
    'an expired certificate',
    'error',
    'certFile',
    /expired at .*; renew it/,
    async (files) => writeIdentity(files.folder, await good({ expired: true })),
  ],
  [
    'a certificate that expires in a week',
    'warning',
    'certFile',
    /expires at .*; renew it/,
    async (files) => writeIdentity(files.folder, await good({ notAfter: new Date(Date.now() + 7 * DAY) })),
  ],
  [
    'a certificate of tomorrow',
    'error',
    'certFile',
    /not valid before .*; check the clock/,
    async (files) => writeIdentity(files.folder, await good({ notYetValid: true })),
  ],
  [
    'an expired intermediate',
    'error',
    'certFile',
    /the intermediate CN=Old expired at/,
    async (files) => {
      const old = await makeCa({ ca, expired: true, commonName: 'Old' })
      return writeIdentity(files.folder, await good({ ca: old }))
    },
  ],
  [
    'another name',
    'error',
    'certFile',
    /does not name corp\.test \(it has DNS:www\.corp\.test\); get a certificate/,
    async (files) => writeIdentity(files.folder, await good({ names: ['www.corp.test'] })),
  ],
  [
    'no name but the common name',
    'error',
    'certFile',
    /does not name corp\.test \(it has no names\)/,
    async (files) => writeIdentity(files.folder, await good({ names: [], commonName: 'corp.test' })),
  ],
  [
    'a client’s certificate',
    'error',
    'certFile',
    /not for TLS servers/,
    async (files) => writeIdentity(files.folder, await good({ ekus: ['clientAuth'] })),
  ],
  [
    'a weak key',
    'error',
    'certFile',
    /an RSA key of 1024 bits/,
    async (files) => writeIdentity(files.folder, await good({ key: 'rsa1024' })),
  ],
  [
    'a chain in disorder',
    'warning',
    'certFile',
    /not in order; it is sent in order/,
    async (files) => {
      const leaf = await good()
      await writeIdentity(files.folder, leaf)
      await writeFile(files.certFile, intermediate.pem + leaf.pem)
    },
  ],
  [
    'a stranger in the chain',
    'warning',
    'certFile',
    /not of the chain; they are not sent/,
    async (files) => {
      const leaf = await good()
      await writeIdentity(files.folder, leaf)
      await writeFile(files.certFile, leaf.fullchainPem + (await good()).pem)
    },
  ],
]

for (const [what, severity, file, words, prepare] of CASES)
  test(`${what}: ${severity}, with what to do`, async (t) => {
    const files = await place(t)
    await prepare(files)
    const { findings } = await load(files)
    assert.equal(findings.length, 1, JSON.stringify(findings))
    assert.equal(findings[0]?.severity, severity)
    assert.equal(findings[0]?.file, files[file])
    assert.equal(findings[0]?.path, 'domains.corp.test')
    assert.match(findings[0]?.message ?? '', words)
  })

test('what a certificate becomes with time is found when asked', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good())
  let now = Date.now()
  const { own } = await load(files, { now: () => now })
  assert.deepEqual(own.findings(), [])
  now += 50 * DAY
  assert.equal(own.findings()[0]?.severity, 'warning')
  now += 50 * DAY
  assert.equal(own.findings()[0]?.severity, 'error')
})

test('all that is wrong is found at once', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good({ expired: true, names: ['x.test'] }))
  await chmod(files.keyFile, 0o640)
  const { findings } = await load(files)
  assert.equal(findings.length, 3)
})

interface Reloaded {
  readonly taken: string | undefined
  readonly findings: readonly CertificateFinding[]
}

/** Loads and follows the files; `next` gives the next reload. */
async function follow(t: TestContext, files: Place): Promise<{ own: OwnCertificates; next: () => Promise<Reloaded> }> {
  const waiting: ((reloaded: Reloaded) => void)[] = []
  const { own } = await load(files, {
    watch: true,
    settleMs: 30,
    lookMs: 100,
    onReload: (_domain, identity, findings) => waiting.shift()?.({ taken: identity?.certificate.spki, findings }),
  })
  t.after(() => own[Symbol.asyncDispose]())
  return { own, next: () => new Promise((resolve) => waiting.push(resolve)) }
}

test('a renewed pair is taken while running, also when it is renamed into place', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good())
  const { own, next } = await follow(t, files)
  const renewed = await good()
  await writeFile(`${files.certFile}.new`, renewed.fullchainPem)
  await writeFile(`${files.keyFile}.new`, renewed.keyPem, { mode: 0o600 })
  const reloaded = next()
  await rename(`${files.certFile}.new`, files.certFile)
  await rename(`${files.keyFile}.new`, files.keyFile)
  assert.equal((await reloaded).taken, renewed.pin)
  assert.equal(own.identity('corp.test')?.certificate.spki, renewed.pin)
  assert.deepEqual(own.findings(), [])
})

test('a link that leads elsewhere from now on is followed', async (t) => {
  const files = await place(t)
  const elsewhere = await temporaryFolder(t)
  const [first, second] = [await good(), await good()]
  await writeIdentity(join(elsewhere, '1'), first)
  await writeIdentity(join(elsewhere, '2'), second)
  await symlink(join(elsewhere, '1'), join(elsewhere, 'live'))
  await symlink(join(elsewhere, 'live', 'fullchain.pem'), files.certFile)
  await symlink(join(elsewhere, 'live', 'privkey.pem'), files.keyFile)
  const { own, next } = await follow(t, files)
  assert.equal(own.identity('corp.test')?.certificate.spki, first.pin)
  const reloaded = next()
  await symlink(join(elsewhere, '2'), join(elsewhere, 'live.new'))
  await rename(join(elsewhere, 'live.new'), join(elsewhere, 'live'))
  assert.equal((await reloaded).taken, second.pin)
})

test('a bad new pair leaves the old one in use and says so; the next good one is taken', async (t) => {
  const files = await place(t)
  const first = await good()
  await writeIdentity(files.folder, first)
  const { own, next } = await follow(t, files)
  let reloaded = next()
  await writeFile(files.certFile, (await good()).fullchainPem)
  const bad = await reloaded
  assert.equal(bad.taken, undefined)
  assert.match(bad.findings[0]?.message ?? '', /not the key of/)
  assert.equal(own.identity('corp.test')?.certificate.spki, first.pin)
  assert.match(own.findings()[0]?.message ?? '', /not the key of/)
  reloaded = next()
  await writeFile(files.certFile, first.fullchainPem)
  assert.equal((await reloaded).taken, first.pin)
  assert.deepEqual(own.findings(), [])
})
