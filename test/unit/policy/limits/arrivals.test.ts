import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arrivals } from '../../../../src/policy/limits/arrivals.ts'

const LIMITS = { perAddress: 2, perNetwork: 3, places: 100 }
const enters = (arrivals: Arrivals, now: number, ...addresses: readonly string[]): readonly boolean[] =>
  addresses.map((address) => arrivals.enter(address, now))

test('an address and its network each have so many in a minute, and what is turned away is not counted', () => {
  const arrivals = new Arrivals(() => LIMITS)
  assert.deepEqual(
    enters(arrivals, 0, '192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.3.1'),
    [true, true, false, true, false, true],
  )
  assert.deepEqual(arrivals.kept, { addresses: 3, networks: 2 })
  assert.deepEqual(enters(arrivals, 30_000, '192.0.2.1', '192.0.2.1'), [true, false])
})

test('an IPv6 host has its /64, and a /48 is a network', () => {
  const arrivals = new Arrivals(() => LIMITS)
  assert.deepEqual(enters(arrivals, 0, '2001:db8::1', '2001:db8::2', '2001:db8::3'), [true, true, false])
  assert.deepEqual(enters(arrivals, 0, '2001:db8:0:1::1', '2001:db8:0:2::1'), [true, false])
  assert.deepEqual(enters(arrivals, 0, '2001:db8:1::1'), [true])
})

test('what costs more counts as more, until it is forgotten', () => {
  const arrivals = new Arrivals(() => LIMITS)
  arrivals.charge('192.0.2.1', 0, 5)
  assert.deepEqual(enters(arrivals, 0, '192.0.2.1', '192.0.2.2'), [false, false])
  arrivals.forget('192.0.2.1')
  assert.deepEqual(enters(arrivals, 0, '192.0.2.1', '192.0.2.2'), [true, true])
})
