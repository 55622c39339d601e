import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unguessable } from '../../../src/net/unguessable.ts'

test('as many bytes as asked for, across the end of the supply, and never the same again', () => {
  const seen = new Set<string>()
  for (let n = 0; n < 2000; n++) {
    const bytes = unguessable(n % 2 === 0 ? 16 : 9)
    assert.equal(bytes.length, n % 2 === 0 ? 16 : 9)
    assert.ok(bytes.some((byte) => byte !== 0))
    seen.add(bytes.toString('hex'))
  }
  assert.equal(seen.size, 2000)
})

test('what was given stays as it is when the supply is filled anew', () => {
  const first = unguessable(16)
  const text = first.toString('hex')
  for (let n = 0; n < 1000; n++) unguessable(16)
  assert.equal(first.toString('hex'), text)
})
