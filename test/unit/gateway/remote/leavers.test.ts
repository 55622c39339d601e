import assert from 'node:assert/strict'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { Leavers } from '../../../../src/gateway/remote/leavers.ts'

test('of many whose clients are lost at once each turn ends a few, in order, and others have theirs in between', async () => {
  let now = 0
  const leavers = new Leavers(() => now)
  const happened: number[] = []
  for (let n = 0; n < 100; n++) {
    leavers.add(() => {
      now += 0.5
      happened.push(n)
    })
  }
  assert.deepEqual(happened, [], 'not in the turn in which they were lost')
  const perTurn: number[] = []
  for (let before = 0; leavers.size > 0; before = happened.length) {
    await nextTurn()
    perTurn.push(happened.length - before)
  }
  assert.deepEqual(
    happened,
    Array.from({ length: 100 }, (_, n) => n),
  )
  assert.ok(perTurn.length >= 25 && Math.max(...perTurn) <= 4, perTurn.join(' '))
})

test('who comes while others are ended is ended too', async () => {
  const leavers = new Leavers(() => 0)
  const happened: string[] = []
  leavers.add(() => {
    happened.push('first')
    leavers.add(() => happened.push('second'))
  })
  while (leavers.size > 0) await nextTurn()
  assert.deepEqual(happened, ['first', 'second'])
})

test('one that throws holds up none of the others', async (t) => {
  const { promise: thrown, resolve } = Promise.withResolvers<unknown>()
  process.setUncaughtExceptionCaptureCallback(resolve)
  t.after(() => process.setUncaughtExceptionCaptureCallback(null))
  const leavers = new Leavers(() => 0)
  const happened: string[] = []
  leavers.add(() => {
    throw new Error('a bug')
  })
  leavers.add(() => happened.push('second'))
  assert.match(String(await thrown), /a bug/)
  while (leavers.size > 0) await nextTurn()
  assert.deepEqual(happened, ['second'])
})
