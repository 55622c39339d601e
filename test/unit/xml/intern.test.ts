import assert from 'node:assert/strict'
import { test } from 'node:test'
import { intern } from '../../../src/xml/intern.ts'

/** The interned string of these bytes, which lie somewhere within others. */
function of(text: string, before = 3): string {
  const bytes = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(text), Buffer.alloc(5, 'y')])
  return intern(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), before, bytes.length - 5)
}

test('the string of any bytes is what they say, whatever was there before', () => {
  for (let round = 0; round < 3; round++) {
    for (let length = 0; length < 120; length++) {
      for (const letter of ['a', 'b', 'é', '\u{1f680}']) {
        const text = letter.repeat(length)
        assert.equal(of(text, round), text)
        assert.equal(of(`${text}z`, round), `${text}z`)
        assert.equal(of(`z${text}`, round), `z${text}`)
      }
    }
  }
})

test('many more strings than are kept are each themselves', () => {
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 20_000; n++)
      assert.equal(of(`user${n}@partner.example/phone`), `user${n}@partner.example/phone`)
  }
})
