import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { Dials } from '../../../../src/gateway/remote/dials.ts'

/** Dials that go on until they are told to be done. */
function dialling(most: number) {
  const limits = { most }
  const dials = new Dials(() => limits.most)
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const dial = (name: string, isAhead = false, signal = new AbortController().signal) =>
    dials.take(isAhead, signal, () => {
      begun.push(name)
      const end = Promise.withResolvers<string>()
      ends.set(name, end)
      return end.promise
    })
  const end = async (name: string): Promise<void> => {
    ends.get(name)!.resolve(name)
    await setImmediate()
  }
  const fail = async (name: string): Promise<void> => {
    ends.get(name)!.reject(new Error(name))
    await setImmediate()
  }
  return { dials, limits, begun, dial, end, fail }
}

test('so many are under way at a time, and the others follow in order', async () => {
  const { dials, begun, dial, end } = dialling(2)
  const all = ['a', 'b', 'c', 'd'].map((name) => dial(name))
  assert.deepEqual([begun, dials.waiting], [['a', 'b'], 2])
  await end('b')
  assert.deepEqual([begun, dials.waiting], [['a', 'b', 'c'], 1])
  await end('a')
  await end('c')
  await end('d')
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd'])
})

test('who comes from a known network goes first', async () => {
  const { begun, dial, end } = dialling(1)
  const all = [dial('a'), dial('stranger'), dial('known', true), dial('friend', true)]
  for (const name of ['a', 'known', 'friend', 'stranger']) await end(name)
  await Promise.all(all)
  assert.deepEqual(begun, ['a', 'known', 'friend', 'stranger'])
})

test('one that is aborted while it waits takes nobody’s turn', async () => {
  const { dials, begun, dial, end } = dialling(1)
  const over = new AbortController()
  const [first, aborted, last] = [dial('a'), dial('b', false, over.signal), dial('c')]
  over.abort()
  assert.equal(await aborted, undefined)
  assert.equal(dials.waiting, 1)
  await end('a')
  await end('c')
  assert.deepEqual(await Promise.all([first, last]), ['a', 'c'])
  assert.deepEqual(begun, ['a', 'c'])
  assert.equal(await dial('d', false, over.signal), undefined)
})

test('one that is aborted as its turn comes passes it on', async () => {
  const { begun, dial, end } = dialling(1)
  const over = new AbortController()
  const [first, aborted, last] = [dial('a'), dial('b', false, over.signal), dial('c')]
  const ended = end('a')
  await first
  over.abort()
  await ended
  if (begun.includes('b')) await end('b')
  await end('c')
  assert.equal(await last, 'c')
  await aborted
})

test('one that fails gives its turn back, and a larger limit gives more', async () => {
  const { limits, begun, dial, end, fail } = dialling(1)
  const failing = assert.rejects(dial('a'), /^Error: a$/)
  const others = ['b', 'c', 'd'].map((name) => dial(name))
  limits.most = 3
  await fail('a')
  await failing
  assert.deepEqual(begun, ['a', 'b', 'c', 'd'])
  for (const name of ['b', 'c', 'd']) await end(name)
  assert.deepEqual(await Promise.all(others), ['b', 'c', 'd'])
})
