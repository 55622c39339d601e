import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import { codePointAt, codePointBefore, DONE, NOT_UTF8, NOT_XML, STEP } from '../../../src/xml/utf8.ts'

/** The state after these bytes. */
function stateAfter(bytes: Iterable<number>): number {
  let state: number = DONE
  for (const byte of bytes) {
    state = STEP[(state << 8) | byte]!
    if (state === NOT_UTF8 || state === NOT_XML) return state
  }
  return state
}

test('every character passes, U+FFFE and U+FFFF excepted, and is read back from either end', () => {
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue
    const bytes = Buffer.from(String.fromCodePoint(codePoint))
    const forbidden = codePoint === 0xfffe || codePoint === 0xffff
    if (stateAfter(bytes) !== (forbidden ? NOT_XML : DONE)) assert.fail(`U+${codePoint.toString(16)}`)
    if (codePointAt(bytes, 0) !== codePoint) assert.fail(`U+${codePoint.toString(16)} forwards`)
    if (codePointBefore(bytes, bytes.length) !== codePoint) assert.fail(`U+${codePoint.toString(16)} backwards`)
  }
})

test('every sequence of two and three bytes, and the doubtful ones of four, is judged as Node judges it', () => {
  const bytes = Buffer.alloc(4)
  const check = (length: number): void => {
    const sequence = bytes.subarray(0, length)
    const state = stateAfter(sequence)
    // What comes after a forbidden character has not been looked at.
    if (state !== NOT_XML && isUtf8(sequence) !== (state === DONE)) assert.fail(sequence.toString('hex'))
  }
  for (bytes[0] = 0x80; bytes[0] > 0; bytes[0]++) {
    for (let second = 0; second < 256; second++) {
      bytes[1] = second
      check(2)
      for (const third of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbd, 0xbe, 0xbf, 0xc0, 0xff]) {
        bytes[2] = third
        check(3)
        for (const fourth of [0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff]) {
          bytes[3] = fourth
          check(4)
        }
      }
    }
  }
})
