// Who may hold a stream, and for how long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Held, SharedSource, Source } from '../../../src/gateway/links/source.ts'

function bench() {
  const calls: string[] = []
  const stream = { pause: () => void calls.push('pause'), resume: () => void calls.push('resume') }
  const timers = new Set<() => void>()
  const delay = (_: number, then: () => void): (() => void) => {
    timers.add(then)
    return () => timers.delete(then)
  }
  const heard = (): readonly string[] => calls.splice(0)
  const later = (): void => {
    for (const then of [...timers]) {
      timers.delete(then)
      then()
    }
  }
  return { stream, delay, heard, later, timers }
}

test('a stream that feeds few is held until the last link lets go', () => {
  const { stream, heard } = bench()
  const source = new Source(stream)
  const [one, other] = [new Held(), new Held()]
  one.add(source)
  one.add(source)
  other.add(source)
  assert.deepEqual(heard(), ['pause'])
  one.release()
  assert.deepEqual(heard(), [])
  other.release()
  assert.deepEqual(heard(), ['resume'])
})

test('a stream that feeds all is held for a while, and by the same link not again before it has let go', () => {
  const { stream, delay, heard, later, timers } = bench()
  const source = new SharedSource(stream, delay)
  const [stuck, other] = [new Held(), new Held()]
  stuck.add(source)
  assert.deepEqual(heard(), ['pause'])
  later()
  assert.deepEqual(heard(), ['resume'])
  stuck.add(source)
  assert.deepEqual(heard(), [])
  other.add(source)
  other.release()
  assert.deepEqual(heard(), ['pause', 'resume'])
  stuck.release()
  stuck.add(source)
  assert.deepEqual(heard(), ['pause'])
  stuck.release()
  assert.deepEqual([heard(), timers.size], [['resume'], 0])
})
