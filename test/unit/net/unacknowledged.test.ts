// Who counts what: ours until the operating system takes them, or the peer acknowledges them.

import * as fc from 'fast-check'
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Unacknowledged } from '../../../src/net/unacknowledged.ts'

const WRAP = 2 ** 32

/** So many of the owner's, written and taken. */
function sent(count: number, bytes = 10): Unacknowledged {
  const ours = new Unacknowledged()
  ours.begin()
  for (let n = 0; n < count; n++) ours.wrote(bytes, 'owner')
  equal(ours.took(count), 0)
  return ours
}

describe('before counting begins', () => {
  test('the operating system settles', () => {
    const ours = new Unacknowledged()
    for (let n = 0; n < 3; n++) ours.wrote(10, 'owner')
    equal(ours.took(2), 2)
    deepEqual([ours.stanzas, ours.bytes, ours.doubtful(1)], [0, 0, 1])
  })
  test('what was written then is settled by it still, and what comes after by the peer', () => {
    const ours = new Unacknowledged()
    ours.wrote(10, 'owner')
    ours.wrote(10, 'owner')
    ours.begin()
    ours.wrote(10, 'owner')
    equal(ours.took(3), 2)
    equal(ours.doubtful(0), 1)
    deepEqual(ours.heard(1, 0), { ok: true, settled: 1 })
    equal(ours.doubtful(0), 0)
  })
  test('nothing that was written then can be acknowledged', () => {
    const ours = new Unacknowledged()
    ours.wrote(10, 'owner')
    ours.begin()
    ours.wrote(10, 'owner')
    equal(ours.heard(2, 2).ok, false)
    equal(ours.heard(1, 1).ok, false, 'the one on its way is the one before')
    deepEqual(ours.heard(1, 2), { ok: true, settled: 1 })
  })
})

describe('the peer acknowledges', () => {
  test('what it says is settled, in order, and the bytes with it', () => {
    const ours = new Unacknowledged()
    ours.begin()
    for (const bytes of [1, 20, 300]) ours.wrote(bytes, 'owner')
    ours.took(3)
    deepEqual(ours.heard(2, 0), { ok: true, settled: 2 })
    deepEqual([ours.stanzas, ours.bytes, ours.acknowledged], [1, 300, 2])
    deepEqual(ours.heard(2, 0), { ok: true, settled: 0 })
  })
  test("what others said in between counts, and is nobody's to be told", () => {
    const ours = new Unacknowledged()
    ours.begin()
    ours.wrote(10, 'owner')
    ours.wrote(10, 'other')
    ours.wrote(10, 'owner')
    ours.took(2)
    deepEqual(ours.heard(2, 0), { ok: true, settled: 1 })
    deepEqual(ours.heard(3, 0), { ok: true, settled: 1 })
  })
  test('a stanza on its way may have arrived; one that waits has not', () => {
    const ours = sent(1)
    ours.wrote(10, 'owner')
    ours.wrote(10, 'owner')
    equal(ours.doubtful(1), 2)
    deepEqual(ours.heard(3, 1), { ok: false, fault: 'more', sent: 3 })
    deepEqual(ours.heard(2, 1), { ok: true, settled: 2 })
    equal(ours.doubtful(1), 0)
    ours.took(1)
    equal(ours.doubtful(0), 0)
  })
  test('more than was sent, or less than before, is a fault', () => {
    const ours = sent(5)
    deepEqual(ours.heard(6, 0), { ok: false, fault: 'more', sent: 5 })
    ours.heard(3, 0)
    deepEqual(ours.heard(2, 0), { ok: false, fault: 'less', sent: 5 })
    deepEqual([ours.acknowledged, ours.stanzas], [3, 2])
  })
  test('a peer that will not acknowledge after all: what the operating system took is settled', () => {
    const ours = sent(3)
    ours.wrote(10, 'owner')
    equal(ours.giveUp(), 3)
    equal(ours.counting, false)
    equal(ours.took(1), 1)
    deepEqual([ours.stanzas, ours.bytes, ours.doubtful(0)], [0, 0, 0])
  })
})

test('the count starts again after 2^32', () => {
  const ours = new Unacknowledged(WRAP - 3)
  ours.begin()
  for (let n = 0; n < 8; n++) ours.wrote(1, 'owner')
  ours.took(8)
  ours.asks()
  deepEqual(ours.heard(WRAP - 1, 0), { ok: true, settled: 2 })
  deepEqual(ours.heard(0, 0), { ok: true, settled: 1 })
  deepEqual(ours.heard(WRAP - 1, 0), { ok: false, fault: 'less', sent: 5 })
  deepEqual(ours.heard(6, 0), { ok: false, fault: 'more', sent: 5 })
  deepEqual(ours.heard(4, 0), { ok: true, settled: 4 })
  deepEqual([ours.stanzas, ours.bytes, ours.acknowledged], [1, 1, WRAP + 4])
})

describe('questions', () => {
  test('one is open until what it asked for is acknowledged, or it has been answered with less', () => {
    const ours = sent(4)
    ours.asks()
    deepEqual([ours.asking, ours.unasked, ours.bytesAhead], [true, 0, 40])
    ours.wrote(10, 'owner')
    ours.took(1)
    ours.asks()
    ours.heard(2, 0)
    deepEqual([ours.asking, ours.bytesAhead], [true, 30])
    ours.heard(2, 0)
    equal(ours.asking, false)
  })
  test('an acknowledgement answers every question it covers', () => {
    const ours = sent(2)
    ours.asks()
    ours.asks()
    ours.asks()
    ours.heard(2, 0)
    equal(ours.asking, false)
  })
})

test('the window is full by stanzas or by bytes, and opens with the acknowledgement', () => {
  const ours = sent(3)
  equal(ours.isFull({ stanzas: 3, bytes: 1000 }), true)
  equal(ours.isFull({ stanzas: 4, bytes: 30 }), true)
  equal(ours.isFull({ stanzas: 4, bytes: 31 }), false)
  ours.heard(1, 0)
  equal(ours.isFull({ stanzas: 3, bytes: 30 }), false)
})

test("whatever happens in whatever order, each of the owner's is settled once or in doubt or never left", () => {
  const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
  const act = fc.oneof(
    often(9, fc.record({ kind: fc.constant('write' as const), bytes: fc.nat(500), owner: fc.boolean() })),
    often(5, fc.record({ kind: fc.constant('take' as const), share: fc.nat(100) })),
    often(5, fc.record({ kind: fc.constant('ack' as const), share: fc.nat(100) })),
    often(3, fc.constant({ kind: 'begin' as const })),
    often(2, fc.constant({ kind: 'ask' as const })),
    often(1, fc.constant({ kind: 'giveUp' as const })),
  )
  let acknowledged = 0
  fc.assert(
    fc.property(fc.array(act, { maxLength: 100, size: 'max' }), (acts) => {
      const ours = new Unacknowledged()
      // The model: every stanza in a list, and what has become of it.
      const all: { owner: boolean; bytes: number; left: boolean; counted: boolean; settled: boolean }[] = []
      let settled = 0
      for (const step of acts) {
        const counted = all.filter((one) => one.counted)
        switch (step.kind) {
          case 'write':
            ours.wrote(step.bytes, step.owner ? 'owner' : 'other')
            all.push({ ...step, left: false, counted: ours.counting, settled: false })
            break
          case 'take': {
            const waiting = all.filter(({ owner, left }) => owner && !left)
            const now = waiting.slice(0, Math.ceil((waiting.length * step.share) / 100))
            for (const one of now) one.left = true
            for (const one of now) if (!one.counted) one.settled = true
            settled += ours.took(now.length)
            break
          }
          case 'ack': {
            if (!ours.counting) break
            const stop = counted.findIndex(({ owner, left }) => owner && !left)
            const may = (stop === -1 ? counted : counted.slice(0, stop)).length
            const done = counted.filter((one) => one.settled).length
            const handled = done + Math.floor(((may - done) * step.share) / 100)
            const heard = ours.heard(handled % WRAP, 0)
            ok(heard.ok)
            if (heard.settled > 0) acknowledged += 1
            for (const one of counted.slice(0, handled)) one.settled = true
            settled += heard.settled
            break
          }
          case 'begin':
            if (!ours.counting && counted.length === 0) ours.begin()
            break
          case 'ask':
            if (ours.counting) ours.asks()
            break
          case 'giveUp':
            if (!ours.counting) break
            settled += ours.giveUp()
            for (const one of all) {
              if (one.counted && one.left) one.settled = true
              one.counted = false
            }
        }
        const open = all.filter((one) => one.counted && !one.settled)
        equal(settled, all.filter((one) => one.owner && one.settled).length)
        equal(ours.doubtful(0), all.filter((one) => one.owner && one.left && !one.settled).length)
        if (!ours.counting) continue
        equal(ours.stanzas, open.length)
        equal(
          ours.bytes,
          open.reduce((sum, { bytes }) => sum + bytes, 0),
        )
      }
    }),
    { numRuns: 2000, seed: 3 },
  )
  ok(acknowledged > 500, `${acknowledged} acknowledgements told of something`)
})
