import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackOff } from '../../../src/gateway/links/back-off.ts'

/** The waits after so many failures in a row, each when the one before is over. */
function waits(backOffMs: number, failures: number, random: () => number): number[] {
  const backOff = new BackOff({ backOffMs }, random)
  let now = 0
  return Array.from({ length: failures }, () => {
    backOff.failed(now)
    const until = backOff.until(now) ?? now
    const wait = until - now
    now = until
    return wait
  })
}

const least = (): number => 0
const most = (): number => 1

test('the wait doubles from a second to the limit, and chance takes up to half of it away', () => {
  for (const [limit, chance, expected] of [
    [60_000, most, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]],
    [60_000, least, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
    [1000, most, [1000, 1000, 1000]],
    [5000, most, [1000, 2000, 4000, 5000, 5000]],
  ] as const) {
    assert.deepEqual(waits(limit, expected.length, chance), expected)
  }
})

test('however often it fails and whatever chance says, no wait exceeds the limit or falls below half of a step', () => {
  for (let round = 0; round < 50; round++) {
    for (const [n, wait] of waits(60_000, 100, Math.random).entries()) {
      const step = Math.min(1000 * 2 ** n, 60_000)
      assert.ok(wait >= step / 2 && wait <= step, `${wait} after ${n} failures`)
    }
  }
})

test('a lower limit takes hold with the next failure', () => {
  const limits = { backOffMs: 3_600_000 }
  const backOff = new BackOff(limits, most)
  for (let n = 0; n < 20; n++) backOff.failed(0)
  assert.equal(backOff.until(0), 3_600_000)
  limits.backOffMs = 1000
  backOff.failed(0)
  assert.equal(backOff.until(0), 1000)
})

test('after a reset nothing waits, and the next failure is the first', () => {
  const backOff = new BackOff({ backOffMs: 60_000 }, most)
  backOff.failed(0)
  backOff.failed(0)
  assert.equal(backOff.until(1999), 2000)
  assert.equal(backOff.until(2000), undefined)
  backOff.reset()
  assert.equal(backOff.until(0), undefined)
  backOff.failed(0)
  assert.equal(backOff.until(0), 1000)
})
