import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bounce } from '../../../src/gateway/bounce.ts'
import { STANZA_OVERHEAD } from '../../../src/gateway/links/budget.ts'
import { Source } from '../../../src/gateway/links/source.ts'
import { bench, END, numbers } from './link-bench.ts'

test('however many stanzas ask at once, one connection is made, and they cross in order', async () => {
  const { link, dials, parcel, budget } = bench()
  for (const text of numbers(50)) link.send(parcel(text))
  assert.equal(dials.length, 1)
  const stream = await dials[0]?.settle(true)
  link.send(parcel('50'))
  assert.deepEqual(stream?.written, numbers(51))
  assert.equal(budget.used.bytes, 0)
})

test('a failed connection bounces what waits, in order, with its reason', async () => {
  const { link, dials, parcel, bounced, budget } = bench()
  for (const text of numbers(5)) link.send(parcel(text))
  await dials[0]?.settle(false)
  assert.deepEqual(
    bounced.map((b) => b.text),
    numbers(5),
  )
  assert.ok(bounced.every((b) => b.why.reason === 'SP-201'))
  assert.equal(budget.used.bytes, 0)
})

test('after a failure, stanzas bounce at once until it is time or somebody asks for a retry', async () => {
  const { link, dials, parcel, bounced, later } = bench()
  link.send(parcel('a'))
  await dials[0]?.settle(false)
  link.send(parcel('b'))
  assert.deepEqual(
    bounced.map(({ text, why }) => [text, why.reason]),
    [
      ['a', 'SP-201'],
      ['b', 'SP-201'],
    ],
  )
  assert.equal(dials.length, 1)
  assert.equal(link.retry(), true)
  assert.equal(link.retry(), false, 'nothing waits any more')
  link.send(parcel('c'))
  assert.equal(dials.length, 2)
  await dials[1]?.settle(false)
  later(1000)
  link.send(parcel('d'))
  assert.equal(dials.length, 3)
})

test('each further failure makes the wait longer, up to the limit, and the status says until when', async () => {
  const { link, dials, parcel, later, now } = bench({ backOffMs: 6000 })
  for (const waits of [1000, 2000, 4000, 6000, 6000]) {
    const before = dials.length
    link.send(parcel('x'))
    assert.equal(dials.length, before + 1)
    await dials.at(-1)?.settle(false)
    assert.equal(link.status().nextAttempt, new Date(now() + waits).toISOString())
    later(waits - 1)
    link.send(parcel('y'))
    assert.equal(dials.length, before + 1, `an attempt within ${waits} ms`)
    later(1)
    assert.equal(link.status().nextAttempt, undefined)
  }
})

test('only a stream that lived makes the next failure as good as the first', async () => {
  for (const [livedMs, waits] of [
    [999, 4000],
    [1000, 1000],
  ] as const) {
    const { link, dials, parcel, later, now } = bench()
    link.send(parcel('a'))
    await dials[0]?.settle(false)
    later(1000)
    link.send(parcel('b'))
    await dials[1]?.settle(false)
    later(2000)
    link.send(parcel('c'))
    const stream = await dials[2]?.settle(true)
    later(livedMs)
    stream?.breaks({ by: 'network' })
    link.send(parcel('d'))
    await dials[3]?.settle(false)
    assert.equal(link.status().nextAttempt, new Date(now() + waits).toISOString(), `lived ${livedMs} ms`)
  }
})

test('a full pipe holds the sources that feed it, and lets go when it has drained', async () => {
  const { link, dials, parcel } = bench()
  const calls: string[] = []
  const source = new Source({ pause: () => calls.push('pause'), resume: () => calls.push('resume') })
  link.send(parcel('0', source))
  const stream = await dials[0]?.settle(true)
  assert.ok(stream)
  stream.full = true
  link.send(parcel('1', source))
  link.send(parcel('2', source))
  assert.deepEqual(calls, ['pause'])
  assert.deepEqual(stream.written, ['0', '1'])
  stream.full = false
  stream.handler.drained()
  assert.deepEqual(stream.written, ['0', '1', '2'])
  assert.deepEqual(calls, ['pause', 'resume'])
})

test('a queue at half its limit holds its source, and bounces only what no longer fits', async () => {
  const { link, parcel, bounced } = bench({ queueStanzas: 4 })
  const calls: string[] = []
  const source = new Source({ pause: () => calls.push('pause'), resume: () => calls.push('resume') })
  link.send(parcel('0', source))
  assert.deepEqual(calls, [])
  link.send(parcel('1', source))
  assert.deepEqual(calls, ['pause'])
  for (const text of ['2', '3', '4']) link.send(parcel(text, source))
  assert.deepEqual(
    bounced.map((b) => [b.text, b.why.reason]),
    [['4', 'SP-621']],
  )
})

test('the shared budget bounds all queues together', () => {
  const { link, parcel, bounced, budget } = bench({ budget: 5 + 2 * STANZA_OVERHEAD })
  link.send(parcel('abc'))
  link.send(parcel('def'))
  assert.equal(budget.used.bytes, 3)
  assert.deepEqual(
    bounced.map((b) => b.text),
    ['def'],
  )
})

test('a stream that the network ended is opened again for what waits; one that the peer refused is not', async () => {
  for (const [end, expected] of [
    [{ ...END, by: 'network' }, 2],
    [{ ...END, condition: 'policy-violation' }, 1],
  ] as const) {
    const { link, dials, parcel, later, bounced } = bench()
    link.send(parcel('0'))
    const stream = await dials[0]?.settle(true)
    assert.ok(stream)
    stream.full = true
    link.send(parcel('1'))
    link.send(parcel('2'))
    later(60_000)
    stream.breaks(end)
    assert.equal(dials.length, expected)
    assert.equal(bounced.length, expected === 1 ? 2 : 0)
  }
})

test('a peer that accepts and hangs up at once is given up after three times', async () => {
  const { link, dials, parcel, bounced } = bench()
  link.send(parcel('0'))
  for (let i = 0; i < 3; i++) {
    const stream = await dials[i]?.settle(true)
    assert.ok(stream)
    stream.full = true
    link.send(parcel(`a${i}`))
    link.send(parcel(`b${i}`))
    stream.breaks({ by: 'network' })
  }
  assert.equal(dials.length, 3)
  assert.ok(bounced.length > 0)
})

test('closing a link ends its stream, bounces what waits and whatever comes later', async () => {
  const { link, dials, parcel, bounced } = bench()
  link.send(parcel('0'))
  const why: Bounce = { reason: 'SP-102', detail: 'blocked now', reference: 'x' }
  link.close(why)
  assert.equal(dials[0]?.signal.aborted, true)
  link.send(parcel('1'))
  assert.deepEqual(
    bounced.map((b) => [b.text, b.why.reference]),
    [
      ['0', 'x'],
      ['1', 'x'],
    ],
  )
  const stream = await dials[0]?.settle(true)
  assert.equal(stream?.ended, 'SP-102')
})

test('a stream that ends because its link was closed is reported as ended', async () => {
  const { link, dials, parcel, ends } = bench()
  link.send(parcel('a'))
  const stream = await dials[0]?.settle(true)
  link.close({ reason: 'SP-102', detail: 'blocked', reference: 'x' })
  stream?.handler.closed({ ...END, reason: 'SP-102' })
  assert.deepEqual(
    ends.map(({ reason }) => reason),
    ['SP-102'],
  )
})

test('what waits too long is bounced, and what came later stays in its turn', async () => {
  const { link, dials, parcel, bounced, later, budget } = bench()
  link.send(parcel('0'))
  later(40_000)
  link.send(parcel('1'))
  later(30_000)
  link.expire()
  assert.deepEqual(
    bounced.map((b) => [b.text, b.why.reason]),
    [['0', 'SP-623']],
  )
  const stream = await dials[0]?.settle(true)
  assert.deepEqual(stream?.written, ['1'])
  assert.equal(budget.used.bytes, 0)
})

test('what arrives while a stream is being closed waits for the next one', async () => {
  const { link, dials, parcel, later } = bench()
  link.send(parcel('0'))
  const first = await dials[0]?.settle(true)
  assert.ok(first)
  first.open = false
  link.send(parcel('1'))
  link.send(parcel('2'))
  assert.deepEqual(first.written, ['0'])
  later(60_000)
  first.breaks({ by: 'us' })
  const second = await dials[1]?.settle(true)
  assert.deepEqual(second?.written, ['1', '2'])
})

test('what had been let in comes back with a place for its answer; what never was does not', async () => {
  const { link, dials, stanza, bounced } = bench({ queueStanzas: 2 })
  for (const text of numbers(3)) link.send(stanza(text))
  assert.deepEqual(
    bounced.map(({ text, why }) => [text, why.letIn]),
    [['2', undefined]],
  )
  await dials[0]?.settle(false)
  link.send(stanza('3'))
  assert.deepEqual(
    bounced.map(({ text, why }) => [text, why.letIn]),
    [
      ['2', undefined],
      ['0', true],
      ['1', true],
      ['3', undefined],
    ],
  )
})

test('an answer that is owed has a place in a full queue', () => {
  const { link, parcel, texts, budget } = bench({ queueStanzas: 1 })
  link.send(parcel('0'))
  link.send({ ...parcel('1'), owed: true })
  link.send(parcel('2'))
  assert.deepEqual(texts(), ['2'])
  assert.equal(budget.used.stanzas, 2)
})
