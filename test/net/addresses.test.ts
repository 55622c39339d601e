// Hosts with several addresses (RFC 8305), over real sockets. The order of the attempts is in test/unit/net/race.test.ts.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Target } from '../../src/net/resolve.ts'
import { DialogHost } from '../support/dialog.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { BlackHole } from './black-hole.ts'
import { Caller, Gate } from './gate.ts'

let ca: Issued
let ours: Issued
let caller: Caller

before(async () => {
  ca = await makeCa()
  ours = await issue({ ca, names: ['us.test'] })
  caller = new Caller(ca, await issue({ ca, names: ['peer.test'] }))
})

/** The same host by these addresses. */
const host = (port: number, ...addresses: readonly string[]) => ({
  targets: [{ host: 'xmpp.us.test', port, tls: 'starttls' } satisfies Target],
  addresses: () => Promise.resolve({ ok: true as const, addresses }),
})

describe('a host with several addresses', () => {
  for (const [there, gone] of [
    ['::1', '127.0.0.1'],
    ['127.0.0.1', '::1'],
  ] as const) {
    test(`nobody at ${gone}: ${there} is tried at once`, async () => {
      await using gate = await Gate.open({ ca, certificate: ours, host: there })
      const waited: number[] = []
      const delay = (ms: number) => () => void waited.push(ms)
      await using stream = await caller.reach(0, { ...host(gate.target.port, gone, there), delay })
      equal(stream.info.peerAddress, there)
      deepEqual(waited, [250]) // and called off: the clock never moved
    })
  }
  test('an address that swallows everything costs a quarter of a second', async () => {
    await using hole = await BlackHole.open()
    await using gate = await Gate.open({ ca, certificate: ours, host: '127.0.0.2', port: hole.port })
    const started = performance.now()
    const addresses = host(hole.port, '127.0.0.1', '127.0.0.2')
    await using stream = await caller.reach(0, { ...addresses, limits: { connectMs: 60_000 } })
    equal(stream.info.peerAddress, '127.0.0.2')
    ok(performance.now() - started >= 240)
    equal(gate.failures.all.length, 0)
  })
  test('a server that fails at one address is tried at the next', async () => {
    await using broken = await DialogHost.open('127.0.0.1')
    await using gate = await Gate.open({ ca, certificate: ours, host: '127.0.0.2', port: broken.port })
    const dialling = caller.reach(0, host(broken.port, '127.0.0.1', '127.0.0.2'))
    const dialog = await broken.next()
    dialog.reset()
    await using stream = await dialling
    equal(stream.info.peerAddress, '127.0.0.2')
    ok(await gate.streams.next())
  })
  test('what DNS tells late is tried when the rest has failed', async () => {
    const nobody = await DialogHost.open()
    await nobody[Symbol.asyncDispose]()
    await using gate = await Gate.open({ ca, certificate: ours, host: '127.0.0.2', port: nobody.port })
    const { targets } = host(nobody.port)
    const late = Promise.withResolvers<readonly string[]>()
    const addresses = () => Promise.resolve({ ok: true as const, addresses: ['127.0.0.1'], more: late.promise })
    const dialling = caller.reach(0, { targets, addresses })
    late.resolve(['127.0.0.2'])
    await using stream = await dialling
    equal(stream.info.peerAddress, '127.0.0.2')
    ok(await gate.streams.next())
  })
  test('when none answers, every attempt is listed', async () => {
    const nobody = await DialogHost.open()
    await nobody[Symbol.asyncDispose]()
    const failure = await caller.fail(0, host(nobody.port, '::1', '127.0.0.1', '127.0.0.2'))
    equal(failure.reason, 'SP-211')
    deepEqual(
      failure.attempts.map(({ address, reason }) => [address, reason]),
      [
        ['::1', 'SP-211'],
        ['127.0.0.1', 'SP-211'],
        ['127.0.0.2', 'SP-211'],
      ],
    )
  })
  test('there are no more attempts than eight', async () => {
    const nobody = await DialogHost.open()
    await nobody[Symbol.asyncDispose]()
    const many = Array.from({ length: 12 }, (_, n) => `127.0.0.${n + 1}`)
    equal((await caller.fail(0, host(nobody.port, ...many))).attempts.length, 8)
  })
})
