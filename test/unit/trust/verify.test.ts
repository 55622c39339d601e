import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { writeDer } from '../../../src/trust/der.ts'
import type { ExtensionValue } from '../../../src/trust/issue.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import type { Verdict } from '../../../src/trust/verdict.ts'
import { opensslVerify } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../support/pki.ts'
import type { Issued, IssueOptions } from '../../support/pki.ts'

const DAY = 86_400_000
const now = Date.now()

let root: Issued
let intermediate: Issued
let stranger: Issued

before(async () => {
  root = await makeCa({ commonName: 'Root' })
  intermediate = await makeCa({ ca: root, commonName: 'Intermediate', pathLength: 0 })
  stranger = await makeCa({ commonName: 'Stranger' })
})

function verify(
  chain: readonly Buffer[],
  o: { domain?: string; pins?: string[]; anchors?: Issued[]; now?: number; provider?: string } = {},
): Verdict {
  const anchors = anchorsOf(
    (o.anchors ?? [root]).map((one) => one.der),
    'test',
  )
  return verifyPeer(chain, {
    domain: o.domain ?? 'partner.test',
    trust: { anchors, pins: o.pins ?? [], provider: o.provider },
    now: o.now ?? now,
  })
}

const said = (verdict: Verdict): string => (verdict.proven ? 'proven' : verdict.reason)

/** A key usage of up to eight bits, the first of them on the left. RFC 5280 §4.2.1.3 */
const keyUsageOf = (bits: number): ExtensionValue => ({
  oid: '2.5.29.15',
  critical: true,
  value: writeDer(0x03, Uint8Array.of(Math.log2(bits & -bits), bits)),
})

const named = (o: IssueOptions = {}): Promise<Issued> => issue({ ca: intermediate, names: ['partner.test'], ...o })

test('a chain to an anchor with the right name is proven, and says by which anchor', async () => {
  const leaf = await named()
  const verdict = verify(leaf.chain)
  assert.ok(verdict.proven)
  assert.equal(verdict.anchor, 'CN=Root')
  assert.equal(verdict.certificate.spki, leaf.pin)
  assert.deepEqual(verdict.certificate.names, ['DNS:partner.test'])
  assert.equal(verdict.certificate.key, 'EC P-256')
})

test('a valid certificate of another domain from the same CA is refused', async () => {
  const other = await issue({ ca: intermediate, names: ['other.test', 'SRV:_xmpp-server.other.test'] })
  assert.equal(said(verify(other.chain, { domain: 'other.test' })), 'proven')
  assert.equal(said(verify(other.chain)), 'SP-301')
})

test('a common name proves nothing', async () => {
  const leaf = await issue({ ca: intermediate, commonName: 'partner.test' })
  assert.equal(said(verify(leaf.chain)), 'SP-301')
})

const LEAVES: readonly (readonly [why: string, reason: string, make: () => Promise<Issued>])[] = [
  ['expired', 'SP-302', () => named({ expired: true })],
  ['not yet valid', 'SP-303', () => named({ notYetValid: true })],
  ['self-signed', 'SP-304', () => issue({ names: ['partner.test'] })],
  ['of a CA that was not sent', 'SP-306', () => issue({ ca: stranger, names: ['partner.test'] })],
  [
    'of an unknown CA by way of an intermediate',
    'SP-305',
    async () => issue({ ca: await makeCa({ ca: stranger }), names: ['partner.test'] }),
  ],
  ['with a damaged signature', 'SP-308', () => named({ badSignature: true })],
  ['signed by another key than that of the CA it names', 'SP-308', () => named({ forged: true })],
  ['self-signed with a damaged signature', 'SP-308', () => issue({ names: ['partner.test'], badSignature: true })],
  ['issued by a leaf', 'SP-309', async () => issue({ ca: await named(), names: ['partner.test'] })],
  [
    'issued by a CA that may not sign certificates',
    'SP-309',
    async () =>
      issue({ ca: await makeCa({ ca: root, extensions: [keyUsageOf(0b0000_0010)] }), names: ['partner.test'] }),
  ],
  [
    'issued by a CA without basic constraints',
    'SP-309',
    async () => issue({ ca: await makeCa({ ca: root, without: ['2.5.29.19'] }), names: ['partner.test'] }),
  ],
  ...([1, 2] as const).map(
    (version) =>
      [
        `issued by one of version ${version} below a CA, which cannot say that it is a leaf`,
        'SP-309',
        async () => issue({ ca: await makeCa({ ca: root, version }), names: ['partner.test'] }),
      ] as const,
  ),
  [
    'below one CA more than permitted',
    'SP-310',
    async () => issue({ ca: await makeCa({ ca: intermediate }), names: ['partner.test'] }),
  ],
  [
    'of an expired intermediate',
    'SP-302',
    async () => issue({ ca: await makeCa({ ca: root, expired: true }), names: ['partner.test'] }),
  ],
  [
    'with an unknown critical extension',
    'SP-312',
    () => named({ extensions: [{ oid: '1.2.3.4', critical: true, value: writeDer(5) }] }),
  ],
  [
    'without a policy, of a CA that requires one',
    'SP-317',
    async () => {
      const policy = { oid: '2.5.29.36', critical: true, value: writeDer(0x30, writeDer(0x80, Uint8Array.of(0))) }
      return issue({ ca: await makeCa({ ca: root, extensions: [policy] }), names: ['partner.test'] })
    },
  ],
  ['signed with SHA-1', 'SP-313', () => named({ hash: 'SHA-1' })],
  ['with an RSA key of 1024 bits', 'SP-313', () => named({ key: 'rsa1024' })],
  ['for signing mail only', 'SP-314', () => named({ ekus: ['1.3.6.1.5.5.7.3.4'] })],
  ['whose key is for encipherment only', 'SP-314', () => named({ extensions: [keyUsageOf(0b0010_0000)] })],
  [
    'with nothing wrong, whose key is for signing and encipherment',
    'proven',
    () => named({ extensions: [keyUsageOf(0b1010_0000)] }),
  ],
  ['with nothing wrong, without a key usage', 'proven', () => named({ without: ['2.5.29.15'] })],
  [
    'of a CA for signing mail only',
    'SP-314',
    async () => {
      const mail = writeDer(0x30, writeDer(6, Buffer.from('2b06010505070304', 'hex')))
      const extensions = [{ oid: '2.5.29.37', critical: false, value: mail }]
      return issue({ ca: await makeCa({ ca: root, extensions }), names: ['partner.test'] })
    },
  ],
  [
    'with one extension twice',
    'SP-315',
    () => named({ extensions: [1, 2].map(() => ({ oid: '1.2.3.4', critical: false, value: writeDer(5) })) }),
  ],
  ['with nothing wrong, serverAuth only', 'proven', () => named({ ekus: ['serverAuth'] })],
  ['with nothing wrong, clientAuth only', 'proven', () => named({ ekus: ['clientAuth'] })],
  ['with nothing wrong, any usage', 'proven', () => named({ ekus: ['2.5.29.37.0'] })],
  ['with nothing wrong, no extended key usage', 'proven', () => named({ ekus: [] })],
  [
    'with nothing wrong, an unknown extension that is not critical',
    'proven',
    () => named({ extensions: [{ oid: '1.2.3.4', critical: false, value: writeDer(5) }] }),
  ],
  ['with nothing wrong, RSA', 'proven', () => named({ key: 'rsa2048' })],
  ['with nothing wrong, P-384', 'proven', () => named({ key: 'p384' })],
  ['with nothing wrong, Ed25519', 'proven', () => named({ key: 'ed25519' })],
  [
    'with nothing wrong, of an RSA CA',
    'proven',
    async () => issue({ ca: await makeCa({ ca: root, key: 'rsa2048' }), names: ['partner.test'] }),
  ],
]

for (const [why, reason, make] of LEAVES)
  test(`a certificate ${why}: ${reason}`, async () => {
    assert.equal(said(verify((await make()).chain)), reason)
  })

test('no certificate, something that is none, and far too many of them each have a reason', async () => {
  const { der } = await named()
  assert.equal(said(verify([])), 'SP-361')
  assert.equal(said(verify([Buffer.from('not DER')])), 'SP-315')
  assert.equal(said(verify([der.subarray(0, -1)])), 'SP-315')
  assert.equal(said(verify(Array.from({ length: 17 }, () => der))), 'SP-316')
})

test('a missing intermediate is told from an unknown root', async () => {
  const leaf = await named()
  assert.equal(said(verify([leaf.der])), 'SP-306')
  assert.equal(said(verify([leaf.der, intermediate.der], { anchors: [stranger] })), 'SP-305')
  assert.equal(said(verify([leaf.der, intermediate.der, root.der], { anchors: [stranger] })), 'SP-305')
})

test('the order of the chain, duplicates, strangers and rubbish in it do not matter', async () => {
  const { der } = await named()
  const chains = [
    [der, root.der, intermediate.der],
    [der, intermediate.der, intermediate.der, der, root.der, root.der],
    [der, stranger.der, Buffer.from('rubbish'), intermediate.der],
  ]
  for (const chain of chains) assert.equal(said(verify(chain)), 'proven')
})

test('the first certificate is the peer’s, whatever else it sends', async () => {
  const right = await named()
  const other = await issue({ ca: intermediate, names: ['other.test'] })
  assert.equal(said(verify([other.der, right.der, intermediate.der])), 'SP-301')
})

test('of several ways to an anchor one is enough', async () => {
  const keys = (await makeCa()).keys
  const expired = await makeCa({ ca: root, keys, commonName: 'Twice', expired: true })
  const valid = await makeCa({ ca: root, keys, commonName: 'Twice' })
  const leaf = await issue({ ca: valid, names: ['partner.test'] })
  assert.equal(said(verify([leaf.der, expired.der])), 'SP-302')
  assert.equal(said(verify([leaf.der, expired.der, valid.der])), 'proven')
  assert.equal(said(verify([leaf.der, valid.der, expired.der])), 'proven')
})

test('CAs that certify each other in a circle come to an end', async () => {
  const [a, b] = [await makeCa({ commonName: 'A' }), await makeCa({ commonName: 'B' })]
  const ab = await makeCa({ ca: a, keys: b.keys, commonName: 'B' })
  const ba = await makeCa({ ca: b, keys: a.keys, commonName: 'A' })
  const leaf = await issue({ ca: ab, names: ['partner.test'] })
  assert.equal(said(verify([leaf.der, ab.der, ba.der, a.der, b.der])), 'SP-305')
})

test('the signature of a root on itself may be weak; its key may not', async () => {
  const old = await makeCa({ hash: 'SHA-1' })
  const leaf = await issue({ ca: old, names: ['partner.test'] })
  assert.equal(said(verify(leaf.chain, { anchors: [old] })), 'proven')
  assert.equal(said(verify([leaf.der, old.der])), 'SP-305')
  const small = await makeCa({ key: 'rsa1024' })
  const below = await issue({ ca: small, names: ['partner.test'] })
  assert.equal(said(verify(below.chain, { anchors: [small] })), 'SP-313')
  assert.equal(said(verify([below.der, small.der])), 'SP-313')
})

test('before version 3, a root that was chosen is a CA and what it issued is none', needsPeer('openssl'), async (t) => {
  const folder = await temporaryFolder(t)
  for (const version of [1, 2] as const) {
    const old = await makeCa({ version })
    const rows: readonly (readonly [anchor: Issued, ca: Issued, said: string])[] = [
      [old, old, 'proven'],
      [old, await makeCa({ ca: old }), 'proven'],
      [old, await makeCa({ ca: old, version }), 'SP-309'],
      [root, await makeCa({ ca: root, version }), 'SP-309'],
    ]
    for (const [anchor, ca, expected] of rows) {
      const { chain } = await issue({ ca, names: ['partner.test'] })
      assert.equal(said(verify(chain, { anchors: [anchor] })), expected, `version ${version}`)
      // OpenSSL takes a root of version 2 for none; nobody has one.
      const theirs = expected === 'proven' && version === 1 ? 'OK' : 'invalid CA certificate'
      assert.equal(await opensslVerify(folder, anchor.der, chain), theirs, `version ${version}`)
    }
  }
})

test('a CA of the same name with another key is not taken for the issuer', async () => {
  const namesake = await makeCa({ commonName: 'Root' })
  const leaf = await issue({ ca: namesake, names: ['partner.test'] })
  assert.equal(said(verify([leaf.der])), 'SP-306')
  assert.equal(said(verify([leaf.der, namesake.der])), 'SP-305')
})

test('dates are held against the time that is given', async () => {
  const leaf = await named({ notBefore: new Date(now), notAfter: new Date(now + DAY) })
  assert.equal(said(verify(leaf.chain, { now: now - 2000 })), 'SP-303')
  assert.equal(said(verify(leaf.chain, { now: now + DAY - 2000 })), 'proven')
  assert.equal(said(verify(leaf.chain, { now: now + DAY + 1 })), 'SP-302')
})

test('an anchor that has expired vouches for nobody', async () => {
  const old = await makeCa({ expired: true })
  const leaf = await issue({ ca: old, names: ['partner.test'] })
  assert.equal(said(verify(leaf.chain, { anchors: [old] })), 'SP-302')
})

test('an intermediate can be an anchor, and so can the certificate itself; the name must be right all the same', async () => {
  const leaf = await named()
  assert.equal(said(verify([leaf.der], { anchors: [intermediate] })), 'proven')
  const own = await issue({ names: ['partner.test'] })
  assert.equal(said(verify(own.chain, { anchors: [own] })), 'proven')
  assert.equal(said(verify(own.chain, { anchors: [own], domain: 'other.test' })), 'SP-301')
})

test('the anchor of one partner vouches for no other', async () => {
  const theirs = await issue({ ca: stranger, names: ['partner.test', 'other.test'] })
  assert.equal(said(verify([theirs.der, stranger.der], { anchors: [stranger] })), 'proven')
  assert.equal(said(verify([theirs.der, stranger.der], { domain: 'other.test' })), 'SP-305')
})

test('a provider that was named proves the domain, by a path to the anchors, and no other name does', async () => {
  const provider = 'xmpp.hosting.test'
  const theirs = await issue({ ca: root, names: [provider] })
  assert.equal(said(verify(theirs.chain)), 'SP-301')
  assert.equal(said(verify(theirs.chain, { provider })), 'proven')
  assert.equal(said(verify(theirs.chain, { provider: 'xmpp.other.test' })), 'SP-301')
  assert.equal(said(verify(theirs.chain, { provider, pins: [root.pin] })), 'SP-307')
  // A wildcard proves a name below it, but not the one host that was named.
  const wild = await issue({ ca: root, names: ['*.hosting.test'] })
  assert.equal(said(verify(wild.chain, { provider })), 'SP-301')
  assert.equal(said(verify(wild.chain, { domain: provider })), 'proven')
  const own = await issue({ names: [provider] })
  assert.notEqual(said(verify(own.chain, { provider })), 'proven')
})

test('one pin must be that of the peer’s own key; the rest must be right as well', async () => {
  const leaf = await named()
  assert.equal(said(verify(leaf.chain, { pins: [root.pin, leaf.pin] })), 'proven')
  assert.equal(said(verify(leaf.chain, { pins: [root.pin, intermediate.pin] })), 'SP-307')
  const renewed = await named({ keys: leaf.keys })
  assert.equal(said(verify(renewed.chain, { pins: [leaf.pin] })), 'proven')
  const own = await issue({ names: ['partner.test'], keys: leaf.keys })
  assert.equal(said(verify(own.chain, { pins: [leaf.pin] })), 'SP-304')
  assert.equal(said(verify(leaf.chain, { pins: [leaf.pin], domain: 'other.test' })), 'SP-301')
})

test('what the peer wrote into its certificate cannot write to a terminal', async () => {
  const leaf = await named({ commonName: 'x\u001b[2J\u202ey', names: ['other.test'] })
  const verdict = verify(leaf.chain)
  assert.ok(!verdict.proven)
  assert.doesNotMatch(JSON.stringify(Object.values(verdict.certificate ?? {})), /\\u001b|\u202e/)
  assert.doesNotMatch(verdict.detail, /\p{Cc}|\p{Cf}/u)
})

test('thousands of names are judged, and listed in part', async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `n${i}.test`)
  const leaf = await named({ names: [...names, 'partner.test'] })
  const verdict = verify(leaf.chain)
  assert.ok(verdict.proven)
  assert.equal(verdict.certificate.names.length, 33)
})
