import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Held } from '../../../../src/policy/limits/held.ts'

test('what was held back is known of each, and of who was held back once it is forgotten first', () => {
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
  for (let n = 0; n < 4; n++) for (let p = 0; p < 2500; p++) held.waits(`again${p % 1500}.example`)
  assert.equal(held.of('often.example').smoothed, 3, 'it was there before them and there is room for it')
  for (let p = 0; p < 4000; p++) held.waits(`more${p >> 1}.example`)
  assert.equal(held.of('often.example').smoothed, 0, 'of those that were held back again, the one of longest ago')
  assert.equal(held.of('more1999.example').smoothed, 2)
})
