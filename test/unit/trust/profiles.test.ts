// The profiles hold together: each stricter one within the laxer one, each line with a source, and what they say of
// certificates and handshakes is what happens.

import assert from 'node:assert/strict'
import { createSecureContext } from 'node:tls'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { demandsOf, STANDARD } from '../../../src/trust/demands.ts'
import { fipsOf } from '../../../src/trust/fips.ts'
import { makeIdentity } from '../../../src/trust/identity.ts'
import { handshakeFault, handshakeOptions } from '../../../src/trust/profiles/handshake.ts'
import { deviations, missingFips } from '../../../src/trust/profiles/fitness.ts'
import { isAtLeast, PROFILE_NAMES, PROFILES, stricter } from '../../../src/trust/profiles/profiles.ts'
import type { Profile } from '../../../src/trust/profiles/profile.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'
import type { CaOptions, Issued, IssueOptions } from '../../support/pki.ts'

const all = PROFILE_NAMES.map((name) => PROFILES[name])
const LISTS = ['versions', 'suites', 'olderSuites', 'groups', 'signatures', 'certificateSignatures', 'keys'] as const
/** From lax to strict. */
const ORDERS = {
  purposes: ['either', 'own-side', 'both'],
  anchors: ['any', 'named'],
  revocation: ['off', 'soft', 'hard'],
  dialback: [true, false],
  fips: ['reported', 'required'],
  plaintextCore: [true, false],
} as const

const minutes = ({ reauthenticate: { is } }: Profile): number => (is === 'never' ? Infinity : is)

test('every line says what it demands and where that comes from', () => {
  for (const profile of all) {
    const { name, about, ...lines } = profile
    assert.match(about, /\.$/)
    assert.equal(PROFILES[name], profile)
    for (const [key, { is, source }] of Object.entries(lines)) {
      assert.notEqual(is, undefined, key)
      assert.match(source, /RFC \d+|XEP-\d+|NIST SP|FIPS \d+|FMN Spiral \d|SIP §|SRG|our choice/, `${name} ${key}`)
    }
  }
})

test('whatever a stricter profile permits, the laxer ones permit too', () => {
  for (const [i, strict] of all.entries())
    for (const lax of all.slice(0, i)) {
      for (const key of LISTS)
        for (const one of strict[key].is)
          assert.ok(
            lax[key].is.some((other) => other === one),
            `${lax.name} lacks ${one}, which ${strict.name} permits`,
          )
      assert.ok(strict.rsaBits.is >= lax.rsaBits.is)
      assert.ok(minutes(strict) <= minutes(lax))
      for (const [key, order] of Object.entries(ORDERS)) {
        const at = (one: typeof strict): number =>
          order.findIndex((word) => word === one[key as keyof typeof ORDERS].is)
        assert.ok(
          at(strict) >= at(lax) && at(lax) >= 0,
          `${key} of ${lax.name} is stricter than that of ${strict.name}`,
        )
      }
    }
})

test('the stricter of two profiles counts, whoever names it', () => {
  for (const [i, one] of PROFILE_NAMES.entries())
    for (const [j, other] of PROFILE_NAMES.entries()) {
      assert.equal(isAtLeast(one, other), i >= j)
      assert.equal(stricter(one, other), PROFILE_NAMES[Math.max(i, j)])
    }
  assert.equal(stricter('nato', undefined), 'nato')
})

test('OpenSSL takes each list to the last word', () => {
  for (const profile of all) {
    createSecureContext(handshakeOptions(profile))
    // Where a name is unknown, `?` skips it; so none may be.
    for (const signature of profile.signatures.is) createSecureContext({ sigalgs: signature })
    for (const group of profile.groups.is) createSecureContext({ ecdhCurve: group })
    for (const cipher of [...profile.suites.is, ...profile.olderSuites.is]) createSecureContext({ ciphers: cipher })
  }
})

test('SHA-1 is nowhere, and neither is a suite without forward secrecy and authentication', () => {
  for (const { signatures, certificateSignatures, suites, olderSuites } of all) {
    for (const one of [...signatures.is, ...certificateSignatures.is])
      assert.match(one, /SHA-(?:256|384|512)|sha(?:256|384|512)|ed(?:25519|448)/i)
    for (const one of [...suites.is, ...olderSuites.is]) assert.match(one, /^(?:TLS_|ECDHE-).*(?:GCM|POLY1305)/)
  }
})

type Case = readonly [
  what: string,
  said: Readonly<Record<(typeof PROFILE_NAMES)[number], string>>,
  IssueOptions,
  CaOptions?,
]
const STRONG: CaOptions = { key: 'p384', hash: 'SHA-384' }
const CASES: readonly Case[] = [
  ['P-384 with SHA-384', { standard: 'proven', nato: 'proven', dod: 'proven' }, { key: 'p384', hash: 'SHA-384' }],
  ['RSA 3072 with SHA-384', { standard: 'proven', nato: 'proven', dod: 'proven' }, { key: 'rsa3072', hash: 'SHA-384' }],
  ['P-256 with SHA-384', { standard: 'proven', nato: 'proven', dod: 'SP-319' }, { key: 'p256', hash: 'SHA-384' }],
  ['P-384 with SHA-256', { standard: 'proven', nato: 'proven', dod: 'SP-319' }, { key: 'p384', hash: 'SHA-256' }],
  ['RSA 2048', { standard: 'proven', nato: 'proven', dod: 'SP-319' }, { key: 'rsa2048', hash: 'SHA-384' }],
  ['P-521', { standard: 'proven', nato: 'SP-319', dod: 'SP-319' }, { key: 'p521', hash: 'SHA-384' }],
  ['Ed25519', { standard: 'proven', nato: 'SP-319', dod: 'SP-319' }, { key: 'ed25519', hash: 'SHA-384' }],
  ['RSA 1024', { standard: 'SP-313', nato: 'SP-313', dod: 'SP-313' }, { key: 'rsa1024', hash: 'SHA-384' }],
  ['SHA-1', { standard: 'SP-313', nato: 'SP-313', dod: 'SP-313' }, { key: 'p384', hash: 'SHA-1' }],
  [
    'P-384 under a CA of P-256',
    { standard: 'proven', nato: 'proven', dod: 'SP-319' },
    { key: 'p384', hash: 'SHA-384' },
    { key: 'p256', hash: 'SHA-384' },
  ],
  [
    'P-384 under a root signed with SHA-256',
    { standard: 'proven', nato: 'proven', dod: 'proven' },
    { key: 'p384', hash: 'SHA-384' },
    { key: 'p384', hash: 'SHA-256' },
  ],
  [
    'for servers only',
    { standard: 'proven', nato: 'SP-318', dod: 'SP-318' },
    { key: 'p384', hash: 'SHA-384', ekus: ['serverAuth'] },
  ],
]

for (const [what, said, leaf, ca] of CASES)
  test(`a certificate: ${what}`, async () => {
    const root = await makeCa({ ...STRONG, ...ca })
    const chain = (await issue({ ca: root, names: ['peer.test'], ...leaf })).chain
    for (const name of PROFILE_NAMES) {
      const trust = {
        anchors: anchorsOf([root.der], 'test'),
        pins: [],
        demands: demandsOf(STANDARD, { profile: name }),
      }
      const verdict = verifyPeer(chain, { domain: 'peer.test', trust, side: 'client', now: Date.now() })
      assert.equal(verdict.proven ? 'proven' : verdict.reason, said[name], name)
    }
  })

test('an intermediate below the profile spoils the chain, and the detail names it', async () => {
  const root = await makeCa(STRONG)
  const weak = await makeCa({ ca: root, key: 'p256', hash: 'SHA-384', commonName: 'Weak' })
  const chain = (await issue({ ca: weak, names: ['peer.test'], key: 'p384', hash: 'SHA-384' })).chain
  const trust = { anchors: anchorsOf([root.der], 'test'), pins: [], demands: demandsOf(STANDARD, { profile: 'dod' }) }
  const verdict = verifyPeer(chain, { domain: 'peer.test', trust, now: Date.now() })
  assert.ok(!verdict.proven)
  assert.match(`${verdict.reason} ${verdict.detail}`, /^SP-319 .*Weak.*P-256.*profile dod/)
})

test('a handshake under a laxer profile is held against a stricter one', () => {
  const good = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'secp384r1' }
  const of = (
    name: 'standard' | 'nato' | 'dod',
    change: Partial<typeof good> | { group: undefined },
  ): string | undefined => handshakeFault(PROFILES[name], { ...good, ...change })?.reason
  for (const name of PROFILE_NAMES) {
    assert.equal(of(name, {}), undefined)
    assert.equal(of(name, { version: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384' }), undefined)
    assert.equal(of(name, { version: 'TLSv1.1' }), 'SP-320')
    assert.equal(of(name, { group: undefined }), undefined)
    assert.equal(of(name, { group: 'SecP384r1MLKEM1024' }), undefined)
    assert.equal(of(name, { group: 'ffdhe2048' }), 'SP-322')
  }
  assert.deepEqual(
    PROFILE_NAMES.map((name) => of(name, { cipher: 'TLS_AES_128_GCM_SHA256' })),
    [undefined, undefined, 'SP-321'],
  )
  assert.deepEqual(
    PROFILE_NAMES.map((name) => of(name, { cipher: 'TLS_CHACHA20_POLY1305_SHA256' })),
    [undefined, 'SP-321', 'SP-321'],
  )
  assert.deepEqual(
    PROFILE_NAMES.map((name) => of(name, { group: 'X25519MLKEM768' })),
    [undefined, 'SP-322', 'SP-322'],
  )
  assert.deepEqual(
    PROFILE_NAMES.map((name) => of(name, { group: 'prime256v1' })),
    [undefined, undefined, 'SP-322'],
  )
})

test('an identity of ours knows for which profiles it is too weak, and has a context for each', async () => {
  const of = async (o: IssueOptions, ca?: Issued) => {
    const { fullchainPem, keyPem } = await issue({ names: ['us.test'], ...o, ...(ca ? { ca } : {}) })
    return makeIdentity(fullchainPem, keyPem)
  }
  const root = await makeCa(STRONG)
  const weak = await of({ key: 'p256' }, root)
  assert.deepEqual(
    PROFILE_NAMES.map((name) => weak.unfit(name) === undefined),
    [true, true, false],
  )
  assert.match(weak.unfit('dod') ?? '', /curve P-256/)
  const middle = await makeCa({ ...STRONG, ca: root, key: 'p256', commonName: 'Middle' })
  assert.match(
    (await of({ key: 'p384', hash: 'SHA-384' }, middle)).unfit('dod') ?? '',
    /Middle: a key on the curve P-256/,
  )
  const strong = await of({ key: 'p384', hash: 'SHA-384' }, root)
  assert.equal(strong.unfit('dod'), undefined)
  assert.equal(new Set(PROFILE_NAMES.map((name) => strong.under(name).context)).size, 3)
  assert.equal(strong.under('dod').under('dod'), strong.under('dod'))
  assert.equal(strong.under('standard'), strong)
})

test('FIPS is on where SHA-256 is there and MD5 is not, and not merely where somebody asked for it', () => {
  const provider = (asked: number, hashes: readonly string[]) =>
    fipsOf({
      openssl: '3.5.8',
      getFips: () => asked,
      hash(name) {
        if (!hashes.includes(name)) throw new Error('unsupported')
      },
    })
  assert.deepEqual(provider(1, ['sha256']), { on: true, detail: 'OpenSSL 3.5.8, with its FIPS provider' })
  assert.equal(provider(0, ['sha256', 'md5']).on, false)
  assert.match(provider(0, ['sha256', 'md5']).detail, /without a FIPS provider/)
  assert.equal(provider(1, []).on, false)
  assert.match(provider(1, []).detail, /no provider has it/)
  assert.equal(provider(1, ['sha256', 'md5']).on, false)
})

test('a start without a validated provider is refused where it is demanded, and told where it is waived', () => {
  const [off, on] = [
    { on: false, detail: 'none' },
    { on: true, detail: 'one' },
  ]
  const wanted = (profile: 'standard' | 'dod', fips: 'required' | 'reported') => ({ profile, fips, partners: [] })
  const [missing] = missingFips(wanted('dod', 'required'), off, 'gateway.yaml')
  assert.match(missing?.message ?? '', /^SP-916: .*--force-fips.*federation\.fips: reported/)
  assert.deepEqual([missing?.severity, missing?.path], ['error', 'federation.fips'])
  assert.equal(missingFips(wanted('standard', 'required'), off, '').length, 1)
  assert.equal(missingFips(wanted('dod', 'required'), on, '').length, 0)
  assert.equal(missingFips(wanted('dod', 'reported'), off, '').length, 0)
  assert.match(deviations(wanted('dod', 'reported'), off)[0] ?? '', /federation\.fips: reported/)
  assert.deepEqual(
    [deviations(wanted('dod', 'reported'), on), deviations(wanted('standard', 'reported'), off)],
    [[], []],
  )
  const among = { ...wanted('standard', 'reported'), partners: [{}, { profile: 'nato' }, { profile: 'dod' }] } as const
  assert.deepEqual(deviations(among, off), [
    'no validated provider of cryptography, which the profile dod of a partner demands (federation.fips: reported)',
  ])
  assert.deepEqual(deviations({ ...among, profile: 'dod' }, off), deviations(wanted('dod', 'reported'), off))
  assert.deepEqual([deviations(among, on), deviations({ ...among, partners: [{ profile: 'nato' }] }, off)], [[], []])
})
