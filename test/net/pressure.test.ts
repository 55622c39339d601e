// What becomes of partners that send more than the core takes: who has to wait, what is held, and where memory goes. Every
// figure is one of bytes or of stanzas; none is one of time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forgetPeak, memoryOf, messages, steady, underPressure } from './pressure.ts'

const HOST = '127.0.7.70'
const MB = 2 ** 20
/** Most by which the memory of the process may grow. */
const GROWTH = 64 * MB
/**
 * What a bare Node process that reads and forgets leaves uncollected at most, when nothing else asks for a collection: V8 lets
 * the buffers of its young generation come to so much.
 */
const UNCOLLECTED = 64 * MB

test('a core that stops reading holds the streams that feed it, and no other', async (t) => {
  const names = ['one.test', 'two.test', 'three.test']
  const { core, partner, holds } = await underPressure(t, HOST, names)
  const [one, two, three] = await Promise.all(names.map(partner))
  assert.ok(one && two && three)
  core.stall('one.test', 'two.test')
  const count = 40_000
  const offers = [one, two].map((source) => source.offer(messages(source.domain, { count, bytes: 1000 })))
  await steady(() => one.taken + two.taken)
  await three.offer(messages('three.test', { count: 20_000, bytes: 1000 }))
  await core.has('three.test', 20_000)
  await holds('one.test', 'two.test')
  assert.ok(core.arrived('one.test') < count && core.arrived('two.test') < count)
  core.resume('one.test', 'two.test')
  await Promise.all(offers)
  for (const name of ['one.test', 'two.test']) await core.has(name, count)
  assert.deepEqual(core.astray, [])
  assert.equal(await holds(), 0)
})

test('on a way that all share, a word of one overtakes what another has to say', async (t) => {
  const { core, partner } = await underPressure(t, HOST, ['greedy.test', 'modest.test'], { connections: 'one' })
  const [greedy, modest] = await Promise.all(['greedy.test', 'modest.test'].map(partner))
  assert.ok(greedy && modest)
  const [name = ''] = core.names
  core.stall(name)
  const count = 100_000
  const offered = greedy.offer(messages('greedy.test', { count, bytes: 1000 }))
  await steady(() => greedy.taken)
  await modest.offer(messages('modest.test', { count: 1, bytes: 1000 }))
  core.resume(name)
  await core.has('modest.test', 1)
  await offered
  await core.has('greedy.test', count)
  const before = core.before.get('modest.test') ?? 0
  // What one connection takes: 1 MB of ours, the buffers of two operating systems, and a turn.
  assert.ok(before <= 16_000, `${before} of ${count} came first`)
  assert.deepEqual(core.astray, [])
})

for (const [what, bytes, count, pad] of [
  ['small', 180, 100_000, 0],
  ['of a usual size', 1000, 180_000, 0],
  ['large', 60_000, 1000, 0],
  ['with much nothing between them', 180, 120_000, 4000],
] as const) {
  test(`a core that reads nothing while hundreds of megabytes are offered costs little, and loses nothing (${what})`, async (t) => {
    const { gateway, core, partner, holds } = await underPressure(t, HOST, ['greedy.test'])
    const source = await partner('greedy.test')
    const warm = 20_000
    await source.offer(messages('greedy.test', { count: warm, bytes: 180 }))
    await core.has('greedy.test', warm)
    core.stall('greedy.test')
    const before = await memoryOf(gateway.pid)
    await forgetPeak(gateway.pid)
    const taken = source.taken
    const offered = source.offer(messages('greedy.test', { from: warm, count, bytes, pad }))
    const underWay = await holds('greedy.test')
    const accepted = (await steady(() => source.taken)) - taken
    const { peak } = await memoryOf(gateway.pid)
    assert.ok(underWay > 0 && underWay <= 16 * MB, `${underWay} bytes under way`)
    if (pad === 0) assert.ok(accepted <= 48 * MB, `${accepted} bytes were taken`)
    const growth = pad === 0 ? GROWTH : GROWTH + UNCOLLECTED
    assert.ok(peak - before.now <= growth, `it grew from ${before.now} to ${peak} bytes`)
    core.resume('greedy.test')
    await offered
    await core.has('greedy.test', warm + count, 120_000)
    assert.deepEqual(core.astray, [])
    t.diagnostic(`${what}: ${accepted} accepted, ${underWay} under way, grew by ${peak - before.now} bytes`)
  })
}

/** The beginning of a stanza, and a gigabyte of what never ends it. */
function* gigabyte(beginning: string, more: string): Iterable<Buffer> {
  yield Buffer.from(beginning)
  const piece = Buffer.from(more.repeat(Math.floor(65_536 / more.length)))
  for (let sent = 0; sent < 2 ** 30; sent += piece.length) yield piece
}

for (const [what, beginning, more] of [
  ['text', `<message from='a@greedy.test' to='b@us.test'><body>`, 'x'],
  ['one attribute', `<message from='a@greedy.test' to='b@us.test' id='`, 'x'],
  ['elements', `<message from='a@greedy.test' to='b@us.test'>`, '<x/>'],
  ['nesting', `<message from='a@greedy.test' to='b@us.test'>`, '<x>'],
] as const) {
  test(`a stanza of a gigabyte (${what}) ends at the limit, and no memory remembers it`, async (t) => {
    const { gateway, core, partner } = await underPressure(t, HOST, ['greedy.test', 'modest.test'], {
      limits: { close: '1s' },
    })
    const [greedy, modest] = await Promise.all(['greedy.test', 'modest.test'].map(partner))
    assert.ok(greedy && modest)
    await modest.offer(messages('modest.test', { count: 20_000, bytes: 180 }))
    await core.has('modest.test', 20_000)
    const before = await memoryOf(gateway.pid)
    await forgetPeak(gateway.pid)
    await greedy.offer(gigabyte(beginning, more))
    assert.match(await greedy.end(), /<stream:error><policy-violation .*<\/stream:stream>$/)
    const { peak } = await memoryOf(gateway.pid)
    assert.ok(peak - before.now <= GROWTH, `it grew from ${before.now} to ${peak} bytes`)
    assert.ok(greedy.taken <= 48 * MB, `${greedy.taken} bytes were taken`)
    await modest.offer(messages('modest.test', { from: 20_000, count: 100, bytes: 180 }))
    await core.has('modest.test', 20_100)
    t.diagnostic(`${what}: ${greedy.taken} taken, grew by ${peak - before.now} bytes`)
  })
}
