// Which connections to a component core there are, as the settings and the partner list change. Links are real, their
// streams are plain data.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Components, type ComponentWays } from '../../../src/gateway/components.ts'
import type { House } from '../../../src/gateway/house.ts'
import type { Link } from '../../../src/gateway/links/link.ts'
import type { StreamHandler } from '../../../src/net/stream.ts'
import type { Pair } from '../../../src/stream/types.ts'
import { bench } from './link-bench.ts'

interface Made {
  readonly pair: Pair
  readonly after: Promise<void> | undefined
  readonly bench: ReturnType<typeof bench>
}

/** Connections of a house whose names and settings a test changes. */
function build(names: readonly string[], connections: 'one' | 'per-domain' = 'per-domain') {
  const made: Made[] = []
  let house = houseOf(names, connections)
  const components = new Components({
    house: () => house,
    make(pair: Pair, after: Promise<void> | undefined, { keptUp }: ComponentWays): Link {
      const one = bench({}, { leg: 'core', pair, keptUp: keptUp === true })
      made.push({ pair, after, bench: one })
      return one.link
    },
    handler: () => ({}) as StreamHandler,
    reference: () => 'r',
  } as unknown as ConstructorParameters<typeof Components>[0])
  components.follow()
  return {
    components,
    made,
    names: () => made.map(({ pair }) => pair.local),
    change(next: readonly string[], as: 'one' | 'per-domain' | 's2s' = connections, links = 100) {
      house = houseOf(next, as, links)
      components.follow()
    },
  }
}

function houseOf(names: readonly string[], connections: 'one' | 'per-domain' | 's2s', links = 100): House {
  return {
    settings: {
      core: { component: connections === 's2s' ? undefined : { connections } },
      domains: [{ domain: 'corp.example' }],
      limits: { links },
    },
    componentNames: new Set(connections === 's2s' ? [] : names),
  } as unknown as House
}

describe('connections to a component core', () => {
  test('there is one for each name, opened before anything has to cross', () => {
    const { made, components, names } = build(['b.example', 'a.example'])
    assert.deepEqual(names(), ['a.example', 'b.example'])
    assert.ok(made.every(({ bench: { dials }, pair }) => dials.length === 1 && pair.remote === 'corp.example'))
    assert.deepEqual(components.status, { wanted: 2, up: 0 })
    assert.equal(components.find('c.example'), undefined)
  })

  test('or one for all, whatever the name', () => {
    const { made, components } = build(['b.example', 'a.example'], 'one')
    assert.equal(made.length, 1)
    assert.equal(components.find('c.example'), made[0]?.bench.link)
  })

  test('without partners there is none', () => {
    for (const connections of ['one', 'per-domain'] as const) assert.deepEqual(build([], connections).made, [])
  })

  test('they follow the partner list: what stays is not touched, what is removed closes in good order', async () => {
    const { made, change, names, components } = build(['a.example', 'b.example'])
    const stays = await made[0]?.bench.dials[0]?.settle(true)
    const goes = await made[1]?.bench.dials[0]?.settle(true)
    change(['a.example', 'c.example'])
    assert.deepEqual(names(), ['a.example', 'b.example', 'c.example'])
    assert.deepEqual([stays?.ended, goes?.ended], [undefined, 'SP-138'])
    assert.equal(components.find('b.example'), undefined)
  })

  test('a successor waits until the connection before it is gone', async () => {
    const { made, change } = build(['a.example'])
    const stream = await made[0]?.bench.dials[0]?.settle(true)
    change([])
    change(['a.example'])
    const after = made[1]?.after
    assert.ok(after)
    let gone = false
    void after.then(() => (gone = true))
    await new Promise((done) => setImmediate(done))
    assert.equal(gone, false)
    stream?.breaks({ by: 'us' })
    await after
  })

  test('when the core is spoken to otherwise, all are made anew or none is left', () => {
    const { made, change, components } = build(['a.example', 'b.example'])
    change(['a.example', 'b.example'], 'one')
    assert.equal(made.length, 3)
    change(['a.example', 'b.example'], 's2s')
    assert.deepEqual([[...components.all()], components.status], [[], undefined])
  })

  test('there are no more than links may be', () => {
    const { made, change } = build([])
    change(['a.example', 'b.example', 'c.example'], 'per-domain', 2)
    assert.equal(made.length, 2)
  })

  test('after `close` nothing is opened', () => {
    const { made, components, change } = build(['a.example'])
    components.close()
    change(['a.example', 'b.example'])
    assert.equal(made.length, 1)
  })
})

describe('a connection that is kept up', () => {
  test('is opened again when it is woken, after its time', async () => {
    const { components, made } = build(['a.example'])
    const { dials, later } = made[0]?.bench ?? assert.fail()
    await dials[0]?.settle(false)
    components.wake()
    assert.equal(dials.length, 1, 'too soon after a failure')
    later(60_000)
    components.wake()
    assert.equal(dials.length, 2)
    components.wake()
    assert.equal(dials.length, 2, 'an attempt is under way')
  })

  test('is not opened again and again when its core accepts and says no', async () => {
    const { components, made } = build(['a.example'])
    const { dials } = made[0]?.bench ?? assert.fail()
    const stream = await dials[0]?.settle(true)
    stream?.breaks({ condition: 'conflict', by: 'peer' })
    components.wake()
    assert.equal(dials.length, 1)
  })

  test('is opened at once when it was up for long', async () => {
    const { components, made } = build(['a.example'])
    const { dials, later } = made[0]?.bench ?? assert.fail()
    const stream = await dials[0]?.settle(true)
    later(60_000)
    stream?.breaks({ condition: 'system-shutdown', by: 'peer' })
    components.wake()
    assert.equal(dials.length, 2)
  })
})
