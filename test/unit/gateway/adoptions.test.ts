// A link that sends on a stream of the peer's (XEP-0288): when it adopts one, and what becomes of its parcels then.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Adoptions } from '../../../src/gateway/links/adoptions.ts'
import { Streams } from '../../../src/gateway/streams.ts'
import type { Stream, StreamEnd, StreamHandler } from '../../../src/net/stream.ts'
import type { Pair } from '../../../src/stream/types.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { bench, END, FakeStream, numbers } from './link-bench.ts'

const PAIR = { local: 'corp.example', remote: 'partner.example' }

interface Opened {
  readonly pair?: Pair
  /** A pair that was proven later. */
  readonly further?: Pair
  readonly bidi?: boolean
  readonly leg?: string
  readonly role?: string
}

/** Streams of the peer's, and the link of their pair. */
function peers(options: Parameters<typeof bench>[1] = {}) {
  const adoptions = new Adoptions()
  const streams = new Streams()
  const ends: StreamEnd[] = []
  const read: Frame[] = []
  const made = bench({}, { adopt: (link) => adoptions.adopt(streams.adoptable('partner', PAIR), link), ...options })
  /** The peer opens one. */
  const open = (about: Opened = {}): FakeStream => {
    const { pair = PAIR, further, ...info } = about
    const stream = new FakeStream({ frame() {}, drained() {}, closed() {} })
    stream.takes = false
    const live = Object.assign(stream, {
      info: { leg: 'partner', role: 'receiving', bidi: true, pair, ...info },
      proven: [{ pair }, ...(further ? [{ pair: further }] : [])],
    }) as unknown as Stream
    const closed = (end: StreamEnd): void => {
      streams.delete(live)
      ends.push(end)
    }
    Object.assign(stream, { handler: adoptions.handler(live, { frame: (frame) => read.push(frame), closed }) })
    streams.add(live)
    return stream
  }
  return { ...made, open, streamEnds: ends, read }
}

test('a link takes a stream of the peer that goes both ways, and connects to nobody', () => {
  const { link, dials, open, parcel } = peers()
  const stream = open()
  for (const text of numbers(3)) link.send(parcel(text))
  assert.deepEqual(stream.written, numbers(3))
  assert.equal(dials.length, 0)
  assert.equal(link.status().state, 'ready')
})

for (const [what, info] of [
  ['goes one way', { bidi: false }],
  ['is of another pair', { pair: { ...PAIR, remote: 'other.example' } }],
  ['is of another domain of ours', { pair: { ...PAIR, local: 'conference.corp.example' } }],
  ['carries the pair since later', { pair: { ...PAIR, remote: 'other.example' }, further: PAIR }],
  ['is on the other leg', { leg: 'core' }],
  ['we opened ourselves', { role: 'initiating' }],
] as const) {
  test(`a stream that ${what} is not taken`, () => {
    const { link, dials, open, parcel } = peers()
    const stream = open(info)
    link.send(parcel('0'))
    assert.deepEqual([stream.written, dials.length], [[], 1])
  })
}

test('a stream that is being closed is not taken', () => {
  const { link, dials, open, parcel } = peers()
  open().open = false
  link.send(parcel('0'))
  assert.equal(dials.length, 1)
})

test('a stream is taken once', () => {
  const { link, dials, open, parcel } = peers()
  const adoptions = new Adoptions()
  const stream = open() as unknown as Stream
  const handler: StreamHandler = { frame() {}, drained() {}, closed() {} }
  assert.equal(adoptions.adopt([stream], handler), stream)
  assert.equal(adoptions.adopt([stream], handler), undefined)
  link.send(parcel('0'))
  assert.equal(dials.length, 0)
})

test('what the peer sends is read by whoever reads the stream, taken or not', () => {
  const { link, open, parcel, read } = peers()
  const stream = open()
  stream.handler.frame({} as Frame)
  link.send(parcel('0'))
  stream.handler.frame({} as Frame)
  assert.equal(read.length, 2)
})

test('the end is told once, and not by the link; what was never given away waits until the connection is gone', async () => {
  const { link, dials, open, parcel, texts, ends, streamEnds, later } = peers()
  const stream = open()
  for (const text of numbers(4)) link.send(parcel(text))
  stream.handler.taken?.(1)
  later(60_000)
  stream.open = false
  stream.handler.closed({ ...END, by: 'network' })
  assert.deepEqual([streamEnds.length, ends.length, dials.length], [1, 0, 0])
  link.send(parcel('4'))
  stream.handler.gone?.(1)
  assert.deepEqual(texts(), ['1'])
  const second = await dials[0]?.settle(true)
  assert.deepEqual(second?.written, ['2', '3', '4'])
})

test('after one stream of the peer the next one is taken, if there is one by then', () => {
  const { link, dials, open, parcel, later } = peers()
  const [second, first] = [open(), open()] // the newest one is taken first
  link.send(parcel('0'))
  first.handler.taken?.(1)
  first.full = true
  link.send(parcel('1'))
  link.send(parcel('2'))
  later(60_000)
  first.breaks({ by: 'peer' })
  assert.deepEqual([second.written, dials.length], [['1', '2'], 0])
})

test('a full pipe holds what feeds the link, and letting go goes on in order', () => {
  const { link, open, parcel } = peers()
  const stream = open()
  stream.full = true
  link.send(parcel('0'))
  link.send(parcel('1'))
  assert.deepEqual([stream.written, link.waiting], [['0'], 1])
  stream.full = false
  stream.handler.drained()
  assert.deepEqual([stream.written, link.waiting], [['0', '1'], 0])
})

test('closing the link closes the stream for the same reason, and bounces in order when it is gone', () => {
  const { link, open, parcel, texts } = peers()
  const stream = open()
  for (const text of numbers(2)) link.send(parcel(text))
  link.close({ reason: 'SP-102', detail: 'blocked now', reference: 'x' })
  assert.equal(stream.ended, 'SP-102')
  assert.equal(link.quiet, false)
  link.send(parcel('2'))
  stream.breaks({ by: 'us', reason: 'SP-102' }, 1)
  assert.deepEqual(texts(), numbers(3))
  assert.ok(link.quiet)
})

test('a stream that comes while the link is connecting is taken at once; what the attempt still brings is closed', async () => {
  const { link, dials, open, parcel, texts } = peers()
  for (const text of numbers(3)) link.send(parcel(text))
  const stream = open()
  link.offered()
  assert.deepEqual(stream.written, numbers(3))
  assert.equal(dials[0]?.signal.aborted, true)
  const late = await dials[0]?.settle(true)
  assert.deepEqual([late?.written, late?.ended], [[], 'SP-431'])
  late?.breaks({ by: 'us' })
  link.send(parcel('3'))
  assert.deepEqual(stream.written, numbers(4))
  assert.deepEqual(texts(), [])
})

test('a given-up attempt that fails harms nothing', async () => {
  const { link, dials, open, parcel, texts } = peers()
  link.send(parcel('0'))
  const stream = open()
  link.offered()
  await dials[0]?.settle(false)
  link.send(parcel('1'))
  assert.deepEqual([stream.written, texts()], [['0', '1'], []])
})

test('where connecting failed, a stream of the peer ends the wait', async () => {
  const { link, dials, open, parcel, texts } = peers()
  link.send(parcel('0'))
  await dials[0]?.settle(false)
  assert.deepEqual(texts(), ['0'])
  const stream = open()
  link.send(parcel('1'))
  assert.deepEqual([stream.written, texts()], [['1'], ['0']])
})

test('a link that follows another of its pair takes nothing before that one has no connection', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { link, dials, open, parcel } = peers({ after: promise })
  const stream = open()
  link.send(parcel('0'))
  link.offered()
  assert.deepEqual(stream.written, [])
  resolve()
  await new Promise((done) => setImmediate(done))
  assert.deepEqual([stream.written, dials.length], [['0'], 0])
})
