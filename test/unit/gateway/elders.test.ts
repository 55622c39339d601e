import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { spent } from '../../../src/gateway/elders.ts'

/** A stream, and a clock that goes on when it is told to. */
function scene() {
  const gone = Promise.withResolvers<void>()
  const elder = { held: false, gone: gone.promise, info: { counters: { bytesIn: 0 } } }
  let tick = (): void => {}
  let over = false
  void spent(elder, (_, then) => ((tick = then), () => {})).then(() => (over = true))
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    elder,
    /** Lets a while pass. @returns is the stream spent? */
    async pass(): Promise<boolean> {
      tick()
      await turn()
      return over
    },
    async end(): Promise<boolean> {
      gone.resolve()
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
