// Whom a check asks, in which order, and how long it waits. What is fetched is data here; real places are in test/net/.

import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { readCertificate } from '../../../../src/trust/certificate.ts'
import type { Certificate } from '../../../../src/trust/certificate.ts'
import { STANDARD } from '../../../../src/trust/profiles/standard.ts'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import type { NotNow } from '../../../../src/trust/revocation/crl-reader.ts'
import type { Fetched } from '../../../../src/trust/revocation/fetch.ts'
import { ocspRequest } from '../../../../src/trust/revocation/ocsp.ts'
import { Revocation } from '../../../../src/trust/revocation/revocation.ts'
import type { RevocationQuestion } from '../../../../src/trust/revocation/revocation.ts'
import { crl, distributionPoints, extension, pointName } from '../../../support/crl.ts'
import type { CrlOptions } from '../../../support/crl.ts'
import { answerTo, responders } from '../../../support/ocsp.ts'
import { needsPeer } from '../../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'

const RESPONDER = 'http://pki.test/ocsp'
const LIST = 'http://pki.test/ca.crl'
const DAY = 86_400_000
const DOWN: Fetched = { ok: false, reason: 'SP-343', detail: 'down' }
const silence = (): Promise<Fetched> => new Promise(() => {})

let ca: Issued
/** Names a responder and a CRL. */
let leaf: Issued

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  leaf = await issue({ ca, names: ['partner.test'], extensions: [responders(RESPONDER), distributionPoints(LIST)] })
})

function certificate({ der }: Issued): Certificate {
  const read = readCertificate(der)
  assert.ok(typeof read !== 'string')
  return read
}

/** What lies where, and a check of the leaf: its status and reason. */
function bench(
  places: Record<string, () => Fetched | Promise<Fetched>>,
  timeoutMs = 400,
  { fetch = true, responder }: { readonly fetch?: boolean; readonly responder?: string } = {},
) {
  const asked: string[] = []
  const reader = new CrlReader()
  const reading: { not?: NotNow | undefined } = {}
  const clock = { ahead: 0 }
  const revocation = new Revocation({
    async obtain({ url }) {
      asked.push(url)
      return (places[url] ?? (() => DOWN))()
    },
    keeper: undefined,
    reader: { read: async (octets) => reading.not ?? reader.read(octets) },
    dropped: () => undefined,
    terms: () => ({ fetch, responder, timeoutMs, againMs: DAY, most: { entries: 10, bytes: 100_000 } }),
    now: () => Date.now() + clock.ahead,
    fetched() {},
  })
  const check = async (o: Partial<RevocationQuestion> = {}, of: readonly Issued[] = [leaf, ca]): Promise<string> => {
    const question = { path: of.map(certificate), profile: STANDARD, ...o }
    const unasked = revocation.unasked(question)
    const standing = await revocation.check(question)
    if (unasked) assert.deepEqual(unasked, standing, 'what is known at once is what is found')
    return standing.status === 'good' ? 'good' : `${standing.status} ${standing.reason}`
  }
  const atOnce = (of: readonly Issued[]): string | undefined => {
    const standing = revocation.unasked({ path: of.map(certificate) })
    return standing && (standing.status === 'good' ? 'good' : standing.detail)
  }
  return { asked, check, atOnce, places, clock, reading }
}

const found =
  (octets: Buffer): (() => Fetched) =>
  () => ({ ok: true, octets })

suite('a responder that keeps silent', () => {
  const cases: readonly (readonly [what: string, comes: string, list: () => Fetched | Promise<Fetched>])[] = [
    ['and a CRL without the certificate', 'good', () => ({ ok: true, octets: crl({ ca }) })],
    ['and a CRL with it', 'revoked SP-332', () => ({ ok: true, octets: crl({ ca, revoked: [leaf] }) })],
    ['and no CRL', 'unknown SP-344', () => DOWN],
    ['and a CRL that keeps silent too', 'unknown SP-344', silence],
  ]
  for (const [what, comes, list] of cases)
    test(what, async () => {
      const { check, asked } = bench({ [RESPONDER]: silence, [LIST]: list })
      assert.equal(await check(), comes)
      assert.deepEqual(asked, [RESPONDER, LIST])
    })
})

test('where nobody is to be asked that is known at once, and said in the same words', async () => {
  const silent = await issue({ ca, commonName: 'Silent', names: ['partner.test'] })
  const middle = await makeCa({ ca, extensions: [distributionPoints(LIST)] })
  const below = await issue({ ca: middle, names: ['partner.test'] })
  const nobody = 'CN=Silent: it names neither a responder nor a CRL'
  const cases = [
    [bench({}), [silent, ca], nobody],
    [bench({}), [ca], 'good'],
    [bench({}), [leaf, ca], undefined],
    [bench({}), [below, middle, ca], undefined],
    [bench({}, 400, { responder: RESPONDER }), [silent, ca], undefined],
    [
      bench({}, 400, { fetch: false }),
      [silent, ca],
      'CN=Silent: no CRL of its issuer is at hand, and nothing is fetched',
    ],
  ] as const
  for (const [{ atOnce, check }, path, said] of cases) {
    assert.equal(atOnce(path), said)
    await check({}, path)
  }
})

test('a check that is not awaited any longer goes on, and what it learns serves the next', async () => {
  const late = Promise.withResolvers<Fetched>()
  const { check, asked } = bench({ [RESPONDER]: () => DOWN, [LIST]: () => late.promise }, 30_000)
  assert.equal(await check({ waitMs: 20 }), 'unknown SP-344')
  const next = check()
  late.resolve({ ok: true, octets: crl({ ca, revoked: [leaf] }) })
  assert.equal(await next, 'revoked SP-332')
  assert.deepEqual(asked, [RESPONDER, LIST], 'one fetch for both')
})

test('a certificate with a thousand places to ask costs a handful of questions', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => `http://pki.test/${i}`)
  const hostile = await issue({ ca, extensions: [responders(...many), distributionPoints(...many)] })
  const { check, asked } = bench({})
  assert.equal(await check({}, [hostile, ca]), 'unknown SP-343')
  assert.ok(asked.length <= 6, asked.join())
})

test("the operator's responder is asked in place of the one that the certificate names", async () => {
  const responder = 'http://operator.test/'
  const { check, asked } = bench({ [LIST]: () => DOWN }, 400, { responder })
  assert.equal(await check(), 'unknown SP-343')
  assert.deepEqual([asked.includes(responder), asked.includes(RESPONDER)], [true, false])
})

test('a list that is asked for as one for users and as one for CAs at once is fetched once', async () => {
  const middle = await makeCa({ ca, extensions: [distributionPoints(LIST)] })
  const below = await issue({ ca: middle, names: ['partner.test'] })
  const beside = await issue({ ca, names: ['partner.test'], extensions: [distributionPoints(LIST)] })
  const { check, asked } = bench({ [LIST]: found(crl({ ca, revoked: [middle] })) }, 30_000)
  const [ofUser, ofCa] = [check({}, [beside, ca]), check({}, [below, middle, ca])]
  assert.equal(await ofUser, 'good')
  assert.equal(await ofCa, 'revoked SP-333')
  assert.deepEqual(asked, [LIST])
  assert.equal(await check({ renew: true }, [beside, ca]), 'good')
  assert.deepEqual(asked, [LIST, LIST], 'and anew when that is over')
})

test('what a thousand chains ask of one place at once is fetched once', async () => {
  const leaves = await Promise.all(
    Array.from({ length: 20 }, () => issue({ ca, keys: ca.keys, extensions: [distributionPoints(LIST)] })),
  )
  const list = crl({ ca, revoked: leaves.slice(0, 1) })
  const { check, asked } = bench({ [LIST]: found(list) }, 30_000)
  const said = await Promise.all(Array.from({ length: 1000 }, (_, i) => check({}, [leaves[i % 20]!, ca])))
  assert.deepEqual(asked, [LIST])
  assert.deepEqual(
    said,
    Array.from(said, (_, i) => (i % 20 === 0 ? 'revoked SP-332' : 'good')),
  )
})

suite(
  'what comes over HTTP in place of a list by which a certificate is revoked, rightly signed, does not undo it',
  () => {
    const HOUR = 3_600_000
    const from = (hours: number, o: Partial<CrlOptions> = {}): Buffer => {
      const [thisUpdate, nextUpdate] = [-hours, 24 - hours].map((at) => new Date(Date.now() + at * HOUR))
      return crl({ ca, thisUpdate: thisUpdate!, nextUpdate: nextUpdate!, ...o })
    }
    const cases: readonly (readonly [what: string, list: () => Buffer | Promise<Buffer>])[] = [
      ['an older one', () => from(20, { number: 1 })],
      ['an older one without a number', () => from(20)],
      ['one of the same second with a lower number', () => from(1, { number: 1 })],
      ['an older one of another scope', () => from(20, { number: 1, scope: [pointName(LIST)] })],
      [
        'an older one of another key',
        () => from(20, { extensions: [extension('2.5.29.35', Buffer.from('3003800101', 'hex'))] }),
      ],
      ['one of another CA', async () => crl({ ca: await makeCa({ commonName: 'Other' }) })],
      ['one for CAs', () => from(0, { number: 3, scope: [Buffer.of(0x82, 1, 0xff)] })],
      ['a delta', () => from(0, { number: 3, base: 2 })],
      ['an indirect one', () => from(0, { number: 3, scope: [Buffer.of(0x84, 1, 0xff)] })],
      ['one that does not hold yet', () => from(-2, { number: 3 })],
    ]
    for (const [what, list] of cases)
      test(what, async () => {
        const listed = await issue({ ca, extensions: [distributionPoints(LIST)] })
        const { check, places } = bench({ [LIST]: found(from(1, { number: 2, revoked: [listed] })) })
        assert.equal(await check({}, [listed, ca]), 'revoked SP-332')
        places[LIST] = found(await list())
        assert.equal(await check({ renew: true }, [listed, ca]), 'revoked SP-332')
        assert.equal(await check({}, [listed, ca]), 'revoked SP-332')
      })

    test('one of a namesake whom the peer brings', async () => {
      const listed = await issue({ ca, extensions: [distributionPoints(LIST)] })
      const namesake = await makeCa({ commonName: 'CA' })
      const others = [certificate(namesake)]
      const { check, places } = bench({ [LIST]: found(from(1, { number: 2, revoked: [listed] })) })
      assert.equal(await check({ others }, [listed, ca]), 'revoked SP-332')
      places[LIST] = found(from(0, { number: 3, signer: namesake }))
      assert.equal(await check({ others, renew: true }, [listed, ca]), 'revoked SP-332')
    })

    test('but a newer one does', async () => {
      const listed = await issue({ ca, extensions: [distributionPoints(LIST)] })
      const { check, places } = bench({ [LIST]: found(from(1, { number: 2, revoked: [listed] })) })
      assert.equal(await check({}, [listed, ca]), 'revoked SP-332')
      places[LIST] = found(from(0, { number: 3 }))
      assert.equal(await check({ renew: true }, [listed, ca]), 'good')
    })
  },
)

test('a list that is of no use for one CA does not keep another from what lies at the same place', async () => {
  const other = await makeCa({ commonName: 'Other' })
  const elsewhere = await issue({ ca: other, extensions: [distributionPoints(LIST)] })
  const listed = await issue({ ca, extensions: [distributionPoints(LIST)] })
  const { check } = bench({ [LIST]: found(crl({ ca })) })
  assert.equal(await check({}, [elsewhere, other]), 'unknown SP-334')
  assert.equal(await check({}, [listed, ca]), 'good')
})

test('a list that was not read because of others is fetched again as soon as somebody asks; one that could not be, later', async () => {
  const listed = await issue({ ca, extensions: [distributionPoints(LIST)] })
  const { asked, check, reading, clock } = bench({ [LIST]: found(crl({ ca })) })
  const says: string[] = []
  for (const not of [
    { notNow: 'busy', detail: 'too much else' },
    { notNow: 'lost', detail: 'ended' },
    undefined,
  ] as const) {
    reading.not = not
    says.push(`${await check({}, [listed, ca])} ${asked.length}`)
  }
  clock.ahead = 60_000
  says.push(`${await check({}, [listed, ca])} ${asked.length}`)
  assert.deepEqual(says, ['unknown SP-343 1', 'unknown SP-343 2', 'unknown SP-343 2', 'good 3'])
})

suite('staples and answers', needsPeer('openssl'), () => {
  async function answer(t: TestContext, o: { good?: Issued[]; revoked?: Issued[] }): Promise<Buffer> {
    const request = ocspRequest({ certificate: certificate(leaf), issuer: certificate(ca) }) ?? assert.fail()
    return answerTo(await temporaryFolder(t), request, { ca, ...o })
  }

  test('one that came serves when the stream is looked at again without it', async (t) => {
    const { check, asked } = bench({})
    assert.equal(await check({ staple: await answer(t, { good: [leaf] }) }), 'good')
    assert.equal(await check(), 'good')
    assert.deepEqual(asked, [])
    assert.equal(await check({ renew: true }), 'good')
    assert.deepEqual(asked, [RESPONDER, LIST], 'asked again, though nobody said anything')
  })

  test('one from before a revocation of which we know does not undo it', async (t) => {
    const [good, revoked] = [await answer(t, { good: [leaf] }), await answer(t, { revoked: [leaf] })]
    const { check } = bench({ [RESPONDER]: found(revoked) })
    assert.equal(await check(), 'revoked SP-332')
    assert.equal(await check({ staple: good }), 'revoked SP-332')
  })

  test('an answer from before a revocation of which we know does not undo it, nor does silence', async (t) => {
    const [good, revoked] = [await answer(t, { good: [leaf] }), await answer(t, { revoked: [leaf] })]
    const { check, places, asked, clock } = bench({ [RESPONDER]: found(revoked) })
    assert.equal(await check(), 'revoked SP-332')
    places[RESPONDER] = found(good)
    assert.equal(await check({ renew: true }), 'revoked SP-332')
    for (const says of [found(good), (): Fetched => DOWN]) {
      clock.ahead += 3 * 3_600_000
      places[RESPONDER] = says
      asked.length = 0
      assert.equal(await check(), 'revoked SP-332')
      assert.deepEqual(asked, [RESPONDER], 'it may have been a hold')
    }
  })

  test('an answer from after it does', async (t) => {
    const revoked = await answer(t, { revoked: [leaf] })
    const { check, places } = bench({ [RESPONDER]: found(revoked) })
    assert.equal(await check(), 'revoked SP-332')
    // The program writes whole seconds.
    const second = Math.floor(Date.now() / 1000)
    while (Math.floor(Date.now() / 1000) === second) await setImmediate()
    const good = await answer(t, { good: [leaf] })
    assert.equal(await check({ staple: good }), 'good', 'stapled')
    places[RESPONDER] = found(good)
    assert.equal(await check({ renew: true }), 'good', 'fetched')
  })
})
