// One port for everything: what a client wants is seen from what it says first, within limits of bytes and time.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Dialog } from '../../support/dialog.ts'
import { Desk, type Knock, OPEN } from './desk.ts'

const HEADER =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='us.test' version='1.0'>"
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
const META = 'GET /.well-known/host-meta HTTP/1.1\r\nHost: us.test\r\n\r\n'

/** The start of TLS and the transport that a session would be given. */
async function shown(desk: Desk): Promise<string> {
  const { facts } = await desk.transports.next()
  return `${facts.transport} ${facts.tls.start}`
}

describe('on a port of all ways', () => {
  test('a stream begins in plaintext, and goes on over STARTTLS', async () => {
    await using desk = await Desk.open()
    await using dialog = await Dialog.open(desk.place)
    await dialog.say(HEADER).expect(/<starttls [^]*<\/stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ servername: 'us.test' })
    await dialog.say(HEADER).expect(/<mechanisms/)
    equal(await shown(desk), 'tcp starttls')
  })
  for (const [what, ALPNProtocols, pieces] of [
    ['by ALPN', ['xmpp-client'], [HEADER]],
    ['by ALPN, whatever else is offered', ['h2', 'http/1.1', 'xmpp-client', 'xmpp-server'], [HEADER]],
    ['by its first byte', undefined, [HEADER]],
    ['by its first byte, which comes alone', undefined, [HEADER.slice(0, 1), HEADER.slice(1)]],
    ['by white space before its header', undefined, ['\n', HEADER]],
  ] as const) {
    test(`direct TLS is known ${what}`, async () => {
      await using desk = await Desk.open()
      await using dialog = await desk.tls(ALPNProtocols ? { ALPNProtocols: [...ALPNProtocols] } : {})
      for (const piece of pieces) {
        dialog.say(piece)
        await new Promise(setImmediate)
      }
      await dialog.expect(/<mechanisms/)
      equal(await shown(desk), 'tcp direct')
    })
  }
  for (const [what, ALPNProtocols, pieces] of [
    ['by ALPN', ['h2', 'http/1.1'], [META]],
    ['by its first byte', undefined, [META]],
    ['by its first byte, which comes alone', undefined, ['G', META.slice(1)]],
  ] as const) {
    test(`HTTP is known ${what}`, async () => {
      await using desk = await Desk.open()
      await using dialog = await desk.tls(ALPNProtocols ? { ALPNProtocols: [...ALPNProtocols] } : {})
      for (const piece of pieces) {
        dialog.say(piece)
        await new Promise(setImmediate)
      }
      ok((await dialog.end()).startsWith('HTTP/1.1 200 OK'))
      deepEqual(desk.failures.all, [])
    })
  }
  test('a WebSocket is had without ALPN, and with it', async () => {
    await using desk = await Desk.open()
    for (const options of [{}, { ALPNProtocols: ['http/1.1'] }] as readonly Knock[]) {
      using talk = await desk.websocket(options)
      talk.say(OPEN)
      match(await talk.heard.next(), /^<open /)
      equal(await shown(desk), 'websocket direct')
    }
  })
  test('the certificate is that of the name that is asked for', async () => {
    await using desk = await Desk.open()
    for (const ALPNProtocols of [['xmpp-client'], ['http/1.1']]) {
      await using dialog = await desk.tls({ servername: 'other.test', ALPNProtocols })
      ok('getPeerCertificate' in dialog.socket)
      equal(dialog.socket.getPeerCertificate().subjectaltname, 'DNS:other.test')
    }
  })
  for (const protocol of ['xmpp-server', 'h2', 'acme-tls/1']) {
    test(`who offers ${protocol} only is refused`, async () => {
      await using desk = await Desk.open()
      equal(await desk.refusesTls({ ALPNProtocols: [protocol] }), 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
      equal(await desk.failures.next(), 'SP-354')
    })
  }
  for (const [what, words, reason] of [
    ['what is neither XMPP nor TLS', 'HELO x', 'SP-868'],
    ['plain HTTP', META, 'SP-868'],
    ['what only begins like TLS', Buffer.from([0x16, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 'SP-354'],
    ['a greeting that is none', 'SSH-2.0-x\r\n', 'SP-868'],
  ] as const) {
    test(`${what} is cut without a word`, async () => {
      await using desk = await Desk.open()
      await using dialog = await Dialog.open(desk.place)
      const heard = await dialog.say(words).end()
      ok(!/[a-zA-Z]/.test(heard), heard)
      equal(await desk.failures.next(), reason)
    })
  }
  test('what is neither XMPP nor HTTP within TLS is cut without a word', async () => {
    await using desk = await Desk.open()
    await using dialog = await desk.tls()
    equal(await dialog.say('\0\0').end(), '')
    equal(await desk.failures.next(), 'SP-868')
  })
  for (const [what, words] of [
    ['nothing', ''],
    ['a part of a first word of TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0])],
  ] as const) {
    test(`who says ${what} is cut after the time for a negotiation`, async () => {
      await using desk = await Desk.open({ limits: { negotiationMs: 300 } })
      await using dialog = await Dialog.open(desk.place)
      equal(await dialog.say(words).end(), '')
      equal(await desk.failures.next(), 'SP-430')
    })
  }
  test('who says nothing within TLS is cut then too', async () => {
    await using desk = await Desk.open({ limits: { negotiationMs: 300 } })
    await using dialog = await desk.tls()
    equal(await dialog.end(), '')
    equal(await desk.failures.next(), 'SP-430')
  })
  test('the time before a stream is taken from that of the stream', async () => {
    await using desk = await Desk.open({ limits: { negotiationMs: 1000 } })
    const began = performance.now()
    await using dialog = await desk.tls()
    await new Promise((resolve) => setTimeout(resolve, 700))
    await dialog.say(HEADER).expect(/<connection-timeout /)
    ok(performance.now() - began < 1600)
  })
  test('who goes before they say anything is told of', async () => {
    await using desk = await Desk.open()
    const dialog = await desk.tls()
    dialog.socket.destroy()
    match(await desk.failures.next(), /^SP-(214|355)$/)
  })
  for (const [version, header] of [
    ['1', Buffer.from('PROXY TCP4 203.0.113.9 192.0.2.1 5555 443\r\n')],
    // TCP over IPv4, 12 bytes of addresses: 203.0.113.9:5555 → 192.0.2.1:443, and no more.
    ['2', Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007109c000020115b301bb', 'hex')],
  ] as const) {
    test(`behind a balancer that speaks version ${version} all of it is as without one`, async () => {
      await using desk = await Desk.open({ balancer: '127.0.0.1' })
      await using plain = await Dialog.open(desk.place)
      await plain.say(Buffer.concat([header, Buffer.from(HEADER)])).expect(/<starttls /)
      await using dialog = await Dialog.open(desk.place)
      dialog.say(header)
      await dialog.startTls({ servername: 'us.test' })
      await dialog.say(HEADER).expect(/<mechanisms/)
      const { facts } = await desk.transports.next()
      deepEqual([facts.remoteAddress, facts.balancer], ['203.0.113.9', '127.0.0.1'])
    })
  }
})

describe('on a port of fewer ways', () => {
  test('for WebSocket alone nobody speaks XMPP over TLS', async () => {
    await using desk = await Desk.open({ ways: { starttls: false, direct: false } })
    equal(await desk.refusesTls({ ALPNProtocols: ['xmpp-client'] }), 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
    await using dialog = await desk.tls()
    ok((await dialog.say(HEADER).end()).startsWith('HTTP/1.1 400 '))
    await using plain = await Dialog.open(desk.place)
    equal((await plain.say(HEADER).end()).includes('<'), false)
  })
  test('without WebSocket nobody speaks HTTP', async () => {
    await using desk = await Desk.open({ ways: { web: false } })
    equal(await desk.refusesTls({ ALPNProtocols: ['http/1.1'] }), 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
    await using dialog = await desk.tls()
    dialog.say(META)
    ok(!(await dialog.end()).startsWith('HTTP/'))
  })
  test('without STARTTLS nothing is said in plaintext', async () => {
    await using desk = await Desk.open({ ways: { starttls: false } })
    await using plain = await Dialog.open(desk.place)
    equal((await plain.say(HEADER).end()).includes('<'), false)
  })
})
