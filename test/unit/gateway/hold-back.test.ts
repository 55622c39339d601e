import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdBack } from '../../../src/gateway/links/hold-back.ts'
import { END } from './link-bench.ts'

test('what a stream tells too early is told in order when its owner knows of it', () => {
  const told: string[] = []
  const { handler, release } = holdBack({
    frame: () => told.push('frame'),
    taken: (stanzas) => told.push(`taken ${stanzas}`),
    drained: () => told.push('drained'),
    closed: () => told.push('closed'),
    gone: (doubtful) => told.push(`gone ${doubtful}`),
  })
  handler.taken?.(2)
  handler.closed(END)
  assert.deepEqual(told, [])
  release()
  handler.gone?.(1)
  assert.deepEqual(told, ['taken 2', 'closed', 'gone 1'])
})
