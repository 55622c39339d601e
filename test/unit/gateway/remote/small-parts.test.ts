// How fast a remote user may speak, and which sessions are remembered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../../../src/gateway/remote/pace.ts'
import { Resumables } from '../../../../src/gateway/remote/resumables.ts'
import { Counts } from '../../../../src/stream/client/counts.ts'

test('a few seconds at once, and then so many a second', () => {
  const pace = new Pace(10, 0)
  for (let n = 0; n < 50; n++) assert.equal(pace.take(10, 0), 0, `stanza ${n}`)
  assert.equal(pace.take(10, 0), 100)
  let at = 100
  for (let n = 0; n < 100; n++) at += Math.max(100, pace.take(10, at))
  assert.ok(at >= 10_000, `100 stanzas in ${at} ms`)
  const rested = new Pace(10, 0)
  for (let n = 0; n < 50; n++) rested.take(10, 0)
  assert.equal(rested.take(10, 60_000), 0)
})

test('a clock that goes back gives nothing, and takes nothing', () => {
  const pace = new Pace(1, 1000)
  for (let n = 0; n < 5; n++) pace.take(1, 1000)
  assert.ok(pace.take(1, 0) > 0)
})

const session = { counts: new Counts(), address: 'alice@corp.example/a', replace() {} }

test('the session that has waited longest is forgotten first', () => {
  const kept = new Resumables(() => 2)
  for (const id of ['1', '2', '3']) kept.keep('alice@corp.example', id, session)
  assert.equal(kept.size, 2)
  assert.equal(kept.take('alice@corp.example', '1'), undefined)
  assert.equal(kept.take('alice@corp.example', '3'), session)
  assert.equal(kept.take('alice@corp.example', '3'), undefined, 'it goes on once')
})

test('an id is of use only to whom it was given to', () => {
  const kept = new Resumables(() => 10)
  kept.keep('alice@corp.example', 'x', session)
  assert.equal(kept.take('mallory@corp.example', 'x'), undefined)
  assert.equal(kept.take('alice@corp.example', 'x'), session)
})
