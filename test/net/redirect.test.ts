// Peers that send us to another host: followed only after proof, only where we may go, and not for ever.

import { equal, match, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { DialResult } from '../../src/net/dial.ts'
import { dialAndFollow, type Redirect } from '../../src/net/redirect.ts'
import type { AddressResolution } from '../../src/net/resolve.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { type Dialog, DialogHost } from '../support/dialog.ts'
import { eventually } from '../support/within.ts'
import { type Issued, issue } from '../support/pki.ts'
import { chat, evaluation, first } from './evaluation.ts'
import { Events, Gate, identityOf, LIMITS, PROCEED, prove, STARTTLS, SUCCESS } from './gate.ts'
import { ca, ours, theirs } from './sides.ts'

const HOST = '127.0.7.42'

let stranger: Issued
let gate: Gate

before(async () => {
  stranger = await issue({ ca, names: ['stranger.test'] })
  gate = await Gate.open({ ca, certificate: ours })
})
after(() => gate[Symbol.asyncDispose]())

const answer = (from = 'us.test', to = 'peer.test'): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='${from}' to='${to}' id='i' version='1.0'>`
const features = (children: string): string => `<stream:features>${children}</stream:features>`
const EXTERNAL = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>`
const elsewhere = (place: string): string =>
  `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${place}</see-other-host></stream:error></stream:stream>`

/** A peer that sends whoever comes elsewhere, before or after it has proven its name. */
async function sendsAway(dialog: Dialog, place: string, proven = true, certificate = ours): Promise<void> {
  await dialog.expect(/<stream:stream [^>]*>/)
  if (!proven) return void dialog.say(answer() + elsewhere(place))
  await dialog.say(answer() + features(STARTTLS)).expect(/<starttls/)
  dialog.say(PROCEED)
  await dialog.startTls({ certificate, server: true })
  await dialog.expect(/<stream:stream [^>]*>/)
  dialog.say(answer() + elsewhere(place))
}

/** Serves every connection with the same words. */
async function always(host: DialogHost, script: (dialog: Dialog) => Promise<void>): Promise<void> {
  for (;;) {
    const dialog = await host.next().catch(() => undefined)
    if (!dialog) return
    await script(dialog).catch(() => undefined)
  }
}

function go(
  port: number,
  events = new Events(),
  redirected?: Redirect,
  addresses: (host: string) => Promise<AddressResolution> = () =>
    Promise.resolve({ ok: false, reason: 'SP-201', detail: 'nobody asked for names' }),
): Promise<DialResult> {
  return dialAndFollow(
    {
      pair: { local: 'peer.test', remote: 'us.test' },
      leg: 'partner',
      targets: () => Promise.resolve({ ok: true, targets: [{ host: '127.0.0.1', port, tls: 'starttls' }] }),
      addresses,
      identity: identityOf(theirs),
      verify: (chain) => Promise.resolve(prove(ca, 'us.test', chain)),
      limits: LIMITS,
      reference: 'call-refe-rence',
    },
    events.handler(),
    redirected,
  )
}

const found = (address: string) => () => Promise.resolve({ ok: true as const, addresses: [address] })

test('a peer that has proven its name is followed, to an address or to a name', async () => {
  for (const [place, addresses] of [
    [`127.0.0.1:${gate.target.port}`, undefined],
    [`elsewhere.test:${gate.target.port}`, found('127.0.0.1')],
  ] as const) {
    await using host = await DialogHost.open()
    void always(host, (dialog) => sendsAway(dialog, place))
    const result = await go(host.port, new Events(), undefined, addresses)
    ok(result.ok, JSON.stringify(result))
    equal(result.stream.info.pair.remote, 'us.test')
    await result.stream[Symbol.asyncDispose]()
  }
})

test('whoever answers at the other host must prove the domain that was asked for', async () => {
  await using wrong = await DialogHost.open()
  await using host = await DialogHost.open()
  void always(wrong, (dialog) => sendsAway(dialog, `127.0.0.1:${gate.target.port}`, true, stranger))
  void always(host, (dialog) => sendsAway(dialog, `127.0.0.1:${wrong.port}`))
  const result = await go(host.port)
  ok(!result.ok)
  equal(result.failure.reason, 'SP-301')
  equal(result.failure.attempts.map(({ reason }) => reason).join(' '), 'SP-456 SP-301')
})

test('before TLS nobody is followed, and the other addresses are tried', async () => {
  await using host = await DialogHost.open()
  void always(host, (dialog) => sendsAway(dialog, `127.0.0.1:${gate.target.port}`, false))
  const result = await go(host.port)
  ok(!result.ok)
  equal(result.failure.reason, 'SP-218')
  equal(gate.streams.all.filter((stream) => stream.open).length, 0)
})

test('what is no host, and what is not public, is not followed', async () => {
  for (const [place, from, addresses, reason, detail] of [
    ['not a host', '127.0.0.1', undefined, 'SP-219', /"not a host" is no host and port/],
    ['127.0.0.1', '192.0.2.1', undefined, 'SP-219', /192\.0\.2\.1 sends us to 127\.0\.0\.1 port 5269/],
    ['inner.test:22', '192.0.2.1', found('10.0.0.1'), 'SP-219', /inner\.test port 22/],
    ['inner.test:22', '127.0.0.1', found('10.0.0.1'), 'SP-219', /no public address/],
    ['nowhere.test', '192.0.2.1', undefined, 'SP-201', /nobody asked/],
  ] as const) {
    const result = await go(1, new Events(), { to: place, from }, addresses)
    ok(!result.ok)
    equal(result.failure.reason, reason)
    match(result.failure.detail, detail)
  }
})

test('an entry that leads to a place makes it good, whoever sends us there', async () => {
  const { port } = gate.target
  const result = await dialAndFollow(
    {
      pair: { local: 'peer.test', remote: 'us.test' },
      leg: 'partner',
      targets: [{ host: '127.0.0.1', port, tls: 'starttls' }],
      identity: identityOf(theirs),
      verify: (chain) => Promise.resolve(prove(ca, 'us.test', chain)),
      limits: LIMITS,
      reference: 'call-refe-rence',
    },
    new Events().handler(),
    { to: `127.0.0.1:${port}`, from: '192.0.2.1' },
  )
  ok(result.ok)
  await result.stream[Symbol.asyncDispose]()
})

test('a circle ends where it began, and a chain after a few hops', async () => {
  await using host = await DialogHost.open()
  void always(host, (dialog) => sendsAway(dialog, `127.0.0.1:${host.port}`))
  const circle = await go(host.port)
  ok(!circle.ok)
  equal(circle.failure.reason, 'SP-220')
  equal(circle.failure.attempts.length, 1)

  const hosts = await Promise.all(Array.from({ length: 6 }, () => DialogHost.open()))
  for (const [at, one] of hosts.entries()) {
    void always(one, (dialog) => sendsAway(dialog, `127.0.0.1:${hosts[at + 1]?.port ?? gate.target.port}`))
  }
  const chain = await go(hosts[0]?.port ?? 0)
  ok(!chain.ok)
  equal(chain.failure.reason, 'SP-220')
  equal(chain.failure.attempts.length, 4)
  for (const one of hosts) await one[Symbol.asyncDispose]()
})

test('a partner that sends a ready stream elsewhere finds what comes next there', async (t) => {
  const { root, gateway, lab, partners, build, told } = await evaluation(t, HOST)
  await using host = await DialogHost.open(HOST)
  const folder = join(root, 'certs', 'lab', 'aurora.example')
  const [fullchainPem, keyPem] = await Promise.all(
    ['fullchain.pem', 'privkey.pem'].map((file) => readFile(join(folder, file), 'utf8')),
  )
  const route = { host: HOST, port: host.port, tls: 'starttls' } as const
  gateway.apply(
    await build(partners.map((p): Partner => (p.domain === 'aurora.example' ? { ...p, connect: [route] } : p))),
  )
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'm-1'))
  const dialog = await host.next()
  const hears = (): Promise<unknown> => dialog.expect(/<stream:stream [^>]*>/)
  await hears()
  const says = answer('aurora.example', 'corp.example')
  await dialog.say(says + features(STARTTLS)).expect(/<starttls/)
  dialog.say(PROCEED)
  await dialog.startTls({ certificate: { fullchainPem, keyPem } as Issued, server: true })
  await hears()
  await dialog.say(says + features(EXTERNAL)).expect(/<auth /)
  dialog.say(SUCCESS)
  await hears()
  await dialog.say(says + features('')).expect(/id=["']m-1["']/)

  const mark = lab.lastEvent
  // Only when its connection is gone may there be another one.
  await dialog.say(elsewhere(`${HOST}:15281`)).expect(/<\/stream:stream>/)
  await dialog[Symbol.asyncDispose]()
  await eventually('the end of the stream', () => (told('ended').length > 0 ? true : undefined))
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'm-2'))
  const news = await first(lab, mark, (one) => one.kind === 'received' && one.stanza.includes('id="m-2"'))
  equal(news.domain, 'aurora.example')
})
