// Two ends that connect to each other at once, with streams that go both ways (XEP-0288).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Adoptions } from '../../../src/gateway/links/adoptions.ts'
import { Streams } from '../../../src/gateway/streams.ts'
import type { Stream } from '../../../src/net/stream.ts'
import { bench, END, FakeStream } from './link-bench.ts'

/** One of the two: its link, and what the other one has opened to it. */
function side(local: string, remote: string) {
  const pair = { local, remote }
  const adoptions = new Adoptions()
  const streams = new Streams()
  const made = bench({}, { pair, adopt: (link) => adoptions.adopt(streams.adoptable('partner', pair), link) })
  const receive = (): FakeStream => {
    const stream = new FakeStream({ frame() {}, drained() {}, closed() {} })
    stream.takes = false
    const info = { leg: 'partner', role: 'receiving', bidi: true, pair }
    const live = Object.assign(stream, { info, proven: [{ pair }] }) as unknown as Stream
    const handler = adoptions.handler(live, { frame() {}, closed: () => streams.delete(live) })
    Object.assign(stream, { handler })
    streams.add(live)
    made.link.offered()
    return stream
  }
  return { ...made, receive }
}

test('two that connect to each other at once keep a stream between them', async () => {
  const a = side('a.example', 'b.example')
  const b = side('b.example', 'a.example')
  a.link.send(a.parcel('from a'))
  b.link.send(b.parcel('from b'))
  const [atA, atB] = [a.receive(), b.receive()] // whoever receives knows first
  const ways = [
    [a, atB],
    [b, atA],
  ] as const
  for (const [from, far] of ways) {
    const gaveUp = from.dials[0]!.signal.aborted
    if (gaveUp) far.breaks({ ...END, by: 'peer' }, far.written.length)
    await from.dials[0]!.settle(!gaveUp)
  }
  assert.deepEqual(
    [a, b].map(({ dials }) => dials[0]!.signal.aborted),
    [true, false],
  )
  assert.deepEqual([a.texts(), b.texts()], [[], []], 'nothing came back')
})

test('a peer that cannot be reached, and has got through to us, is answered on its stream', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const pairs = [
    ['a.example', 'b.example'],
    ['b.example', 'a.example'],
  ] as const
  for (const [local, remote] of pairs) {
    const us = side(local, remote)
    us.link.send(us.parcel('0'))
    const theirs = us.receive() // our own attempt meets silence
    t.mock.timers.tick(1000)
    assert.deepEqual([theirs.written, us.dials[0]!.signal.aborted], [['0'], true])
  }
})
