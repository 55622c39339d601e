import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionCaps, placeOf, plainAddress } from '../../../src/net/caps.ts'

test('caps count in all and per place, and give back what left', () => {
  const caps = new ConnectionCaps(() => ({ connections: 3, connectionsPerAddress: 2 }))
  equal(caps.enter('192.0.2.1'), undefined)
  equal(caps.enter('192.0.2.1'), undefined)
  equal(caps.enter('192.0.2.1'), 'SP-652')
  equal(caps.enter('192.0.2.2'), undefined)
  equal(caps.enter('192.0.2.3'), 'SP-651')
  caps.leave('192.0.2.1')
  equal(caps.enter('192.0.2.1'), undefined)
  caps.leave('192.0.2.9')
  equal(caps.total, 3)
})

test('a trusted address is held by the total alone', () => {
  const caps = new ConnectionCaps(() => ({ connections: 2, connectionsPerAddress: 1 }))
  equal(caps.enter('192.0.2.1', true), undefined)
  equal(caps.enter('192.0.2.1', true), undefined)
  equal(caps.enter('192.0.2.1', true), 'SP-651')
})

test('whoever moves is counted at the new address, and one that is refused stays', () => {
  const caps = new ConnectionCaps(() => ({ connections: 9, connectionsPerAddress: 1 }))
  for (const _ of [1, 2, 3]) equal(caps.enter('10.0.0.9', true), undefined)
  equal(caps.move('10.0.0.9', '192.0.2.1'), undefined)
  equal(caps.move('10.0.0.9', '192.0.2.1'), 'SP-652')
  equal(caps.move('10.0.0.9', '192.0.2.2'), undefined)
  equal(caps.total, 3)
  caps.leave('192.0.2.1')
  caps.leave('192.0.2.2')
  equal(caps.total, 1)
  caps.leave('10.0.0.9')
  equal(caps.total, 0)
  equal(caps.enter('192.0.2.1'), undefined)
})

test('one IPv6 host cannot be many by choosing addresses', () => {
  const table: readonly (readonly [address: string, place: string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ]
  for (const [address, place] of table) equal(placeOf(address), place, address)
  equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  equal(plainAddress('2001:db8::1'), '2001:db8::1')
})
