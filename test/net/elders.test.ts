// Two streams of one peer for one pair of domains: what it wrote to the first comes before what it writes to the second.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Elders } from '../../src/gateway/elders.ts'
import type { Stream } from '../../src/net/stream.ts'
import { Caller, type Gate, message } from './gate.ts'
import { ca, openGate, theirs } from './sides.ts'

/** A gate where every stream waits for those before it. */
async function orderly(): Promise<Gate> {
  const known: Stream[] = []
  const elders = new Elders()
  const gate: Gate = await openGate({
    reception: {
      ready(stream) {
        elders.before(stream, known)
        known.push(stream)
        return gate.handler()(stream)
      },
    },
  })
  return gate
}

/** Whoever closes has patience: what waits is read first. */
const reach = (gate: Gate): Promise<Stream> =>
  new Caller(ca, theirs).reach(gate.target.port, { limits: { closeMs: 60_000 } })
const send = (out: Stream, from: number, count: number): void => {
  for (let n = from; n < from + count; n++) out.send(Buffer.from(message(String(n))))
}

for (const ends of [true, false]) {
  test(`what waits on a stream that ${ends ? 'has ended' : 'goes on'} comes before what is sent on the next one`, async () => {
    const gate = await orderly()
    const first = await reach(gate)
    const elder = await gate.streams.next()
    elder.pause()
    send(first, 0, 2000)
    if (ends) first.close('SP-431')
    const second = await reach(gate)
    send(second, 2000, 10)
    await gate.streams.next()
    equal(gate.frames.all.length, 0)
    elder.resume()
    for (let n = 0; n < 2010; n++) equal(await gate.frames.next(), message(String(n)))
  })
}

test('a stream on which nothing comes keeps no other waiting for long', async () => {
  const gate = await orderly()
  await reach(gate)
  send(await reach(gate), 0, 1)
  deepEqual([await gate.frames.next(), await gate.frames.next().catch(() => 'no more')], [message('0'), 'no more'])
})
