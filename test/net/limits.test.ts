// What partners and their users may send, at a gateway that runs: what is a little too fast comes a little later and nothing of it
// is lost, what is much too fast is refused and told, and nobody else waits.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import { partnerSending } from '../../src/gateway/partner-sending.ts'
import type { Facts } from '../../src/policy/facts.ts'
import type { PartnerLimits } from '../../src/policy/limits/terms.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { eventually } from '../support/within.ts'
import { chat, conversing, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.99'
const AURORA = 'bob@aurora.example'
const BOREALIS = 'mallory@borealis.example'
const ALICE = 'alice@corp.example'

const within =
  (limits: Partial<Settings['limits']>) =>
  (settings: Settings): Settings => ({ ...settings, limits: { ...settings.limits, ...limits } })

/** The evaluation set-up, where aurora.example has these limits. */
async function limited(t: TestContext, limits: PartnerLimits, times: Partial<Settings['limits']>) {
  const house = await evaluation(t, HOST, within(times))
  const { gateway, lab, partners, build } = house
  await conversing(lab)
  gateway.apply(
    await build(
      partners.map((one): Partner => ({
        ...one,
        status: 'allowed',
        ...(one.domain === 'aurora.example' && { limits }),
      })),
    ),
  )
  const since = lab.lastEvent
  const ids = async (at: string, like: RegExp): Promise<readonly string[]> =>
    (await lab.events(since, 0)).flatMap((news) =>
      news.kind === 'received' && news.domain === at ? (like.exec(news.stanza)?.[1] ?? []) : [],
    )
  const send = (from: string, to: string, id: string): void => {
    assert.equal(lab.send(from.slice(from.indexOf('@') + 1), chat(from, to, id)), undefined)
  }
  /** What the core has got of this name, and what its sender was refused. */
  const arrived = (name: string): Promise<readonly string[]> =>
    ids('corp.example', new RegExp(`^<message(?! type="error")[^>]* id="(${name}-\\d+)"`))
  const refused = (name: string): Promise<readonly string[]> =>
    ids('aurora.example', new RegExp(`type="error"[^]*? id="(${name}-\\d+)"`))
  return { ...house, since, send, arrived, refused }
}

const many = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${name}-${n}`)

test('what is too fast comes later, in order, and nothing is lost; nobody else waits', async (t) => {
  const { gateway, lab, since, send, arrived, told } = await limited(t, { stanzasPerSecond: 40 }, { burstMs: 1000 })
  const all = many('fast', 100)
  for (const id of all) send(AURORA, ALICE, id)
  const before = performance.now()
  await eventually('that aurora waits', () => (gateway.limiting.waiting.streams === 1 ? true : undefined))
  send(BOREALIS, ALICE, 'other')
  send(ALICE, AURORA, 'back')
  await first(lab, since, (news) => news.kind === 'received' && news.stanza.includes('id="other"'))
  assert.ok((await arrived('fast')).length < all.length, 'the other one has overtaken aurora')
  await eventually('all of aurora', async () => ((await arrived('fast')).length === all.length ? true : undefined))
  assert.deepEqual(await arrived('fast'), all)
  assert.ok(performance.now() - before > 500, 'no more than the rate crosses')
  assert.deepEqual(told('refused'), [])
  assert.deepEqual(gateway.limiting.waiting, { streams: 0, stanzas: 0 })
})

test('what is much too fast is refused and told, and nothing is lost', async (t) => {
  const limits = { stanzasPerSecond: 20 }
  const { gateway, lab, send, arrived, refused, told } = await limited(t, limits, { burstMs: 1000, smoothingMs: 200 })
  const all = many('fast', 100)
  for (const id of all) send(AURORA, ALICE, id)
  const both = async (): Promise<readonly string[]> => [...(await arrived('fast')), ...(await refused('fast'))]
  await eventually('an end of each', async () => ((await both()).length === all.length ? true : undefined))
  assert.deepEqual((await both()).toSorted(), all.toSorted(), 'each has one end')
  const crossed = await arrived('fast')
  assert.deepEqual(crossed.slice(0, 20), all.slice(0, 20), 'as many as may go at once')
  assert.ok(crossed.length < 60)
  const reasons = new Set(told('refused').map(({ with: [, , refusal] }) => (refusal as { reason: string }).reason))
  assert.deepEqual([...reasons], ['SP-153'])
  const { limits: standing, refused: held, smoothed } = partnerSending('aurora.example', gateway, Date.now())
  assert.deepEqual(
    standing.map(({ limit, most }) => [limit, most]),
    [['stanzasPerSecond', 20]],
  )
  assert.deepEqual(held, { 'SP-153': (await refused('fast')).length })
  assert.equal(smoothed, gateway.limiting.status.smoothed)
  const answer = await first(lab, 0, (news) => news.kind === 'received' && /id="fast-\d+".*<error/.test(news.stanza))
  assert.match(
    answer.kind === 'received' ? answer.stanza : '',
    /<error type="wait"><resource-constraint [^>]*\/><text [^>]*>[^<]*Reference \w{4}-\w{4}-\w{4}/,
  )
})

test('a user is held to the recipients of a day, and other users of the partner are not', async (t) => {
  const { lab, since, send, told } = await limited(t, { eachUser: { recipientsPerDay: 2 } }, {})
  for (const [n, to] of ['alice', 'ben', 'carol', 'alice'].entries()) send(AURORA, `${to}@corp.example`, `day-${n}`)
  send('dora@aurora.example', 'carol@corp.example', 'dora')
  await first(lab, since, (news) => news.kind === 'received' && news.stanza.includes('id="dora"'))
  assert.deepEqual(
    told('refused').map(({ with: [facts, , refusal] }) => [
      (facts as Facts).to,
      (refusal as { detail: string }).detail,
    ]),
    [['carol@corp.example', 'user=bob@aurora.example, recipientsPerDay=2']],
  )
})

test('what waits is not lost when the gateway is taken out of service', async (t) => {
  const { gateway, send, arrived, refused } = await limited(
    t,
    { stanzasPerSecond: 1 },
    { burstMs: 1000, smoothingMs: 60_000 },
  )
  for (const id of many('last', 2)) send(AURORA, ALICE, id)
  await eventually('that one waits', () => (gateway.limiting.waiting.stanzas === 1 ? true : undefined))
  void gateway.draining.finish('SP-629')
  await eventually('both', async () => ((await arrived('last')).length === 2 ? true : undefined))
  assert.deepEqual([await arrived('last'), await refused('last')], [many('last', 2), []])
})

test('only so many requests for presence wait for an answer, and an answer makes room', async (t) => {
  const { gateway, lab, since, told } = await limited(t, { pendingRequests: 1 }, {})
  const ask = (from: string, id: string): void =>
    assert.equal(
      lab.send('aurora.example', `<presence type="subscribe" id="${id}" from="${from}" to="${ALICE}"/>`),
      undefined,
    )
  const received = (like: RegExp) => first(lab, since, (news) => news.kind === 'received' && like.test(news.stanza))
  // Both are there before the core can answer the first.
  ask(AURORA, 'ask-1')
  ask('dora@aurora.example', 'ask-2')
  await received(/type="error" id="ask-2"[^]*<error type="cancel"><not-allowed /)
  const refusals = told('refused').map(({ with: [, , refusal] }) => refusal as { reason: string; detail: string })
  assert.deepEqual(
    refusals.map(({ reason, detail }) => [reason, detail]),
    [['SP-158', 'partner=aurora.example, pendingRequests=1']],
  )
  await received(/type="subscribed"[^>]* to="bob@aurora.example"/)
  assert.equal(gateway.limiting.status.requests, 0)
  ask('dora@aurora.example', 'ask-3')
  await received(/type="subscribed"[^>]* to="dora@aurora.example"/)
})
