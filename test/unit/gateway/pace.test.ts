import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paced } from '../../../src/gateway/pace.ts'

const never = new AbortController().signal

test('many things are done in their order over the time there is, and a few at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  for (const [items, overMs, atOnce, steps] of [
    [0, 1000, 0, 0],
    [2, 1000, 2, 0],
    [100, 1000, 5, 19],
    [101, 1000, 6, 16],
    [10_000, 100, 5000, 1],
  ] as const) {
    const done: number[] = []
    let over = false
    const all = Array.from({ length: items }, (_, n) => n)
    const whole = paced(all, overMs, never, (item) => done.push(item)).then(() => (over = true))
    assert.equal(done.length, atOnce, `${items} things`)
    for (let step = 0; step < steps; step++) {
      assert.equal(over, false)
      t.mock.timers.tick(50)
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    }
    await whole
    assert.deepEqual(done, all)
    assert.ok(steps * 50 <= overMs)
  }
})

test('when there is no time any more, the rest is done at once', async () => {
  const hurry = new AbortController()
  const done: number[] = []
  const whole = paced([1, 2, 3, 4, 5, 6, 7, 8], 3_600_000, hurry.signal, (item) => done.push(item))
  assert.deepEqual(done, [1, 2])
  hurry.abort()
  await whole
  assert.equal(done.length, 8)
})
