import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Elders } from '../../../src/gateway/elders.ts'

/** A stream, and a clock that goes on when it is told to. */
function scene() {
  const mourners = new Set<() => void>()
  const whenGone = (act: () => void): (() => void) => {
    mourners.add(act)
    return () => mourners.delete(act)
  }
  const elder = { held: false, whenGone, info: { counters: { bytesIn: 0 } } }
  let tick = (): void => {}
  let over = false
  let timers = 0
  const elders = new Elders((_, then) => {
    timers += 1
    tick = then
    return () => (timers -= 1)
  })
  void elders.spent(elder).then(() => (over = true))
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    elder,
    mourners,
    elders,
    timers: () => timers,
    /** Lets a while pass. @returns is the stream spent? */
    async pass(): Promise<boolean> {
      tick()
      await turn()
      return over
    },
    async end(): Promise<boolean> {
      for (const act of mourners) act()
      await turn()
      return over
    },
  }
}

test('a stream on which nothing comes is spent after a while', async () => {
  const { pass } = scene()
  equal(await pass(), true)
})

test('one on which something came is asked again', async () => {
  const { elder, pass } = scene()
  elder.info.counters.bytesIn = 1
  equal(await pass(), false)
  equal(await pass(), true)
})

test('one that is held has not said all, however long it takes', async () => {
  const { elder, pass } = scene()
  elder.held = true
  for (let times = 0; times < 100; times++) equal(await pass(), false)
  elder.held = false
  equal(await pass(), false)
  equal(await pass(), true)
})

test('one that goes on and on is in use beside the other', async () => {
  const { elder, pass } = scene()
  let times = 0
  for (let over = false; !over; times++) {
    elder.info.counters.bytesIn += 1
    over = await pass()
  }
  equal(times, 20)
})

test('one that is gone has said all', async () => {
  const { elder, end } = scene()
  elder.held = true
  equal(await end(), true)
})

test('an elder remembers nobody who has stopped waiting for it', async () => {
  const { elder, mourners, pass } = scene()
  for (let times = 0; times < 3; times++) {
    elder.info.counters.bytesIn += 1
    equal(await pass(), false)
    equal(mourners.size, 1)
  }
  equal(await pass(), true)
  equal(mourners.size, 0)
})

test('however many wait for an elder, it is watched once, and each has its while', async () => {
  const { elder, elders, mourners, timers, pass } = scene()
  const told: number[] = []
  for (let n = 0; n < 1000; n++) void elders.spent(elder).then(() => told.push(n))
  equal(await pass(), true)
  deepEqual([told.length, timers(), mourners.size], [0, 1, 1])
  await pass()
  deepEqual([told.length, timers(), mourners.size], [1000, 0, 0])
})

test('all who wait for one that is gone are told', async () => {
  const { elder, elders, end, timers } = scene()
  let told = false
  void elders.spent(elder).then(() => (told = true))
  equal(await end(), true)
  deepEqual([told, timers()], [true, 0])
})
