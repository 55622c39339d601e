import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Conduct,
  type ConductState,
  goodConduct,
  pointsAt,
  stateOf,
  stepped,
  sumOf,
} from '../../../../src/policy/conduct/conduct.ts'

const HOUR = 3_600_000
const BOUNDS = { halfLifeMs: HOUR, worst: 'blocked' } as const

const at = (state: ConductState, points: number): Conduct => ({ ...goodConduct(0), state, points: { rate: points } })

test('from a state and so many points to the next state', async (t) => {
  const table: readonly (readonly [from: ConductState, points: number, worst: ConductState, to: ConductState])[] = [
    ['normal', 0, 'blocked', 'normal'],
    ['normal', 9.9, 'blocked', 'normal'],
    ['normal', 10, 'blocked', 'limited'],
    ['normal', 30, 'blocked', 'watch'],
    ['normal', 60, 'blocked', 'blocked'],
    ['limited', 29.9, 'blocked', 'limited'],
    ['limited', 30, 'blocked', 'watch'],
    ['limited', 5, 'blocked', 'limited'],
    ['limited', 4.9, 'blocked', 'normal'],
    ['watch', 15, 'blocked', 'watch'],
    ['watch', 14.9, 'blocked', 'limited'],
    ['watch', 4, 'blocked', 'normal'],
    ['blocked', 30, 'blocked', 'blocked'],
    ['blocked', 29.9, 'blocked', 'watch'],
    ['normal', 120, 'watch', 'watch'],
    ['blocked', 120, 'watch', 'watch'],
    ['watch', 120, 'normal', 'normal'],
  ]
  for (const [from, points, worst, to] of table) {
    await t.test(`${from} with ${points}, ${worst} at worst: ${to}`, () => {
      assert.equal(stepped(at(from, points), {}, 0, { ...BOUNDS, worst }).state, to)
      assert.equal(stepped(at(from, 0), { failures: points }, 0, { ...BOUNDS, worst }).state, to, 'made just now')
    })
  }
})

test('whoever does everything wrong goes through all states, and back through all of them with time alone', () => {
  let conduct = goodConduct(0)
  const seen: string[] = []
  const note = (minutes: number): void => {
    if (seen.at(-1)?.split(' ')[0] !== conduct.state) seen.push(`${conduct.state} ${minutes}`)
  }
  for (let minute = 0; minute < 10; minute++) {
    conduct = stepped(conduct, { rate: 5, failures: 6 }, minute * 60_000, BOUNDS)
    note(minute)
  }
  for (let minute = 10; minute < 600; minute++) {
    conduct = stepped(conduct, {}, minute * 60_000, BOUNDS)
    note(minute)
  }
  assert.deepEqual(
    seen.map((one) => one.split(' ')[0]),
    ['limited', 'watch', 'blocked', 'watch', 'limited', 'normal'],
  )
  assert.ok(sumOf(conduct.points) < 1)
})

test('points halve in the time that is set, and a clock set back takes none away', () => {
  const conduct: Conduct = { ...goodConduct(HOUR), points: { rate: 8, violations: 4 } }
  assert.deepEqual(pointsAt(conduct, 2 * HOUR, HOUR), { rate: 4, violations: 2 })
  assert.deepEqual(pointsAt(conduct, 3 * HOUR, HOUR), { rate: 2, violations: 1 })
  assert.deepEqual(pointsAt(conduct, 0, HOUR), { rate: 8, violations: 4 })
  assert.deepEqual(pointsAt(conduct, 100 * HOUR, HOUR), {})
})

test('there is a most of points, so nobody is blocked for ever by themselves', () => {
  let conduct = goodConduct(0)
  for (let i = 0; i < 1000; i++) conduct = stepped(conduct, { violations: 20, rate: 20 }, i, BOUNDS)
  assert.ok(sumOf(conduct.points) <= 120)
  assert.equal(stepped(conduct, {}, 1000 + 2.1 * HOUR, BOUNDS).state, 'watch')
})

test('what is said by hand holds until it is over, and the automaton goes on beneath it', () => {
  const held = { state: 'blocked', at: 0, until: HOUR, by: 'anna', why: undefined } as const
  const conduct: Conduct = { ...goodConduct(0), held }
  const soon = stepped(conduct, { rate: 5, recipients: 6 }, HOUR - 1, BOUNDS)
  assert.deepEqual([stateOf(soon), soon.state], ['blocked', 'limited'])
  const later = stepped(soon, {}, HOUR, BOUNDS)
  assert.deepEqual([stateOf(later), later.held], ['limited', undefined])
})

test('since when it is so is told', () => {
  const limited = stepped(goodConduct(1), { rate: 12 }, 5, BOUNDS)
  assert.equal(limited.since, 5)
  assert.equal(stepped(limited, {}, 9, BOUNDS).since, 5)
})
