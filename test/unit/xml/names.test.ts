import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SaxesParser } from 'saxes'
import { isNameCharacter, isNameStart } from '../../../src/xml/names.ts'

function isGoodName(name: string): boolean {
  const parser = new SaxesParser({ xmlns: true })
  let good = true
  parser.on('error', () => (good = false))
  parser.write(`<${name}/>`).close()
  return good
}

test('the characters of names are those another parser takes', () => {
  const near = [
    0xd7fe, 0xe000, 0xf8ff, 0xf900, 0xfdce, 0xfdf0, 0xfeff, 0xfffc, 0x10000, 0x1fffd, 0xeffff, 0xf0000, 0x10ffff,
  ]
  const codePoints = Array.from({ length: 0x3100 }, (_, at) => at + 0x80).concat(
    near.flatMap((codePoint) => [codePoint - 1, codePoint, codePoint + 1]),
  )
  for (const codePoint of codePoints) {
    if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) continue
    const character = String.fromCodePoint(codePoint)
    assert.equal(isNameStart(codePoint), isGoodName(character), `start U+${codePoint.toString(16)}`)
    assert.equal(isNameCharacter(codePoint), isGoodName(`x${character}`), `further U+${codePoint.toString(16)}`)
  }
  for (let byte = 0x21; byte < 0x80; byte++) {
    const character = String.fromCharCode(byte)
    if (`/>:`.includes(character)) continue
    assert.equal(isNameStart(byte), isGoodName(character), character)
    assert.equal(isNameCharacter(byte), isGoodName(`x${character}`), character)
  }
})
