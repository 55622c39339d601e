import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Strangers } from '../../../../src/gateway/remote/strangers.ts'

const of = (most: number, known: RegExp = /./) =>
  new Strangers({ most: () => most, knows: (address) => known.test(address) })

test('a network has its share of the places of those who have not logged in', () => {
  const strangers = of(20)
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
  const strangers = of(20)
  const came = Array.from({ length: 50 }, (_, n) => strangers.add({}, `10.0.${n}.1`))
  assert.equal(came.filter(Boolean).length, 20)
  assert.equal(strangers.size, 20)
})

test('networks from which nobody has logged in leave half of all places to the others', () => {
  const strangers = of(20, /^10\.1\./)
  const sessions = Array.from({ length: 50 }, (_, n) => ({ n }))
  const came = sessions.filter((session) => strangers.add(session, `10.0.${session.n}.1`))
  assert.equal(came.length, 10)
  for (let n = 0; n < 10; n++) assert.ok(strangers.add({}, `10.1.${n}.1`))
  assert.equal(strangers.add({}, '10.1.77.1'), false)
  strangers.delete(came[0]!)
  strangers.delete(came[0]!)
  assert.ok(strangers.add({}, '10.0.77.1'))
  assert.equal(strangers.add({}, '10.0.78.1'), false)
})
