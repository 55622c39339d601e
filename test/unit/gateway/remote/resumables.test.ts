// Which sessions are remembered, of whom, and for how long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_BYTES, Resumables, type Resumable } from '../../../../src/gateway/remote/resumables.ts'
import { Counts } from '../../../../src/stream/client/counts.ts'

const LIMITS = { resumable: 10, resumablePerUser: 3, resumptionMs: 1000 }
const ALICE = 'alice@corp.example'
const MALLORY = 'mallory@corp.example'
const session = (more: Partial<Resumable> = {}): Resumable => ({
  ...{ counts: new Counts(), address: `${ALICE}/a`, keptMs: undefined, replace() {} },
  ...more,
})

test('an id is of use only to whom it was given to', () => {
  const kept = new Resumables(() => LIMITS)
  const hers = session()
  kept.keep(ALICE, 'x', hers)
  assert.equal(kept.find(MALLORY, 'x'), undefined)
  kept.forget(MALLORY, 'x')
  assert.equal(kept.find(ALICE, 'x'), hers)
})

test('who comes again and again pushes out nobody else', () => {
  const kept = new Resumables(() => LIMITS)
  kept.keep(ALICE, 'x', session())
  for (let n = 0; n < 100; n++) kept.keep(MALLORY, `${n}`, session())
  assert.equal(kept.size, 4)
  assert.ok(kept.find(ALICE, 'x'))
  assert.deepEqual(
    [96, 97, 98, 99].map((n) => kept.find(MALLORY, `${n}`) !== undefined),
    [false, true, true, true],
  )
})

test('of all together the oldest is forgotten first', () => {
  const kept = new Resumables(() => LIMITS)
  for (let n = 0; n < 11; n++) kept.keep(`${n}@corp.example`, 'x', session())
  assert.equal(kept.size, 10)
  assert.equal(kept.find('0@corp.example', 'x'), undefined)
  assert.ok(kept.find('10@corp.example', 'x'))
})

test('a session that is up stays; one that is lost, for as long as the core keeps it', () => {
  const kept = new Resumables(() => LIMITS)
  const [silent, short, ever] = [session(), session({ keptMs: 10 }), session({ keptMs: 1e12 })]
  kept.keep(ALICE, 'silent', silent)
  kept.keep(ALICE, 'short', short)
  kept.keep(ALICE, 'ever', ever)
  const left = (now: number): string => {
    kept.expire(now)
    return ['silent', 'short', 'ever'].filter((id) => kept.find(ALICE, id)).join(' ')
  }
  assert.equal(left(1e12), 'silent short ever')
  kept.lost(ALICE, 'silent', silent, 0)
  kept.lost(ALICE, 'short', short, 0)
  kept.lost(ALICE, 'ever', ever, 0)
  assert.equal(left(9), 'silent short ever')
  assert.equal(left(10), 'silent ever')
  assert.equal(left(1000), 'ever')
  assert.equal(left(86_400_000), '')
})

test('who takes a session up ends the one that is there, and is not let down by its end', () => {
  const kept = new Resumables(() => LIMITS)
  const replaced: string[] = []
  const first = session({ replace: () => void replaced.push('first') })
  const second = session({ replace: () => void replaced.push('second') })
  kept.keep(ALICE, 'x', first)
  kept.claim(ALICE, 'x', second)
  kept.lost(ALICE, 'x', first, 0)
  kept.expire(1e12)
  assert.equal(kept.find(ALICE, 'x'), second)
  kept.claim(ALICE, 'x', session())
  assert.deepEqual(replaced, ['first', 'second'])
})

test('what was said to lost sessions is bounded, all of it together', () => {
  const kept = new Resumables(() => ({ ...LIMITS, resumable: 100_000 }))
  const wordy = (): Counts => {
    const counts = new Counts()
    for (let n = 0; n < 100; n++) counts.said(Buffer.alloc(2000))
    return counts
  }
  const each = wordy().keptBytes
  assert.ok(each > 30_000 && each <= 32_768, `${each} bytes of one`)
  const fit = Math.floor(MOST_BYTES / each)
  const all = Array.from({ length: fit + 1 }, (_, n) => [`${n}@corp.example`, session({ counts: wordy() })] as const)
  for (const [user, one] of all) kept.keep(user, 'x', one)
  assert.equal(kept.size, fit + 1)
  for (const [user, one] of all) kept.lost(user, 'x', one, 0)
  assert.equal(kept.size, fit)
  assert.equal(kept.find('0@corp.example', 'x'), undefined)
  assert.equal(kept.bytes, fit * each)
  kept.expire(1000)
  assert.deepEqual([kept.size, kept.bytes], [0, 0])
})
