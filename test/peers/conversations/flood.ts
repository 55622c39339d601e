// Many messages at once. While nothing is connected yet the first of them triggers the connection and the others wait
// for it; their order must hold all the same (RFC 6120 §10.1).

import assert from 'node:assert/strict'
import { xml } from '../../support/client.ts'
import type { Element } from '../../support/client.ts'
import type { Cleanup } from '../../support/program.ts'
import { within } from '../../support/within.ts'
import { bothWays, freshId } from './conversation.ts'
import type { Conversation, Side } from './conversation.ts'

/** `npm run grid` sends 10,000. */
const COUNT = Number(process.env['TEST_FLOOD'] ?? 2_000)
const AT_ONCE = 500

/**
 * To be run first, when there is no stream to the other side. `coreStreamIsUp`: our server has its stream to the gateway
 * already, so that only the gateway has to connect, and nothing excuses a change of order.
 */
export function floodThatConnects({ coreStreamIsUp }: { readonly coreStreamIsUp: boolean }): readonly Conversation[] {
  const name = `${COUNT} numbered messages that trigger the connection arrive once and in order`
  return bothWays(name, async (t, from, to, way) => {
    const numbers = await flood(t, from, to)
    if (from.server === 'prosody' && !(coreStreamIsUp && way === 'outbound')) assertOrderButForTheQueue(numbers)
    else assertOrder(numbers)
  })
}

export const floodWhenConnected: readonly Conversation[] = bothWays(
  `${COUNT} numbered messages over a stream that is up arrive once and in order`,
  async (t, from, to) => assertOrder(await flood(t, from, to)),
)

/** Sends the numbers 0 to COUNT - 1 from a user to another. Gives back what arrived until an end mark did. */
export async function flood(t: Cleanup, from: Side, to: Side): Promise<readonly number[]> {
  const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
  const thread = freshId()
  const numbers: number[] = []
  const all = Promise.withResolvers<void>()
  const isFlood = (stanza: Element): boolean => stanza.name === 'message' && stanza.getChildText('thread') === thread
  bob.listen((stanza) => {
    if (isFlood(stanza)) numbers.push(Number(stanza.getChildText('body')))
    if (numbers.length >= COUNT) all.resolve()
  })
  alice.listen((s) => {
    if (s.attrs['type'] === 'error') all.reject(new Error(`came back: ${s.toString()}`))
  })
  const message = (body: string): Element =>
    xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, body), xml('thread', {}, thread))
  for (let first = 0; first < COUNT; first += AT_ONCE) {
    await alice.sendMany(Array.from({ length: AT_ONCE }, (_, n) => message(String(first + n))))
  }
  await within(120_000, all.promise, () => `the last of ${COUNT} messages; ${numbers.length} have arrived`)
  // One more stanza by the same way: what arrives twice arrives before it.
  await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, thread)))
  await bob.expect('the end mark', (s) => s.getChildText('body') === thread)
  assert.equal(numbers.length, COUNT, 'some arrived twice')
  return numbers
}

export function assertOrder(numbers: readonly number[]): void {
  const odd = numbers.findIndex((number, index) => number !== index)
  assert.equal(odd, -1, `out of order from ${odd}: ${numbers.slice(Math.max(0, odd - 5), odd + 20).join(' ')}`)
}

/**
 * COMPAT: Prosody 0.12 queues stanzas until the last stream features, but sends what comes after its SASL success at
 * once: these overtake the queue. So the first of those to arrive is the number of those that were queued.
 */
function assertOrderButForTheQueue(numbers: readonly number[]): void {
  const queued = numbers[0] ?? 0
  const late = numbers.filter((number) => number < queued)
  const rest = numbers.filter((number) => number >= queued)
  assertOrder([...late, ...rest])
}
