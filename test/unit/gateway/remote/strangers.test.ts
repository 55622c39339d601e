import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Strangers } from '../../../../src/gateway/remote/strangers.ts'

test('a network has its share of the places of those who have not logged in', () => {
  const strangers = new Strangers(() => 20)
  const come = (address: string) => {
    const session = {}
    return strangers.add(session, address) ? session : undefined
  }
  const [first, second] = [come('192.0.2.1'), come('192.0.2.200')]
  assert.ok(first && second)
  assert.equal(come('192.0.2.77'), undefined)
  assert.ok(come('198.51.100.1'), 'another network is not concerned')
  strangers.delete(first)
  strangers.delete(first)
  assert.ok(come('192.0.2.77'))
  assert.equal(come('192.0.2.78'), undefined)
})

test('all networks together have no more places than there are', () => {
  const strangers = new Strangers(() => 20)
  const came = Array.from({ length: 50 }, (_, n) => strangers.add({}, `10.0.${n}.1`))
  assert.equal(came.filter(Boolean).length, 20)
  assert.equal(strangers.size, 20)
})
