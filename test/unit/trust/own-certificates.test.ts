import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { CertificateFinding } from '../../../src/trust/finding.ts'
import type { OwnEntry } from '../../../src/trust/own-certificate.ts'
import { OwnCertificates } from '../../../src/trust/own-certificates.ts'
import type { OwnOptions } from '../../../src/trust/own-certificates.ts'
import { openssl } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
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
    /encrypted; put its passphrase into a file of mode 600 and name that as passphraseFile/,
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
  now += 29 * DAY
  assert.deepEqual(own.findings(), [])
  now += 2 * DAY
  assert.match(own.findings()[0]?.message ?? '', /expires at .*, in 29 days; renew it/)
  now += 20 * DAY
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

/** Puts a file in the place of another, whole at once: who follows it may look at any time. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

interface Reloaded {
  readonly taken: string | undefined
  readonly findings: readonly CertificateFinding[]
}

/** Loads and follows the files; `next` gives the next reload. */
async function follow(
  t: TestContext,
  files: Omit<OwnEntry, 'domain'>,
): Promise<{ own: OwnCertificates; next: () => Promise<Reloaded>; taken: () => Promise<Reloaded> }> {
  const waiting: ((reloaded: Reloaded) => void)[] = []
  const { own } = await OwnCertificates.load([{ domain: 'corp.test', ...files }], {
    now: Date.now,
    watch: true,
    settleMs: 30,
    lookMs: 100,
    onReload: (_domain, identity, findings) => waiting.shift()?.({ taken: identity?.certificate.spki, findings }),
  })
  t.after(() => own[Symbol.asyncDispose]())
  const next = (): Promise<Reloaded> => new Promise((resolve) => waiting.push(resolve))
  /** The next one that is taken: of several files that are changed, the first may be looked at before the last. */
  const taken = async (): Promise<Reloaded> => {
    const reloaded = await next()
    return reloaded.taken === undefined ? taken() : reloaded
  }
  return { own, next, taken }
}

test('a renewed pair is taken while running, also when it is renamed into place', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good())
  const { own, taken } = await follow(t, files)
  const renewed = await good()
  await writeFile(`${files.certFile}.new`, renewed.fullchainPem)
  await writeFile(`${files.keyFile}.new`, renewed.keyPem, { mode: 0o600 })
  const reloaded = taken()
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
  const { own, taken } = await follow(t, files)
  assert.equal(own.identity('corp.test')?.certificate.spki, first.pin)
  const reloaded = taken()
  await symlink(join(elsewhere, '2'), join(elsewhere, 'live.new'))
  await rename(join(elsewhere, 'live.new'), join(elsewhere, 'live'))
  assert.equal((await reloaded).taken, second.pin)
})

test('a bad new pair leaves the old one in use and says so; the next good one is taken', async (t) => {
  const files = await place(t)
  const first = await good()
  await writeIdentity(files.folder, first)
  const { own, next, taken } = await follow(t, files)
  let reloaded = next()
  await replace(files.certFile, (await good()).fullchainPem)
  const bad = await reloaded
  assert.equal(bad.taken, undefined)
  assert.match(bad.findings[0]?.message ?? '', /not the key of/)
  assert.equal(own.identity('corp.test')?.certificate.spki, first.pin)
  assert.match(own.findings()[0]?.message ?? '', /not the key of/)
  reloaded = taken()
  await replace(files.certFile, first.fullchainPem)
  assert.equal((await reloaded).taken, first.pin)
  assert.deepEqual(own.findings(), [])
})

// --- two certificates, and keys that are encrypted ---

const encrypted = ({ keyPem }: Issued, passphrase: string): string =>
  createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })

/** A second pair of files, by the names that are looked for. */
async function besides(files: Place, issued: Issued): Promise<NonNullable<OwnEntry['second']>> {
  const pair = { certFile: join(files.folder, 'fullchain-rsa.pem'), keyFile: join(files.folder, 'privkey-rsa.pem') }
  await writeFile(pair.certFile, issued.fullchainPem)
  await writeFile(pair.keyFile, issued.keyPem, { mode: 0o600 })
  return { ...pair, optional: true }
}

const rsa = await good({ key: 'rsa2048' })

function loadEntry(entry: Omit<OwnEntry, 'domain'>): ReturnType<typeof OwnCertificates.load> {
  return OwnCertificates.load([{ domain: 'corp.test', ...entry }], { now: Date.now, watch: false })
}

test('a second certificate is shown too, when it is there and its key is of another kind', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good())
  const pair = await besides(files, rsa)
  const pins = async (entry: Omit<OwnEntry, 'domain'>): Promise<unknown> => {
    const { own, findings } = await loadEntry(entry)
    assert.deepEqual(findings, [])
    return own.identity('corp.test')?.certificates.map(({ pin }) => pin === rsa.pin)
  }
  assert.deepEqual(await pins({ ...files, second: pair }), [false, true])
  await rm(pair.certFile)
  const { findings } = await loadEntry({ ...files, second: pair })
  assert.match(findings[0]?.message ?? '', /no such file; put the certificate/, 'half of it is a mistake')
  await rm(pair.keyFile)
  assert.deepEqual(await pins({ ...files, second: pair }), [false])
  const missing = await loadEntry({ ...files, second: { ...pair, optional: false } })
  assert.equal(missing.findings.length, 2)
  assert.deepEqual(
    missing.own.identity('corp.test')?.certificates.map(({ pin }) => pin === rsa.pin),
    [false],
    'the other one serves all the same',
  )
})

test('a second certificate with the same kind of key is not shown, and said to be of no use', async (t) => {
  const files = await place(t)
  const leaf = await good()
  await writeIdentity(files.folder, leaf)
  const { own, findings } = await loadEntry({ ...files, second: await besides(files, await good()) })
  assert.deepEqual(
    own.identity('corp.test')?.certificates.map(({ pin }) => pin),
    [leaf.pin],
  )
  assert.deepEqual([findings.length, findings[0]?.severity], [1, 'warning'])
  assert.match(findings[0]?.message ?? '', /the same kind of key as .*fullchain\.pem.*one RSA and one EC/)
})

test('each of two certificates is held against all that is asked of one', async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, await good())
  const other = await good({ key: 'rsa2048', names: ['www.corp.test'], expired: true })
  const pair = await besides(files, other)
  const { own, findings } = await loadEntry({ ...files, second: pair })
  assert.deepEqual(
    findings.map(({ file, severity }) => [file, severity]),
    [
      [pair.certFile, 'error'],
      [pair.certFile, 'error'],
    ],
  )
  assert.equal(own.identity('corp.test')?.covers('corp.test'), false, 'who is shown it would refuse it')
})

type Locked = readonly [what: string, passphrase: string | undefined, words: RegExp | undefined]

const LOCKED: readonly Locked[] = [
  ['the right passphrase', 'open sesame\n', undefined],
  ['the right passphrase, and more lines behind it', 'open sesame\r\nof the year 2026\n', undefined],
  ['another passphrase', 'open barley', /passphrase in .* does not open it/],
  ['an empty file for a passphrase', '\n', /its first line is empty/],
  ['no passphrase', undefined, /no such file; put the passphrase of .* there/],
]

for (const [what, passphrase, words] of LOCKED)
  test(`an encrypted key with ${what}${words ? ' is an error' : ''}`, async (t) => {
    const files = await place(t)
    for (const leaf of [await good(), rsa]) {
      await writeIdentity(files.folder, leaf)
      await writeFile(files.keyFile, encrypted(leaf, 'open sesame'))
      const passphraseFile = join(files.folder, 'passphrase')
      if (passphrase !== undefined) await writeFile(passphraseFile, passphrase, { mode: 0o600 })
      const { own, findings } = await loadEntry({ ...files, passphraseFile })
      assert.equal(findings.length, words ? 1 : 0, JSON.stringify(findings))
      assert.equal(own.identity('corp.test') === undefined, words !== undefined)
      if (words) assert.match(findings[0]?.message ?? '', words)
      assert.ok(!JSON.stringify(findings).includes('sesame'))
    }
  })

test('a key encrypted in the older form of OpenSSL is opened too', needsPeer('openssl'), async (t) => {
  const files = await place(t)
  await writeIdentity(files.folder, rsa)
  await writeFile(join(files.folder, 'passphrase'), 'open sesame', { mode: 0o600 })
  await openssl(files.folder, [
    ...['rsa', '-in', 'privkey.pem', '-out', 'privkey.pem', '-aes256', '-traditional'],
    ...['-passout', 'file:passphrase'],
  ])
  assert.match(await readFile(files.keyFile, 'utf8'), /Proc-Type: 4,ENCRYPTED/)
  const { findings } = await loadEntry({ ...files, passphraseFile: join(files.folder, 'passphrase') })
  assert.deepEqual(findings, [])
})

test('a passphrase that others can read is a warning, where there is a use for it', async (t) => {
  const files = await place(t)
  const leaf = await good()
  const passphraseFile = join(files.folder, 'passphrase')
  await writeIdentity(files.folder, leaf)
  await writeFile(passphraseFile, 'open sesame')
  await chmod(passphraseFile, 0o644)
  assert.deepEqual((await loadEntry({ ...files, passphraseFile })).findings, [])
  await writeFile(files.keyFile, encrypted(leaf, 'open sesame'))
  const { own, findings } = await loadEntry({ ...files, passphraseFile })
  assert.ok(own.identity('corp.test'))
  assert.deepEqual([findings[0]?.file, findings[0]?.severity], [passphraseFile, 'warning'])
  assert.match(findings[0]?.message ?? '', /others can read this passphrase; run `chmod 600/)
})

test('the second certificate and the passphrase are followed too: bad ones leave the old in use', async (t) => {
  const files = await place(t)
  const [leaf, renewed] = [await good(), await good()]
  const passphraseFile = join(files.folder, 'passphrase')
  await writeIdentity(files.folder, leaf)
  await writeFile(files.keyFile, encrypted(leaf, 'one'))
  await replace(passphraseFile, 'one')
  const pair = { ...(await besides(files, rsa)), passphraseFile }
  const { own, next, taken } = await follow(t, { ...files, passphraseFile, second: pair })
  const shown = (): unknown => own.identity('corp.test')?.certificates.map(({ pin }) => pin)
  assert.deepEqual(shown(), [leaf.pin, rsa.pin])

  let reloaded = next()
  await replace(passphraseFile, 'two')
  const bad = await reloaded
  assert.equal(bad.taken, undefined)
  assert.match(bad.findings[0]?.message ?? '', /does not open it/)
  assert.deepEqual(shown(), [leaf.pin, rsa.pin])

  reloaded = taken()
  await writeFile(`${files.keyFile}.new`, encrypted(renewed, 'two'), { mode: 0o600 })
  await writeFile(`${files.certFile}.new`, renewed.fullchainPem)
  await rename(`${files.keyFile}.new`, files.keyFile)
  await rename(`${files.certFile}.new`, files.certFile)
  assert.equal((await reloaded).taken, renewed.pin)
  assert.deepEqual(shown(), [renewed.pin, rsa.pin])

  reloaded = next()
  await replace(pair.certFile, 'hello')
  assert.equal((await reloaded).taken, undefined)
  assert.deepEqual(shown(), [renewed.pin, rsa.pin])

  reloaded = taken()
  await rm(pair.certFile)
  await rm(pair.keyFile)
  assert.equal((await reloaded).taken, renewed.pin)
  assert.deepEqual(shown(), [renewed.pin], 'to take it away is a change like any other')
})
