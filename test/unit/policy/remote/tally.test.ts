// Counting failures under bounded memory: a tally never says less than there was, and a bucket that is forgotten was full.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Blur } from '../../../../src/policy/remote/blur.ts'
import { KnownPlaces } from '../../../../src/policy/remote/known-places.ts'
import { placesOf } from '../../../../src/policy/remote/places.ts'
import { Rates } from '../../../../src/policy/remote/rates.ts'
import { Tally } from '../../../../src/policy/remote/tally.ts'

const WINDOW = 1000

const PLACES: readonly [string, string, string][] = [
  ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
]

for (const [written, address, network] of PLACES) {
  test(`${written} is ${address} in ${network}`, () => assert.deepEqual(placesOf(written), { address, network }))
}

test('a tally never says less than there was, however many names there are', () => {
  let over = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 })), {
        maxLength: 300,
        size: 'max',
      }),
      (all) => {
        const tally = new Tally({ most: () => 10, windowMs: () => WINDOW, key: 7 })
        const truth = new Map<string, number[]>()
        let now = 0
        for (const [n, ms] of all) {
          now += ms
          const name = `u${n}`
          tally.begin(name, now)
          tally.settle(name, true, now)
          truth.set(name, [...(truth.get(name) ?? []), now])
          assert.ok(tally.figures.kept <= 10)
        }
        for (const [name, times] of truth) {
          const least = times.filter((at) => at > now - WINDOW).length
          assert.ok(tally.count(name, now) >= least, name)
          if (least > 0 && tally.figures.blurred) over += 1
        }
      },
    ),
    { numRuns: 200 },
  )
  assert.ok(over > 200, `${over} names were counted with a blur`)
})

test('with room for all, a tally counts exactly, and forgets what is over', () => {
  const tally = new Tally({ most: () => 100, windowMs: () => WINDOW, key: 7 })
  for (let now = 0; now < 50; now++) {
    tally.begin('a', now)
    tally.settle('a', now % 2 === 0, now)
  }
  assert.equal(tally.count('a', 50), 25)
  assert.equal(tally.count('a', WINDOW + 25), 12)
  assert.equal(tally.count('a', 2 * WINDOW), 0)
  tally.begin('b', 2 * WINDOW)
  assert.equal(tally.figures.kept, 1)
})

test('a blur is empty again after two windows, and long names are counted in it', () => {
  const blur = new Blur(1)
  blur.add('a', 3, 0, WINDOW)
  assert.equal(blur.count('a', WINDOW - 1, WINDOW), 3)
  assert.equal(blur.count('a', 2 * WINDOW - 1, WINDOW), 3)
  assert.equal(blur.count('a', 4 * WINDOW, WINDOW), 0)
  assert.ok(blur.isEmpty)
  const tally = new Tally({ most: () => 100, windowMs: () => WINDOW, key: 7 })
  const long = 'x'.repeat(2000)
  tally.begin(long, 0)
  tally.settle(long, true, 0)
  assert.deepEqual([tally.figures, tally.count(long, 1)], [{ kept: 0, blurred: true }, 1])
})

test('a bucket lets through what it holds, and then what comes to it', () => {
  const rates = new Rates({ most: () => 10, perMinute: () => 60 })
  const through = (from: number, to: number): number => {
    let count = 0
    for (let now = from; now < to; now += 100) {
      if (!rates.has('a', now)) continue
      rates.take('a', now)
      count += 1
    }
    return count
  }
  assert.ok(through(0, 60_000) <= 121)
  const later = through(60_000, 120_000)
  assert.ok(later >= 58 && later <= 62, `${later}`)
  assert.ok(rates.has('b', 120_000))
})

test('places beyond those that there is room for share one bucket; full ones are forgotten', () => {
  const rates = new Rates({ most: () => 10, perMinute: () => 5 })
  let through = 0
  for (let n = 0; n < 1000; n++) {
    const place = `p${n}`
    if (!rates.has(place, 0)) continue
    rates.take(place, 0)
    through += 1
  }
  assert.ok(through <= 10 + 5, `${through}`)
  assert.ok(rates.kept <= 11)
  for (let n = 0; n < 8; n++) rates.take(`q${n}`, 10 * 60_000)
  assert.ok(rates.has('q7', 10 * 60_000))
})

test('of a user so many networks are known, of all so many users, the longest unseen go first', () => {
  const known = new KnownPlaces(() => 3)
  for (let n = 0; n < 20; n++) known.add({ user: 'anna', network: `n${n}`, at: n })
  assert.deepEqual([known.has('anna', 'n11', 20), known.has('anna', 'n12', 20)], [false, true])
  for (const user of ['ben', 'cleo', 'anna', 'dora']) known.add({ user, network: 'n', at: 21 })
  assert.deepEqual([known.users, known.has('ben', 'n', 22), known.has('anna', 'n13', 22)], [3, false, true])
  assert.equal(known.has('anna', 'n13', 31 * 86_400_000), false)
})

test('a network is known for as long as it is known of any user', () => {
  const known = new KnownPlaces(() => 3)
  known.restore([{ user: 'anna', network: 'old', at: 1 }])
  assert.deepEqual([known.hasNetwork('old'), known.hasNetwork('n')], [true, false])
  for (const user of ['anna', 'ben', 'anna']) known.add({ user, network: 'n', at: 2 })
  known.forget('anna')
  assert.deepEqual([known.hasNetwork('old'), known.hasNetwork('n')], [false, true])
  for (let n = 0; n < 8; n++) known.add({ user: 'ben', network: `m${n}`, at: 3 })
  assert.equal(known.hasNetwork('n'), false)
})

test('what has changed of known networks is told once, and again when it could not be kept', () => {
  const known = new KnownPlaces(() => 2)
  known.restore([{ user: 'anna', network: 'n', at: 1 }])
  assert.deepEqual(known.changes(), { changed: [], gone: [] })
  known.add({ user: 'ben', network: 'n', at: 2 })
  known.add({ user: 'ben', network: 'n', at: 3 })
  known.add({ user: 'cleo', network: 'n', at: 4 })
  const changes = known.changes()
  assert.deepEqual(changes, {
    changed: [
      { user: 'ben', network: 'n', at: 3 },
      { user: 'cleo', network: 'n', at: 4 },
    ],
    gone: [{ user: 'anna', network: 'n' }],
  })
  known.forget('ben')
  known.keepLater(changes)
  assert.deepEqual(known.changes(), {
    changed: [{ user: 'cleo', network: 'n', at: 4 }],
    gone: [
      { user: 'ben', network: 'n' },
      { user: 'anna', network: 'n' },
    ],
  })
})
