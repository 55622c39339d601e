import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { stepOf, untilText } from '../../../src/trust/expiry.ts'

const DAY = 86_400_000

test('the end of a certificate comes nearer by steps; those that are most of its life are left out', () => {
  const steps = (lifetime: number): readonly unknown[] =>
    [40, 31, 29, 8, 6, 2, 0.5, -1].map((left) => {
      return left > lifetime ? '-' : stepOf({ notBefore: -lifetime * DAY, notAfter: 0 }, -left * DAY)
    })
  deepEqual(steps(365), [undefined, undefined, 30, 30, 7, 7, 1, 'expired'])
  deepEqual(steps(45), [undefined, undefined, undefined, undefined, 7, 7, 1, 'expired'])
  deepEqual(steps(6), ['-', '-', '-', '-', undefined, undefined, 1, 'expired'])
})

test('what is left is said in days, and at last in hours', () => {
  equal(untilText(6.5 * DAY, 0), 'in 6 days')
  equal(untilText(DAY, 0), 'in 24 hours')
  equal(untilText(100, 0), 'in 1 hour')
})
