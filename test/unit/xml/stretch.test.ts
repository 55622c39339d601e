import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bufferOf, type Bytes, lay, Stretch } from '../../../src/xml/stretch.ts'

const CHUNK = Buffer.from('abcdefghij')
const OTHER = Buffer.from('abcdefghij')
const at = (start: number, end: number, chunk = CHUNK): Stretch => new Stretch(chunk, start, end)

test('a stretch is that part of its chunk, in the same memory', () => {
  const stretch = at(2, 5)
  assert.deepEqual([stretch.length, String(stretch), bufferOf(stretch)], [3, 'cde', Buffer.from('cde')])
  assert.equal(bufferOf(stretch).buffer, CHUNK.buffer)
  assert.equal(bufferOf(stretch), bufferOf(stretch))
  assert.equal(bufferOf(CHUNK), CHUNK)
})

for (const [what, all, expected] of [
  ['nothing', [], ''],
  ['a stretch', [at(2, 5)], 'cde'],
  ['what lies side by side', [at(0, 2), at(2, 5), at(5, 10)], 'abcdefghij'],
  ['what lies apart', [at(0, 2), at(3, 5)], 'abde'],
  ['what lies the other way round', [at(3, 5), at(0, 3)], 'deabc'],
  ['the same twice', [at(0, 2), at(0, 2)], 'abab'],
  ['the same places of two chunks', [at(0, 2), at(2, 4, OTHER), at(4, 6)], 'abcdef'],
  ['an empty one between', [at(0, 2), at(2, 2), at(2, 4)], 'abcd'],
  ['others between', [Buffer.from('x'), at(0, 2), Buffer.from('yz'), at(2, 4), Buffer.from('!')], 'xabyzcd!'],
] as const satisfies readonly (readonly [string, readonly Bytes[], string])[]) {
  test(`laid one behind the other: ${what}`, () => {
    const target = Buffer.alloc(20, '.')
    assert.equal(lay(target, all), expected.length)
    assert.equal(target.toString(), expected.padEnd(20, '.'))
  })
}
