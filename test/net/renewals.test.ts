// Partners prove their names anew while stanzas cross: numbers go both ways between two gateways whose streams are replaced
// every two seconds, and all arrive, once, in order. `npm run renewals` sends 100,000 each way.

import assert from 'node:assert/strict'
import process from 'node:process'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Renewal } from '../../src/gateway/journal.ts'
import type { Stream, StreamEnd } from '../../src/net/stream.ts'
import { type Issued, makeCa } from '../support/pki.ts'
import { eventually } from '../support/within.ts'
import { TwoHouse } from './two-houses.ts'

const COUNT = Number(process.env['TEST_FLOOD'] ?? 3000)
const PER_SECOND = 2500
const OVER_MS = Math.max(4500, (COUNT / PER_SECOND) * 1000)

/** Every test has two addresses of loopback to itself. */
let addresses = 0
const place = (domain: string) => ({ domain, host: `127.0.61.${++addresses}` })

let ca: Issued
before(async () => {
  ca = await makeCa()
})

type Trust = Readonly<Record<string, unknown>>

async function houses(
  t: TestContext,
  bidi: boolean,
  a: Trust,
  b: Trust,
  livesMs?: number,
): Promise<readonly [TwoHouse, TwoHouse]> {
  const [A, B] = [place('a.example'), place('b.example')]
  return [
    await TwoHouse.open(t, { ...A, other: B, ca, bidi, trust: a }),
    await TwoHouse.open(t, { ...B, other: A, ca, bidi, trust: b, ...(livesMs === undefined ? {} : { livesMs }) }),
  ]
}

const outcomes = (house: TwoHouse): readonly Renewal[] =>
  house.told('renewed').map(({ with: [, outcome] }) => outcome as Renewal)
const countOf = (house: TwoHouse, outcome: Renewal): number => outcomes(house).filter((one) => one === outcome).length

/** Numbers both ways at once, until the last of them have arrived. */
async function flood(t: TestContext, [a, b]: readonly [TwoHouse, TwoHouse], count = COUNT, overMs = OVER_MS) {
  const [from, to] = [await a.reach(t), await b.reach(t)]
  await a.write(from, 1, 0)
  await eventually('the first number', () => b.numbers.length === 1 || undefined)
  await Promise.all([a.write(from, count, overMs, 1), b.write(to, count, overMs)])
  for (const house of [a, b]) {
    await eventually(
      () => `the last number; ${house.numbers.length} of ${count}`,
      () => house.numbers.length >= count || undefined,
      { ms: 60_000 },
    )
  }
}

/** Each once, in order, and nothing that came back. */
function assertWhole(house: TwoHouse, count = COUNT): void {
  assert.deepEqual(house.bad, [])
  const odd = house.numbers.findIndex((number, n) => number !== n)
  assert.equal(odd, -1, `odd from ${odd}: ${house.numbers.slice(Math.max(0, odd - 3), odd + 8).join(' ')}`)
  assert.equal(house.numbers.length, count)
}

/** Replaced when half to two thirds of it are over, and by the peer's word only much later, however busy the machine is. */
const EVERY_2_S = { reauthenticate: '3s' }

for (const [what, bidi] of [
  ['one way each', false],
  ['both ways', true],
] as const) {
  test(`streams that go ${what}, replaced every two seconds: ${COUNT} numbers each way, all once, in order`, async (t) => {
    const both = await houses(t, bidi, EVERY_2_S, EVERY_2_S)
    await flood(t, both)
    for (const house of both) assertWhole(house)
    const renewed = both.map((house) => countOf(house, 'renewed'))
    t.diagnostic(`replaced: ${renewed.join(' and ')} times in ${Math.round(OVER_MS / 1000)} s`)
    const least = Math.floor(OVER_MS / 2000) - 1
    assert.ok(renewed[0]! + renewed[1]! >= least, `replaced ${renewed.join(' and ')} times`)
    for (const house of both) assert.deepEqual([countOf(house, 'failed'), countOf(house, 'overdue')], [0, 0])
  })
}

/** How the streams with the partner have ended. */
const ends = (house: TwoHouse): readonly (StreamEnd & { readonly role: string })[] =>
  house
    .told('ended')
    .map(({ with: [stream, end] }) => ({ ...(end as StreamEnd), info: (stream as Stream).info }))
    .filter(({ info }) => info.leg === 'partner')
    .map(({ info, ...end }) => ({ ...end, role: info.role }))

suite('one by one', { concurrency: true }, () => {
  test('a stream of ours that cannot be replaced serves until its time is over, and then ends with <reset/>', async (t) => {
    const [a, b] = await houses(t, false, { reauthenticate: '4s' }, {})
    const from = await a.reach(t)
    await a.write(from, 1, 0)
    await eventually('the first number', () => b.numbers.length === 1 || undefined)
    const [stream] = a.partnerStreams
    assert.ok(stream)
    assert.equal(a.gateway.renewals.provenUntil(stream), stream.info.since + 4000)
    await a.change({ connect: [{ host: '127.0.61.250', port: 1, tls: 'starttls' }] })
    await eventually('an attempt that failed', () => countOf(a, 'failed') > 0 || undefined)
    assert.ok(stream.open)
    await a.write(from, 2, 0, 1)
    await eventually('the second number', () => b.numbers.length === 2 || undefined)
    const end = await eventually('the end', () => ends(a)[0])
    assert.deepEqual([end.reason, end.condition, end.by, end.role], ['SP-484', 'reset', 'us', 'initiating'])
    assert.match(end.detail, /^SP-21\d: /)
    assert.ok(Date.now() >= stream.info.since + 3900)
    assert.equal(countOf(a, 'overdue'), 1)
    assert.equal((await eventually('the end there', () => ends(b)[0])).condition, 'reset')
    assert.deepEqual(b.numbers, [0, 1])
  })

  test('a peer that replaces nothing by itself is told to: nothing is lost, doubled or out of order, and what was in doubt came back', async (t) => {
    const [a, b] = await houses(t, false, {}, { reauthenticate: '2s' })
    const from = await a.reach(t)
    await a.write(from, 250, 5000)
    const came = (): number => b.numbers.length + a.told('bounced').length
    await eventually('that all are accounted for', () => came() >= 250 || undefined)
    const numbers = b.numbers.map(Number)
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((one, other) => one - other),
    )
    assert.equal(came(), 250)
    for (const one of a.told('bounced'))
      assert.match((one.with[3] as { readonly detail: string }).detail, /may have arrived/)
    assert.ok(countOf(b, 'told') >= 1)
    const told = ends(b).filter(({ reason }) => reason === 'SP-483')
    assert.equal(told.length, countOf(b, 'told'))
    for (const { condition, by, role } of told) assert.deepEqual([condition, by, role], ['reset', 'us', 'receiving'])
    t.diagnostic(`told ${told.length} times; ${a.told('bounced').length} of 250 came back`)
  })

  test('a stream that nothing has used since it was replaced is not replaced again', async (t) => {
    const [a, b] = await houses(t, false, EVERY_2_S, {})
    await a.write(await a.reach(t), 1, 0)
    await eventually('that it is given up', () => countOf(a, 'unused') === 1 || undefined)
    await eventually('that it is gone', () => a.partnerStreams.length === 0 || undefined)
    assert.deepEqual(outcomes(a), ['renewed', 'unused'])
    assert.deepEqual([b.numbers, ends(a).map(({ reason }) => reason)], [[0], ['SP-482', 'SP-482']])
  })

  test('streams that are up when their certificate expires end with <reset/>, both those of ours and those of the peer', async (t) => {
    const [a, b] = await houses(t, false, {}, {}, 6000)
    await a.write(await a.reach(t), 1, 0)
    await b.write(await b.reach(t), 1, 0)
    for (const house of [a, b]) await eventually('the number', () => house.numbers.length === 1 || undefined)
    await eventually('both ends', () => (ends(a).length === 2 ? true : undefined))
    const all = ends(a).toSorted((one, other) => one.role.localeCompare(other.role))
    assert.deepEqual(
      all.map(({ role, reason, condition, by }) => [role, reason, condition, by]),
      [
        ['initiating', 'SP-371', 'reset', 'us'],
        ['receiving', 'SP-371', 'reset', 'us'],
      ],
    )
  })
})
