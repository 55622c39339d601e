// How far a run is: what those before took says what the others will take.

import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { clock, minutes, Progress } from '../../../bench/progress.ts'

test('what is left is expected as it was written down, and then as the machine turned out to be', () => {
  const progress = new Progress([10, 30, 60], 5000)
  equal(progress.tell(5000), '1 of 3, 0:00 so far, about 2 min left')
  progress.advance()
  // Ten seconds were expected, and it took twenty: so will the others, twice as long.
  equal(progress.secondsLeft(25_000), 180)
  equal(progress.tell(25_000), '2 of 3, 0:20 so far, about 3 min left')
  progress.advance()
  progress.advance()
  equal(progress.secondsLeft(200_000), 0)
})

test('times are said as people say them', () => {
  equal(clock(187.4), '3:07')
  equal(minutes(41), '50 s')
  equal(minutes(1500), '25 min')
})
