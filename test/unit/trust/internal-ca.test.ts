import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import type { Identity } from '../../../src/trust/identity.ts'
import { excludesAll, openInternalCa } from '../../../src/trust/internal-ca.ts'
import type { MintingCa } from '../../../src/trust/minting-ca.ts'
import { basicConstraints, keyUsage, makeKey, signCertificate, subjectAltName } from '../../../src/trust/issue.ts'
import { domainSubject, issueLeaf, openIssuer } from '../../../src/trust/issuer.ts'
import { decodePem, encodePem } from '../../../src/trust/pem.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { opensslVerify } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { generalName, makeCa, temporaryFolder } from '../../support/pki.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const OURS = ['corp.test', 'conference.corp.test', '192.0.2.7']

interface Opened {
  readonly ca: MintingCa
  readonly directory: string
}

async function open(t: TestContext, o: { now?: () => number; capacity?: number } = {}): Promise<Opened> {
  const directory = join(await temporaryFolder(t), 'internal-ca')
  const { ca, findings } = await openInternalCa({ directory, excludes: OURS, now: Date.now, ...o })
  assert.ok(ca, findings[0]?.message ?? '')
  assert.deepEqual(findings, [])
  return { ca, directory }
}

/** What whoever stole the CA's key would issue. */
async function steal({ directory }: Opened, ...names: readonly string[]): Promise<Buffer> {
  const issuer = await openIssuer(
    await readFile(join(directory, 'ca.pem'), 'utf8'),
    await readFile(join(directory, 'ca.key'), 'utf8'),
  )
  const subject = domainSubject('thief', 'x')
  const leaf = await issueLeaf(issuer, { subject, names: names.map(generalName), now: Date.now(), lifetimeMs: DAY })
  return decodePem(leaf.fullchain)[0]!
}

test('it is made on first use, for its owner alone, and found again', async (t) => {
  const { ca, directory } = await open(t)
  assert.equal((await stat(directory)).mode & 0o777, 0o700)
  assert.equal((await stat(join(directory, 'ca.key'))).mode & 0o777, 0o600)
  const again = await openInternalCa({ directory, excludes: OURS, now: Date.now })
  assert.equal(again.ca?.certificatePem, ca.certificatePem)
  const certificate = new X509Certificate(ca.certificatePem)
  assert.ok(certificate.validToDate.getTime() > Date.now() + 3640 * DAY)
})

const THEFTS: readonly (readonly [names: readonly string[], accepted: boolean])[] = [
  [['partner.test'], true],
  [['xn--bcher-kva.test'], true],
  [['192.0.2.1'], false],
  [['2001:db8::1'], false],
  [['xcorp.test'], true],
  [['corp.test'], false],
  [['CORP.test'], false],
  [['im.corp.test'], false],
  [['conference.corp.test'], false],
  [['*.corp.test'], false],
  [['*.test'], false],
  [['partner.test', 'corp.test'], false],
  [['192.0.2.7'], false],
  [['partner.test', 'XMPP:corp.test'], false],
  [['partner.test', 'XMPP:partner.test'], false],
  [['partner.test', 'SRV:_xmpp-server.corp.test'], false],
]

test(
  'OpenSSL, and we, accept what it is for, and nothing in our names from who has stolen it',
  needsPeer('openssl'),
  async (t) => {
    const opened = await open(t)
    const folder = await temporaryFolder(t)
    const [root] = decodePem(opened.ca.certificatePem)
    const trust = { anchors: anchorsOf([root!], 'internal'), pins: [] }
    for (const [names, accepted] of THEFTS) {
      const leaf = await steal(opened, ...names)
      assert.equal((await opensslVerify(folder, root!, [leaf])) === 'OK', accepted, names.join())
      const domain = names[0]!.includes(':') ? '[2001:db8::1]' : names[0]!
      assert.equal(verifyPeer([leaf], { domain, trust, now: Date.now() }).proven, accepted, names.join())
    }
  },
)

test('no CA below it counts', needsPeer('openssl'), async (t) => {
  const { ca, directory } = await open(t)
  const issuer = await openIssuer(ca.certificatePem, await readFile(join(directory, 'ca.key'), 'utf8'))
  const dates = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) }
  const subject = [{ CN: ['Below'] }]
  const keys = await makeKey()
  const extensions = [basicConstraints(true), keyUsage('ca')]
  const sub = await signCertificate(
    { subject, issuer: issuer.subject, ...dates, extensions },
    keys.publicKey,
    issuer.keys.privateKey,
  )
  const names = subjectAltName([{ kind: 'dns', value: 'partner.test' }])
  const leaf = await signCertificate(
    { subject: [{ CN: ['leaf'] }], issuer: subject, ...dates, extensions: [names] },
    keys.publicKey,
    keys.privateKey,
  )
  const [root] = decodePem(ca.certificatePem)
  assert.match(await opensslVerify(await temporaryFolder(t), root!, [leaf, sub]), /path length constraint/)
  const trust = { anchors: anchorsOf([root!], 'internal'), pins: [] }
  const verdict = verifyPeer([leaf, sub], { domain: 'partner.test', trust, now: Date.now() })
  assert.ok(!verdict.proven && verdict.reason === 'SP-310')
})

test('it mints nothing for an address', async (t) => {
  const { ca } = await open(t)
  for (const domain of ['192.0.2.1', '[2001:db8::1]']) await assert.rejects(ca.identity(domain), /does not vouch/)
})

test('what it mints proves the outside name, and is good for both sides of TLS', async (t) => {
  const { ca } = await open(t)
  for (const [domain, name] of [
    ['partner.test', 'DNS:partner.test'],
    ['xn--bcher-kva.test', 'DNS:xn--bcher-kva.test'],
    [`${'x'.repeat(60)}.partner.test`, `DNS:${'x'.repeat(60)}.partner.test`],
  ] as const) {
    const { certificate, evaluation } = await ca.identity(domain)
    assert.deepEqual(certificate.names, [name])
    assert.equal(evaluation, false)
    assert.ok(Date.parse(certificate.notAfter) <= Date.now() + DAY)
  }
})

test('it does not vouch for our own names', async (t) => {
  const { ca } = await open(t)
  assert.ok(excludesAll(ca, [...OURS, 'new.corp.test']))
  assert.ok(!excludesAll(ca, ['corp.test', 'second.test']))
  for (const domain of [...OURS, 'im.corp.test']) await assert.rejects(ca.identity(domain), /it is ours/)
})

test('one certificate per name, however many ask at once, renewed before it ends', async (t) => {
  let now = Date.now()
  const { ca } = await open(t, { now: () => now })
  const all = await Promise.all(Array.from({ length: 20 }, () => ca.identity('partner.test')))
  assert.equal(new Set(all).size, 1)
  now += 15 * HOUR
  assert.equal(await ca.identity('partner.test'), all[0])
  now += 2 * HOUR
  const renewed = await ca.identity('partner.test')
  assert.notEqual(renewed, all[0])
  assert.ok(Date.parse(renewed.certificate.notAfter) > now + 23 * HOUR)
})

test('it keeps so many identities, those last used', async (t) => {
  const { ca } = await open(t, { capacity: 3 })
  const first: Identity[] = []
  for (const domain of ['a.test', 'b.test', 'c.test']) first.push(await ca.identity(domain))
  assert.equal(await ca.identity('a.test'), first[0])
  await ca.identity('d.test')
  assert.equal(await ca.identity('a.test'), first[0])
  assert.notEqual(await ca.identity('b.test'), first[1])
})

type Spoil = readonly [
  what: string,
  words: RegExp,
  spoil: (directory: string) => Promise<void>,
  excludes?: readonly string[],
]

const SPOILT: readonly Spoil[] = [
  [
    'a new domain of ours',
    /could vouch for second\.test, which is ours; move .* away/,
    async () => {},
    ['corp.test', 'second.test'],
  ],
  ['no key', /missing, although .*ca\.pem is there; move/, (directory) => rm(join(directory, 'ca.key'))],
  ['no certificate', /missing, although .*ca\.key is there; move/, (directory) => rm(join(directory, 'ca.pem'))],
  ['an empty certificate', /no certificate in it; move/, (directory) => writeFile(join(directory, 'ca.pem'), '')],
  [
    'another CA',
    /not a CA made by Sallyport/,
    async (directory) => writeFile(join(directory, 'ca.pem'), (await makeCa()).pem),
  ],
  ['another key', /not the key of/, async (directory) => writeFile(join(directory, 'ca.key'), (await makeCa()).keyPem)],
]

for (const [what, words, spoil, excludes = OURS] of SPOILT)
  test(`with ${what} it is refused, with what to do`, async (t) => {
    const { directory } = await open(t)
    await spoil(directory)
    const { ca, findings } = await openInternalCa({ directory, excludes, now: Date.now })
    assert.equal(ca, undefined)
    assert.equal(findings[0]?.severity, 'error')
    assert.match(findings[0]?.message ?? '', words)
  })

test('at its end it is refused', async (t) => {
  const { directory } = await open(t)
  const later = (days: number) => openInternalCa({ directory, excludes: OURS, now: () => Date.now() + days * DAY })
  assert.deepEqual((await later(3600)).findings, [], 'who only looks changes nothing')
  assert.equal((await later(3649.5)).ca, undefined)
})

/** Which of its CAs signs, and how many the core is to trust. */
async function signs({ ca }: Opened): Promise<{ issuer: string; trusted: number }> {
  const { certificate } = await ca.identity(`x${Math.random()}.test`)
  return { issuer: certificate.issuer, trusted: decodePem(ca.certificatePem).length }
}

test('before its end another one is made; the core has time to trust both, and then the new one signs', async (t) => {
  let now = Date.now()
  const opened = await open(t, { now: () => now })
  const { ca, directory } = opened
  const first = await signs(opened)
  assert.equal(await ca.tend(), undefined)

  now += 3561 * DAY
  const begun = await ca.tend()
  assert.ok(begun?.phase === 'begun')
  assert.equal(Math.round((begun.signsFrom - now) / DAY), 30)
  assert.deepEqual(await signs(opened), { ...first, trusted: 2 })
  assert.equal(await readFile(join(directory, 'ca.pem'), 'utf8'), ca.certificatePem, 'the core is given both')
  assert.match(
    ca.findings()[0]?.message ?? '',
    /has a new CA in it, which signs from \d{4}-.* let the core trust this file/,
  )
  assert.equal((await stat(join(directory, 'next.key'))).mode & 0o777, 0o600)
  assert.deepEqual(ca.endings, [], 'nobody need worry about its end')

  now += 29 * DAY
  assert.equal(await ca.tend(), undefined)
  // A start in the middle of it goes on with it.
  const again = await openInternalCa({ directory, excludes: OURS, now: () => now })
  assert.equal(again.findings[0]?.severity, 'warning')
  assert.equal((await signs({ ca: again.ca!, directory })).issuer, first.issuer)

  const shown = await ca.identity('partner.test')
  now += 2 * DAY
  assert.equal((await ca.tend())?.phase, 'signs')
  const second = await signs(opened)
  assert.notEqual(second.issuer, first.issuer)
  assert.equal(second.trusted, 2, 'what the old one has signed still counts')
  assert.notEqual((await ca.identity('partner.test')).certificate.issuer, shown.certificate.issuer)
  assert.deepEqual(ca.findings(), [])

  now += 3 * DAY
  assert.equal((await ca.tend())?.phase, 'over')
  assert.deepEqual(await signs(opened), { issuer: second.issuer, trusted: 1 })
  assert.equal(await ca.tend(), undefined)
})

test('it can be changed for another one on demand, and never by two at once', async (t) => {
  const opened = await open(t)
  assert.equal((await opened.ca.rotate())?.phase, 'begun')
  assert.equal(await opened.ca.rotate(), undefined)
  assert.equal((await signs(opened)).trusted, 2)
})

test('a CA whose time is nearly over gives way in time, however late it is noticed', async (t) => {
  let now = Date.now()
  const opened = await open(t, { now: () => now })
  const { issuer } = await signs(opened)
  now += 3645 * DAY
  const begun = await opened.ca.tend()
  assert.ok(begun?.phase === 'begun' && begun.signsFrom - now <= 3 * DAY)
  now += 4 * DAY
  assert.equal((await opened.ca.tend())?.phase, 'signs')
  assert.notEqual((await signs(opened)).issuer, issuer)
})

test('a new CA that was made by somebody else is taken up; one that could vouch for us is not, and it says so', async (t) => {
  const opened = await open(t)
  const { ca, directory } = opened
  const other = await openInternalCa({ directory, excludes: OURS, now: Date.now })
  await other.ca!.rotate()
  assert.equal(await ca.tend(), undefined)
  assert.equal((await signs(opened)).trusted, 2)
  await writeFile(join(directory, 'ca.pem'), ca.certificatePem + (await makeCa()).pem)
  const failed = await ca.tend()
  assert.ok(failed?.phase === 'failed')
  assert.match(failed.detail, /not a CA made by Sallyport/)
  assert.equal((await signs(opened)).trusted, 2, 'the one in use serves on')
})

test(
  'both CAs are bound as one: neither vouches for us, and neither has a CA below it',
  needsPeer('openssl'),
  async (t) => {
    const opened = await open(t)
    await opened.ca.rotate()
    const folder = await temporaryFolder(t)
    const roots = decodePem(opened.ca.certificatePem)
    const next = await openIssuer(
      encodePem('CERTIFICATE', roots[1]!),
      await readFile(join(opened.directory, 'next.key'), 'utf8'),
    )
    for (const [name, accepted] of [
      ['partner.test', true],
      ['im.corp.test', false],
    ] as const) {
      const subject = domainSubject('thief', 'x')
      const leaf = await issueLeaf(next, { subject, names: [generalName(name)], now: Date.now(), lifetimeMs: DAY })
      const said = await opensslVerify(folder, roots[1]!, decodePem(leaf.fullchain))
      assert.equal(said === 'OK', accepted, said)
    }
  },
)

for (const [what, file, mode, command] of [
  ['a key that others can read', 'ca.key', 0o644, /chmod 600 .*ca\.key/],
  ['the key of the CA to come, where others can read it,', 'next.key', 0o640, /chmod 600 .*next\.key/],
  ['a folder that others can write to', '', 0o770, /another CA there; run `chmod 700/],
] as const)
  test(`${what} is a warning, at once and when it happens while the CA is at work`, async (t) => {
    const { directory, ca } = await open(t)
    await ca.rotate()
    const said = (findings: readonly { readonly message: string }[]): readonly string[] =>
      findings.map(({ message }) => message).filter((message) => message.includes('chmod'))
    assert.deepEqual(said(ca.findings()), [])
    await chmod(join(directory, file), mode)
    await ca.tend()
    const opened = await openInternalCa({ directory, excludes: OURS, now: Date.now })
    assert.ok(opened.ca)
    for (const findings of [ca.findings(), opened.findings]) {
      const [only, ...more] = said(findings)
      assert.match(only ?? '', command)
      assert.deepEqual(more, [])
    }
  })
