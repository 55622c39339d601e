import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Delay, race, type RaceResult, STAGGER_MS } from '../../../src/net/race.ts'

type Attempt = { readonly ok: true; readonly won: string } | { readonly ok: false; readonly lost: string }

/** A race whose clock and whose attempts are in the test's hands. */
class Track {
  readonly happened: string[] = []
  readonly result: Promise<RaceResult<string, string>>
  readonly #open = new Map<string, (outcome: Attempt) => void>()
  readonly #settled = new Set<string>()
  #now = 0
  #alarms: { readonly at: number; readonly act: () => void }[] = []

  constructor(...addresses: readonly string[]) {
    this.result = race<string, string>({
      addresses,
      attempt: (address, signal) => {
        this.happened.push(`${this.#now} ${address}`)
        signal.addEventListener('abort', () => {
          if (!this.#settled.has(address)) this.happened.push(`${this.#now} ${address} given up`)
        })
        return new Promise((resolve) => this.#open.set(address, resolve))
      },
      discard: (won) => this.happened.push(`${this.#now} ${won} discarded`),
      delay: this.#delay,
    })
  }

  readonly #delay: Delay = (ms, act) => {
    const alarm = { at: this.#now + ms, act }
    this.#alarms.push(alarm)
    return () => (this.#alarms = this.#alarms.filter((other) => other !== alarm))
  }

  get alarms(): number {
    return this.#alarms.length
  }

  pass(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = this.#alarms.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)
      if (!next) break
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next)
      this.#now = next.at
      next.act()
    }
    this.#now = until
  }

  async settles(address: string, outcome: 'answers' | 'fails'): Promise<void> {
    this.#settled.add(address)
    this.#open.get(address)?.(outcome === 'answers' ? { ok: true, won: address } : { ok: false, lost: address })
    await setImmediate()
  }
}

describe('a race of addresses', () => {
  test('each starts 250 ms after the one before', () => {
    equal(STAGGER_MS, 250)
    const track = new Track('six', 'four', 'six2')
    track.pass(1000)
    deepEqual(track.happened, ['0 six', '250 four', '500 six2'])
    equal(track.alarms, 0)
  })
  test('a failure starts the next one at once, and the clock anew', async () => {
    const track = new Track('six', 'four', 'six2', 'four2')
    track.pass(100)
    await track.settles('six', 'fails')
    track.pass(249)
    deepEqual(track.happened, ['0 six', '100 four'])
    track.pass(1)
    await track.settles('four', 'fails')
    deepEqual(track.happened, ['0 six', '100 four', '350 six2', '350 four2'])
  })
  test('the first that answers wins; the others are given up and no more are started', async () => {
    const track = new Track('six', 'four', 'six2')
    track.pass(300)
    await track.settles('four', 'answers')
    const { winner, failed } = await track.result
    deepEqual([winner, failed], [{ address: 'four', won: 'four' }, []])
    track.pass(1000)
    deepEqual(track.happened, ['0 six', '250 four', '300 six given up'])
    equal(track.alarms, 0)
  })
  test('who answers after the race is over is thrown away', async () => {
    const track = new Track('six', 'four')
    track.pass(300)
    await track.settles('four', 'answers')
    await track.settles('six', 'answers')
    equal(track.happened.at(-1), '300 six discarded')
    equal((await track.result).winner?.address, 'four')
  })
  test('when all fail, all are told, in the order of their end', async () => {
    const track = new Track('six', 'four')
    track.pass(300)
    await track.settles('four', 'fails')
    await track.settles('six', 'fails')
    const { winner, failed } = await track.result
    deepEqual([winner, failed.map(({ address }) => address)], [undefined, ['four', 'six']])
  })
  for (const addresses of [['six'], ['six', 'four']]) {
    test(`with ${addresses.length} under way, all are given up when nobody waits any more`, async () => {
      const waiting = new AbortController()
      const given: AbortSignal[] = []
      const result = race<string, string>({
        addresses,
        attempt: (address, signal) => {
          given.push(signal)
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve({ ok: false, lost: address }))
          })
        },
        discard() {},
        delay: (_, act) => (act(), () => {}),
        signal: waiting.signal,
      })
      equal(given.length, addresses.length)
      waiting.abort()
      deepEqual((await result).winner, undefined)
    })
  }
  test('without addresses it is over', async () => {
    deepEqual(await new Track().result, { winner: undefined, failed: [] })
  })
})
