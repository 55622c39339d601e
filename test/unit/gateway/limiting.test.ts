// What holds streams against limits, where the clock of the host is set.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts'
import type { House } from '../../../src/gateway/house.ts'
import { limitingOf } from '../../../src/gateway/limiting.ts'

test('a clock that is set back keeps no partner out: new connections are counted by one that nobody sets', () => {
  const house = { settings: { limits: { ...DEFAULT_LIMITS, partnerConnections: 2 } } } as unknown as House
  let [now, steady] = [10 * 3_600_000, 0]
  const clocks = { now: () => now, steady: () => steady, random: () => 0 }
  const limiting = limitingOf({ house, draining: { refuses: undefined } }, clocks)
  const comes = (): boolean => limiting.mayCome('192.0.2.1')
  assert.deepEqual([comes(), comes(), comes()], [true, true, false])
  now -= 3_600_000
  steady += 30_000
  assert.deepEqual([comes(), comes()], [true, false], 'half a minute has brought one')
  now += 7_200_000
  assert.equal(comes(), false, 'a clock that is set forward brings none')
})
