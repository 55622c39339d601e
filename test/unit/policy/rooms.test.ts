import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { MOST_SEATS, type MostOf, Rooms } from '../../../src/policy/rooms.ts'

const DAY_MS = 86_400_000
const ROOM = 'plans@rooms.corp.example'
const place = (organisation: string, user = 'bob', room = ROOM) => ({
  ...{ room, organisation, user: `${user}@${organisation}/x` },
})
const occupant = (organisation: string, user = 'bob', room = ROOM) => ({
  address: `${user}@${organisation}/x`,
  nick: `${room}/${user}`,
})
const nobody: MostOf = () => undefined
const two: MostOf = () => 2

test('as many organisations come in as the strictest of those who are there and who comes may be among', () => {
  for (const [strict, most] of [
    ['a.example', 2],
    ['b.example', 2],
    ['c.example', 3],
  ] as const) {
    const rooms = new Rooms()
    const of: MostOf = (one) => (one === strict ? most : undefined)
    const enters = (one: string, user?: string) => rooms.enters(place(one, user), occupant(one, user), of, true, 0)
    assert.equal(enters('a.example'), undefined)
    assert.equal(enters('a.example', 'eve'), undefined, 'one more of the same')
    assert.equal(enters('b.example')?.reason, most === 2 ? 'SP-171' : undefined)
    assert.equal(enters('c.example')?.reason, strict === 'b.example' ? undefined : 'SP-171', strict)
  }
})

test('who has left, or was not let in, makes room; who is in and is refused another nick stays', () => {
  const rooms = new Rooms()
  const enters = (one: string) => rooms.enters(place(one), occupant(one), two, true, 0)?.reason
  assert.equal(enters('a.example'), undefined)
  rooms.refused(place('a.example'))
  assert.equal(enters('b.example'), undefined)
  rooms.shows(place('b.example'), occupant('b.example'), two, 0)
  rooms.refused(place('b.example'))
  assert.equal(enters('a.example'), 'SP-171')
  rooms.left(place('b.example'))
  assert.equal(enters('a.example'), undefined)
  assert.deepEqual([rooms.figures, rooms.of('a.example'), rooms.of('b.example')], [{ rooms: 1, occupants: 1 }, 1, 0])
})

test('where the room shows that others are there, those go out who came last', () => {
  const rooms = new Rooms()
  for (const user of ['bob', 'eve'])
    assert.equal(rooms.enters(place('new.example', user), occupant('new.example', user), two, true, 5), undefined)
  assert.deepEqual(rooms.shows(place('new.example'), occupant('new.example'), two, 6), [])
  const out = rooms.shows(place('old.example'), occupant('old.example'), two, 7)
  assert.deepEqual(
    out.map(({ address }) => address),
    ['bob@new.example/x', 'eve@new.example/x'],
  )
  assert.deepEqual([rooms.of('old.example'), rooms.of('new.example')], [1, 0])
})

test('who was not heard of for a day is forgotten', () => {
  const rooms = new Rooms()
  rooms.shows(place('a.example'), occupant('a.example'), two, 0)
  assert.equal(rooms.enters(place('b.example'), occupant('b.example'), two, true, DAY_MS - 1)?.reason, 'SP-171')
  assert.equal(rooms.enters(place('b.example'), occupant('b.example'), two, true, DAY_MS), undefined)
})

test('a partner leaves places to others, and of whom there is no place enters only where nothing is counted', () => {
  const rooms = new Rooms()
  let n = 0
  const enters = (one: string, counts: boolean, user = `u${n++}`) =>
    rooms.enters(place(one, user), occupant(one, user), nobody, counts, 0)?.reason
  while (enters('evil.example', true) === undefined);
  assert.equal(rooms.figures.occupants, MOST_SEATS / 2)
  assert.equal(enters('evil.example', true), 'SP-174')
  assert.equal(enters('evil.example', false), undefined)
  assert.equal(enters('good.example', true), undefined)
  const long = 'x'.repeat(4000)
  assert.equal(enters('good.example', true, long), 'SP-174', 'and no address of any length')
})

test('whatever happens, there are never more organisations known in a room than may be, and the counts are right', () => {
  let kept = 0
  const happening = fc.record({
    what: fc.constantFrom('enters', 'shows', 'left', 'refused'),
    room: fc.constantFrom('x@r.example', 'y@r.example'),
    organisation: fc.constantFrom('a.example', 'b.example', 'c.example'),
    user: fc.constantFrom('bob', 'eve'),
  })
  fc.assert(
    fc.property(fc.array(happening, { minLength: 20, maxLength: 60 }), (all) => {
      const rooms = new Rooms()
      const of: MostOf = (one) => (one === 'c.example' ? undefined : 2)
      for (const [now, { what, room, organisation, user }] of all.entries()) {
        const at = place(organisation, user, room)
        if (what === 'enters') {
          if (rooms.enters(at, occupant(organisation, user, room), of, true, now) !== undefined) kept += 1
        } else if (what === 'shows') rooms.shows(at, occupant(organisation, user, room), of, now)
        else rooms[what](at)
        const there = ['a.example', 'b.example', 'c.example'].map((one) => rooms.of(one))
        // Each of two rooms has at most one other organisation.
        assert.ok(there.reduce((sum, count) => sum + count, 0) <= 2)
        assert.equal(
          rooms.figures.rooms,
          there.reduce((sum, count) => sum + count, 0),
        )
      }
    }),
    { numRuns: 400 },
  )
  assert.ok(kept > 100, `only ${kept} were kept out`)
})

test('who asks to enter and has no answer is forgotten after a minute, who is in is not', () => {
  for (const isAnswered of [false, true]) {
    const rooms = new Rooms()
    assert.equal(rooms.enters(place('a.example'), occupant('a.example'), two, true, 0), undefined)
    if (isAnswered) rooms.shows(place('a.example'), occupant('a.example'), two, 0)
    const later = rooms.enters(place('b.example'), occupant('b.example'), two, true, 60_000)
    assert.equal(later?.reason, isAnswered ? 'SP-171' : undefined)
  }
})
