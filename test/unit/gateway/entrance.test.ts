import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entrance } from '../../../src/gateway/entrance.ts'
import type { Exceeded } from '../../../src/policy/limits/meters.ts'
import { frame } from '../policy/people.ts'

const tooFast = (waitMs: number): Exceeded => ({
  ...{ limit: 'stanzasPerSecond', most: 10, waitMs, user: undefined, group: 'partner.example' },
})

/** An entrance by a clock of its own; `again` refuses to let go by what `waits` says. */
function scene(smoothingMs = 1000) {
  let now = 0
  let due: { at: number; act: () => void } | undefined
  const [went, holds]: [string[], string[]] = [[], []]
  const waits = new Map<string, number>()
  const all = new Set<Entrance>()
  const entrance = new Entrance({
    source: { hold: () => void holds.push('hold'), release: () => void holds.push('release') },
    smoothingMs: () => smoothingMs,
    delay: (ms, act) => {
      due = { at: now + ms, act }
      return () => (due = undefined)
    },
    now: () => now,
    again(one, free) {
      const wait = waits.get(one.id ?? '')
      waits.delete(one.id ?? '')
      if (!free && wait !== undefined && entrance.hold(one, tooFast(wait))) return
      went.push(`${one.id}${free ? ' freely' : ''} at ${now}`)
    },
    smoothed() {},
    all,
  })
  const pass = (ms: number): void => {
    now += ms
    const ready = due
    if (!ready || ready.at > now) return
    due = undefined
    ready.act()
  }
  return { entrance, all, went, holds, waits, pass, named: (id: string) => frame({ id }) }
}

test('what is too fast goes when its time has come, and the stream is held until then', () => {
  const { entrance, all, went, holds, pass, named } = scene()
  assert.ok(entrance.hold(named('a'), tooFast(100)))
  assert.deepEqual([holds, all.size, entrance.waits], [['hold'], 1, true])
  pass(99)
  assert.deepEqual(went, [])
  pass(1)
  assert.deepEqual([went, holds, all.size, entrance.waits], [['a at 100'], ['hold', 'release'], 0, false])
})

test('what comes meanwhile waits behind it, and nothing overtakes', () => {
  const { entrance, went, waits, pass, named } = scene()
  waits.set('b', 50)
  entrance.hold(named('a'), tooFast(100))
  for (const id of ['b', 'c']) assert.ok(entrance.queue(named(id)))
  pass(100)
  pass(50)
  assert.deepEqual(went, ['a at 100', 'b at 150', 'c at 150'])
})

test('a stream is held only so long at a time, and a tenth of the time', () => {
  const { entrance, pass, named } = scene(1000)
  assert.equal(entrance.hold(named('x'), tooFast(1001)), false, 'longer than ever')
  for (let n = 0; n < 10; n++) {
    assert.ok(entrance.hold(named('a'), tooFast(90)))
    pass(90)
  }
  let held = 0
  for (let n = 0; n < 1000; n++) {
    if (entrance.hold(named('b'), tooFast(100))) held += 100
    pass(100)
  }
  assert.ok(held >= 9000 && held <= 11_000, `held for ${held} ms of 100 s`)
})

test('only so many wait at a stream that is ending', () => {
  const { entrance, named } = scene()
  entrance.hold(named('a'), tooFast(100))
  let queued = 0
  while (entrance.queue(named('b'))) queued += 1
  assert.equal(queued, 63)
  assert.equal(entrance.waitsFor?.limit, 'stanzasPerSecond', 'for which what comes then is refused')
})

test('all that waits goes on at once, whatever limits say, where it is let go', () => {
  const { entrance, all, went, holds, waits, pass, named } = scene()
  waits.set('b', 50)
  entrance.hold(named('a'), tooFast(100))
  entrance.queue(named('b'))
  entrance.letGo()
  assert.deepEqual([went, holds, all.size], [['a freely at 0', 'b freely at 0'], ['hold', 'release'], 0])
  pass(1000)
  assert.equal(went.length, 2)
})
