import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CDATA, KIND, TEXT, VALUE } from '../../../src/xml/bytes.ts'
import { asciiText, asciiValue, BYTE_EF, same, utf8Text, wordOf } from '../../../src/xml/words.ts'

type Run = (view: DataView, from: number, to: number) => number

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** What a run may go over without a closer look. */
const isPlain = (byte: number, flag: number): boolean => byte >= 0x20 && (KIND[byte]! & flag) !== 0

describe('a run', () => {
  for (const [name, run, passes] of [
    ['of text', asciiText, (byte) => isPlain(byte, TEXT)],
    ['of a value', asciiValue, (byte) => isPlain(byte, VALUE)],
    ['of text known to be UTF-8', utf8Text, (byte) => isPlain(byte, TEXT) || (byte >= 0x80 && byte !== BYTE_EF)],
  ] as const satisfies readonly (readonly [string, Run, (byte: number) => boolean])[]) {
    test(`${name} stops at the first byte that may be special, wherever it stands and whatever follows`, () => {
      const others = [0x61, 0x00, 0x1f, 0x27, 0x3d, 0x5c, 0x80, 0xbf, 0xee, 0xff]
      for (let byte = 0; byte < 256; byte++) {
        for (let place = 0; place < 8; place++) {
          for (const other of others) {
            const bytes = new Uint8Array(16).fill(0x20)
            bytes[place] = byte
            bytes.fill(other, place + 1)
            let expected = 0
            while (expected < 16 && passes(bytes[expected]!)) expected++
            assert.equal(run(viewOf(bytes), 0, 16), expected, `${byte} at ${place} before ${other}`)
          }
        }
      }
    })

    test(`${name} looks at nothing from its end on, and leaves at most three bytes`, () => {
      for (let to = 0; to <= 12; to++) {
        const bytes = new Uint8Array(16).fill(0x61, 0, to)
        const at = run(viewOf(bytes), 0, to)
        assert.ok(at <= to && to - at < 4, `${at} of ${to}`)
      }
    })
  }
})

test('the table of bytes has no plain byte that a word would call special', () => {
  for (const flag of [TEXT, VALUE, CDATA]) for (let byte = 0x80; byte < 256; byte++) assert.equal(KIND[byte]! & flag, 0)
})

test('two runs of bytes are the same only if each byte is', () => {
  for (let length = 0; length < 12; length++) {
    const bytes = Buffer.alloc(32, 'abcdefghijkl'.slice(0, length) || 'x')
    bytes.copy(bytes, 16, 1, 1 + length)
    assert.ok(same(viewOf(bytes), 1, 16, length))
    for (let place = 0; place < length; place++) {
      bytes[16 + place]! ^= 0x80
      assert.ok(!same(viewOf(bytes), 1, 16, length), `byte ${place} of ${length}`)
      bytes[16 + place]! ^= 0x80
    }
  }
})

test('a word of text is what reading its bytes gives', () => {
  assert.equal(wordOf('from'), viewOf(Buffer.from('from')).getInt32(0, true))
  assert.equal(wordOf('to'), viewOf(Buffer.from('to')).getUint16(0, true))
})
