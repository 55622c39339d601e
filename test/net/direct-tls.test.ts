// Direct TLS (XEP-0368), both ways: between two of us, with raw TLS clients, and with raw TLS servers.

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { type ConnectionOptions, createServer, type TLSSocket } from 'node:tls'
import type { ConnectionOrigin } from '../../src/net/reception.ts'
import { Dialog } from '../support/dialog.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { AUTH, Caller, Gate, type GateOptions, header, identityOf, message } from './gate.ts'

let ca: Issued
let ours: Issued // of us.test, who is called
let other: Issued // of other.test, which is ours too
let both: Issued
let theirs: Issued // of peer.test, who calls
let gate: Gate

before(async () => {
  ca = await makeCa()
  ours = await issue({ ca, names: ['us.test'] })
  other = await issue({ ca, names: ['other.test'] })
  both = await issue({ ca, names: ['us.test', 'other.test'] })
  theirs = await issue({ ca, names: ['peer.test'] })
  gate = await open()
})
after(() => gate[Symbol.asyncDispose]())

/** A gate with direct TLS, whose first domain is us.test. */
function open(options: Partial<GateOptions> = {}, second = other): Promise<Gate> {
  const [first, further] = [identityOf(ours), identityOf(second)]
  const reception = {
    greet: (name: string | undefined) =>
      name === 'other.test' ? further : name === undefined || name === 'us.test' ? first : undefined,
  }
  return Gate.open({ ca, certificate: ours, tls: 'direct', reception, ...options })
}

/** A raw client of a direct TLS port, after the handshake. */
async function knock(
  at: Gate,
  options: ConnectionOptions & { readonly certificate?: Issued | undefined } = {},
): Promise<{ dialog: Dialog; socket: TLSSocket }> {
  const { certificate = theirs, servername = '', ...rest } = options
  const dialog = await Dialog.open(at.target)
  return { dialog, socket: await dialog.startTls({ certificate, servername, options: rest }) }
}

const shownTo = (socket: TLSSocket): string => socket.getPeerCertificate().subjectaltname ?? ''

describe('between two of us', () => {
  for (const host of ['127.0.0.1', '::1']) {
    test(`a stream over ${host} comes up, and stanzas cross`, async () => {
      await using here = await open({ host })
      const caller = new Caller(ca, theirs)
      await using out = await caller.reach(0, { targets: [here.target] })
      const into = await here.streams.next()
      deepEqual(into.info.pair, { local: 'us.test', remote: 'peer.test' })
      deepEqual([into.info.method, into.info.certificate?.names], ['certificate', ['DNS:peer.test']])
      deepEqual(out.info.certificate?.names, ['DNS:us.test'])
      equal(into.info.peerAddress, host)
      out.send(Buffer.from(message('directly')))
      equal(await here.frames.next(), message('directly'))
      equal(here.bugs.all.length + caller.bugs.all.length, 0)
    })
  }
  test('the caller is judged as ever', async () => {
    const failure = await new Caller(ca, await issue({ ca, names: ['mallory.test'] })).fail(0, {
      targets: [gate.target],
    })
    deepEqual([failure.reason, failure.condition], ['SP-452', 'not-authorized'])
    equal((await gate.failures.next()).reason, 'SP-301')
  })
  test('the called one is judged as ever', async () => {
    await using wrong = await open({ reception: { greet: () => identityOf(other) } })
    equal((await new Caller(ca, theirs).fail(0, { targets: [wrong.target] })).reason, 'SP-301')
  })
  test('a port that expects STARTTLS is passed over for the next target', async () => {
    await using plain = await Gate.open({ ca, certificate: ours })
    const targets = [{ ...plain.target, tls: 'direct' as const }, gate.target]
    ok((await new Caller(ca, theirs).reach(0, { targets })).open)
    await gate.streams.next()
  })
  test('a port that begins with TLS is passed over for the next target', async () => {
    await using here = await open()
    await using plain = await Gate.open({ ca, certificate: ours })
    const targets = [{ ...here.target, tls: 'starttls' as const }, plain.target]
    ok((await new Caller(ca, theirs).reach(0, { targets })).open)
    equal((await here.failures.next()).reason, 'SP-354')
  })
})

describe('a client of ours', () => {
  test('with ALPN is told xmpp-server', async () => {
    for (const ALPNProtocols of [['xmpp-server'], ['h2', 'xmpp-server']]) {
      const { dialog, socket } = await knock(gate, { ALPNProtocols })
      await using _ = dialog
      equal(socket.alpnProtocol, 'xmpp-server')
      await dialog.say(header()).expect(/<mechanism>EXTERNAL<\/mechanism>/)
    }
    for (const _ of [1, 2]) await gate.failures.next()
  })
  test('without ALPN is as welcome', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { dialog, socket } = await knock(gate, { maxVersion })
      await using _ = dialog
      equal(socket.alpnProtocol, false)
      await dialog.say(header()).expect(/<mechanism>EXTERNAL<\/mechanism>/)
      await dialog.say(AUTH).expect(/<success/)
      await dialog.say(header()).expect(/<stream:features>.*<\/stream:features>/)
      ok((await gate.streams.next()).open)
    }
  })
  test('that wants only another protocol is refused in the handshake', async () => {
    await rejects(knock(gate, { ALPNProtocols: ['h2', 'xmpp-client'] }), /no application protocol/)
    const failure = await gate.failures.next()
    deepEqual([failure.reason, failure.by, failure.pair], ['SP-354', 'network', undefined])
    match(failure.detail, /no application protocol/i)
  })
  test('is shown the certificate it asks for, and the first one when it asks for none or for a stranger', async () => {
    for (const [servername, expected] of [
      ['other.test', 'DNS:other.test'],
      ['us.test', 'DNS:us.test'],
      ['', 'DNS:us.test'],
      ['stranger.test', 'DNS:us.test'],
    ] as const) {
      const { dialog, socket } = await knock(gate, { servername })
      equal(shownTo(socket), expected)
      await dialog[Symbol.asyncDispose]()
      await gate.failures.next()
    }
  })
  test('may not go on for a domain that the certificate it was shown does not name', async () => {
    const { dialog } = await knock(gate, { servername: 'other.test' })
    await using _ = dialog
    match(await dialog.say(header()).end(), /<host-unknown /)
    const failure = await gate.failures.next()
    deepEqual([failure.reason, failure.condition], ['SP-362', 'host-unknown'])
    match(failure.detail, /us\.test.*DNS:other\.test/)
  })
  test('may go on for another domain that the certificate names too', async () => {
    await using here = await open({}, both)
    const { dialog } = await knock(here, { servername: 'other.test' })
    await using _ = dialog
    await dialog.say(header()).expect(/<mechanism>EXTERNAL<\/mechanism>/)
  })
  test('without a certificate is told so in the stream', async () => {
    const dialog = await Dialog.open(gate.target)
    await using _ = dialog
    await dialog.startTls({})
    match(await dialog.say(header()).end(), /<not-authorized /)
    equal((await gate.failures.next()).reason, 'SP-361')
  })
  test('is not offered TLS within TLS', async () => {
    const { dialog } = await knock(gate)
    await using _ = dialog
    const [features] = await dialog.say(header()).expect(/<stream:features>.*<\/stream:features>/)
    ok(!features.includes('starttls'))
    match(await dialog.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").end(), /<not-authorized /)
    equal((await gate.failures.next()).reason, 'SP-426')
  })
  test('that speaks before TLS is not understood', async () => {
    await using dialog = await Dialog.open(gate.target)
    equal(/<stream/.test(await dialog.say(header()).end()), false)
    deepEqual((await gate.failures.next()).reason, 'SP-354')
  })
  test('that is silent before, or after, the handshake is cut', async () => {
    await using here = await open({ limits: { negotiationMs: 200 } })
    await using silent = await Dialog.open(here.target)
    equal(await silent.end(), '')
    deepEqual((await here.failures.next()).reason, 'SP-430')
    const { dialog } = await knock(here)
    await using _ = dialog
    match(await dialog.end(), /<connection-timeout /)
    deepEqual((await here.failures.next()).reason, 'SP-430')
  })
  test('is counted before anything is read from it', async () => {
    const turnedAway: ConnectionOrigin[] = []
    await using here = await open({
      limits: { connectionsPerAddress: 1 },
      reception: { greet: () => identityOf(ours), turnedAway: (origin) => turnedAway.push(origin) },
    })
    const { dialog } = await knock(here)
    await using _ = dialog
    await rejects(knock(here))
    deepEqual(turnedAway, [{ remoteAddress: '127.0.0.1', listener: 'test', tls: 'direct' }])
  })
  test('finds nobody where we have no certificate at all', async () => {
    await using here = await open({ reception: { greet: () => undefined } })
    await rejects(knock(here))
    const failure = await here.failures.next()
    deepEqual([failure.reason, failure.by], ['SP-360', 'us'])
  })
})

describe('a server that we call', () => {
  /** Takes one connection of ours; gives what it saw of it, and how it ended for us. */
  async function called(ALPNProtocols: readonly string[] | undefined) {
    const seen: { alpn?: string | false | null; name?: unknown; certificate?: string; words?: string } = {}
    const server = createServer({
      cert: ours.fullchainPem,
      key: ours.keyPem,
      requestCert: true,
      rejectUnauthorized: false,
      ...(ALPNProtocols ? { ALPNProtocols: [...ALPNProtocols] } : {}),
    })
    server.on('secureConnection', (socket) => {
      seen.alpn = socket.alpnProtocol
      seen.name = Reflect.get(socket, 'servername')
      seen.certificate = shownTo(socket)
      socket.on('error', () => {})
      socket.once('data', (words) => {
        seen.words = String(words)
        socket.end('</stream:stream>')
      })
    })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const failure = await new Caller(ca, theirs).fail(0, { targets: [{ host: '127.0.0.1', port, tls: 'direct' }] })
    server.close()
    return { seen, failure }
  }
  test('sees ALPN, SNI and our certificate, and then our header', async () => {
    const { seen } = await called(['xmpp-server'])
    match(seen.words ?? '', /^<\?xml version='1.0'\?><stream:stream [^>]* from='peer.test' to='us.test'/)
    deepEqual([seen.alpn, seen.name, seen.certificate], ['xmpp-server', 'us.test', 'DNS:peer.test'])
  })
  test('need not know ALPN', async () => {
    const { seen } = await called(undefined)
    equal(seen.alpn, false)
    match(seen.words ?? '', /<stream:stream /)
  })
  test('is left when it speaks something else', async () => {
    const { seen, failure } = await called(['h2'])
    deepEqual([failure.reason, seen.words], ['SP-354', undefined])
  })
})
