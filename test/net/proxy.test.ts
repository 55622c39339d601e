// Balancers in front of a listener (PROXY protocol), with real TLS. Every header and every cut through one is in
// test/unit/net/proxy-header.test.ts and proxy.test.ts.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ConnectionOrigin } from '../../src/net/reception.ts'
import type { ReasonId } from '../../src/xmpp/reasons.ts'
import type { TlsStart } from '../../src/stream/types.ts'
import { Balancer } from '../support/balancer.ts'
import type { Dialog } from '../support/dialog.ts'
import { BINARY, BINARY_6, LOCAL, TEXT, TEXT_6 } from '../support/proxy.ts'
import { Caller, Gate, type GateOptions, Happenings, header, identityOf, message } from './gate.ts'
import { ca, ours, theirs } from './sides.ts'

interface Refused {
  readonly origin: ConnectionOrigin
  readonly reason: ReasonId
  readonly detail: string
}

/** A gate behind the balancer 127.0.0.1. */
async function open(options: Partial<GateOptions> = {}): Promise<{ gate: Gate; refused: Happenings<Refused> }> {
  const refused = new Happenings<Refused>()
  const gate = await Gate.open({
    ca,
    certificate: ours,
    isBalancer: (address) => address === '127.0.0.1',
    reception: {
      greet: () => identityOf(ours),
      turnedAway: (origin, reason, detail) => refused.add({ origin, reason, detail }),
    },
    ...options,
  })
  return { gate, refused }
}

describe('through a balancer', () => {
  for (const tls of ['starttls', 'direct'] as const satisfies readonly TlsStart[]) {
    for (const [version, said, address] of [
      ['1', TEXT, '192.0.2.77'],
      ['1', TEXT_6, '2001:db8::77'],
      ['2', BINARY, '192.0.2.77'],
      ['2', BINARY_6, '2001:db8::77'],
    ] as const) {
      for (const alone of [true, false]) {
        const how = alone ? 'before' : 'together with'
        test(`a stream (${tls}) comes from ${address}, told by version ${version} ${how} the first bytes`, async () => {
          const { gate, refused } = await open({ tls })
          await using _ = gate
          await using balancer = await Balancer.open({ to: gate.target, header: said, alone })
          const caller = new Caller(ca, theirs)
          await using out = await caller.reach(0, { targets: [{ host: '127.0.0.1', port: balancer.port, tls }] })
          const into = await gate.streams.next()
          equal(into.info.peerAddress, address)
          out.send(Buffer.from(message('passed on')))
          equal(await gate.frames.next(), message('passed on'))
          deepEqual([gate.bugs.all, refused.all], [[], []])
        })
      }
    }
  }
  test('a client that fails is told of by its own address', async () => {
    const { gate } = await open()
    await using _ = gate
    await using dialog = await gate.dialog()
    await dialog.say(TEXT + header({ to: 'nobody.test' })).end()
    const { reason, remoteAddress } = await gate.failures.next()
    deepEqual([reason, remoteAddress], ['SP-115', '192.0.2.77'])
  })
  test('the address in a second header is no more than bad XML', async () => {
    const { gate } = await open()
    await using _ = gate
    await using dialog = await gate.dialog()
    await dialog.say(TEXT + TEXT_6 + header()).end()
    const { reason, remoteAddress } = await gate.failures.next()
    deepEqual([reason, remoteAddress], ['SP-401', '192.0.2.77'])
  })
})

test('who is no balancer is not heard as one, and reaches us as ever', async () => {
  const { gate, refused } = await open({ isBalancer: (address) => address === '127.0.0.9' })
  await using _ = gate
  await using dialog = await gate.dialog()
  await dialog.say(TEXT + header()).end()
  const { reason, remoteAddress } = await gate.failures.next()
  deepEqual([reason, remoteAddress], ['SP-401', '127.0.0.1'])
  await using out = await new Caller(ca, theirs).reach(gate.target.port)
  ok(out.open)
  equal((await gate.streams.next()).info.peerAddress, '127.0.0.1')
  deepEqual(refused.all, [])
})

test('behind a balancer each client has its own cap, and the balancer has none', async () => {
  const { gate, refused } = await open({ limits: { connectionsPerAddress: 1 } })
  await using _ = gate
  const knock = async (said: string): Promise<Dialog> => (await gate.dialog()).say(said + header())
  await using one = await knock(TEXT)
  await one.expect(/<stream:features>/)
  await using other = await knock('PROXY TCP4 192.0.2.78 203.0.113.7 1 5269\r\n')
  await other.expect(/<stream:features>/)
  await using third = await knock(TEXT)
  equal(await third.end(), '')
  const origin = { remoteAddress: '192.0.2.77', listener: 'test', tls: 'starttls', balancer: '127.0.0.1' }
  deepEqual(await refused.next(), { origin, reason: 'SP-652', detail: '' })
  one.socket.destroy()
  await gate.settled(1)
  await using fourth = await knock(TEXT)
  await fourth.expect(/<stream:features>/)
})

test('all clients of all balancers together have a cap', async () => {
  const { gate, refused } = await open({ limits: { connections: 1 } })
  await using _ = gate
  await using first = await gate.dialog()
  await first.say(TEXT + header()).expect(/<stream:features>/)
  await gate.dialog().catch(() => undefined) // reset, perhaps before it knows that it was connected
  equal((await refused.next()).reason, 'SP-651')
})

describe('a balancer that does not say whose connection it is', () => {
  test('is cut at the first byte, and told why', async () => {
    const { gate, refused } = await open()
    await using _ = gate
    await using dialog = await gate.dialog()
    equal(await dialog.say(header()).end(), '')
    const { origin, reason, detail } = await refused.next()
    deepEqual([origin.remoteAddress, reason, detail], ['127.0.0.1', 'SP-206', 'no header'])
    await gate.settled(0)
    deepEqual([gate.failures.all, gate.bugs.all], [[], []])
  })
  test('in time is cut, be it silent or slow', async () => {
    const { gate, refused } = await open({ limits: { negotiationMs: 150 } })
    await using _ = gate
    for (const said of ['', 'PROXY TCP4']) {
      await using dialog = await gate.dialog()
      equal(await dialog.say(said).end(), '')
      const { reason, detail } = await refused.next()
      equal(reason, 'SP-207')
      match(detail, new RegExp(`^${said.length} bytes`))
    }
  })
  test('has no more time for header and stream together than others for the stream', async () => {
    const { gate } = await open({ limits: { negotiationMs: 1000 } })
    await using _ = gate
    await using dialog = await gate.dialog()
    const began = performance.now()
    setTimeout(() => dialog.say(TEXT), 800)
    match(await dialog.end(), /<connection-timeout /)
    const took = performance.now() - began
    ok(took < 1750, `${took} ms`)
  })
  test('is forgotten when the listener closes', async () => {
    const { gate, refused } = await open()
    await using dialog = await gate.dialog()
    dialog.say('PROXY')
    await using other = await gate.dialog()
    other.say(LOCAL)
    await gate[Symbol.asyncDispose]()
    equal((await dialog.end()) + (await other.end()), '')
    deepEqual(
      refused.all.map(({ reason }) => reason).filter((reason) => reason === 'SP-207'),
      [],
    )
  })
})

describe('a health check', () => {
  for (const [what, said] of [
    ['that says nothing', ''],
    ['by version 2', LOCAL],
    ['by version 1', 'PROXY UNKNOWN\r\n'],
  ] as const) {
    test(`${what} and closes is nobody's business`, async () => {
      const { gate, refused } = await open()
      await using _ = gate
      const dialog = await gate.dialog()
      dialog.say(said).socket.end()
      await dialog.end()
      await gate.settled(0)
      deepEqual([refused.all, gate.failures.all, gate.bugs.all], [[], [], []])
    })
  }
  test('that resets the connection is nobody\u2019s business either', async () => {
    const { gate, refused } = await open()
    await using _ = gate
    const dialog = await gate.dialog()
    dialog.say(LOCAL).reset()
    await gate.settled(0)
    deepEqual([refused.all, gate.failures.all, gate.bugs.all], [[], [], []])
  })
  test('that goes on to speak XMPP is a stream of the balancer', async () => {
    const { gate } = await open()
    await using _ = gate
    await using dialog = await gate.dialog()
    dialog.say(LOCAL)
    await dialog.say(header()).expect(/<stream:features>/)
    dialog.socket.destroy()
    equal((await gate.failures.next()).remoteAddress, '127.0.0.1')
  })
})
