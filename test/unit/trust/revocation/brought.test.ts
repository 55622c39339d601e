// CRLs that were brought beside those that can be fetched: which of them decides, and when anything is fetched.

import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { STANDARD } from '../../../../src/trust/profiles/standard.ts'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import type { Kept } from '../../../../src/trust/revocation/evidence.ts'
import type { Fetched } from '../../../../src/trust/revocation/fetch.ts'
import { ocspRequest } from '../../../../src/trust/revocation/ocsp.ts'
import { Revocation } from '../../../../src/trust/revocation/revocation.ts'
import type { Standing } from '../../../../src/trust/revocation/standing.ts'
import { crl, distributionPoints } from '../../../support/crl.ts'
import type { CrlOptions } from '../../../support/crl.ts'
import { answerTo, responders } from '../../../support/ocsp.ts'
import { needsPeer } from '../../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'
import { certificate, list } from './read.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const LIST = 'http://pki.test/ca.crl'
const ASKED = 'http://pki.test/ocsp'
const DOWN: Fetched = { ok: false, reason: 'SP-343', detail: 'down' }
const now = Date.now()

let ca: Issued
/** Names a list. */
let leaf: Issued

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  leaf = await issue({ ca, extensions: [distributionPoints(LIST)] })
})

/** A list from so many hours ago, which holds for ten days. */
const from = (hours: number, o: Partial<CrlOptions> = {}): Buffer => {
  const at = now - hours * HOUR
  return crl({ ca, thisUpdate: new Date(at), nextUpdate: new Date(at + 10 * DAY), ...o })
}

const found = (octets: Buffer) => (): Fetched => ({ ok: true, octets })

interface World {
  brought: readonly Buffer[]
  place: () => Fetched | Promise<Fetched>
  ocsp?: () => Fetched
  fetch: boolean
}

function bench(o: Partial<World>, kept = new Map<string, Kept>()) {
  const world: World = { brought: [], place: () => DOWN, fetch: true, ...o }
  const asked: string[] = []
  const clock = { ahead: 0 }
  const revocation = new Revocation({
    async obtain({ url }) {
      asked.push(url)
      return url === ASKED ? (world.ocsp?.() ?? DOWN) : world.place()
    },
    keeper: { recall: (place) => kept.get(place), keep: (place, what) => void kept.set(place, what) },
    reader: new CrlReader(),
    dropped: () => ({ all: () => Promise.resolve(world.brought.map(list)) }),
    terms: () => ({
      ...{ fetch: world.fetch, responder: undefined, timeoutMs: 400, againMs: DAY },
      most: { entries: 10, bytes: 100_000 },
    }),
    now: () => now + clock.ahead,
    fetched() {},
  })
  const standing = (renew = false, of = leaf): Promise<Standing> =>
    revocation.check({ path: [of, ca].map(certificate), profile: STANDARD, renew })
  const check = async (renew?: boolean, of?: Issued): Promise<string> => {
    const said = await standing(renew, of)
    return said.status === 'good' ? 'good' : `${said.status} ${said.reason}`
  }
  return { world, asked, clock, standing, check }
}

suite('of what was brought and what can be fetched the newer one decides', () => {
  const revoked = (): { revoked: readonly Issued[] } => ({ revoked: [leaf] })
  const cases: readonly (readonly [
    what: string,
    says: string,
    fetches: number,
    brought: () => Buffer,
    place: () => Buffer | undefined,
  ])[] = [
    ['young, and nothing is fetched', 'good', 0, () => from(23), () => from(1, revoked())],
    ['young and revoked, and nothing is fetched', 'revoked SP-332', 0, () => from(23, revoked()), () => from(1)],
    ['old, and a newer one revokes', 'revoked SP-332', 1, () => from(25), () => from(1, revoked())],
    ['old, and a newer one does not revoke', 'good', 1, () => from(25), () => from(1)],
    ['old and revoked, and a newer one does not revoke', 'good', 1, () => from(25, revoked()), () => from(1)],
    ['old, and an older one revokes', 'good', 1, () => from(25), () => from(50, revoked())],
    [
      'old, and one of the same second with a higher number revokes',
      'revoked SP-332',
      1,
      () => from(25, { number: 1 }),
      () => from(25, { number: 2, ...revoked() }),
    ],
    [
      'old, and one of the same second with a lower number revokes',
      'good',
      1,
      () => from(25, { number: 2 }),
      () => from(25, { number: 1, ...revoked() }),
    ],
    ['old, and nobody is there', 'good', 1, () => from(25), () => undefined],
    ['old, and what comes is garbage', 'good', 1, () => from(25), () => Buffer.from('<html>')],
    [
      'old, and what comes is out of date',
      'good',
      1,
      () => from(25),
      () => from(2, { nextUpdate: new Date(now - 1000) }),
    ],
    [
      'out of date, and a newer one revokes',
      'revoked SP-332',
      1,
      () => from(25, { nextUpdate: new Date(now - 1000) }),
      () => from(1, revoked()),
    ],
  ]
  for (const [what, says, fetches, brought, place] of cases)
    test(what, async () => {
      const lies = place()
      const { check, asked } = bench({ brought: [brought()], place: lies ? found(lies) : () => DOWN })
      assert.equal(await check(), says)
      assert.equal(await check(), says)
      assert.equal(asked.length, fetches)
      assert.equal(await check(true), says, 'looked at again')
    })
})

test('where nothing is fetched, what was brought decides for as long as it holds', async () => {
  const { check, asked, clock } = bench({ brought: [from(25)], place: found(from(1)), fetch: false })
  assert.equal(await check(), 'good')
  assert.equal(await check(true), 'good')
  clock.ahead = 10 * DAY
  assert.equal(await check(), 'unknown SP-339')
  assert.deepEqual(asked, [])
})

test('a place that keeps silent holds nobody up, and is looked at again soon', async () => {
  const { standing, world } = bench({ brought: [from(25)], place: () => new Promise(() => {}) })
  const said = await standing()
  assert.ok(said.status === 'good' && said.until === now + 60_000, JSON.stringify(said))
  const again = await standing(true)
  assert.ok(again.status === 'good' && again.until > now + DAY, 'until its end')
  world.brought = [from(25, { revoked: [leaf] })]
  assert.equal((await standing()).status, 'revoked')
})

test('what comes too late for one counts for the next', async () => {
  const late = Promise.withResolvers<Fetched>()
  const { check, asked } = bench({ brought: [from(25)], place: () => late.promise })
  assert.equal(await check(), 'good')
  late.resolve({ ok: true, octets: from(1, { revoked: [leaf] }) })
  assert.equal(await check(), 'revoked SP-332')
  assert.equal(asked.length, 1)
})

test('a revocation that was fetched is not undone by an older list that is brought, nor after a restart', async () => {
  const kept = new Map<string, Kept>()
  const first = bench({ place: found(from(2, { revoked: [leaf] })) }, kept)
  assert.equal(await first.check(), 'revoked SP-332')
  first.world.brought = [from(20)]
  assert.equal(await first.check(), 'revoked SP-332')
  for (const fetch of [true, false]) {
    const { check, asked } = bench({ brought: [from(20)], fetch }, kept)
    assert.deepEqual(await Promise.all([check(), check()]), ['revoked SP-332', 'revoked SP-332'])
    assert.deepEqual(asked, [])
  }
})

test('nor is one of which a responder has told', needsPeer('openssl'), async (t) => {
  const known = await issue({ ca, extensions: [responders(ASKED)] })
  const request = ocspRequest({ certificate: certificate(known), issuer: certificate(ca) }) ?? assert.fail()
  const answer = await answerTo(await temporaryFolder(t), request, { ca, revoked: [known] })
  const { check, world } = bench({ ocsp: found(answer) })
  assert.equal(await check(false, known), 'revoked SP-332')
  world.brought = [from(2)]
  assert.equal(await check(false, known), 'revoked SP-332')
  world.brought = [from(-0.02)]
  assert.equal(await check(false, known), 'good', 'one from after it')
})
