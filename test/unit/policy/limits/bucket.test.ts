import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Bucket, type Flow } from '../../../../src/policy/limits/bucket.ts'

const AT = Date.UTC(2026, 5, 15, 12)
const FLOW: Flow = { perSecond: 10, most: 20 }

for (const [about, takes, cost, after, wait] of [
  ['a new bucket is full', [], 20, 0, 0],
  ['what is taken is missing', [20], 1, 0, 100],
  ['it fills again with time', [20], 1, 100, 0],
  ['until it is full, and no further', [20], 21, 60_000, 0],
  ['what lacks comes at the rate', [20], 5, 200, 300],
  ['more than a whole bucket takes a whole one', [500], 20, 0, 2000],
  ['and goes when there is one', [], 500, 0, 0],
  ['a clock that was set back gives nothing', [20], 1, -60_000, 100],
] as const) {
  test(about, () => {
    const bucket = new Bucket()
    for (const taken of takes) bucket.take(taken, FLOW, AT)
    assert.equal(bucket.wait(cost, FLOW, AT + after), wait)
  })
}

test('a clock that was set back takes nothing away', () => {
  const bucket = new Bucket()
  bucket.take(10, FLOW, AT)
  bucket.take(10, FLOW, AT - 60_000)
  assert.equal(bucket.wait(1, FLOW, AT - 60_000), 100)
})

test('and from there on it gives as ever, also where nothing is taken', () => {
  const bucket = new Bucket()
  bucket.take(20, FLOW, AT)
  assert.equal(bucket.wait(5, FLOW, AT - 3_600_000), 500)
  assert.equal(bucket.wait(5, FLOW, AT - 3_600_000 + 500), 0)
})

test('in any time no more is taken than the bucket holds and what comes in that time, and whoever waits gets it', () => {
  let waited = 0
  fc.assert(
    fc.property(
      fc.record({ perSecond: fc.integer({ min: 1, max: 1000 }), most: fc.integer({ min: 1, max: 500 }) }),
      fc.array(fc.record({ cost: fc.integer({ min: 1, max: 100 }), pause: fc.integer({ min: 0, max: 100 }) }), {
        minLength: 20,
        maxLength: 80,
      }),
      (flow, all) => {
        const bucket = new Bucket()
        const taken: { readonly at: number; readonly cost: number }[] = []
        let now = AT
        for (const { cost, pause } of all) {
          now += pause
          const wait = bucket.wait(cost, flow, now)
          if (wait > 0) {
            waited += 1
            assert.ok(bucket.wait(cost, flow, now + wait - 1) > 0, 'nobody waits longer than needed')
            assert.equal(bucket.wait(cost, flow, now + wait), 0)
            if (cost % 2 === 0) continue // goes away
            now += wait
          }
          bucket.take(cost, flow, now)
          taken.push({ at: now, cost: Math.min(cost, flow.most) })
        }
        for (const [index, { at: from }] of taken.entries()) {
          let sum = 0
          for (const { at, cost } of taken.slice(index)) {
            sum += cost
            assert.ok(sum <= flow.most + (flow.perSecond * (at - from)) / 1000 + 1e-3)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
  assert.ok(waited > 1000, `only ${waited} had to wait`)
})
