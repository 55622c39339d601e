// When a new stream is tried in place of one whose time is over.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Renewals, type RenewalsOptions } from '../../../src/gateway/renewals.ts'
import type { Link } from '../../../src/gateway/links/link.ts'
import type { Stream } from '../../../src/net/stream.ts'

const HOUR = 3_600_000
const PAIR = { local: 'corp.example', remote: 'partner.example' }

/** As much of a stream as is asked; it was up at the beginning. */
function streamOf(role: 'initiating' | 'receiving'): Stream {
  const info = { leg: 'partner', role, pair: { ...PAIR }, since: 0, counters: { stanzasIn: 1, stanzasOut: 1 } }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a stream as is asked
  return { open: true, info, proven: [{ pair: PAIR }], close() {} } as unknown as Stream
}

const ends = (stream: Stream): void => void Object.assign(stream, { open: false })

interface Plot {
  readonly intervalMs: number
  /** Another stream is wanted in place of this one. */
  renew(stream: Stream): ReturnType<Link['renew']>
  random?(): number
}

/** Streams that have to be replaced, and a clock that goes on when it is told to. */
function scene(t: TestContext, streams: readonly Stream[], { intervalMs, renew, random = () => 0 }: Plot) {
  const at = { now: 0, intervalMs }
  const known = (_leg: unknown, pair: unknown): Link => {
    const stream = streams.find(({ info }) => info.pair === pair)
    assert.ok(stream)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a link as is asked
    return { stream, renew: () => renew(stream) } as unknown as Link
  }
  const renewals = new Renewals({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a house as is asked
    house: () => ({ reauthenticateMs: () => at.intervalMs }) as unknown as ReturnType<RenewalsOptions['house']>,
    links: { known },
    streams: { receiving: () => [] },
    journal: { renewed() {}, bug: (error) => assert.fail(String(error)) },
    reference: () => 'ref',
    now: () => at.now,
    random,
  })
  t.after(() => renewals[Symbol.dispose]())
  for (const stream of streams) renewals.opened(stream)
  return {
    at,
    async pass(ms: number): Promise<void> {
      at.now += ms
      renewals.tick()
      for (let n = 0; n < 8; n++) await Promise.resolve()
    },
  }
}

test('a new stream that the peer ends at once is not tried again every second', async (t) => {
  let attempts = 0
  const renew = (): Promise<'gone'> => {
    attempts += 1
    return Promise.resolve('gone')
  }
  const { at, pass } = scene(t, [streamOf('initiating')], { intervalMs: 24 * HOUR, renew })
  while (at.now < 13 * HOUR) await pass(1000)
  assert.ok(attempts > 0 && attempts < 3, `${attempts} attempts within an hour`)
})

for (const role of ['initiating', 'receiving'] as const) {
  test(`of many ${role} streams whose time comes with new settings, few are replaced at once`, async (t) => {
    const streams = Array.from({ length: 100 }, () => streamOf(role))
    const waiting: (() => void)[] = []
    const renew = async (stream: Stream): Promise<'renewed'> => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      ends(stream)
      return 'renewed'
    }
    const { at, pass } = scene(t, streams, { intervalMs: 240 * HOUR, renew })
    await pass(100 * HOUR)
    at.intervalMs = HOUR
    let [begun, most] = [0, 0]
    for (let n = 0; n < 3600; n++) {
      await pass(1000)
      most = Math.max(most, waiting.length)
      if (n % 30 < 29) continue
      begun += waiting.length
      waiting.splice(0).forEach((done) => done())
    }
    assert.deepEqual([begun, most], [100, 16])
  })
}

test('streams of peers that were opened at one moment are told one after another, in good time', async (t) => {
  const told: number[] = []
  const streams = Array.from({ length: 100 }, () => streamOf('receiving'))
  const renew = (stream: Stream): Promise<'renewed'> => {
    told.push(at.now)
    ends(stream)
    return Promise.resolve('renewed')
  }
  let n = 0
  const { at, pass } = scene(t, streams, { intervalMs: HOUR, renew, random: () => n++ / 100 })
  while (at.now < HOUR) await pass(1000)
  assert.equal(told.length, 100)
  assert.ok(told.every((ms) => ms >= 0.9 * HOUR && ms < HOUR))
  const busiest = Math.max(...told.map((from) => told.filter((ms) => ms >= from && ms < from + 10_000).length))
  assert.ok(busiest < 10, `${busiest} within ten seconds`)
})
