import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowanceOf, both } from '../../../../src/policy/conduct/allowance.ts'
import type { ConductState } from '../../../../src/policy/conduct/conduct.ts'

const DISCOVERED = { discoveredStanzas: 20, discoveredRecipients: 1000 }

test('how much may be sent by who is in no entry, and in which state', async (t) => {
  type Row = readonly [state: ConductState, isLimited: boolean, expected: readonly [number, number] | undefined]
  const table: readonly Row[] = [
    ['normal', false, undefined],
    ['normal', true, [20, 1000]],
    ['limited', false, [5, 250]],
    ['limited', true, [5, 250]],
    ['watch', false, [1, 50]],
    ['watch', true, [1, 50]],
  ]
  for (const [state, isLimited, expected] of table) {
    await t.test(`${state}, ${isLimited ? 'mode limited' : 'an entry, or mode open'}`, () => {
      const allowed = allowanceOf(state, isLimited, DISCOVERED)
      assert.deepEqual(allowed && [allowed.stanzasPerSecond, allowed.recipientsPerDay], expected)
    })
  }
  const least = allowanceOf('watch', true, { discoveredStanzas: 1, discoveredRecipients: 1 })
  assert.deepEqual(least, { stanzasPerSecond: 1, recipientsPerDay: 1 }, 'never nothing')
})

test('what both allow is the less of the two, and what neither limits is without limit', () => {
  const entry = { stanzasPerSecond: 50, bytesPerSecond: 9, requestsPerDay: 3, roomsPerDay: 4 }
  assert.deepEqual(both(entry, { stanzasPerSecond: 5, recipientsPerDay: 7 }), {
    ...{ stanzasPerSecond: 5, bytesPerSecond: 9, recipientsPerDay: 7, requestsPerDay: 3, roomsPerDay: 4 },
  })
  assert.deepEqual(both({}, {}), {})
})
