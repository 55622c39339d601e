// How what is said of a certificate has to be signed, by profile: each way in which it comes, each kind of signer.

import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Certificate } from '../../../../src/trust/certificate.ts'
import type { KeyKind } from '../../../../src/trust/issue.ts'
import type { ProfileName } from '../../../../src/trust/profiles/profile.ts'
import { PROFILES, PROFILE_NAMES } from '../../../../src/trust/profiles/profiles.ts'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import { judgeRevocation } from '../../../../src/trust/revocation/crl-judge.ts'
import { ocspRequest } from '../../../../src/trust/revocation/ocsp.ts'
import { Revocation } from '../../../../src/trust/revocation/revocation.ts'
import type { Standing } from '../../../../src/trust/revocation/standing.ts'
import { crl, distributionPoints, serialOf } from '../../../support/crl.ts'
import type { CrlOptions } from '../../../support/crl.ts'
import { answerTo, RESPONDER, responders } from '../../../support/ocsp.ts'
import { needsPeer } from '../../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'
import { certificate, list } from './read.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ASKED = 'http://pki.test/ocsp'
const LIST = 'http://pki.test/ca.crl'
/** All that any profile asks for. */
const STRONG = { key: 'p384', hash: 'SHA-384' } as const

let root: Issued
let ca: Issued
/** Names a responder, a list, nothing. */
let leaves: Readonly<Record<'asked' | 'listed' | 'bare', Issued>>
/** What the root says of its CA, and of those who sign lists for it. */
let above: Buffer

before(async () => {
  root = await makeCa({ ...STRONG, commonName: 'Root' })
  ca = await makeCa({ ...STRONG, ca: root, commonName: 'CA' })
  leaves = {
    asked: await issue({ ...STRONG, ca, extensions: [responders(ASKED)] }),
    listed: await issue({ ...STRONG, ca, extensions: [distributionPoints(LIST)] }),
    bare: await issue({ ...STRONG, ca }),
  }
  above = crl({ ca: root, hash: 'SHA-384' })
})

const words = (standing: Standing): string =>
  standing.status === 'good' ? 'good' : `${standing.status} ${standing.reason}`

interface World {
  readonly brought?: readonly Buffer[]
  readonly places?: Record<string, Buffer>
}

/** The gateway's knowledge, with what was brought and what lies where. */
function bench({ brought = [], places = {} }: World) {
  const asked: string[] = []
  const clock = { ahead: 0 }
  const lists = [above, ...brought].map(list)
  const revocation = new Revocation({
    obtain({ url }) {
      asked.push(url)
      const octets = places[url]
      return Promise.resolve(octets ? { ok: true, octets } : { ok: false, reason: 'SP-343', detail: 'down' })
    },
    keeper: undefined,
    reader: new CrlReader(),
    dropped: () => ({ all: () => Promise.resolve(lists) }),
    terms: () => ({
      ...{ fetch: true, responder: undefined, timeoutMs: 5000, againMs: DAY },
      most: { entries: 10, bytes: 100_000 },
    }),
    now: () => Date.now() + clock.ahead,
    fetched() {},
  })
  const check = async (
    leaf: Issued,
    profile: ProfileName,
    o: { staple?: Buffer; others?: readonly Certificate[]; renew?: boolean } = {},
  ): Promise<string> => {
    const path = [leaf, ca, root].map(certificate)
    return words(await revocation.check({ path, profile: PROFILES[profile], ...o }))
  }
  return { asked, clock, places, check }
}

type Hash = NonNullable<CrlOptions['hash']>
type Enough = 'all' | 'not dod' | 'only standard' | 'none'

/** Profiles under which it counts. */
const ENOUGH: Readonly<Record<Enough, readonly ProfileName[]>> = {
  all: ['standard', 'nato', 'dod'],
  'not dod': ['standard', 'nato'],
  'only standard': ['standard'],
  none: [],
}

interface Signing {
  readonly what: string
  readonly enough: Enough
  readonly hash: Hash
  /** Absent: the CA signs. */
  readonly signer?: { readonly key: KeyKind; readonly hash?: 'SHA-1' | 'SHA-256' }
}

const SIGNINGS: readonly Signing[] = [
  { what: 'SHA-384', enough: 'all', hash: 'SHA-384' },
  { what: 'SHA-256', enough: 'not dod', hash: 'SHA-256' },
  { what: 'SHA-512', enough: 'only standard', hash: 'SHA-512' },
  { what: 'SHA-1', enough: 'none', hash: 'SHA-1' },
  { what: 'another with P-384', enough: 'all', hash: 'SHA-384', signer: { key: 'p384' } },
  { what: 'another with P-384, and SHA-256', enough: 'not dod', hash: 'SHA-256', signer: { key: 'p384' } },
  { what: 'another with P-256', enough: 'not dod', hash: 'SHA-384', signer: { key: 'p256' } },
  { what: 'another with P-521', enough: 'only standard', hash: 'SHA-384', signer: { key: 'p521' } },
  { what: 'another with RSA 3072', enough: 'all', hash: 'SHA-384', signer: { key: 'rsa3072' } },
  { what: 'another with RSA 2048', enough: 'not dod', hash: 'SHA-384', signer: { key: 'rsa2048' } },
  { what: 'another with RSA 1024', enough: 'none', hash: 'SHA-384', signer: { key: 'rsa1024' } },
  {
    what: 'another whose certificate is signed with SHA-256',
    enough: 'not dod',
    hash: 'SHA-384',
    signer: { key: 'p384', hash: 'SHA-256' },
  },
  {
    what: 'another whose certificate is signed with SHA-1',
    enough: 'none',
    hash: 'SHA-384',
    signer: { key: 'p384', hash: 'SHA-1' },
  },
]

/** The same leaf under each profile: what vouches for it, and what revokes it. */
async function meet(enough: Enough, of: (profile: ProfileName, isRevoked: boolean) => Promise<string>): Promise<void> {
  for (const profile of PROFILE_NAMES) {
    const isEnough = ENOUGH[enough].includes(profile)
    assert.equal(await of(profile, false), isEnough ? 'good' : 'unknown SP-323', `${profile}, good`)
    // What is too weak to vouch is believed when it revokes, where `standard` believes it.
    assert.equal(
      await of(profile, true),
      enough === 'none' ? 'unknown SP-323' : 'revoked SP-332',
      `${profile}, revoked`,
    )
  }
}

suite('an answer of a responder', needsPeer('openssl'), () => {
  async function answers(t: TestContext, leaf: Issued, { hash, signer: by }: Signing): Promise<readonly Buffer[]> {
    const signer = by ? await issue({ ...STRONG, ...by, ca, commonName: 'Responder', ekus: RESPONDER }) : ca
    const request = ocspRequest({ certificate: certificate(leaf), issuer: certificate(ca) }) ?? assert.fail()
    const folder = await temporaryFolder(t)
    return [
      await answerTo(folder, request, { ca, signer, hash, good: [leaf] }),
      await answerTo(folder, request, { ca, signer, hash, revoked: [leaf] }),
    ]
  }

  for (const signing of SIGNINGS)
    test(`signed by ${signing.what}, asked for and stapled`, async (t) => {
      const leaf = leaves.asked
      const said = await answers(t, leaf, signing)
      const answer = (isRevoked: boolean): Buffer => said[isRevoked ? 1 : 0]!
      await meet(signing.enough, (profile, isRevoked) =>
        bench({ places: { [ASKED]: answer(isRevoked) } }).check(leaf, profile),
      )
      await meet(signing.enough, (profile, isRevoked) =>
        bench({}).check(leaves.asked, profile, { staple: answer(isRevoked) }),
      )
    })

  test('one that is kept is judged anew under another profile, and asked for anew a minute later where it is too weak', async (t) => {
    const leaf = leaves.asked
    const [weak] = await answers(t, leaf, { what: '', enough: 'not dod', hash: 'SHA-256' })
    const [strong] = await answers(t, leaf, { what: '', enough: 'all', hash: 'SHA-384' })
    const { check, asked, clock, places } = bench({ places: { [ASKED]: weak! } })
    assert.equal(await check(leaf, 'standard'), 'good')
    assert.equal(await check(leaf, 'dod'), 'unknown SP-323')
    assert.equal(asked.length, 1)
    clock.ahead = 61_000
    assert.equal(await check(leaf, 'nato'), 'good')
    assert.equal(asked.length, 1, 'it is enough for that one')
    assert.equal(await check(leaf, 'dod'), 'unknown SP-323')
    assert.equal(await check(leaf, 'dod'), 'unknown SP-323')
    assert.equal(asked.length, 2)
    clock.ahead = 122_000
    places[ASKED] = strong!
    assert.equal(await check(leaf, 'dod'), 'good')
    assert.equal(await check(leaf, 'standard'), 'good')
    assert.equal(asked.length, 3)
  })
})

suite('a CRL', () => {
  for (const { what, enough, hash, signer: by } of SIGNINGS)
    test(`signed by ${what}, fetched and brought`, async () => {
      // Of the same name as the CA, with a key of its own.
      const signer = by ? await makeCa({ ...STRONG, ...by, ca: root, commonName: 'CA' }) : ca
      const others = [certificate(signer)]
      const from = (leaf: Issued, isRevoked: boolean): Buffer =>
        crl({ ca, signer, hash, revoked: isRevoked ? [leaf] : [] })
      await meet(enough, (profile, isRevoked) =>
        bench({ places: { [LIST]: from(leaves.listed, isRevoked) } }).check(leaves.listed, profile, { others }),
      )
      await meet(enough, (profile, isRevoked) =>
        bench({ brought: [from(leaves.bare, isRevoked)] }).check(leaves.bare, profile, { others }),
      )
    })

  test('one that is kept is judged anew under another profile, and fetched anew a minute later where it is too weak', async () => {
    const leaf = leaves.listed
    const from = (hash: Hash): Buffer => crl({ ca, hash })
    const { check, asked, clock, places } = bench({ places: { [LIST]: from('SHA-256') } })
    assert.equal(await check(leaf, 'standard'), 'good')
    assert.equal(await check(leaf, 'dod'), 'unknown SP-323')
    assert.equal(asked.length, 1)
    clock.ahead = 61_000
    places[LIST] = from('SHA-384')
    assert.equal(await check(leaf, 'nato'), 'good')
    assert.equal(asked.length, 1, 'it is enough for that one')
    assert.equal(await check(leaf, 'dod'), 'good')
    assert.equal(asked.length, 2)
  })
})

test('what a stricter profile finds too weak may revoke, vouches for nothing, and replaces nothing that is strong', async (t) => {
  const now = Date.now()
  const leaf = leaves.bare
  const from = (hoursAgo: number, number: number, hash: Hash, o: Partial<CrlOptions> = {}): Buffer =>
    crl({ ca, number, hash, thisUpdate: new Date(now - hoursAgo * HOUR), ...o })
  const revoked = [leaf]
  const off = [{ serial: serialOf(leaf), reason: 8 }]
  const cases: readonly (readonly [what: string, standard: string, dod: string, lists: readonly Buffer[]])[] = [
    ['a weak one', 'good', 'unknown SP-323', [from(1, 1, 'SHA-256')]],
    ['a strong one, and a newer weak one', 'good', 'good', [from(2, 1, 'SHA-384'), from(1, 2, 'SHA-256')]],
    [
      'a strong one, and a newer weak one that revokes',
      'revoked SP-332',
      'revoked SP-332',
      [from(2, 1, 'SHA-384'), from(1, 2, 'SHA-256', { revoked })],
    ],
    [
      'a strong one that revokes, and a newer weak one that does not',
      'good',
      'revoked SP-332',
      [from(2, 1, 'SHA-384', { revoked }), from(1, 2, 'SHA-256')],
    ],
    [
      'a weak one that revokes, and a newer strong one that does not',
      'good',
      'good',
      [from(2, 1, 'SHA-256', { revoked }), from(1, 2, 'SHA-384')],
    ],
    [
      'a weak one that revokes, a newer weak one that does not, and a strong one',
      'good',
      'good',
      [from(3, 1, 'SHA-384'), from(2, 2, 'SHA-256', { revoked }), from(1, 3, 'SHA-256')],
    ],
    [
      'a weak delta that revokes',
      'revoked SP-332',
      'revoked SP-332',
      [from(2, 1, 'SHA-384'), from(1, 2, 'SHA-256', { base: 1, revoked })],
    ],
    [
      'a weak delta that takes it off the list',
      'good',
      'revoked SP-332',
      [from(2, 1, 'SHA-384', { revoked }), from(1, 2, 'SHA-256', { base: 1, revoked: off })],
    ],
    [
      'a strong delta that takes it off the list',
      'good',
      'good',
      [from(2, 1, 'SHA-384', { revoked }), from(1, 2, 'SHA-384', { base: 1, revoked: off })],
    ],
  ]
  const path = [leaf, ca, root].map(certificate)
  for (const [what, standard, dod, lists] of cases)
    await t.test(what, () => {
      const crls = [above, ...lists].map(list)
      for (const order of [crls, crls.toReversed()]) {
        const of = (profile: ProfileName): string =>
          words(judgeRevocation({ path, crls: order, at: now, profile: PROFILES[profile] }))
        assert.deepEqual([of('standard'), of('dod')], [standard, dod])
      }
    })
})

test('one out of date vouches for nothing, and an older one that still holds does not undo what it revokes', async (t) => {
  const now = Date.now()
  const leaf = leaves.bare
  const from = (hoursAgo: number, number: number, o: Partial<CrlOptions> = {}): Buffer =>
    crl({ ca, number, thisUpdate: new Date(now - hoursAgo * HOUR), ...o })
  const over = { nextUpdate: new Date(now - 1000) }
  const revoked = [leaf]
  const cases: readonly (readonly [what: string, says: string, lists: readonly Buffer[]])[] = [
    ['a newer one that is over', 'good', [from(9, 1), from(2, 2, over)]],
    ['a newer one that is over and revokes', 'unknown SP-339', [from(9, 1), from(2, 2, { ...over, revoked })]],
    ['an older one that is over and revokes', 'good', [from(2, 2), from(9, 1, { ...over, revoked })]],
    [
      'a newer one of a stranger that is over and revokes',
      'good',
      [from(9, 1), from(2, 2, { ...over, revoked, signer: root })],
    ],
    ['a delta that is over', 'good', [from(9, 1), from(2, 2, { ...over, base: 1 })]],
    ['a delta that is over and revokes', 'unknown SP-339', [from(9, 1), from(2, 2, { ...over, base: 1, revoked })]],
    [
      'a delta that is over and revokes, and a newer one that does not',
      'good',
      [from(9, 1), from(2, 2, { ...over, base: 1, revoked }), from(1, 3, { base: 1 })],
    ],
  ]
  const path = [leaf, ca, root].map(certificate)
  for (const [what, says, lists] of cases)
    await t.test(what, () => {
      const crls = [above, ...lists].map(list)
      for (const order of [crls, crls.toReversed()])
        assert.equal(words(judgeRevocation({ path, crls: order, at: now })), says)
    })
})
