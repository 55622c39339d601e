import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PairMap } from '../../../src/gateway/pair-map.ts'

test('is a map whose keys are two names', () => {
  const name = fc.constantFrom('a', 'b', 'a b', '')
  const act = fc.record({ what: fc.constantFrom('set', 'set', 'delete'), first: name, second: name, value: fc.nat() })
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const pairs = new PairMap<number>()
      const model = new Map<string, number>()
      for (const { what, first, second, value } of acts) {
        const key = JSON.stringify([first, second])
        if (what === 'set') {
          pairs.set(first, second, value)
          model.set(key, value)
        } else {
          pairs.delete(first, second)
          model.delete(key)
        }
        assert.equal(pairs.get(first, second), model.get(key))
        assert.equal(pairs.size, model.size)
      }
      assert.deepEqual(new Set(pairs.values()), new Set(model.values()))
    }),
  )
})

test('what is there may go while all of it is looked at', () => {
  const pairs = new PairMap<readonly [string, string]>()
  for (const first of ['a', 'b']) for (const second of ['x', 'y']) pairs.set(first, second, [first, second])
  let seen = 0
  for (const [first, second] of pairs.values()) {
    pairs.delete(first, second)
    seen += 1
  }
  assert.deepEqual([seen, pairs.size], [4, 0])
})
