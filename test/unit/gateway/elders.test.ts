import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { spent } from '../../../src/gateway/elders.ts'

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
  void spent(elder, (_, then) => ((tick = then), () => {})).then(() => (over = true))
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    elder,
    mourners,
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
