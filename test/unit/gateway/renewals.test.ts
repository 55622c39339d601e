// When a new stream is tried in place of one whose time is over.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Renewals, type RenewalsOptions } from '../../../src/gateway/renewals.ts'
import type { Link } from '../../../src/gateway/links/link.ts'
import type { Stream } from '../../../src/net/stream.ts'

const HOUR = 3_600_000
const PAIR = { local: 'corp.example', remote: 'partner.example' }

test('a new stream that the peer ends at once is not tried again every second', async (t) => {
  let now = 0
  let attempts = 0
  const counters = { stanzasIn: 1, stanzasOut: 1 }
  const info = { leg: 'partner', role: 'initiating', pair: PAIR, since: 0, counters }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a stream as is asked
  const stream = { open: true, info, proven: [{ pair: PAIR }], close() {} } as unknown as Stream
  const renew = (): Promise<'gone'> => {
    attempts += 1
    return Promise.resolve('gone')
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a link as is asked
  const link = { stream, renew } as unknown as Link
  const renewals = new Renewals({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a house as is asked
    house: () => ({ reauthenticateMs: () => 24 * HOUR }) as unknown as ReturnType<RenewalsOptions['house']>,
    links: { known: () => link },
    streams: { receiving: () => [] },
    journal: { renewed() {}, bug: (error) => assert.fail(String(error)) },
    reference: () => 'ref',
    now: () => now,
    random: () => 0,
  })
  t.after(() => renewals[Symbol.dispose]())
  renewals.opened(stream)
  for (; now < 13 * HOUR; now += 1000) {
    renewals.tick()
    await new Promise((done) => queueMicrotask(() => queueMicrotask(() => done(undefined))))
  }
  assert.ok(attempts > 0 && attempts < 3, `${attempts} attempts within an hour`)
})
