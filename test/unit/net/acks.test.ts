// When the peer is asked, and what it hears unasked; the clock is the test's.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Acks } from '../../../src/net/acks.ts'

const WINDOW = { stanzas: 1000, bytes: 1_000_000 }
const ASKS = "<r xmlns='urn:xmpp:sm:3'/>"
const tells = (handled: number): string => `<a xmlns='urn:xmpp:sm:3' h='${handled}'/>`

function bench(window = WINDOW) {
  const said: string[] = []
  const told = { settled: 0, opened: 0 }
  const state = { deaf: false, flight: 0 }
  const acks = new Acks(window, {
    say: (words) => said.push(words),
    settled: (stanzas) => (told.settled += stanzas),
    opened: () => (told.opened += 1),
    flight: () => state.flight,
    deaf: () => state.deaf,
  })
  const write = (count: number, bytes = 10): void => {
    for (let n = 0; n < count; n++) acks.wrote(bytes, 'owner')
    acks.took(count)
  }
  return { acks, said, told, state, write, turn: () => new Promise((done) => setImmediate(done)) }
}

test('what is written in one turn is asked for once, at its end', async () => {
  const { acks, said, write, turn } = bench()
  acks.count(['ours'])
  write(5)
  deepEqual(said, [])
  await turn()
  write(5)
  await turn()
  deepEqual(said, [ASKS])
  equal(acks.heard(5), undefined)
  deepEqual(said, [ASKS, ASKS])
  acks.heard(10)
  await turn()
  deepEqual(said, [ASKS, ASKS], 'nothing is left to ask for')
})

test('in a long run the peer is asked every few stanzas, and every few bytes', () => {
  const many = bench()
  many.acks.count(['ours'])
  many.write(350)
  equal(many.said.length, 3)
  const large = bench()
  large.acks.count(['ours'])
  large.write(10, 6000)
  equal(large.said.length, 5)
})

test('nothing is asked, and nothing acknowledged, where nobody counts', async () => {
  const { acks, said, told, write, turn } = bench()
  write(500)
  acks.ask()
  acks.acknowledge()
  acks.handled()
  acks.part()
  await turn()
  deepEqual([said, told.settled, acks.figures, acks.on], [[], 500, undefined, false])
})

test('our last words tell what we took and ask what they took; after them there are none', () => {
  const { acks, said, write } = bench()
  acks.count(['ours', 'theirs'])
  write(1)
  acks.handled()
  acks.handled()
  equal(acks.parted, false)
  acks.part()
  acks.part()
  acks.ask()
  acks.acknowledge()
  deepEqual(said, [tells(2), ASKS])
  equal(acks.parted, true)
  acks.heard(0)
  deepEqual([said.length, acks.awaited], [2, true])
  acks.heard(1)
  equal(acks.awaited, false)
})

test('a peer hears that we are there while we do not read, and nothing while we do', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { acks, said, state } = bench()
  acks.count(['ours', 'theirs'])
  acks.handled()
  t.mock.timers.tick(60_000)
  deepEqual(said, [])
  state.deaf = true
  t.mock.timers.tick(20_000)
  deepEqual(said, [tells(1), tells(1)])
  acks[Symbol.dispose]()
  t.mock.timers.tick(20_000)
  equal(said.length, 2)
})

test('a window that was full opens once, also when the peer will not acknowledge after all', () => {
  const { acks, told, write } = bench({ stanzas: 3, bytes: 1000 })
  acks.count(['ours'])
  write(3)
  equal(acks.full, true)
  acks.heard(0)
  equal(told.opened, 0)
  acks.heard(1)
  acks.heard(2)
  deepEqual([acks.full, told.opened], [false, 1])
  write(2)
  acks.count([])
  deepEqual([acks.full, told.opened, told.settled], [false, 2, 5])
})
