// What the workloads about remote users have in common.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentile, scaled } from '../../../bench/workloads/remote.ts'

test('a percentile is a value that was measured, whatever their order', () => {
  const values = [5, 1, 4, 2, 3]
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((share) => percentile(values, share)),
    [1, 3, 5, 5],
  )
  assert.ok(Number.isNaN(percentile([], 0.5)))
})

test('only a run that is shorter than a second has fewer sessions', () => {
  const counts = [3, 1, 0.5, 0.001].map((seconds) => scaled(8000, { seconds }))
  assert.deepEqual(counts, [8000, 8000, 4000, 8])
})
