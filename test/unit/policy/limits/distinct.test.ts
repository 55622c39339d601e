import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DistinctPerDay } from '../../../../src/policy/limits/distinct.ts'

const DAY_MS = 86_400_000
const NOON = Date.UTC(2026, 5, 15, 12)

test('a day has so many different names and no more, and as many again on the next', () => {
  let refused = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.record({ name: fc.integer({ min: 0, max: 40 }), pause: fc.integer({ min: 0, max: DAY_MS / 50 }) }), {
        minLength: 100,
        maxLength: 200,
      }),
      (most, all) => {
        const counted = new DistinctPerDay(7)
        const plain = new Map<number, Set<string>>()
        let now = NOON
        for (const { name: number, pause } of all) {
          now += pause
          const name = `user${number}@corp.example`
          const today = plain.get(Math.floor(now / DAY_MS)) ?? new Set()
          plain.set(Math.floor(now / DAY_MS), today)
          const fits = today.has(name) || today.size < most
          assert.equal(counted.fits(name, most, now), fits)
          if (!fits) refused += 1
          else counted.add(name, now)
          if (fits) today.add(name)
          assert.equal(counted.count(now), today.size)
          assert.ok(counted.size <= most)
        }
      },
    ),
  )
  assert.ok(refused > 1000, `only ${refused} were refused`)
})

test('a clock that is set back to the day before does not begin again', () => {
  const counted = new DistinctPerDay(7)
  counted.add('alice@corp.example', NOON)
  assert.equal(counted.fits('ben@corp.example', 1, NOON - DAY_MS), false)
})

test('a clock that was far ahead does not keep a day from ending', () => {
  const counted = new DistinctPerDay(7)
  counted.add('alice@corp.example', NOON + 400 * DAY_MS)
  assert.equal(counted.fits('ben@corp.example', 1, NOON), true)
  counted.add('ben@corp.example', NOON)
  assert.equal(counted.fits('carol@corp.example', 1, NOON), false)
  assert.equal(counted.fits('carol@corp.example', 1, NOON + DAY_MS), true)
})

test('thousands of names are told apart', () => {
  const counted = new DistinctPerDay(7)
  for (let n = 0; n < 5000; n++) counted.add(`user${n}@corp.example`, NOON)
  assert.equal(counted.count(NOON), 5000)
})
