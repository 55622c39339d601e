import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Memo } from '../../../src/xmpp/memo.ts'

const PLACES = 4096

test('what was kept is known, and what is long is not kept', () => {
  const memo = new Memo<number>()
  memo.keep('short', 1)
  memo.keep('l'.repeat(96), 2)
  memo.keep('l'.repeat(97), 3)
  assert.deepEqual([memo.get('short'), memo.get('l'.repeat(96)), memo.get('l'.repeat(97))], [1, 2, undefined])
})

test('so many have a place; those that come later get one when many others have come', () => {
  const memo = new Memo<number>()
  const known = (): number =>
    Array.from({ length: 20 * PLACES }, (_, n) => memo.get(`${n}`)).filter((n) => n !== undefined).length
  for (let n = 0; n < 2 * PLACES; n++) memo.keep(`${n}`, n)
  assert.deepEqual([known(), memo.get('0'), memo.get(`${PLACES}`)], [PLACES, 0, undefined])
  for (let n = 2 * PLACES; n < 17 * PLACES; n++) memo.keep(`${n}`, n)
  assert.equal(known(), 0)
  memo.keep('0', 1)
  assert.equal(memo.get('0'), 1)
})
