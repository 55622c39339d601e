import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DEFAULT_LIMITS, type Limits } from '../../../src/config/limits.ts'
import { Budgets } from '../../../src/gateway/links/budgets.ts'
import { STANZA_OVERHEAD } from '../../../src/gateway/links/budget.ts'
import { Parcels } from '../../../src/gateway/links/parcels.ts'
import { Source } from '../../../src/gateway/links/source.ts'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { bufferOf } from '../../../src/xml/stretch.ts'
import { HEADER } from '../xml/feed.ts'
import { bench } from './link-bench.ts'

const SMALL = { partnerQueueStanzas: 4, partnerQueueBytes: 100_000, queuesStanzas: 10, queuesBytes: 300_000 }

const budgets = (limits: Partial<Limits> = SMALL): Budgets => new Budgets({ ...DEFAULT_LIMITS, ...limits })

/** The bytes of a stanza that takes so many thousand with what it costs besides. */
const k = (thousands: number): number => thousands * 1000 - STANZA_OVERHEAD

for (const way of ['take', 'carry'] as const) {
  test(`what does not fit says whose allowance is used up, and takes nothing (${way})`, () => {
    for (const [what, before, size, expected] of [
      ['a byte beyond those of one partner', { a: [k(99)] }, k(1) + 1, 'SP-627'],
      ['the last byte of one partner', { a: [k(99)] }, k(1), undefined],
      ['a stanza that fits nowhere', { a: [k(99)], b: [k(99)] }, k(90), 'SP-627'],
      ['more than is left to all others', { a: [k(50)], b: [k(90)], c: [k(90)] }, k(20) + 1, 'SP-628'],
      ['as much as is left to all others', { a: [k(50)], b: [k(90)], c: [k(90)] }, k(20), undefined],
      ['a first one beside the greedy', { b: [k(99)], c: [k(99)] }, k(51), undefined],
    ] as const) {
      const all = budgets()
      for (const [partner, sizes] of Object.entries(before)) {
        for (const one of sizes) assert.equal(all.of(partner)[way](one), undefined, what)
      }
      const now = (): unknown => [all.of('a').used, all.of('a').underWay, all.all.used, all.all.underWay]
      const then = now()
      assert.equal(all.of('a')[way](size), expected, what)
      if (expected !== undefined) assert.deepEqual(now(), then, what)
    }
  })
}

test('so many stanzas may wait: of one partner, and no more than it leaves to all others', () => {
  for (const [what, before, expected] of [
    ['a fifth of one partner', { a: 4 }, 'SP-627'],
    ['more than is left', { a: 3, b: 4 }, 'SP-628'],
    ['a first one', { a: 0, b: 4, c: 3 }, undefined],
  ] as const) {
    const all = budgets()
    for (const [partner, count] of Object.entries(before)) {
      for (let n = 0; n < count; n++) assert.equal(all.of(partner).take(1), undefined, what)
    }
    assert.equal(all.of('a').take(1), expected, what)
    // What a stream is given at once does not wait.
    assert.equal(all.of('a').carry(1), undefined, what)
  }
})

test('new limits hold for budgets that there are', () => {
  const all = budgets()
  const one = all.of('a')
  assert.equal(one.carry(k(100) + 1), 'SP-627')
  all.apply({ ...DEFAULT_LIMITS, ...SMALL, partnerQueueBytes: 100_001 })
  assert.equal(one.carry(k(100) + 1), undefined)
  all.apply({ ...DEFAULT_LIMITS, ...SMALL, partnerQueueBytes: 200_000, queuesBytes: 110_000 })
  assert.equal(one.carry(k(10)), 'SP-628')
})

test('a partner whose room is used up takes none of the others', () => {
  const all = budgets()
  for (let i = 0; i < 10; i++) all.of('flood').take(1)
  assert.equal(all.of('quiet').take(1), undefined)
  assert.deepEqual(all.use, [
    { partner: 'flood', stanzas: 4, bytes: 4 },
    { partner: 'quiet', stanzas: 1, bytes: 1 },
  ])
})

test('however many partners take what they get, all of it is within bounds, and it comes to the same for each', () => {
  const all = budgets({ ...SMALL, queuesStanzas: 1_000_000, partnerQueueStanzas: 1_000_000 })
  const greedy = Array.from({ length: 20 }, (_, n) => all.of(`greedy-${n}`))
  // The first have come to much before the last come at all; each is rid of some from time to time.
  for (let round = 0; round < 200; round++) {
    for (const one of greedy.slice(0, round + 1)) {
      if (one.underWay > 0) one.carried(1, k(1))
      while (one.carry(k(1)) === undefined);
      assert.ok(all.all.underWay <= 300_000)
    }
  }
  const fair = 300_000 / (greedy.length + 1)
  for (const one of greedy) {
    assert.ok(one.halfUsed)
    assert.ok(Math.abs(one.underWay - fair) <= fair / 4, `${one.underWay}, and not ${fair}`)
  }
  const modest = all.of('modest')
  assert.equal(modest.carry(k(3)), undefined)
  assert.ok(!modest.halfUsed)
})

const sum = (all: readonly { readonly bytes: number }[]): number => all.reduce((whole, { bytes }) => whole + bytes, 0)

test('whatever is taken, owed and given back, the whole is the sum of its parts and ends at nothing', () => {
  let refused = 0
  fc.assert(
    fc.property(
      fc.array(fc.record({ who: fc.constantFrom('a', 'b', 'c'), bytes: fc.nat(60_000), how: fc.nat(7) })),
      (acts) => {
        const all = budgets()
        const held: { who: string; bytes: number; waits: boolean }[] = []
        for (const { who, bytes, how } of acts) {
          const budget = all.of(who)
          const first = held[0]
          if (how < 4) {
            const waits = how < 2
            if (waits ? budget.take(bytes) : budget.carry(bytes)) refused += 1
            else held.push({ who, bytes, waits })
          } else if (how === 4) {
            budget.owe(bytes)
            held.push({ who, bytes, waits: true })
          } else if (first && how === 5) {
            all.of(first.who).handOver(first.bytes, first.waits ? 1 : -1)
            first.waits = !first.waits
          } else if (first) {
            held.shift()
            if (first.waits) all.of(first.who).give(first.bytes)
            else all.of(first.who).carried(1, first.bytes)
          }
          const waiting = held.filter(({ waits }) => waits)
          assert.deepEqual(all.all.used, { stanzas: waiting.length, bytes: sum(waiting) })
          assert.equal(all.all.underWay, sum(held) + held.length * STANZA_OVERHEAD)
          const parts = ['a', 'b', 'c'].map((name) => all.of(name).underWay)
          assert.equal(
            all.all.underWay,
            parts.reduce((whole, part) => whole + part, 0),
          )
        }
        for (const { who, bytes, waits } of held) {
          if (waits) all.of(who).give(bytes)
          else all.of(who).carried(1, bytes)
        }
        assert.deepEqual([all.all.used, all.all.underWay], [{ stanzas: 0, bytes: 0 }, 0])
      },
    ),
    { numRuns: 500 },
  )
  assert.ok(refused > 20, `only ${refused} did not fit`)
})

test('a partner without links and without anything waiting is forgotten', () => {
  const all = budgets()
  const [linked, waiting] = [all.of('linked'), all.of('waiting')]
  all.of('gone')
  waiting.take(5)
  all.sweep(new Set([linked]))
  assert.equal(all.of('linked'), linked)
  assert.equal(all.of('waiting'), waiting)
  waiting.give(5)
  all.sweep(new Set())
  assert.notEqual(all.of('linked'), linked)
})

test('two links of one partner share its room: at half of it both hold their sources, beyond it they bounce', () => {
  const all = budgets()
  const [one, two] = [bench({}, { budget: all.of('a') }), bench({}, { budget: all.of('a') })]
  const other = bench({}, { budget: all.of('b') })
  const held: string[] = []
  const source = (name: string): Source =>
    new Source({ pause: () => held.push(name), resume: () => held.push(`${name} reads`) })
  one.link.send(one.parcel('1', source('one')))
  two.link.send(two.parcel('2', source('two')))
  assert.deepEqual(held, ['two'])
  one.link.send(one.parcel('3'))
  one.link.send(one.parcel('4'))
  two.link.send(two.parcel('5'))
  assert.deepEqual(
    two.bounced.map(({ text, why }) => [text, why.reason]),
    [['5', 'SP-627']],
  )
  for (const text of ['6', '7', '8', '9']) other.link.send(other.parcel(text))
  assert.deepEqual(
    other.bounced.map(({ text, why }) => [text, why.reason]),
    [['9', 'SP-628']],
  )
  assert.deepEqual(all.all.used, { stanzas: 7, bytes: 7 })
})

test('what a stream was given and is not rid of counts, holds its source at half, and lets go when it is taken', async () => {
  const all = budgets()
  const { link, dials, parcel, bounced } = bench({}, { budget: all.of('a') })
  const held: string[] = []
  const source = new Source({ pause: () => held.push('waits'), resume: () => held.push('reads') })
  link.wake()
  const stream = await dials[0]?.settle(true, false)
  assert.ok(stream)
  const text = 'x'.repeat(k(10))
  for (let n = 0; n < 4; n++) link.send(parcel(text, source))
  assert.deepEqual([held, all.of('a').underWay], [[], 40_000])
  link.send(parcel(text, source))
  assert.deepEqual(held, ['waits'])
  stream.handler.taken?.(1)
  assert.deepEqual(held, ['waits', 'reads'])
  for (let n = 0; n < 7; n++) link.send(parcel(text, source))
  assert.deepEqual([bounced[0]?.why.reason, bounced.length], ['SP-627', 1])
  assert.deepEqual([all.of('a').underWay, all.all.used.stanzas], [100_000, 0])
  // Another link of the partner has all of its room, but this one has nothing left to wait for.
  all.of('a').carryOwed(k(100))
  stream.handler.taken?.(9)
  assert.deepEqual(held, ['waits', 'reads', 'waits'])
  stream.handler.taken?.(1)
  assert.deepEqual(held, ['waits', 'reads', 'waits', 'reads'])
  assert.equal(all.of('a').underWay, 100_000)
})

test('what a broken stream had been given waits again, but for what may have arrived, and is counted once', async () => {
  const all = budgets()
  const { link, dials, parcel, bounced } = bench({}, { budget: all.of('a') })
  link.wake()
  const stream = await dials[0]?.settle(true, false)
  assert.ok(stream)
  for (const text of ['1', '2', '3']) link.send(parcel(text))
  stream.full = true
  stream.breaks({ by: 'network' }, 1)
  assert.deepEqual(
    bounced.map(({ text }) => text),
    ['1'],
  )
  assert.deepEqual([all.of('a').used.stanzas, all.of('a').underWay], [2, 2 + 2 * STANZA_OVERHEAD])
  const next = await dials[1]?.settle(true, false)
  assert.deepEqual([next?.written, all.of('a').used.stanzas], [['2', '3'], 0])
  next?.handler.taken?.(2)
  assert.equal(all.all.underWay, 0)
})

test('in a crowd nothing that is kept keeps the chunk that it came in', () => {
  for (const crowded of [false, true]) {
    const all = budgets({ ...SMALL, partnerQueueBytes: 10_000_000, queuesBytes: 100_000_000 })
    const queue = new Parcels({ queueStanzas: 10, queueBytes: 10_000 }, all.of('a'), 'partner')
    if (crowded) all.of('b').carryOwed(10_000_000)
    const scanner = new Scanner(AFTER_AUTHENTICATION)
    const chunk = Buffer.alloc(200_000, ' ')
    chunk.write(HEADER)
    chunk.write("<message id='1'/>", 100_000)
    scanner.push(chunk)
    const frame = [scanner.next(), scanner.next()].flatMap((event) => (event?.kind === 'frame' ? [event.frame] : []))[0]
    assert.ok(frame)
    const small = { bytes: frame.raw, frame, source: undefined }
    const rewritten = { bytes: Buffer.from('<message xmlns="other"/>'), frame, source: undefined }
    const alone = Buffer.alloc(5000, 'x')
    for (const parcel of [small, rewritten, { bytes: alone, frame: undefined, source: undefined }]) queue.add(parcel, 0)
    const [one, two, three] = [queue.handNext(0), queue.handNext(0), queue.handNext(0)]
    for (const { raw } of [one?.frame, two?.frame].flatMap((came) => came ?? [])) {
      const kept = bufferOf(raw)
      assert.equal(kept.toString(), "<message id='1'/>")
      assert.equal(kept.buffer === chunk.buffer, !crowded)
    }
    assert.equal(one?.bytes, one?.frame?.raw)
    assert.ok(two?.frame)
    assert.equal(one?.frame?.id, '1')
    assert.equal(three?.bytes, alone)
    const handed = queue.hand(small, 0)
    assert.ok(typeof handed !== 'string')
    assert.equal(bufferOf(handed.bytes).buffer === chunk.buffer, !crowded)
  }
})
