// Somebody in no entry misbehaves, and is met by what they do: through all states, and with time back through all of them. And
// what an administrator says in its place.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConductMove } from '../../src/policy/conduct/conducts.ts'
import { WHILE_MS } from '../../src/policy/conduct/conducts.ts'
import type { Stream } from '../../src/net/stream.ts'
import { makeCa } from '../support/pki.ts'
import { eventually } from '../support/within.ts'
import { TwoHouse } from './two-houses.ts'

const THEIRS = 'stranger.test'
const OURS = 'us.test'
const MINUTE = 60_000

test('a domain that misbehaves goes through the states and back, each move told and in force at once', async (t) => {
  const ca = await makeCa()
  let ahead = 0
  const clock = (): number => Date.now() + ahead
  const [them, us] = [
    { domain: THEIRS, host: '127.0.88.1' },
    { domain: OURS, host: '127.0.88.2' },
  ]
  // What is too much is refused at once.
  const open = { strangers: 'open', now: clock, limits: { smoothingMs: 0, conductHalfLifeMs: 2 * MINUTE } } as const
  const ours = await TwoHouse.open(t, { ...us, other: them, ca, bidi: true, ...open })
  const theirs = await TwoHouse.open(t, { ...them, other: us, ca, bidi: true })
  const { gateway } = ours
  const stream = await theirs.reach(t)
  const moves = (): readonly string[] =>
    ours.told('moved').map(({ with: [move] }) => {
      const { domain, from, to, how } = move as ConductMove
      assert.equal(domain, THEIRS)
      return `${from} ${to} ${how}`
    })
  const state = (): string => gateway.conduct.list(THEIRS)[0]?.state ?? 'normal'
  /** So many of ours are asked for their presence within a while, and it is over. */
  const ask = async (people: number, first: number): Promise<void> => {
    const seen = (): number => ours.numbers.length / 2 + ours.told('refused').length
    const before = seen()
    for (let one = 0; one < people; one++)
      send(stream, `<presence type='subscribe' to='u${first + one}@${OURS}' from='a@${THEIRS}'/>`)
    await eventually('the requests arrive', () => seen() >= before + people || undefined)
    ahead += WHILE_MS
    gateway.conduct.tick()
  }

  await ask(8, 0)
  assert.equal(state(), 'normal', 'a few are nothing')
  for (let burst = 0; burst < 9 && state() !== 'blocked'; burst++) await ask(100, burst * 100)
  assert.deepEqual(moves(), ['normal limited behaviour', 'limited watch behaviour', 'watch blocked behaviour'])

  await t.test('each state lets less through', () => {
    const reasons = ours
      .told('refused')
      .map(({ with: [, , refusal] }) => (refusal as { readonly reason: string }).reason)
    assert.deepEqual([...new Set(reasons)], ['SP-153', 'SP-147'])
    assert.ok(reasons.length > 200, `${reasons.length} were refused`)
  })

  await t.test('who is blocked has lost its streams, and opens no other', async () => {
    assert.equal(gateway.house.admission(THEIRS), 'SP-162')
    const [end] = await eventually('its stream ends', () => ours.told('ended').slice(-1)[0]?.with.slice(1))
    assert.equal((end as { readonly reason: string }).reason, 'SP-162')
    const refused = ours.told('failed').length
    // What comes before the other side has heard of the end brings no new stream.
    await eventually('a new stream is refused', () => {
      for (const link of theirs.gateway.ways.all()) link.retry()
      send(stream, `<message to='b@${OURS}' from='a@${THEIRS}'><body>1</body></message>`)
      return ours.told('failed').length > refused || undefined
    })
    const [failure] = ours
      .told('failed')
      .slice(-1)
      .flatMap((told) => told.with)
    assert.equal((failure as { readonly reason: string }).reason, 'SP-162')
  })

  await t.test('time brings it back, state by state', async () => {
    for (let minute = 0; minute < 20; minute++) {
      ahead += MINUTE
      gateway.conduct.tick()
    }
    assert.deepEqual(moves().slice(3), ['blocked watch time', 'watch limited time', 'limited normal time'])
    assert.equal(gateway.house.admission(THEIRS), undefined)
    await eventually('a message arrives', () => {
      for (const link of theirs.gateway.ways.all()) link.retry()
      send(stream, `<message to='b@${OURS}' from='a@${THEIRS}'><body>7</body></message>`)
      return ours.numbers.at(-1) === 7 || undefined
    })
  })

  await t.test('what an administrator says is in force at once, ends by itself, and can be taken back', async () => {
    const said = { domain: THEIRS, by: 'anna', why: 'spam' }
    const would = (domain: string, coming: 'blocked' | 'watch' | undefined) =>
      gateway.conduct.cuts({ ...said, domain, state: coming, forMs: undefined })
    const cut = await eventually('its streams are up', () => would(THEIRS, 'blocked')[0])
    assert.deepEqual([cut.domain, cut.streams > 0], [THEIRS, true])
    for (const [domain, coming] of [
      [THEIRS, 'watch'],
      [THEIRS, undefined],
      ['other.test', 'blocked'],
      [`x.${THEIRS}`, 'blocked'],
    ] as const)
      assert.deepEqual(would(domain, coming), [], `${domain} ${coming}`)
    assert.equal(gateway.house.admission(THEIRS), undefined, 'asking changes nothing')
    gateway.conduct.say({ ...said, state: 'blocked', forMs: 10 * MINUTE })
    assert.equal(gateway.house.admission(THEIRS), 'SP-162')
    assert.deepEqual(moves().slice(6), ['normal blocked hand'])
    ahead += 10 * MINUTE
    gateway.conduct.tick()
    assert.equal(gateway.house.admission(THEIRS), undefined)
    gateway.conduct.say({ ...said, state: 'blocked', forMs: undefined })
    assert.equal(gateway.house.admission(THEIRS), 'SP-162')
    gateway.conduct.say({ ...said, state: undefined, forMs: undefined })
    assert.equal(gateway.house.admission(THEIRS), undefined)
    assert.equal(moves().filter((move) => move.endsWith(' hand')).length, 4)
    await Promise.resolve()
  })
})

const send = (stream: Stream, stanza: string): boolean => stream.send(Buffer.from(stanza))
