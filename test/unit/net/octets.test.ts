import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Octets, room } from '../../../src/net/octets.ts'

test('pieces come out as one, whatever their sizes', () => {
  for (const sizes of [[], [1], [10, 0, 5], [16_384, 1], [1, 16_383, 1, 40_000], Array<number>(300).fill(999)]) {
    const pieces = sizes.map((size, i) => Buffer.alloc(size, i))
    using octets = new Octets(
      300_000,
      room(() => 1_000_000),
    )
    for (const piece of pieces) assert.equal(octets.add(piece), undefined)
    assert.deepEqual(octets.whole, Buffer.concat(pieces))
  }
})

test('no more is taken than may be, to the octet', () => {
  using octets = new Octets(
    1000,
    room(() => 10_000),
  )
  assert.equal(octets.add(Buffer.alloc(999)), undefined)
  assert.equal(octets.add(Buffer.alloc(1)), undefined)
  assert.equal(octets.add(Buffer.alloc(1)), 'too many')
  assert.equal(octets.whole.length, 1000)
})

test('all that is coming shares one room, which is free again when it has come', () => {
  const shared = room(() => 50_000)
  const one = new Octets(100_000, shared)
  assert.equal(one.add(Buffer.alloc(40_000)), undefined)
  {
    using other = new Octets(100_000, shared)
    assert.equal(other.add(Buffer.alloc(1)), 'no room')
  }
  one[Symbol.dispose]()
  using last = new Octets(100_000, shared)
  assert.equal(last.add(Buffer.alloc(40_000)), undefined)
})

test('a short one does not keep a long buffer alive', () => {
  using octets = new Octets(
    100_000,
    room(() => 100_000),
  )
  octets.add(Buffer.alloc(10))
  assert.ok(octets.whole.buffer.byteLength < 16_384)
})
