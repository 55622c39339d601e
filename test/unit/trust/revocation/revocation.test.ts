// Whom a check asks, in which order, and how long it waits. What is fetched is data here; real places are in test/net/.

import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { readCertificate } from '../../../../src/trust/certificate.ts'
import type { Certificate } from '../../../../src/trust/certificate.ts'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import type { Fetched } from '../../../../src/trust/revocation/fetch.ts'
import { ocspRequest } from '../../../../src/trust/revocation/ocsp.ts'
import { Revocation } from '../../../../src/trust/revocation/revocation.ts'
import type { RevocationQuestion } from '../../../../src/trust/revocation/revocation.ts'
import { crl, distributionPoints } from '../../../support/crl.ts'
import { answerTo, responders } from '../../../support/ocsp.ts'
import { needsPeer } from '../../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'

const RESPONDER = 'http://pki.test/ocsp'
const LIST = 'http://pki.test/ca.crl'
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
function bench(places: Record<string, () => Fetched | Promise<Fetched>>, timeoutMs = 400) {
  const asked: string[] = []
  const revocation = new Revocation({
    async obtain({ url }) {
      asked.push(url)
      return (places[url] ?? (() => DOWN))()
    },
    keeper: undefined,
    reader: new CrlReader(),
    dropped: () => undefined,
    terms: () => ({ fetch: true, responder: undefined, timeoutMs, most: { entries: 10, bytes: 100_000 } }),
    now: Date.now,
    fetched() {},
  })
  const check = async (o: Partial<RevocationQuestion> = {}, of: readonly Issued[] = [leaf, ca]): Promise<string> => {
    const standing = await revocation.check({ path: of.map(certificate), ...o })
    return standing.status === 'good' ? 'good' : `${standing.status} ${standing.reason}`
  }
  return { asked, check, places }
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

suite('staples', needsPeer('openssl'), () => {
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
})
