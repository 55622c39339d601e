// What counts as misbehaviour of a domain outside: what it does, and not what its own state makes of that.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { Conduct } from '../../../src/gateway/conduct.ts'
import { House } from '../../../src/gateway/house.ts'
import type { Stream } from '../../../src/net/stream.ts'
import type { ConductState } from '../../../src/policy/conduct/conduct.ts'
import { WHILE_MS } from '../../../src/policy/conduct/conducts.ts'
import type { Crossing, Facts } from '../../../src/policy/facts.ts'
import { Meters } from '../../../src/policy/limits/meters.ts'
import { Requests } from '../../../src/policy/limits/requests.ts'
import { Passage } from '../../../src/policy/passages.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { frame } from '../policy/people.ts'
import type { FederationMode } from '../../../src/policy/partner.ts'
import { OwnCertificates } from '../../../src/trust/own-certificates.ts'
import type { ReasonId } from '../../../src/xmpp/reasons.ts'
import { configuration, GATEWAY } from '../config/folder.ts'

const DOMAIN = 'busy.example'
const STREAM = { info: { pair: { local: 'corp.example', remote: DOMAIN } } } as unknown as Stream

/** Stanzas that are refused in one while, for a reason; and what is found then. */
async function bench(t: TestContext, mode: FederationMode) {
  const { settings, partners, findings } = await loadConfig(configuration(t, { 'gateway.yaml': GATEWAY }))
  assert.ok(settings, JSON.stringify(findings))
  const { own } = await OwnCertificates.load([], { now: Date.now, watch: false })
  const ca = { identity: () => Promise.reject(new Error('nobody asks')) }
  const federation = { ...settings.federation, mode }
  const parts = { settings: { ...settings, federation }, partners, own, ca, now: Date.now }
  const { house } = await House.build(parts)
  let now = Date.UTC(2026, 5, 15)
  let set = 0
  const conduct = new Conduct({
    house: () => house,
    journal: { moved: () => undefined },
    enforce: () => undefined,
    streams: () => [],
    reference: () => 'r',
    now: () => now,
    steady: () => now - set,
  })
  conduct.tick()
  const found = () => conduct.list(DOMAIN)[0]
  const meters = new Meters(7, () => ({ senders: 10_000, recipients: 10_000 }))
  const requests = new Requests(7, () => ({ pendingRequests: 100, requestsKeptMs: WHILE_MS }))
  const crossing: Crossing = {
    ...{ direction: 'inbound', provenTowards: () => [], partners: house.partners, mode, ours: ['corp.example'] },
    limits: { meters, requests, terms: (domain) => house.terms(domain) },
  }
  return {
    ...{ found, conduct, house },
    now: () => now,
    passage: (domain: string) => new Passage(crossing, domain, 'corp.example', house.partners.terms(domain)),
    message: (domain: string, user: string) => frame({ from: `a@${domain}`, to: `${user}@corp.example` }),
    pass() {
      now += WHILE_MS
      conduct.tick()
    },
    /** Somebody sets the clock. */
    set(ms: number) {
      now += ms
      set += ms
    },
    hold: (state: ConductState, forMs?: number) =>
      conduct.say({ domain: DOMAIN, state, forMs, by: 'anna', why: undefined }),
    refuse(reason: ReasonId, times: number, more: Partial<Facts> = {}, passes = WHILE_MS, ofUser?: true): number {
      const facts = { direction: 'inbound', kind: 'message', fromDomain: DOMAIN, provenDomains: [DOMAIN], ...more }
      const before = found()?.sum ?? 0
      for (let one = 0; one < times; one++)
        conduct.refused(facts as unknown as Facts, STREAM, { reason, ...(ofUser && { ofUser }) })
      now += passes
      conduct.tick()
      return Math.max(0, Math.round((found()?.sum ?? 0) - before))
    },
  }
}

test('what is too much only for its state makes no points, so that who is busy leaves it', async (t) => {
  for (const mode of ['open', 'limited'] as const)
    for (const state of ['limited', 'watch'] as const)
      await t.test(`${mode}, ${state}`, async (sub) => {
        const it = await bench(sub, mode)
        it.hold(state)
        assert.equal(it.refuse('SP-153', 150), 0)
        assert.equal(it.refuse('SP-155', 150), 0)
      })
})

test('what is too much in any state makes points in all', async (t) => {
  const open = await bench(t, 'limited')
  assert.equal(open.refuse('SP-153', 50), 5)
  assert.equal(open.refuse('SP-155', 9), 9)
  assert.equal(open.found()?.state, 'limited')
  assert.equal(open.refuse('SP-153', 5000), 5, 'more than even if its conduct were good')
  assert.equal(open.refuse('SP-154', 50), 5, 'its state leaves it no fewer bytes')
})

test('what is too much for one of their users is that in any state', async (t) => {
  for (const mode of ['open', 'limited'] as const)
    for (const state of ['normal', 'limited', 'watch'] as const)
      await t.test(`${mode}, ${state}`, async (sub) => {
        const it = await bench(sub, mode)
        it.hold(state)
        assert.equal(it.refuse('SP-153', 50, {}, WHILE_MS, true), 5)
        assert.equal(it.refuse('SP-155', 9, {}, WHILE_MS, true), 9)
      })
})

test('very many requests for presence are that in any state', async (t) => {
  const it = await bench(t, 'open')
  const asks = { kind: 'presence', type: 'subscribe' } as const
  it.hold('watch')
  for (const reason of ['SP-153', 'SP-155', 'SP-147'] as const) assert.equal(it.refuse(reason, 100, asks), 10, reason)
})

test('who makes up names below one domain has one conduct and one allowance', async (t) => {
  const it = await bench(t, 'limited')
  const names = Array.from({ length: 20 }, (_, one) => `n${one}.evil.example`)
  for (const name of names) {
    const said = { name: 'message', type: undefined } as Frame
    const passage = it.passage(name)
    for (let one = 0; one < 2; one++) it.conduct.passed(said, passage)
    it.refuse('SP-106', 2, { fromDomain: name, provenDomains: [name] }, 0)
  }
  it.pass()
  assert.deepEqual(
    it.conduct.list('n7.evil.example').map(({ domain, sum }) => [domain, Math.round(sum)]),
    [['evil.example', 6]],
  )
  const taken = names.map((name, one) => it.passage(name).sentry?.take(it.message(name, `u${one}`), it.now()))
  assert.equal(taken.filter((exceeded) => exceeded !== undefined).length, 0)
  const more = Array.from({ length: 2000 }, (_, one) =>
    it.passage(`m${one}.evil.example`).sentry?.take(it.message(`m${one}.evil.example`, 'u'), it.now()),
  )
  const crossed = more.filter((exceeded) => exceeded === undefined).length
  assert.ok(crossed < 300, `${crossed} crossed`)
  it.conduct.say({ domain: 'evil.example', state: 'blocked', forMs: undefined, by: 'anna', why: undefined })
  assert.equal(it.house.admission('never-seen.evil.example'), 'SP-162')
  assert.deepEqual(
    it.conduct.list('x.evil.example').map(({ domain, state }) => [domain, state]),
    [['evil.example', 'blocked']],
  )
})

test('names that a provider’s users make up are no conduct of the domains in them', async (t) => {
  const it = await bench(t, 'open')
  const names = { fromDomain: 'stranger.example', via: DOMAIN, provenDomains: [DOMAIN] }
  assert.equal(it.refuse('SP-167', 100, names), 6)
  assert.deepEqual(it.conduct.list('stranger.example'), [])
  // Where its stream is for another name as well.
  const via = 'also.example'
  it.refuse('SP-167', 100, { fromDomain: 'stranger.example', via, provenDomains: [DOMAIN, via] })
  assert.equal(it.conduct.list(via).length, 1)
})

test('what comes to nothing makes points, unless it is for whom of ours it was or that it was late', async (t) => {
  const it = await bench(t, 'open')
  assert.equal(it.refuse('SP-106', 100), 6)
  const none = [
    'SP-141',
    'SP-142',
    'SP-143',
    'SP-144',
    'SP-145',
    'SP-146',
    'SP-147',
    'SP-162',
    'SP-166',
    'SP-169',
    'SP-170',
    'SP-523',
  ] as const
  for (const reason of none) assert.equal(it.refuse(reason, 100), 0, reason)
})

test('what is said right after the clock was set lasts as long as was said', async (t) => {
  for (const ms of [400 * 86_400_000, -400 * 86_400_000]) {
    const { set, hold, pass, found } = await bench(t, 'open')
    set(ms)
    hold('watch', 3 * WHILE_MS)
    pass()
    assert.equal(found()?.state, 'watch', `${ms}`)
    for (let whiles = 0; whiles < 3; whiles++) pass()
    assert.equal(found(), undefined, `${ms}`)
  }
})
