// Chains that are made to cost: each comes to a verdict with a reason, and what is remembered of them stays small.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { certificatesRemembered, readCertificate } from '../../../src/trust/certificate.ts'
import type { Certificate } from '../../../src/trust/certificate.ts'
import { writeDer } from '../../../src/trust/der.ts'
import type { KeyPair } from '../../../src/trust/issue.ts'
import { findPath } from '../../../src/trust/path.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

const now = Date.now()
const MANY = 100

let root: Issued
let ladder: readonly Buffer[]

before(async () => {
  root = await makeCa({ commonName: 'Root' })
  const keys = root.keys
  let ca = root
  for (let i = 0; i < MANY; i++) ca = await makeCa({ ca, keys, commonName: `Rung ${i}` })
  ladder = (await issue({ ca, keys, names: ['partner.test'] })).chain
})

const anchors = (): ReturnType<typeof anchorsOf> => anchorsOf([root.der], 'test')

const said = (chain: readonly Buffer[]): string => {
  const verdict = verifyPeer(chain, { domain: 'partner.test', trust: { anchors: anchors(), pins: [] }, now })
  return verdict.proven ? 'proven' : `${verdict.reason} ${verdict.detail}`
}

/** Past the limit on what a peer may send: the path search alone, with a count of the signatures it asks for. */
function search(certificates: readonly Buffer[]): { readonly said: string; readonly signatures: number } {
  let signatures = 0
  const read = certificates.map((der): Certificate => {
    const certificate = readCertificate(der)
    assert.ok(typeof certificate === 'object')
    // Its octets are read once for each signature on it.
    return {
      ...certificate,
      get raw() {
        signatures++
        return certificate.raw
      },
    }
  })
  const result = findPath(read as [Certificate, ...Certificate[]], { anchors: anchors(), now })
  return { said: 'path' in result ? 'path' : `${result.reason} ${result.detail}`, signatures }
}

test('a hundred intermediates are refused unread when a peer sends them', async () => {
  assert.equal(ladder.length, MANY + 1)
  assert.match(said(ladder), /^SP-316 more than 16/)
})

test('a hundred intermediates one above the other are not climbed', async () => {
  const { said: verdict, signatures } = search(ladder)
  assert.match(verdict, /^SP-316/)
  assert.ok(signatures > 5 && signatures <= 40, String(signatures))
})

test('a hundred namesakes of the issuer with other keys are not all tried', async () => {
  const real = await makeCa({ ca: root, commonName: 'Crowd' })
  const leaf = await issue({ ca: real, names: ['partner.test'], without: ['2.5.29.35'] })
  const crowd = await Promise.all(Array.from({ length: MANY }, () => makeCa({ ca: root, commonName: 'Crowd' })))
  const { said: verdict, signatures } = search([leaf.der, ...crowd.map(({ der }) => der)])
  assert.match(verdict, /^SP-316/)
  assert.ok(signatures > 20 && signatures <= 41, String(signatures))
  assert.equal(said([leaf.der, ...crowd.slice(0, 14).map(({ der }) => der), real.der]), 'proven')
})

test('CAs that all certify one another, each way twice, come to an end', async () => {
  const names = ['A', 'B', 'C', 'D', 'E']
  const own = new Map<string, Issued>()
  for (const commonName of names) own.set(commonName, await makeCa({ commonName }))
  const keysOf = (name: string): KeyPair => own.get(name)!.keys
  const crossed: Issued[] = []
  for (const from of names)
    for (const to of names)
      if (from !== to)
        for (let i = 0; i < 2; i++) crossed.push(await makeCa({ ca: own.get(from)!, commonName: to, keys: keysOf(to) }))
  const leaf = await issue({ ca: own.get('A')!, names: ['partner.test'] })
  const { said: verdict, signatures } = search([leaf.der, ...crossed.map(({ der }) => der)])
  assert.match(verdict, /^SP-316/)
  assert.ok(signatures > 20 && signatures <= 41, String(signatures))
})

test('a certificate in place of itself, and one that is its own issuer under another name, lead nowhere', async () => {
  const keys = (await makeCa()).keys
  const first = await makeCa({ commonName: 'Same', keys })
  const second = await makeCa({ commonName: 'Same', keys, pathLength: 3 })
  const leaf = await issue({ ca: first, names: ['partner.test'] })
  assert.match(said([leaf.der, first.der, second.der, first.der, second.der]), /^SP-305/)
})

test('ten thousand names are more than a certificate can have; those that fit are judged', async () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}.test`)
  const giant = await issue({ ca: root, names: [...names(10_000), 'partner.test'] })
  assert.match(said(giant.chain), /^SP-315 a certificate of \d+ bytes/)
  const large = await issue({ ca: root, names: [...names(4000), 'partner.test'] })
  assert.equal(said(large.chain), 'proven')
  const constrained = await makeCa({ ca: root, excluded: Array.from({ length: 100 }, (_, i) => `x${i}.test`) })
  const under = await issue({ ca: constrained, names: [...names(4000), 'partner.test'] })
  assert.match(said(under.chain), /^SP-311 .*too many/)
})

const ABSURD: readonly (readonly [what: string, oid: string, body: Buffer, said: RegExp])[] = [
  ['twenty thousand empty names', '2.5.29.17', Buffer.from('8200'.repeat(20_000), 'hex'), /^SP-301/],
  ['fifteen thousand names of nothing', '2.5.29.17', Buffer.from('a4023000'.repeat(15_000), 'hex'), /^SP-301/],
  ['twenty thousand usages', '2.5.29.37', Buffer.from('060101'.repeat(20_000), 'hex'), /^SP-314/],
  ['usages of 64 bytes', '2.5.29.37', Buffer.from(`0640${'ff'.repeat(63)}01`.repeat(900), 'hex'), /^SP-314/],
  ['a name nested beyond measure', '2.5.29.17', nested(2000), /^SP-315/],
  [
    'constraints by the thousand',
    '2.5.29.30',
    writeDer(0xa1, Buffer.from('3004a4023000'.repeat(10_000), 'hex')),
    /^SP-301/,
  ],
]

function nested(depth: number): Buffer {
  let value: Buffer = Buffer.from('0c0161', 'hex')
  for (let i = 0; i < depth; i++) value = writeDer(0xa4, writeDer(0x30, value))
  return value
}

for (const [what, oid, body, expected] of ABSURD)
  test(`an extension with ${what}: ${expected.source.slice(1)}`, async () => {
    const leaf = await issue({ ca: root, extensions: [{ oid, critical: false, value: writeDer(0x30, body) }] })
    assert.match(said(leaf.chain), expected)
  })

test('an RSA key whose exponent is as large as its modulus is not used', async () => {
  // Such a signature takes a hundred times the usual; the key is refused by what it is, before anything is verified.
  const { subtle } = globalThis.crypto
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  }
  const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const jwk = await subtle.exportKey('jwk', pair.publicKey)
  const absurd = await subtle.importKey('jwk', { ...jwk, e: jwk.n! }, algorithm, true, ['verify'])
  const ca = await makeCa({ ca: root, commonName: 'Absurd', keys: { publicKey: absurd, privateKey: pair.privateKey } })
  const leaf = await issue({ ca, names: ['partner.test'] })
  assert.match(said([leaf.der, ca.der]), /^SP-313 .*exponent/)
})

test('what is remembered of certificates has a weight, and the weight a limit', async () => {
  const limit = 64 * 1024 * 1024
  const body = writeDer(0x30, Buffer.from('a4023000'.repeat(14_000), 'hex'))
  const { der } = await issue({ extensions: [{ oid: '2.5.29.17', critical: false, value: body }] })
  const first = readCertificate(der)
  assert.equal(readCertificate(der), first)
  for (let i = 1; i < 30; i++) {
    const other = Buffer.from(der)
    other[other.length - 1]! ^= i
    readCertificate(other)
    assert.ok(certificatesRemembered().bytes <= limit)
  }
  // Whoever still has its bytes does not keep it: it is read anew.
  const again = readCertificate(der)
  assert.ok(typeof again === 'object' && again !== first)
  // Thirty of them would weigh seven megabytes each.
  assert.ok(certificatesRemembered().count < 20, JSON.stringify(certificatesRemembered()))
  for (let i = 0; i < 5; i++) assert.equal(typeof readCertificate((await issue({})).der), 'object')
  assert.ok(certificatesRemembered().count >= 5)
})
