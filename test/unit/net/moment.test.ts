import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { thisMoment } from '../../../src/net/moment.ts'

test('a moment lasts as long as what runs now, and no longer', async () => {
  const before = performance.now()
  const moment = thisMoment()
  assert.ok(before <= moment && moment <= performance.now())
  while (performance.now() < moment + 2);
  assert.equal(thisMoment(), moment)
  await setImmediate()
  assert.ok(thisMoment() >= moment + 2)
})
