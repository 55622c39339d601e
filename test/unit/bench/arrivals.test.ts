// The bench's wait: as much as was sent must arrive, neither less nor more, and whatever goes wrong meanwhile ends it.

import { equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Arrivals } from '../../../bench/generator/arrivals.ts'
import { StanzaCounter } from '../../../bench/generator/counter.ts'

const STANZA = Buffer.from('<message><body>Hello</body></message>')

function begun(silenceMs?: number): { readonly arrivals: Arrivals; come(stanzas: number): void } {
  const arrivals = new Arrivals('stanzas', silenceMs)
  const counter = new StanzaCounter(true)
  arrivals.watch(counter)
  const come = (stanzas: number): void => {
    counter.add(Buffer.concat(Array.from({ length: stanzas }, () => STANZA)))
    arrivals.came()
  }
  come(7)
  arrivals.begin()
  return { arrivals, come }
}

test('what came before the beginning does not count, and what comes before or while one waits does', async () => {
  const { arrivals, come } = begun()
  come(3)
  const all = arrivals.until(10)
  come(4)
  come(3)
  const { arrived, bytes } = await all
  equal(arrived, 10)
  equal(bytes, 10 * STANZA.length)
})

test('a stanza that is missing, and one too many, end the measurement', async () => {
  const { arrivals, come } = begun(50)
  come(9)
  await rejects(arrivals.until(10), /10 stanzas were to arrive, 9 did/)
  come(2)
  await rejects(arrivals.until(10), /10 stanzas were to arrive, 11 did/)
})

test('what goes wrong ends the measurement at once', async () => {
  const { arrivals, come } = begun()
  come(9)
  const all = rejects(arrivals.until(10), /the stream broke/)
  arrivals.fail('the stream broke')
  await all
  come(1)
  await rejects(arrivals.until(10), /the stream broke/)
})
