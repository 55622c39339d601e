// The end of a connection, with a clock that goes on when it is told to.

import { deepEqual, equal, match } from 'node:assert/strict'
import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { mock, test, type TestContext } from 'node:test'
import { Input } from '../../../src/net/input.ts'
import { DEFAULT_LIMITS } from '../../../src/net/limits.ts'
import { Outgoing } from '../../../src/net/outgoing.ts'
import { Parting } from '../../../src/net/parting.ts'
import { header } from '../../net/gate.ts'

const MOMENT_MS = 250
const REFUSED = {
  kind: 'close',
  reason: 'SP-305',
  detail: '',
  by: 'us',
  condition: 'not-authorized',
  say: 'error',
} as const
const NOTHING = (): void => {}

const turns = async (): Promise<void> => {
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** A peer that has said its header and been sent away. `acknowledges`: a stanza of ours waits for its answer. */
async function sentAway(t: TestContext, acknowledges = false) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const [ours, peer] = duplexPair()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a socket, only the reset of what is cut is missed
  const socket = ours as Socket
  const out = new Outgoing(socket, DEFAULT_LIMITS, {
    wrote: NOTHING,
    taken: NOTHING,
    drained: NOTHING,
    deaf: () => false,
    choked: NOTHING,
    guard: (act) => act(),
  })
  const input: Input = new Input(socket, DEFAULT_LIMITS.before, {
    received: NOTHING,
    scanned: (event) => (refused ? parting.overhear(event) : undefined),
    broken: () => parting.heardOut(),
    guard: (act) => act(),
  })
  const parting = new Parting(socket, input, out)
  let [heard, ended, refused] = ['', false, false]
  peer.on('data', (data) => (heard += String(data))).on('end', () => (ended = true))
  peer.write(header({ from: 'peer.test', to: 'us.test' }))
  if (acknowledges) {
    out.acks.count(['ours'])
    out.send(Buffer.from('<message/>'))
  }
  await turns()
  refused = true
  equal(parting.begin(REFUSED, 'abcd', socket, false), true)
  await turns()
  match(heard, /<not-authorized .*<\/stream:error><\/stream:stream>$/)
  return {
    peer,
    out,
    /** Has our half ended? */
    async over(): Promise<boolean> {
      await turns()
      return ended
    },
  }
}

test('whom we send away hears why before it hears the end', async (t) => {
  const { peer, over } = await sentAway(t)
  peer.write('<message/>')
  mock.timers.tick(MOMENT_MS - 1)
  equal(await over(), false)
  mock.timers.tick(1)
  equal(await over(), true)
})

for (const [says, words] of Object.entries({ 'its last word': '</stream:stream>', 'what is no XML': '<<' })) {
  test(`our half ends at once when the peer says ${says}`, async (t) => {
    const { peer, over } = await sentAway(t)
    peer.write(words)
    equal(await over(), true)
  })
}

test('our half ends at once when the peer ends its own', async (t) => {
  const { peer, over } = await sentAway(t)
  peer.end()
  equal(await over(), true)
})

test('who has something to acknowledge may do so in that moment and after it', async (t) => {
  const { peer, out, over } = await sentAway(t, true)
  mock.timers.tick(MOMENT_MS)
  equal(await over(), true)
  deepEqual([out.acks.awaited, out.acks.figures?.acknowledged], [true, 0])
  peer.write(`<a xmlns='urn:xmpp:sm:3' h='1'/>`)
  await turns()
  deepEqual([out.acks.awaited, out.acks.figures?.acknowledged], [false, 1])
})

test('who has acknowledged all has its moment still', async (t) => {
  const { peer, over } = await sentAway(t, true)
  peer.write(`<a xmlns='urn:xmpp:sm:3' h='1'/>`)
  equal(await over(), false)
  mock.timers.tick(MOMENT_MS)
  equal(await over(), true)
})
