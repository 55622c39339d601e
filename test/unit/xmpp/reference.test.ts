import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatReference, isReference, peerText, readReference } from '../../../src/xmpp/reference.ts'

test('a reference is twelve characters in three groups', () => {
  assert.equal(formatReference(new Uint8Array(8)), '0000-0000-0000')
  assert.equal(formatReference(new Uint8Array(8).fill(255)), 'zzzz-zzzz-zzzz')
  assert.equal(formatReference(Uint8Array.from([0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb0])), '0123-4567-89ab')
  assert.throws(() => formatReference(new Uint8Array(7)), RangeError)
})

test('all 60 bits count: another bit is another reference', () => {
  const seen = new Set<string>()
  for (let bit = 0; bit < 64; bit++) {
    const random = new Uint8Array(8)
    random[bit >> 3] = 0x80 >> (bit & 7)
    seen.add(formatReference(random))
  }
  seen.delete('0000-0000-0000')
  assert.equal(seen.size, 60)
})

test('what is written is recognised and read back, also as a person types it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (random) => {
      const reference = formatReference(random)
      assert.ok(isReference(reference))
      assert.equal(readReference(reference), reference)
      assert.equal(readReference(` ${reference.toUpperCase().replaceAll('-', ' ')}`), reference)
      assert.equal(readReference(reference.replaceAll('0', 'O').replaceAll('1', 'l').replaceAll('-', '')), reference)
      assert.ok(peerText(reference).includes(reference))
    }),
  )
})

test('nothing else is a reference', () => {
  for (const text of [
    '',
    '0000-0000-000',
    '0000-0000-00000',
    '000000000000',
    '0000-0000-000u',
    'ABCD-0000-0000',
    ' 0000-0000-0000',
    '0000-0000-0000\n',
  ]) {
    assert.equal(isReference(text), false, JSON.stringify(text))
  }
  assert.equal(readReference('0000-0000-000u'), undefined)
  assert.equal(readReference('not a reference'), undefined)
})
