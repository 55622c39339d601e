// What counts as misbehaviour of a domain outside: what it does, and not what its own state makes of that.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { Conduct } from '../../../src/gateway/conduct.ts'
import { House } from '../../../src/gateway/house.ts'
import type { Stream } from '../../../src/net/stream.ts'
import type { ConductState } from '../../../src/policy/conduct/conduct.ts'
import { WHILE_MS } from '../../../src/policy/conduct/conducts.ts'
import type { Facts } from '../../../src/policy/facts.ts'
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
  const conduct = new Conduct({
    house: () => house,
    journal: { moved: () => undefined },
    enforce: () => undefined,
    reference: () => 'r',
    now: () => now,
  })
  conduct.tick()
  const found = () => conduct.list(DOMAIN)[0]
  return {
    found,
    hold: (state: ConductState) => conduct.say({ domain: DOMAIN, state, forMs: undefined, by: 'anna', why: undefined }),
    refuse(reason: ReasonId, times: number, more: Partial<Facts> = {}): number {
      const facts = { direction: 'inbound', kind: 'message', fromDomain: DOMAIN, provenDomains: [DOMAIN], ...more }
      const before = found()?.sum ?? 0
      for (let one = 0; one < times; one++) conduct.refused(facts as unknown as Facts, STREAM, { reason })
      now += WHILE_MS
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

test('very many requests for presence are that in any state', async (t) => {
  const it = await bench(t, 'open')
  const asks = { kind: 'presence', type: 'subscribe' } as const
  it.hold('watch')
  for (const reason of ['SP-153', 'SP-155', 'SP-147'] as const) assert.equal(it.refuse(reason, 100, asks), 10, reason)
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
