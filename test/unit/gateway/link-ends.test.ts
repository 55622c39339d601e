// What becomes of parcels when a stream ends, whoever ends it, and of the order between one connection and the next.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bounce } from '../../../src/gateway/bounce.ts'
import { Source } from '../../../src/gateway/links/source.ts'
import { bench, END, numbers } from './link-bench.ts'

const WHY: Bounce = { reason: 'SP-102', detail: 'blocked now', reference: 'x' }

test('what a broken stream never gave away goes first on the next one, and what was on its way comes back', async () => {
  const { link, dials, parcel, bounced, budget, later } = bench()
  for (const text of numbers(5)) link.send(parcel(text))
  const first = await dials[0]?.settle(true, false)
  assert.deepEqual(first?.written, numbers(5))
  first.handler.taken?.(1)
  later(60_000)
  first.handler.closed({ ...END, by: 'network', reason: 'SP-214', detail: 'reset' })
  link.send(parcel('5'))
  assert.equal(bounced.length, 0)
  first.handler.gone?.(2)
  assert.deepEqual(
    bounced.map(({ text, why }) => [text, why.reason, why.detail]),
    [
      ['1', 'SP-214', 'reset; it may have arrived'],
      ['2', 'SP-214', 'reset; it may have arrived'],
    ],
  )
  const second = await dials[1]?.settle(true)
  assert.deepEqual(second?.written, ['3', '4', '5'])
  assert.equal(budget.used.bytes, 0)
  assert.ok(link.quiet)
})

test('a new connection waits until the old one is gone', async () => {
  const { link, dials, parcel } = bench()
  link.send(parcel('0'))
  const first = await dials[0]?.settle(true)
  first?.handler.closed({ ...END, by: 'peer' })
  link.send(parcel('1'))
  assert.equal(dials.length, 1)
  first?.handler.gone?.(0)
  assert.equal(dials.length, 2)
})

test('a link that follows another of its pair waits until that one has no connection', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { link, dials, parcel } = bench({}, { after: promise })
  link.send(parcel('0'))
  assert.equal(dials.length, 0)
  resolve()
  await new Promise((done) => setImmediate(done))
  assert.equal(dials.length, 1)
})

test('a link that is closed bounces in order: what the stream still had, what waited, what came later', async () => {
  const { link, dials, parcel, bounced, texts } = bench()
  link.send(parcel('0'))
  const stream = await dials[0]?.settle(true, false)
  assert.ok(stream)
  stream.full = true
  link.send(parcel('1'))
  link.send(parcel('2'))
  link.close(WHY)
  link.send(parcel('3'))
  assert.equal(link.quiet, false)
  const quiet = link.quieted()
  stream.breaks({ by: 'us', reason: 'SP-102' }, 1)
  assert.deepEqual(texts(), numbers(4))
  assert.match(bounced[0]?.why.detail ?? '', /may have arrived/)
  assert.equal(bounced[1]?.why.detail, 'blocked now')
  await quiet
  link.send(parcel('4'))
  assert.deepEqual(texts(), numbers(5))
})

test('who does not read is not tried again with the rest', async () => {
  const { link, dials, parcel, texts, later } = bench()
  for (const text of numbers(3)) link.send(parcel(text))
  const stream = await dials[0]?.settle(true, false)
  later(60_000)
  stream?.breaks({ by: 'network', reason: 'SP-467' }, 1)
  assert.deepEqual(texts(), numbers(3))
  assert.equal(dials.length, 1)
})

test('a peer that asks for a new stream gets it, with what waits', async () => {
  const { link, dials, parcel, texts, later } = bench()
  link.send(parcel('0'))
  const stream = await dials[0]?.settle(true, false)
  later(60_000)
  stream?.breaks({ condition: 'reset', reason: 'SP-455' })
  assert.deepEqual([texts(), dials.length], [[], 2])
})

test('a link that is stopped sends stanzas back and still carries answers', async () => {
  const { link, dials, parcel, stanza, texts } = bench()
  for (const one of [stanza('0'), parcel('answer 1'), stanza('2')]) link.send(one)
  link.stop(WHY)
  link.send(stanza('3'))
  link.send(parcel('answer 4'))
  assert.deepEqual(texts(), ['0', '2', '3'])
  link.forgo()
  assert.equal(dials[0]?.signal.aborted, false)
  const stream = await dials[0]?.settle(true)
  assert.deepEqual(stream?.written, ['answer 1', 'answer 4'])
  await link.quieted()
})

test('a stopped link sends back what its stream had not given away, and gives up an attempt for nothing', async () => {
  const { link, dials, parcel, stanza, texts, later } = bench()
  link.send(stanza('0'))
  link.send(parcel('answer 1'))
  const stream = await dials[0]?.settle(true, false)
  link.stop(WHY)
  assert.deepEqual(texts(), [])
  later(60_000)
  stream?.breaks({ by: 'network' })
  assert.deepEqual(texts(), ['0'])
  const second = await dials[1]?.settle(true)
  assert.deepEqual(second?.written, ['answer 1'])

  const other = bench()
  other.link.send(other.stanza('0'))
  other.link.stop(WHY)
  other.link.forgo()
  assert.equal(other.dials[0]?.signal.aborted, true)
})

test('a bug after an attempt gives up what waits, is told once, and the link works afterwards', async () => {
  let faulty = true
  const { link, dials, parcel, bugs, texts, later } = bench(
    {},
    {
      opened: () => {
        if (faulty) throw new Error('boom')
      },
    },
  )
  const calls: string[] = []
  const source = new Source({ pause: () => calls.push('pause'), resume: () => calls.push('resume') })
  link.send(parcel('0', source))
  const stream = await dials[0]?.settle(true)
  assert.equal(bugs.length, 1)
  assert.equal(stream?.ended, 'SP-491')
  faulty = false
  later(60_000)
  stream?.breaks({ by: 'us', reason: 'SP-491', condition: 'internal-server-error' })
  const second = await dials[1]?.settle(true)
  assert.deepEqual([second?.written, texts()], [['0'], []])
})

test('a bug while an attempt is made fails the link', async () => {
  const { link, parcel, bugs, texts } = bench({}, { open: () => Promise.reject(new Error('boom')) })
  link.send(parcel('0'))
  await new Promise((done) => setImmediate(done))
  assert.deepEqual([bugs.length, texts()], [1, ['0']])
  assert.ok(link.idle)
})

test('a bug in sending back does not leave the link stuck', async () => {
  let faulty = true
  const { link, dials, parcel, later } = bench(
    {},
    {
      bounce: () => {
        if (faulty) throw new Error('boom')
      },
    },
  )
  for (const text of numbers(3)) link.send(parcel(text))
  const first = await dials[0]?.settle(true, false)
  later(60_000)
  assert.throws(() => first?.breaks({ by: 'network' }, 1), /boom/)
  faulty = false
  const second = await dials[1]?.settle(true)
  assert.deepEqual(second?.written, ['1', '2'])
})
