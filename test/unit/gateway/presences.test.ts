// The table of presences in the hands of a partner that wants to fill it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Presences } from '../../../src/gateway/ledgers/presences.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'

const presence = (from: string, to: string, type = ''): Frame => {
  const read = parseFragment(`<presence from='${from}' to='${to}'${type === '' ? '' : ` type='${type}'`}/>`)
  assert.ok(read.ok)
  return read.frame
}

const tableOf = (limit: number): Presences =>
  new Presences(
    () => limit,
    (from, to) => (from.endsWith('corp.example') ? to : from),
  )

const remembered = (table: Presences, from: string, to = 'corp.example'): readonly string[] =>
  [...(table.between(from, to)?.all() ?? [])].map((sight) => `${sight.from.text} > ${sight.to.text}`)

test('who fills the table makes room for those who have less in it, and for nobody who has as much', () => {
  const table = tableOf(100)
  for (let n = 0; n < 1000; n++) table.crossed(presence(`u${n}@flood.example/r`, 'alice@corp.example'))
  assert.deepEqual(table.figures, { remembered: 100, due: 0, untracked: 900 })
  for (let n = 0; n < 60; n++) table.crossed(presence(`u${n}@good.example/r`, 'alice@corp.example'))
  table.crossed(presence('alice@corp.example/r', 'u1@good.example'))
  assert.equal(remembered(table, 'good.example').length + remembered(table, 'corp.example', 'good.example').length, 50)
  assert.deepEqual(table.figures, { remembered: 100, due: 0, untracked: 900 + 61 })
  for (const n of [1, 2]) table.crossed(presence(`u${n}@third.example/r`, 'alice@corp.example'))
  assert.equal(remembered(table, 'third.example').length, 2)
  // What is over makes room like anything else, and leaves nothing behind.
  for (const domain of ['flood', 'good', 'third'])
    for (let n = 0; n < 1000; n++) {
      table.crossed(presence(`u${n}@${domain}.example`, 'alice@corp.example', 'unavailable'))
      table.crossed(presence('alice@corp.example', `u${n}@${domain}.example`, 'unavailable'))
    }
  assert.equal(table.figures.remembered, 0)
  assert.deepEqual([...table.all()], [])
})

/** Whether one is believed by the other to be there, at each of these. */
const believed = (table: Presences, from: string, to: string): boolean =>
  table.isBelieved(presence(from, to, 'unavailable'))

test('whoever was shown that somebody is there believes it until they hear that it is over', () => {
  const table = tableOf(100)
  const [alice, bob] = ['alice@corp.example/r', 'bob@partner.example']
  assert.equal(believed(table, alice, bob), false)
  table.crossed(presence(alice, bob))
  assert.equal(believed(table, alice, bob), true)
  assert.equal(believed(table, 'alice@corp.example', bob), true, 'of whom one resource is believed to be there')
  for (const [from, to] of [
    ['alice@corp.example/other', bob],
    [alice, 'carol@partner.example'],
    [bob, alice],
    ['no address@', bob],
  ] as const)
    assert.equal(believed(table, from, to), false, from)
  const [sight] = table.between('corp.example', 'partner.example')!.all()
  for (const [belief, is] of [
    ['due', true],
    ['owed', true],
    ['doubted', true],
    ['taken', false],
    ['ask', false],
  ] as const) {
    table.turn(sight!, belief)
    assert.equal(believed(table, alice, bob), is, belief)
  }
  table.turn(sight!, 'seen')
  table.crossed(presence(alice, bob, 'unavailable'))
  assert.equal(believed(table, alice, bob), false)
})

test('two are in one room if one of them has entered it, and the other is a nick there or the room itself', () => {
  const table = tableOf(100)
  const inRoom = (from: string, to: string): boolean => table.inRoom(presence(from, to))
  const [alice, room] = ['alice@corp.example/r', 'project@rooms.partner.example']
  assert.equal(inRoom(`${room}/Bob`, alice), false)
  const entry = parseFragment(
    `<presence from='${alice}' to='${room}/Alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  )
  assert.ok(entry.ok)
  table.crossed(entry.frame)
  assert.equal(inRoom(alice, `${room}/Bob`), false, 'whoever may say of anybody that they enter them')
  const inside = parseFragment(
    `<presence from='${room}/Alice' to='${alice}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
  )
  assert.ok(inside.ok)
  table.crossed(inside.frame)
  for (const [from, to, is] of [
    [`${room}/Bob`, alice, true],
    [room, alice, true],
    [alice, `${room}/Bob`, true],
    [`${room}/Bob`, 'alice@corp.example/other', false],
    ['other@rooms.partner.example/Bob', alice, false],
    ['project@partner.example/Bob', alice, false],
  ] as const)
    assert.equal(inRoom(from, to), is, `${from} ${to}`)
  table.crossed(presence(alice, `${room}/Alice`, 'unavailable'))
  assert.equal(inRoom(`${room}/Bob`, alice), false)
})

test('an account of which too many addresses see the same is remembered for some of them', () => {
  const table = tableOf(10_000)
  for (let n = 0; n < 1000; n++) table.crossed(presence('a@flood.example/r', `alice@corp.example/${n}`))
  assert.deepEqual(table.figures, { remembered: 256, due: 0, untracked: 744 })
  table.crossed(presence('b@flood.example/r', 'alice@corp.example/1'))
  table.crossed(presence('a@flood.example/other', 'alice@corp.example/1'))
  assert.equal(table.figures.remembered, 258)
})

test('a stanza costs no more for all that its sender has in the table', () => {
  const cases: readonly (readonly [fill: (n: number) => Frame, then: readonly Frame[]])[] = [
    [
      (n) => presence('a@flood.example/r', `u${n}@corp.example`),
      [
        presence('a@flood.example/r', 'u1@corp.example'),
        presence('a@flood.example', 'nobody@corp.example', 'unavailable'),
        presence('a@flood.example', 'nobody@corp.example', 'unsubscribed'),
      ],
    ],
    [
      (n) => presence(`a@flood.example/${n}`, 'u@corp.example/r'),
      [
        presence('a@flood.example', 'u@corp.example/other', 'unavailable'),
        presence('a@flood.example/none', 'u@corp.example', 'unavailable'),
        presence('a@flood.example/1', 'u@corp.example'),
      ],
    ],
  ]
  for (const [fill, then] of cases) {
    /** In ms, the best of three. */
    const costWith = (entries: number): number => {
      const table = tableOf(entries)
      for (let n = 0; n < entries; n++) table.crossed(fill(n))
      assert.equal(table.figures.remembered, entries)
      const times = [1, 2, 3].map(() => {
        const began = performance.now()
        for (let n = 0; n < 300; n++) for (const frame of then) table.crossed(frame)
        return performance.now() - began
      })
      return Math.min(...times)
    }
    // With a look at every one it would be some hundred times as much.
    const [few, many] = [costWith(100), costWith(20_000)]
    assert.ok(many < few * 50, `${many} ms instead of ${few} ms`)
  }
})
