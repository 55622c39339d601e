import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Evidence } from '../../../../src/trust/revocation/evidence.ts'
import type { Kept, Understood } from '../../../../src/trust/revocation/evidence.ts'
import type { Fetched } from '../../../../src/trust/revocation/fetch.ts'

const MINUTE = 60_000

/** What is fetched says its own end, and perhaps from when on it is asked for anew: `word until again`. */
function read(octets: Buffer): Understood<string> {
  const [value = '', until, again] = octets.toString().split(' ')
  if (until === undefined) return { ok: false, reason: 'SP-341', detail: value, passing: value === 'busy' }
  return {
    ok: true,
    value,
    until: Number(until),
    again: again === undefined ? undefined : Number(again),
    bytes: octets.length,
  }
}

function bench(o: { entries?: number; bytes?: number; kept?: Map<string, Kept> } = {}) {
  const world = {
    now: 0,
    answer: 'one 1000',
    fetches: 0,
    told: [] as string[],
    kept: o.kept ?? new Map<string, Kept>(),
  }
  const evidence = new Evidence<string>({
    keeper: {
      recall: (place) => world.kept.get(place),
      keep: (place, kept) => void world.kept.set(place, kept),
    },
    now: () => world.now,
    most: () => ({ entries: o.entries ?? 10, bytes: o.bytes ?? 1000 }),
    fetched: (outcome) => world.told.push(outcome),
    older: (fresh, known) =>
      known.startsWith('new') && fresh.startsWith('old')
        ? { ok: false, reason: 'SP-339', detail: `${fresh} is from before ${known}` }
        : undefined,
  })
  const obtain = (): Promise<Fetched> => {
    world.fetches++
    const { answer } = world
    const failed: Fetched = { ok: false, reason: 'SP-343', detail: 'down' }
    return Promise.resolve(answer === 'down' ? failed : { ok: true, octets: Buffer.from(answer) })
  }
  const get = async (place = 'a', renew = false): Promise<string> => {
    const found = await evidence.get({ place, obtain, read, renew })
    return found.ok ? found.value : found.reason
  }
  return { world, evidence, get }
}

test('what many ask for at once is fetched once', async () => {
  const { world, get } = bench()
  assert.deepEqual(await Promise.all(Array.from({ length: 50 }, () => get())), Array(50).fill('one'))
  assert.equal(world.fetches, 1)
})

test('what was said serves until its end, and is asked for anew then', async () => {
  const { world, get } = bench()
  await get()
  world.now = 999
  world.answer = 'two 5000'
  assert.equal(await get(), 'one')
  world.now = 1000
  assert.equal(await get(), 'two')
  assert.equal(world.fetches, 2)
})

test('renewed, it is fetched although it holds; where that fails, it serves on until its end', async () => {
  const { world, get } = bench()
  await get()
  world.answer = 'two 2000'
  assert.equal(await get('a', true), 'two')
  world.answer = 'down'
  assert.equal(await get('a', true), 'two')
  world.now = 2000
  assert.equal(await get('a', true), 'SP-343')
  assert.deepEqual(world.told, ['ok', 'ok', 'SP-343', 'SP-343'])
})

test('after a failure it is not asked for again for a minute', async () => {
  const { world, get } = bench()
  world.answer = 'down'
  assert.equal(await get(), 'SP-343')
  world.answer = `one ${10 * MINUTE}`
  world.now = MINUTE - 1
  assert.equal(await get(), 'SP-343')
  assert.equal(world.fetches, 1)
  world.now = MINUTE
  assert.equal(await get(), 'one')
})

test('a fault of ours is not held against the place', async () => {
  const { world, get } = bench()
  world.answer = 'busy'
  assert.equal(await get(), 'SP-341')
  world.answer = 'one 1000'
  assert.equal(await get(), 'one')
})

test('what was said before does not take the place of what is known, nor of what is kept, until that is over', async () => {
  const { world, evidence, get } = bench()
  world.answer = 'new 1000'
  await get()
  world.answer = 'old 5000'
  assert.equal(await get('a', true), 'new')
  assert.equal(evidence.known('a'), 'new')
  assert.equal(evidence.put('a', { ok: true, value: 'old', until: 5000, bytes: 3 }), 'new')
  assert.deepEqual(world.told, ['ok', 'SP-339'])
  const restarted = bench({ kept: world.kept })
  restarted.world.answer = 'old 5000'
  assert.equal(await restarted.get('a', true), 'new')
  world.now = 1000
  assert.equal(await get('a', true), 'old')
})

test('what is to be asked for anew serves on where that fails, and is not asked for again for a minute', async () => {
  const { world, get } = bench()
  world.answer = `new ${10 * MINUTE} 1000`
  await get()
  world.now = 999
  world.answer = 'down'
  assert.equal(await get(), 'new')
  assert.equal(world.fetches, 1)
  world.now = 1000
  assert.equal(await get(), 'new')
  assert.equal(await get(), 'new')
  assert.equal(world.fetches, 2)
  world.now += MINUTE
  world.answer = `next ${10 * MINUTE}`
  assert.equal(await get(), 'next')
})

test('what the keeper has serves after a restart, once it has been read; what is over or damaged does not', async () => {
  const kept = new Map([
    ['good', { octets: Buffer.from('kept 1000'), until: 1000 }],
    ['over', { octets: Buffer.from('kept 0'), until: 0 }],
    ['lying', { octets: Buffer.from('kept 0'), until: 1000 }],
    ['damaged', { octets: Buffer.from('kept'), until: 1000 }],
  ])
  const { world, get } = bench({ kept })
  assert.deepEqual(
    [await get('good'), await get('over'), await get('lying'), await get('damaged')],
    ['kept', 'one', 'one', 'one'],
  )
  assert.equal(world.fetches, 3)
})

test('it is bounded by number and by octets, and what was used longest ago goes first', async () => {
  const { world, evidence, get } = bench({ entries: 3, kept: new Map() })
  world.answer = 'one 1000'
  for (const place of ['a', 'b', 'c']) await get(place)
  await get('a')
  await get('d')
  world.kept.clear()
  assert.equal(evidence.figures.entries, 3)
  assert.equal(world.fetches, 4)
  await get('a')
  assert.equal(world.fetches, 4, 'a was used after b')
  await get('b')
  assert.equal(world.fetches, 5)
  const small = bench({ bytes: 20 })
  for (const place of ['a', 'b', 'c']) await small.get(place)
  assert.deepEqual(small.evidence.figures, { entries: 2, bytes: 16 })
})
