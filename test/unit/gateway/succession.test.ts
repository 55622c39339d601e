// A link that goes on with another stream: nothing goes on the new one before the old one is rid of everything and gone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Stream, StreamHandler } from '../../../src/net/stream.ts'
import { bench, END, FakeStream, numbers } from './link-bench.ts'

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** A link that is up on a stream which has not taken what it was given, and whose successor is ready. */
async function yielding() {
  const streams: FakeStream[] = []
  const made = bench(
    {},
    {
      open: (handler: (stream: Stream) => StreamHandler) => {
        const stream = new FakeStream({} as StreamHandler)
        stream.takes = false
        const live = Object.assign(stream, {
          info: { role: 'initiating', bidi: false, counters: { stanzasIn: 0 } },
        }) as unknown as Stream
        Object.assign(stream, { handler: handler(live) })
        streams.push(stream)
        return Promise.resolve({ ok: true, stream: live } as const)
      },
    },
  )
  const { link, parcel, now } = made
  for (const text of numbers(3)) link.send(parcel(text))
  await turn()
  const outcome = link.renew(now() + 60_000)
  await turn()
  const [old, next] = streams
  assert.ok(old && next)
  link.send(parcel('3'))
  assert.deepEqual([old.written, next.written, link.waiting], [numbers(3), [], 1])
  return { ...made, old, next, streams, outcome }
}

test('the old stream is closed when it is rid of everything, and the new one begins when it is gone', async () => {
  const { old, next, outcome, link, bounced } = await yielding()
  old.handler.taken?.(2)
  await turn()
  assert.equal(old.ended, undefined)
  old.handler.taken?.(1)
  await turn()
  assert.equal(old.ended, 'SP-482')
  old.handler.closed({ ...END, reason: 'SP-482', by: 'us' })
  assert.deepEqual(next.written, [])
  old.handler.gone?.(0)
  assert.deepEqual([next.written, link.waiting, bounced.length, await outcome], [['3'], 0, 0, 'renewed'])
})

test('a new stream that ends before its turn leaves the old one as it was', async () => {
  const { old, next, outcome, link } = await yielding()
  next.breaks({ by: 'network' })
  assert.equal(await outcome, 'gone')
  assert.deepEqual([old.open, old.ended, old.written, link.waiting], [true, undefined, numbers(4), 0])
})

test('an old stream that breaks meanwhile is followed by the new one; what was in doubt comes back, the rest goes on', async () => {
  const { old, next, outcome, texts } = await yielding()
  old.breaks({ by: 'network' }, 1)
  assert.equal(await outcome, 'renewed')
  assert.deepEqual([texts(), next.written], [['0'], ['1', '2', '3']])
})

test('a link that is closed meanwhile closes both', async () => {
  const { old, next, outcome, link, texts } = await yielding()
  link.close({ reason: 'SP-471', detail: '', reference: 'r' })
  assert.deepEqual([old.ended, next.ended, await outcome], ['SP-471', 'SP-471', 'gone'])
  next.breaks({})
  assert.deepEqual(texts(), [])
  old.breaks({}, 1)
  assert.deepEqual(texts(), numbers(4))
  await link.quieted()
})
