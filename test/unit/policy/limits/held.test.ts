import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Held } from '../../../../src/policy/limits/held.ts'

test('what was held back is known of each, and of who had the least it is forgotten', () => {
  const held = new Held()
  for (let n = 0; n < 3; n++) held.waits('often.example')
  held.refuses('often.example', 'SP-153')
  held.refuses('often.example', 'SP-153')
  held.refuses('often.example', 'SP-155')
  assert.deepEqual(held.of('often.example'), { smoothed: 3, refused: { 'SP-153': 2, 'SP-155': 1 } })
  assert.deepEqual(held.of('never.example'), { smoothed: 0, refused: {} })
  for (let n = 0; n < 5000; n++) held.refuses(`p${n}.example`, 'SP-153')
  assert.equal(held.of('often.example').smoothed, 3)
  assert.equal(held.of('p4999.example').refused['SP-153'], 1)
  assert.deepEqual(held.of('p0.example').refused, {})
  assert.equal(held.smoothed, 3)
})
