// One connection that carries stanzas both ways (XEP-0288): between two of our own, and with the whole gateway.

import assert, { deepEqual, equal, ok } from 'node:assert/strict'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { AURORA, FEDERATION_PORT } from '../../src/lab/places.ts'
import { LAB_CERTS } from '../../src/lab/places.ts'
import { dial } from '../../src/net/dial.ts'
import type { StreamLimits } from '../../src/net/limits.ts'
import { Listener } from '../../src/net/listener.ts'
import type { Stream } from '../../src/net/stream.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { loadAnchors } from '../../src/trust/anchors.ts'
import { loadIdentity } from '../../src/trust/identity.ts'
import { verifyPeer } from '../../src/trust/verify.ts'
import { Dialog, DialogHost } from '../support/dialog.ts'
import { eventually } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'
import {
  AUTH,
  Caller,
  Events,
  type Gate,
  header,
  LIMITS,
  message,
  PROCEED,
  reachPhase,
  STARTTLS,
  SUCCESS,
} from './gate.ts'
import { ca, openGate, ours, theirs } from './sides.ts'

const HOST = '127.0.7.8'
const BIDI = "<bidi xmlns='urn:xmpp:bidi'/>"

async function gateOf(bidi: boolean, limits: Partial<StreamLimits> = {}): Promise<Gate> {
  const rules = { opens: () => undefined, admits: () => undefined, bidi }
  const gate = await openGate({ limits, reception: { rules: () => rules } })
  return gate
}

async function pairUp(
  limits: Partial<StreamLimits> = {},
): Promise<{ gate: Gate; caller: Caller; out: Stream; into: Stream }> {
  const gate = await gateOf(true, limits)
  const caller = new Caller(ca, theirs)
  const out = await caller.reach(gate.target.port, { bidi: true, limits })
  return { gate, caller, out, into: await gate.streams.next() }
}

for (const [offers, wants] of [
  [true, true],
  [true, false],
  [false, true],
] as const) {
  test(`both ends know whether it goes both ways: ${offers} offered, ${wants} wanted`, async () => {
    const gate = await gateOf(offers)
    const out = await new Caller(ca, theirs).reach(gate.target.port, { bidi: wants })
    const into = await gate.streams.next()
    deepEqual([out.info.bidi, into.info.bidi], [offers && wants, offers && wants])
  })
}

test('thousands of stanzas cross one connection both ways at once, in order', async () => {
  const { gate, caller, out, into } = await pairUp()
  const words = Array.from({ length: 3000 }, (_, n) => message(`${n} 🦊`))
  for (const word of words) {
    out.send(Buffer.from(word))
    into.send(Buffer.from(word))
  }
  for (const word of words) {
    equal(await gate.frames.next(), word)
    equal(await caller.frames.next(), word)
  }
  equal(gate.listener.connections, 1)
  for (const { counters } of [out.info, into.info]) deepEqual([counters.stanzasIn, counters.stanzasOut], [3000, 3000])
})

test('a good end reaches both ways: what was taken arrives, and what was not is known', async () => {
  const { gate, caller, out, into } = await pairUp({ closeMs: 60_000 })
  for (let n = 0; n < 3000; n++) {
    out.send(Buffer.from(message(`out ${n}`)))
    into.send(Buffer.from(message(`into ${n}`)))
  }
  for (let n = 0; n < 100; n++) await caller.frames.next()
  out.close('SP-431')
  const ends = [await gate.ends.next(), await caller.ends.next()]
  deepEqual(
    ends.map(({ reason, by }) => [reason, by]),
    [
      ['SP-464', 'peer'],
      ['SP-431', 'us'],
    ],
  )
  const doubtful = [await gate.gone.next(), await caller.gone.next()]
  deepEqual(doubtful, [0, 0])
  equal(caller.frames.all.length, gate.taken)
  equal(gate.frames.all.length, caller.taken)
  ok(gate.taken >= 100)
  caller.frames.all.forEach((frame, n) => equal(frame, message(`into ${n}`)))
})

test('who asks for it and never authenticates hears of nothing', async () => {
  const gate = await gateOf(true)
  await using dialog = await reachPhase(await gate.dialog(), 'secured', theirs)
  dialog.say(BIDI)
  dialog.say(message('let me in'))
  const heard = await dialog.end()
  ok(/<not-authorized/.test(heard) && !heard.includes('<message'), heard)
  equal(gate.streams.all.length, 0)
})

test('the request is refused out of its turn', async () => {
  const gate = await gateOf(true)
  for (const phase of ['secured', 'ready'] as const) {
    await using dialog = await reachPhase(await gate.dialog(), phase, theirs)
    ok(/<policy-violation/.test(await dialog.say(BIDI + BIDI).end()))
  }
})

// --- the whole gateway ---

/** Aurora's certificate, and what it believes. */
async function auroraOf(root: string) {
  const folder = join(root, LAB_CERTS)
  const own = join(folder, AURORA.domain)
  const { anchors } = await loadAnchors([join(folder, 'ca.pem')])
  return {
    identity: await loadIdentity(join(own, 'fullchain.pem'), join(own, 'privkey.pem')),
    verify: (domain: string, chain: readonly Buffer[]) =>
      Promise.resolve(verifyPeer(chain, { domain, trust: { anchors, pins: [] }, now: Date.now() })),
  }
}

const PAIR = { local: AURORA.domain, remote: 'corp.example' }

/** A stream of Aurora's to the gateway that goes both ways. */
async function auroraCalls(root: string): Promise<{ readonly events: Events; readonly stream: Stream }> {
  const { identity, verify } = await auroraOf(root)
  const events = new Events()
  const result = await dial(
    {
      pair: PAIR,
      leg: 'test',
      targets: [{ host: HOST, port: FEDERATION_PORT, tls: 'starttls' }],
      identity,
      verify: (chain) => verify(PAIR.remote, chain),
      limits: LIMITS,
      bidi: true,
      reference: 'r',
    },
    events.handler(),
  )
  assert.ok(result.ok, JSON.stringify(result))
  ok(result.stream.info.bidi)
  return { events, stream: result.stream }
}

/** Aurora at another place, where it can make streams that go both ways; gives the list that leads there. */
async function auroraListens(
  t: TestContext,
  root: string,
  partners: readonly Partner[],
): Promise<{ readonly events: Events; readonly list: readonly Partner[]; readonly listener: Listener }> {
  const { identity, verify } = await auroraOf(root)
  const events = new Events()
  const listener = await Listener.open({
    name: 'aurora',
    host: HOST,
    port: 0,
    limits: () => LIMITS,
    reception: {
      rules: () => ({ opens: () => undefined, admits: () => undefined, bidi: true }),
      leg: () => 'test',
      identity: () => Promise.resolve(identity),
      verify: ({ remote }, chain) => verify(remote, chain),
      ready: events.handler(),
      failed: events.failures.add,
      reference: () => 'r',
    },
  })
  t.after(() => listener[Symbol.asyncDispose]())
  const connect = [{ host: HOST, port: listener.address.port, tls: 'starttls' as const }]
  const list = partners.map((p): Partner => (p.domain === AURORA.domain ? { ...p, connect } : p))
  return { events, list, listener }
}

/** A port that takes connections and never says a word. */
async function silence(t: TestContext): Promise<number> {
  const server = createServer().listen(0, HOST)
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

const outbound = (id: string): string => chat('alice@corp.example', 'bob@aurora.example', id)
const inbound = (id: string): string => chat('bob@aurora.example', 'alice@corp.example', id)

test('what is for a partner goes out on the stream that it opened, and nobody connects to it', async (t) => {
  const { root, gateway, lab, told } = await evaluation(t, HOST)
  const { events, stream } = await auroraCalls(root)
  stream.send(Buffer.from(inbound('in')))
  lab.send('corp.example', outbound('out'))
  await first(lab, 0, (news) => news.kind === 'received' && news.stanza.includes('id="in"'))
  while (!/id='out'/.test(await events.frames.next()));
  const partners = [...gateway.streams.all()].filter(({ info }) => info.leg === 'partner')
  deepEqual(
    partners.map(({ info }) => [info.role, info.bidi]),
    [['receiving', true]],
  )
  equal(told('notOpened').length, 0)
})

test('a stanza of another domain ends the stream on which it comes, ours too', async (t) => {
  const { root, gateway, lab, partners, build, told } = await evaluation(t, HOST)
  const { events, list } = await auroraListens(t, root, partners)
  gateway.apply(await build(list))
  lab.send('corp.example', outbound('out'))
  const stream = await events.streams.next()
  assert.match(await events.frames.next(), /id='out'/)
  const seen = lab.lastEvent
  stream.send(Buffer.from(inbound('good')))
  await first(lab, seen, (news) => news.kind === 'received' && news.stanza.includes('id="good"'))
  stream.send(Buffer.from(chat('mallory@borealis.example', 'alice@corp.example', 'forged')))
  const end = await events.ends.next()
  deepEqual([end.by, end.condition], ['peer', 'invalid-from'])
  equal(told('closing').length, 1)
  const news = await lab.events(seen, 10)
  ok(!news.some((one) => one.kind === 'received' && one.stanza.includes('forged')))
})

test('thousands cross both ways at once on one stream of ours, in order, through the whole gateway', async (t) => {
  const { root, gateway, lab, partners, build } = await evaluation(t, HOST)
  const { events, list, listener } = await auroraListens(t, root, partners)
  gateway.apply(await build(list))
  const many = 400 // With the answers, what the lab keeps.
  lab.send('corp.example', outbound('out-0'))
  const stream = await events.streams.next()
  const seen = lab.lastEvent
  for (let i = 1; i < many; i++) lab.send('corp.example', outbound(`out-${i}`))
  for (let i = 0; i < many; i++) stream.send(Buffer.from(inbound(`in-${i}`)))
  const last = `id="in-${many - 1}"`
  await first(lab, seen, (news) => news.kind === 'received' && news.stanza.includes(last), 20_000)
  const arrived = (await lab.events(seen, 10)).flatMap((news) =>
    news.kind === 'received' && news.domain === 'corp.example' ? [/id="(in-\d+)"/.exec(news.stanza)?.[1]] : [],
  )
  deepEqual(
    arrived.filter((id) => id !== undefined),
    Array.from({ length: many }, (_, i) => `in-${i}`),
  )
  const ids: (string | undefined)[] = []
  while (ids.length < many) {
    const id = /id='(out-\d+)'/.exec(await events.frames.next())?.[1]
    if (id !== undefined) ids.push(id)
  }
  deepEqual(
    ids,
    Array.from({ length: many }, (_, i) => `out-${i}`),
  )
  equal(listener.connections, 1)
})

test('where a stream of ours takes the place of another, what the peer wrote to that one comes first', async (t) => {
  const hour = 3_600_000
  const { root, gateway, lab, partners, build, later } = await evaluation(t, HOST, (settings) => ({
    ...settings,
    trust: { ...settings.trust, reauthenticateMs: hour },
  }))
  const { events, list } = await auroraListens(t, root, partners)
  gateway.apply(await build(list.map((p): Partner => ({ ...p, status: 'allowed' }))))
  lab.send('corp.example', outbound('out'))
  const old = await events.streams.next()
  const elder = await eventually('a stream of ours', () =>
    [...gateway.streams.all()].find(({ info }) => info.leg === 'partner' && info.role === 'initiating'),
  )
  elder.pause()
  old.send(Buffer.from(inbound('elder')))
  later(hour * 0.7)
  const next = await events.streams.next()
  next.send(Buffer.from(inbound('younger')))
  const seen = lab.lastEvent
  lab.send('borealis.example', chat('mallory@borealis.example', 'alice@corp.example', 'beside'))
  await first(lab, seen, (news) => news.kind === 'received' && news.stanza.includes('id="beside"'))
  elder.resume()
  await first(lab, seen, (news) => news.kind === 'received' && news.stanza.includes('id="younger"'))
  const ids = (await lab.events(seen, 10)).flatMap((news) =>
    news.kind === 'received' ? (/id="(elder|younger)"/.exec(news.stanza)?.[1] ?? []) : [],
  )
  deepEqual(ids, ['elder', 'younger'])
})

test('blocking ends both ways at once, and is told once', async (t) => {
  const { root, gateway, lab, partners, build, told } = await evaluation(t, HOST)
  const { events } = await auroraCalls(root)
  lab.send('corp.example', outbound('out'))
  await events.frames.next()
  gateway.apply(
    await build(partners.map((p): Partner => (p.domain === AURORA.domain ? { ...p, status: 'blocked' } : p))),
  )
  const end = await events.ends.next()
  equal(end.condition, 'policy-violation')
  equal(await events.gone.next(), 0)
  await eventually('that no link to the partner is left', () =>
    [...gateway.links.all()].every(({ leg }) => leg === 'core') ? true : undefined,
  )
  const ended = told('ended').filter(({ with: [stream] }) => (stream as Stream).info.leg === 'partner')
  equal(ended.length, 1)
})

test('who only asks for it is sent nothing: the stanza goes to whoever proves to be the partner', async (t) => {
  const { lab } = await evaluation(t, HOST)
  await using dialog = await Dialog.open({ host: HOST, port: FEDERATION_PORT })
  const hello = header({ from: AURORA.domain, to: 'corp.example' })
  await dialog.say(hello).expect(/<\/stream:features>/)
  await dialog.say(STARTTLS).expect(/<proceed/)
  await dialog.startTls({ certificate: theirs })
  dialog.say(hello + BIDI + AUTH)
  lab.send('corp.example', outbound('secret'))
  await first(lab, 0, (news) => news.kind === 'received' && news.stanza.includes('id="secret"'))
  const heard = await dialog.end()
  ok(!heard.includes('<message'), heard)
  assert.match(heard, /<not-authorized/)
})

test('a partner that we cannot reach is reached as soon as it comes itself', async (t) => {
  const port = await silence(t)
  const { root, gateway, lab, partners, build, told } = await evaluation(t, HOST)
  const connect = [{ host: HOST, port, tls: 'starttls' as const }]
  gateway.apply(await build(partners.map((p): Partner => (p.domain === AURORA.domain ? { ...p, connect } : p))))
  lab.send('corp.example', outbound('out'))
  await eventually('an attempt', () =>
    [...gateway.links.all()].some((link) => link.leg === 'partner' && link.waiting === 1) ? true : undefined,
  )
  const { events } = await auroraCalls(root)
  assert.match(await events.frames.next(), /id='out'/)
  deepEqual([told('notOpened').length, told('bounced').length], [0, 0])
})

test('a gateway that stops answers what it sends back on the stream that brought it, before it says goodbye', async (t) => {
  const port = await silence(t)
  const { root, gateway, told } = await evaluation(t, HOST, (settings) => ({
    ...settings,
    core: { ...settings.core, port },
  }))
  const { events, stream } = await auroraCalls(root)
  stream.send(Buffer.from(inbound('in')))
  await eventually('that it waits', () => [...gateway.links.all()].some((link) => link.waiting > 0) || undefined)
  await gateway[Symbol.asyncDispose]()
  assert.match(await events.frames.next(), /type='error'.*id='in'|id='in'.*type='error'/)
  equal((await events.ends.next()).condition, 'system-shutdown')
  equal(told('opened').filter(({ with: [one] }) => (one as Stream).info.leg === 'partner').length, 1)
})

// COMPAT: Prosody 0.12
test('what a peer sends between its success and its header is read first, in order, by whoever reads the stream', async () => {
  await using host = await DialogHost.open()
  const caller = new Caller(ca, theirs)
  const dialling = caller.reach(host.port, { bidi: true })
  await using dialog = await host.next()
  const answer = header({ from: 'us.test', to: 'peer.test', id: 'x' })
  await dialog.expect(/<stream:stream[^>]*>/)
  dialog.say(`${answer}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`)
  await dialog.expect(/<starttls/)
  dialog.say(PROCEED)
  await dialog.startTls({ server: true, certificate: ours })
  await dialog.expect(/<stream:stream[^>]*>/)
  const external = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>"
  const feature = "<bidi xmlns='urn:xmpp:features:bidi'/>"
  await dialog.say(`${answer}<stream:features>${external}${feature}</stream:features>`).expect(/<bidi[^>]*><auth /)
  const many = 60 // More than a peer may send that is not authenticated.
  for (let n = 0; n < many; n++) dialog.say(n === 0 ? SUCCESS + message('0') : message(String(n)))
  await dialog.expect(/<stream:stream[^>]*>/)
  dialog.say(`<?xml version='1.0'?>${answer}<stream:features/>${message(String(many))}`)
  const stream = await dialling
  for (let n = 0; n <= many; n++) equal(await caller.frames.next(), message(String(n)))
  equal(stream.info.counters.stanzasIn, many + 1)
})
