import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RelationTable } from '../../../../src/policy/relations/table.ts'
import { sha } from './hash.ts'

/** All in one part, their searches beginning at few places: so that they stand in each other's way. */
const crowded = (n: number): string => {
  const octets = [0, 0, 0, n >> 8, n % 3, 0, 0, 0, n & 0xff, 0, 0, 0, 0, 0, 0, 7]
  return String.fromCharCode(...octets)
}

test('what was put is found, and nothing else, whatever comes and goes in between', () => {
  const step = fc.record({ n: fc.noBias(fc.nat(200)), day: fc.integer({ min: 1, max: 9 }), deletes: fc.boolean() })
  let crowdedDeletes = 0
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 150, maxLength: 400 }),
      fc.integer({ min: 1, max: 9 }),
      (steps, forgotten) => {
        const table = new RelationTable()
        const model = new Map<number, number>()
        for (const { n, day, deletes } of steps) {
          if (deletes) {
            assert.equal(table.delete(crowded(n)), model.delete(n))
            if (model.size > 20) crowdedDeletes += 1
          } else {
            assert.equal(table.put(crowded(n), { marks: 3, day }), !model.has(n))
            model.set(n, day)
          }
        }
        for (let part = 0; part < table.parts; part++) table.forgetBefore(forgotten, part)
        for (const [n, day] of model) if (day < forgotten) model.delete(n)
        assert.equal(table.size, model.size)
        for (let n = 0; n <= 200; n++) {
          const day = model.get(n)
          assert.deepEqual(table.find(crowded(n)), day === undefined ? undefined : { marks: 3, day })
        }
      },
    ),
    { numRuns: 200 },
  )
  assert.ok(crowdedDeletes > 1000, `only ${crowdedDeletes} came out of a crowd`)
})

test('two keys that differ in one bit are two', () => {
  const table = new RelationTable()
  const key = sha('a')
  table.put(key, { marks: 1, day: 1 })
  for (let octet = 0; octet < 16; octet++)
    for (let bit = 0; bit < 8; bit++) {
      const other = String.fromCharCode(...Array.from(key, (c, i) => c.charCodeAt(0) ^ (i === octet ? 1 << bit : 0)))
      assert.equal(table.find(other), undefined, `octet ${octet}, bit ${bit}`)
    }
})

test('the day before which so many were last used', () => {
  const table = new RelationTable()
  for (let n = 0; n < 100; n++) table.put(sha(`${n}`), { marks: 1, day: 10 + (n % 10) })
  assert.deepEqual(
    [1, 10, 11, 100, 101].map((count) => table.dayOfOldest(count)),
    [11, 11, 12, 20, undefined],
  )
})
