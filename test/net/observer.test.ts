// What an observer sees of a connection while it comes about, from both ends.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Observer, Sight } from '../../src/net/observer.ts'
import { type Asked, Resolver } from '../../src/net/resolve.ts'
import { columnOf } from '../../src/stream/elements.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { Caller, Gate } from './gate.ts'
import { names } from './names.ts'

let ca: Issued
let ours: Issued
let caller: Caller

before(async () => {
  ca = await makeCa()
  ours = await issue({ ca, names: ['us.test'] })
  caller = new Caller(ca, await issue({ ca, names: ['peer.test'] }))
})

/** Sights in one word each, and the observer that collects them. */
function watcher(): { readonly seen: string[]; readonly all: Sight[]; readonly observer: Observer } {
  const all: Sight[] = []
  const seen: string[] = []
  return {
    seen,
    all,
    observer(sight) {
      all.push(sight)
      if (sight.kind === 'event') seen.push(`< ${columnOf(sight.event)}`)
      else seen.push(sight.kind === 'effect' ? `> ${sight.effect.kind}` : sight.kind)
    },
  }
}

test('whoever dials sees where it goes, what is said, and how TLS came out', async () => {
  await using gate = await Gate.open({ ca, certificate: ours })
  const { seen, all, observer } = watcher()
  const stream = await caller.reach(gate.target.port, { observer })
  deepEqual(seen, [
    'connecting',
    'connected',
    '< connected',
    '> header',
    '< header',
    '< features',
    '> send',
    '< proceed',
    '> start-tls',
    '< secured',
    '> verify',
    '< verified',
    '> header',
    '< header',
    '< features',
    '> send',
    '< success',
    '> restart',
    '> header',
    '< header',
    '< features',
    '> ready',
    '> send',
    '> acks',
  ])
  const secured = all.flatMap((sight) => (sight.kind === 'event' && sight.event.kind === 'secured' ? sight.event : []))
  deepEqual(
    secured.map(({ tls }) => ({ ...tls, start: 'starttls' })),
    [stream.info.tls],
  )
  const connected = all.find(({ kind }) => kind === 'connected')
  ok(connected?.kind === 'connected' && connected.from === '127.0.0.1')
})

test('whoever listens sees the other end of it, and the refusal', async () => {
  const { seen, observer } = watcher()
  await using gate = await Gate.open({
    ca,
    certificate: ours,
    admits: () => ({ condition: 'policy-violation', reason: 'SP-101' }),
    reception: { observers: () => [observer] },
  })
  await caller.fail(gate.target.port)
  const verified = seen.indexOf('< verified')
  ok(seen.indexOf('< secured') < verified && verified > 0, seen.join('\n'))
  deepEqual(seen.slice(-2), ['< auth', '> close'])
})

test('an address that is not to be had is seen too', async () => {
  const { seen, observer } = watcher()
  await caller.fail(1, { observer })
  deepEqual(seen, ['connecting', 'unconnected'])
})

test('each question to DNS is told with its answer', async () => {
  await using dns = await names({
    'SRV _xmpp-server._tcp.a.test': [{ priority: 10, weight: 5, port: 5269, name: 'xmpp.a.test' }],
    'SRV _xmpps-server._tcp.a.test': 'servfail',
    'A xmpp.a.test': ['192.0.2.1'],
  })
  const asked: Asked[] = []
  const resolver = new Resolver({ servers: [dns.server], timeoutMs: 300, asked: (one) => asked.push(one) })
  ok((await resolver.federation('a.test')).ok)
  ok((await resolver.addresses('xmpp.a.test')).ok)
  const told = new Map(asked.map(({ type, name, answer }) => [`${type} ${name}`, answer]))
  deepEqual(told.get('A xmpp.a.test'), { ok: true, records: ['192.0.2.1'] })
  const srv = told.get('SRV _xmpp-server._tcp.a.test')
  ok(srv?.ok && typeof srv.records[0] === 'object' && srv.records[0].name === 'xmpp.a.test')
  const failed = told.get('SRV _xmpps-server._tcp.a.test')
  deepEqual(failed?.ok === false && [failed.reason, failed.absent], ['SP-204', false])
  const absent = told.get('AAAA xmpp.a.test')
  equal(absent?.ok === false && absent.absent, true)
})
