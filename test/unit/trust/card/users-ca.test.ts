import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openUsersCa } from '../../../../src/trust/card/users-ca.ts'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../../../../src/trust/extensions.ts'
import { openInternalCa } from '../../../../src/trust/internal-ca.ts'
import { basicConstraints, keyUsage, makeKey, signCertificate, subjectAltName } from '../../../../src/trust/issue.ts'
import { issueLeaf, openIssuer } from '../../../../src/trust/issuer.ts'
import type { MintingCa } from '../../../../src/trust/minting-ca.ts'
import { decodePem } from '../../../../src/trust/pem.ts'
import { opensslVerify } from '../../../support/openssl.ts'
import { needsPeer } from '../../../support/peers.ts'
import { generalName, temporaryFolder } from '../../../support/pki.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const OURS = ['corp.test', 'xn--bcher-kva.test', '192.0.2.7']

interface Opened {
  readonly ca: MintingCa
  readonly directory: string
}

async function open(t: TestContext, o: { now?: () => number; capacity?: number } = {}): Promise<Opened> {
  const directory = join(await temporaryFolder(t), 'users-ca')
  const { ca, findings } = await openUsersCa({ directory, domains: OURS, now: Date.now, capacity: 100, ...o })
  assert.ok(ca, findings[0]?.message ?? '')
  assert.deepEqual(findings, [])
  return { ca, directory }
}

test('it is made for its owner alone, and changed for another one as the internal CA is', async (t) => {
  const { ca, directory } = await open(t)
  assert.equal((await stat(directory)).mode & 0o777, 0o700)
  assert.equal((await stat(join(directory, 'ca.key'))).mode & 0o777, 0o600)
  assert.equal((await ca.rotate())?.phase, 'begun')
  assert.equal(decodePem(ca.certificatePem).length, 2, 'the core is to trust both for a while')
  const again = await openUsersCa({ directory, domains: OURS, now: Date.now, capacity: 1 })
  assert.equal(again.ca?.certificatePem, ca.certificatePem)
})

const MINTED: readonly (readonly [user: string, name: string | undefined])[] = [
  ['juliet@corp.test', 'XMPP:juliet@corp.test'],
  ['éloïse@xn--bcher-kva.test', 'XMPP:éloïse@bücher.test'],
  ['juliet@elsewhere.test', undefined],
  ['juliet@im.corp.test', undefined],
  ['corp.test', undefined],
  ['juliet@corp.test/phone', undefined],
  ['Juliet@corp.test', undefined],
  ['', undefined],
]

for (const [user, name] of MINTED)
  test(`for "${user}" it mints ${name ?? 'nothing'}`, async (t) => {
    const { ca } = await open(t)
    if (name === undefined) return assert.rejects(ca.identity(user), /does not vouch for/)
    const { certificate, certificates } = await ca.identity(user)
    assert.deepEqual(certificate.names, [name], 'exactly one, and no name of a host')
    assert.deepEqual(certificates[0]?.extensions.extendedKeyUsage, [OID_CLIENT_AUTH])
    const left = Date.parse(certificate.notAfter) - Date.now()
    assert.ok(left > 59 * MINUTE && left <= 60 * MINUTE, `${left} ms`)
    return undefined
  })

test('what is shown holds for half an hour more, and so many are kept', async (t) => {
  let now = Date.now()
  const { ca } = await open(t, { now: () => now, capacity: 2 })
  const first = await ca.identity('a@corp.test')
  now += 29 * MINUTE
  assert.equal(await ca.identity('a@corp.test'), first)
  now += 2 * MINUTE
  const renewed = await ca.identity('a@corp.test')
  assert.notEqual(renewed, first)
  for (const user of ['b', 'c']) await ca.identity(`${user}@corp.test`)
  assert.equal(ca.minted, 2)
  assert.notEqual(await ca.identity('a@corp.test'), renewed)
})

/** What whoever stole the key would issue, by what OpenSSL says of it, as the core asks: for this side of TLS. */
const THEFTS: readonly (readonly [names: readonly string[], usages: readonly string[], accepted: boolean])[] = [
  // That much is lost with the key.
  [['XMPP:admin@corp.test'], [OID_CLIENT_AUTH], true],
  [['EMAIL:admin@corp.test'], [OID_CLIENT_AUTH], true],
  // And no more.
  [['EMAIL:admin@elsewhere.test'], [OID_CLIENT_AUTH], false],
  [['corp.test'], [OID_CLIENT_AUTH], false],
  [['partner.test'], [OID_CLIENT_AUTH], false],
  [['XMPP:admin@corp.test', 'partner.test'], [OID_CLIENT_AUTH], false],
  [['SRV:_xmpp-client.corp.test'], [OID_CLIENT_AUTH], false],
  [['192.0.2.1'], [OID_CLIENT_AUTH], false],
  [['2001:db8::1'], [OID_CLIENT_AUTH], false],
]

test('OpenSSL accepts of a stolen key users, and neither hosts nor servers', needsPeer('openssl'), async (t) => {
  const { ca, directory } = await open(t)
  const folder = await temporaryFolder(t)
  const [root] = decodePem(ca.certificatePem)
  const issuer = await openIssuer(ca.certificatePem, await readFile(join(directory, 'ca.key'), 'utf8'))
  const steal = async (names: readonly string[], usages: readonly string[]): Promise<Buffer> => {
    const content = { subject: [{ CN: ['thief'] }], names: names.map(generalName), usages }
    const leaf = await issueLeaf(issuer, { ...content, now: Date.now(), lifetimeMs: DAY })
    return decodePem(leaf.fullchain)[0]!
  }
  for (const [names, usages, accepted] of THEFTS) {
    const said = await opensslVerify(folder, root!, [await steal(names, usages)], 'sslclient')
    assert.equal(said === 'OK', accepted, `${names.join()}: ${said}`)
  }
  const server = await steal(['XMPP:admin@corp.test'], [OID_SERVER_AUTH, OID_CLIENT_AUTH])
  assert.match(await opensslVerify(folder, root!, [server], 'sslserver'), /purpose/)
  const minted = await ca.identity('juliet@corp.test')
  assert.equal(await opensslVerify(folder, root!, [minted.certificates[0]!.raw], 'sslclient'), 'OK')

  const keys = await makeKey()
  const dates = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) }
  const below = { subject: [{ CN: ['Below'] }], issuer: issuer.subject, ...dates }
  const extensions = [basicConstraints(true), keyUsage('ca')]
  const sub = await signCertificate({ ...below, extensions }, keys.publicKey, issuer.keys.privateKey)
  const names = subjectAltName([{ kind: 'xmpp', value: 'admin@corp.test' }])
  const leaf = { subject: [{ CN: ['leaf'] }], issuer: below.subject, ...dates, extensions: [names] }
  const signed = await signCertificate(leaf, keys.publicKey, keys.privateKey)
  assert.match(await opensslVerify(folder, root!, [signed, sub], 'sslclient'), /path length constraint/)
})

test('the internal CA is none, and it is not the internal CA', async (t) => {
  const { ca, directory } = await open(t)
  const inner = join(await temporaryFolder(t), 'internal-ca')
  const internal = await openInternalCa({ directory: inner, excludes: OURS, now: Date.now })
  const copy = async (from: string, to: string): Promise<void> => {
    for (const file of ['ca.pem', 'ca.key']) await writeFile(join(to, file), await readFile(join(from, file)))
  }
  const [users] = [await readFile(join(directory, 'ca.pem'))]
  await copy(inner, directory)
  const wrong = await openUsersCa({ directory, domains: OURS, now: Date.now, capacity: 1 })
  assert.equal(wrong.ca, undefined)
  assert.match(wrong.findings[0]?.message ?? '', /more than clients of TLS; move .* users' CA away/)
  await writeFile(join(inner, 'ca.pem'), users)
  const other = await openInternalCa({ directory: inner, excludes: OURS, now: Date.now })
  assert.equal(other.ca, undefined)
  assert.ok(internal.ca && ca)
})
