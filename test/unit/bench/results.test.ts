// The arithmetic between what is measured and what is told.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { figure, median, ratiosOf, type Entry } from '../../../bench/results.ts'

test('the median is the middle, or between the two that are', () => {
  for (const [values, expected] of [
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 2, 4, 100], 7],
  ] as const) {
    equal(median(values), expected)
  }
})

test('ratios are those of Sallyport to everybody who was measured, figure by figure', () => {
  const speed = { about: 'stanzas', unit: 'per second', better: 'more' } as const
  const measured = (contestant: string, runs: readonly number[]): Entry => ({
    contestant,
    outcome: 'measured',
    figures: { speed: figure(speed, runs) },
  })
  const entries: readonly Entry[] = [
    measured('prosody', [1, 2, 3]),
    measured('sallyport', [20, 30, 1000]),
    { contestant: 'ejabberd', outcome: 'refused', why: 'it cannot' },
    measured('pipe', [60, 60, 60]),
  ]
  deepEqual(ratiosOf(entries), { speed: { prosody: 15, pipe: 0.5 } })
  deepEqual(ratiosOf(entries.slice(2)), {})
  deepEqual(ratiosOf([measured('sallyport', [2]), measured('prosody', [-1]), measured('pipe', [0])]), { speed: {} })
  deepEqual(ratiosOf([measured('sallyport', [-2]), measured('prosody', [1])]), { speed: {} })
})
