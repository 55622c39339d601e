// XMPP over WebSocket (RFC 7395) with a client of the same library: the handshake, the stream, and what ends it.

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CLOSE, Desk, OPEN } from './desk.ts'

const ERROR = "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
const CHAT = "<message xmlns='jabber:client' to='a@us.test'><body>x</body></message>"

/** A masked frame, whole or a part, with whatever bits. */
function frame(first: number, payload: Buffer): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([Buffer.from([first]), length, mask, payload.map((byte, at) => byte ^ mask[at % 4]!)])
}

describe('the handshake', () => {
  test('subprotocol xmpp is echoed, and nothing is compressed', async () => {
    await using desk = await Desk.open()
    using talk = await desk.websocket({ perMessageDeflate: true })
    deepEqual([talk.websocket.protocol, talk.websocket.extensions], ['xmpp', ''])
  })
  for (const [what, options, status, reason] of [
    ['without a subprotocol', { protocol: '' }, 400, 'SP-863'],
    ['with another subprotocol', { protocol: 'mqtt' }, 400, 'SP-863'],
    ['at another path', { path: '/' }, 404, 'SP-861'],
    ['with a query', { path: '/xmpp-websocket?x' }, 404, 'SP-861'],
    ['at the path of metadata', { path: '/.well-known/host-meta' }, 404, 'SP-861'],
    ['from the page of another site', { origin: 'https://evil.test' }, 403, 'SP-860'],
    ['from a page that was not secured', { origin: 'http://us.test' }, 403, 'SP-860'],
    ['from a page of another port', { origin: 'https://us.test:8443' }, 403, 'SP-860'],
    ['from a page that has no origin', { origin: 'null' }, 403, 'SP-860'],
    ['from a page below a domain', { origin: 'https://www.us.test' }, 403, 'SP-860'],
    [
      'from pages of two sites',
      { headers: { origin: ['https://us.test', 'https://evil.test'] as never } },
      403,
      'SP-860',
    ],
  ] as const) {
    test(`${what} there is none`, async () => {
      await using desk = await Desk.open()
      await rejects(desk.websocket(options), new RegExp(`Unexpected server response: ${status}`))
      equal(await desk.failures.next(), reason)
    })
  }
  test('from a page of a domain there is one', async () => {
    await using desk = await Desk.open()
    using talk = await desk.websocket({ origin: 'https://other.test' })
    equal(talk.websocket.protocol, 'xmpp')
  })
  test('only pages that are listed, where there is a list', async () => {
    await using strict = await Desk.open({ origins: ['https://chat.test:8443', 'app://chat'] })
    using talk = await strict.websocket({ origin: 'https://chat.test:8443' })
    using app = await strict.websocket({ origin: 'app://chat' })
    deepEqual([talk.websocket.protocol, app.websocket.protocol], ['xmpp', 'xmpp'])
    await rejects(strict.websocket({ origin: 'https://us.test' }), /403/)
  })
})

describe('a stream', () => {
  test('is opened, used, begun anew and closed by the client', async () => {
    await using desk = await Desk.open()
    using talk = await desk.websocket()
    talk.say(OPEN.replace('version', "xml:lang='de' version"))
    match(
      await talk.heard.next(),
      /^<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='us.test' id='ID' version='1.0' xml:lang='en'\/>$/,
    )
    match(
      await talk.heard.next(),
      /^<stream:features xmlns:stream='http:\/\/etherx.jabber.org\/streams'><mechanisms xmlns='m'\/>/,
    )
    equal(await desk.told.next(), 'header us.test de')
    talk.say("<again xmlns='x'/>")
    talk.say(OPEN)
    match(await talk.heard.next(), /^<open /)
    match(await talk.heard.next(), /^<stream:features /)
    deepEqual([await desk.told.next(), await desk.told.next()], ['x again', 'header us.test undefined'])
    talk.say(CHAT)
    equal(await talk.heard.next(), CHAT)
    equal(await desk.told.next(), 'jabber:client message')
    talk.say(CLOSE)
    equal(await talk.heard.next(), CLOSE)
    equal(await talk.closed, 1000)
    deepEqual([await desk.told.next(), await desk.told.next()], ['footer', 'ended SP-815'])
    const { facts } = await desk.transports.next()
    deepEqual([facts.transport, facts.tls.start, facts.listener, facts.chain], ['websocket', 'direct', 'remote', []])
  })
  test('that we close ends when the client has closed it too', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    talk.say("<bye xmlns='x'/>")
    equal(await talk.heard.next(), CLOSE)
    equal(talk.websocket.readyState, 1)
    talk.say(CHAT)
    talk.say(CLOSE)
    equal(await talk.closed, 1000)
    deepEqual([await desk.told.next(), await desk.told.next()], ['x bye', 'ended SP-815'])
  })
  test('that we close is cut when the client does not', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    talk.say("<bye xmlns='x'/>")
    equal(await talk.closed, 1006)
    deepEqual([await desk.told.next(), await desk.told.next()], ['x bye', 'ended SP-815'])
  })
  test('is lost with its connection', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    talk.websocket.terminate()
    equal(await desk.told.next(), 'ended SP-816')
  })
  test('comes in parts of messages as well as in whole ones', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    const parts = CHAT.split('').map((letter, at) =>
      frame(at === 0 ? 0x01 : at === CHAT.length - 1 ? 0x80 : 0, Buffer.from(letter)),
    )
    talk.raw(Buffer.concat([...parts.slice(0, 9), frame(0x89, Buffer.from('ping')), ...parts.slice(9)]))
    equal(await desk.told.next(), 'jabber:client message')
    equal(await talk.heard.next(), CHAT)
  })
  test('is not read while it is held', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    const [transport] = desk.transports.all.slice(-1)
    talk.say("<hold xmlns='x'/>")
    talk.say(CHAT)
    equal(await desk.told.next(), 'x hold')
    equal(desk.told.all.at(-1), 'x hold')
    const said = Promise.withResolvers<void>()
    talk.websocket.once('pong', () => said.reject(new Error('it reads on'))) // nobody answers who does not read
    talk.websocket.ping()
    setImmediate(said.resolve)
    await said.promise
    transport!.release()
    equal(await desk.told.next(), 'jabber:client message')
  })
  test('that said something and left is heard once it is released, and then ends', async () => {
    await using desk = await Desk.open()
    for (const goodbye of [CLOSE, '']) {
      using talk = await desk.stream()
      const transport = desk.transports.all.at(-1)!
      const words = ["<hold xmlns='x'/>", CHAT, CHAT, ...(goodbye === '' ? [] : [goodbye])]
      const away = frame(0x88, Buffer.from([0x03, 0xe8]))
      talk.raw(Buffer.concat([...words.map((word) => frame(0x81, Buffer.from(word))), away]))
      await talk.closed
      equal(await desk.told.next(), 'x hold')
      transport.release()
      const chats = [await desk.told.next(), await desk.told.next()]
      deepEqual(chats, ['jabber:client message', 'jabber:client message'])
      if (goodbye !== '') equal(await desk.told.next(), 'footer')
      equal(await desk.told.next(), goodbye === '' ? 'ended SP-816' : 'ended SP-815')
      await transport.gone
    }
  })
  test('that is held for ever all the same ends', async () => {
    await using desk = await Desk.open({ limits: { closeMs: 200 } })
    using talk = await desk.stream()
    talk.raw(Buffer.concat([frame(0x81, Buffer.from("<hold xmlns='x'/>")), frame(0x81, Buffer.from(CHAT))]))
    equal(await desk.told.next(), 'x hold')
    talk.websocket.terminate()
    equal(await desk.told.next(), 'ended SP-816')
  })
  test('says when it can take more', async () => {
    await using narrow = await Desk.open({ limits: { highWaterBytes: 10 } })
    using talk = await narrow.stream()
    // oxlint-disable-next-line no-unused-expressions -- those of the header and the features
    while ((await narrow.told.next()) !== 'drained');
    equal((await narrow.transports.next()).send(Buffer.from(CHAT)), false)
    equal(await talk.heard.next(), CHAT)
    equal(await narrow.told.next(), 'drained')
  })
})

describe('a client is refused', () => {
  for (const [what, say, told, condition, code] of [
    ['that opens a stream twice', [OPEN], 'SP-866 bad-format', 'bad-format', 1000],
    ['that says text', ['hello'], 'SP-866 bad-format', 'bad-format', 1000],
    ['that keeps alive by white space', [' '], 'SP-866 bad-format', 'bad-format', 1000],
    ['that says two things at once', [CHAT + CHAT], 'SP-866 bad-format', 'bad-format', 1000],
    ['that says half a thing', [CHAT.slice(0, -1)], 'SP-866 bad-format', 'bad-format', 1000],
    ['that declares XML', [`<?xml version='1.0'?>${CHAT}`], 'SP-402 restricted-xml', 'restricted-xml', 1000],
    [
      'that says more than a stranger may',
      [CHAT.replace('>x<', `>${'x'.repeat(8192)}<`)],
      'SP-435 policy-violation',
      'policy-violation',
      1000,
    ],
  ] as const) {
    test(what, async () => {
      await using desk = await Desk.open()
      using talk = await desk.stream()
      for (const message of say) talk.say(message)
      equal(await desk.told.next(), told)
      const error = await talk.heard.next()
      ok(error.startsWith(`${ERROR}<${condition} `) && error.includes('Reference: REF'), error)
      equal(await talk.heard.next(), CLOSE)
      equal(await talk.closed, code)
      equal(await desk.told.next(), 'ended SP-815')
      ok(!talk.heard.all.some((message) => message.includes('see-other')))
    })
  }
  test('that does not open its stream, and hears an error all the same', async () => {
    await using desk = await Desk.open()
    using talk = await desk.websocket()
    talk.say(CHAT)
    equal(await desk.told.next(), 'SP-866 bad-format')
    ok((await talk.heard.next()).startsWith(ERROR))
    equal(await talk.closed, 1000)
    equal(await desk.told.next(), 'ended SP-815')
  })
  test('that sends binary frames', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    talk.websocket.send(Buffer.from(CHAT))
    equal(await desk.told.next(), 'SP-864 bad-format')
    ok((await talk.heard.next()).startsWith(ERROR))
    equal(await talk.heard.next(), CLOSE)
    equal(await talk.closed, 1003)
    equal(await desk.told.next(), 'ended SP-815')
  })
  for (const [what, bytes, reason, code] of [
    ['that compresses', frame(0xc1, Buffer.from(CHAT)), 'SP-864 bad-format', 1002],
    ['that does not mask', Buffer.concat([Buffer.from([0x81, 4]), Buffer.from('<a/>')]), 'SP-864 bad-format', 1002],
    ['that goes on with what it has not begun', frame(0x80, Buffer.from(CHAT)), 'SP-864 bad-format', 1002],
    [
      'that begins anew within a message',
      Buffer.concat([frame(0x01, Buffer.from('<a')), frame(0x81, Buffer.from('/>'))]),
      'SP-864 bad-format',
      1002,
    ],
    [
      'that announces more than a stanza may have',
      Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 8, 0, 1, 1, 2, 3, 4]),
      'SP-865 policy-violation',
      1009,
    ],
    [
      'that sends a message in too many parts',
      Buffer.concat([frame(0x01, Buffer.from('<')), ...Array<Buffer>(300).fill(frame(0, Buffer.from('a')))]),
      'SP-865 policy-violation',
      1008,
    ],
  ] as const) {
    test(what, async () => {
      await using desk = await Desk.open()
      using talk = await desk.stream()
      talk.raw(bytes)
      equal(await desk.told.next(), reason)
      equal(await talk.closed, code)
      equal(await desk.told.next(), 'ended SP-815')
    })
  }
  test('that says more than a stranger may, in whatever frames', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    for (let n = 0; n < 40; n++) talk.raw(frame(n === 0 ? 0x01 : 0, Buffer.alloc(1000, 'x')))
    equal(await desk.told.next(), 'SP-435 policy-violation')
    equal(await talk.closed, 1006)
    equal(await desk.told.next(), 'ended SP-815')
  })
  test('that is not known in time', async () => {
    await using hasty = await Desk.open({ limits: { negotiationMs: 300 } })
    using talk = await hasty.websocket()
    equal(await hasty.told.next(), 'SP-430 connection-timeout')
    ok((await talk.heard.next()).startsWith(`${ERROR}<connection-timeout `))
    equal(await talk.closed, 1000)
  })
  test('that is known may say more, but no more than a stanza may have', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    talk.say("<known xmlns='x'/>")
    const large = CHAT.replace('>x<', `>${'x'.repeat(500_000)}<`)
    talk.say(large)
    deepEqual([await desk.told.next(), await desk.told.next()], ['x known', 'jabber:client message'])
    equal(await talk.heard.next(), large)
    talk.say(CHAT.replace('>x<', `>${'x'.repeat(524_288)}<`))
    equal(await desk.told.next(), 'SP-865 policy-violation')
    equal(await talk.closed, 1009)
    equal(await desk.told.next(), 'ended SP-815')
  })
})

describe('who says nothing', () => {
  test('is asked whether they are there, and stays when they answer', async () => {
    await using quick = await Desk.open({ limits: { keepaliveMs: 100, stallMs: 400, idleMs: 3000 } })
    using talk = await quick.stream()
    talk.say("<known xmlns='x'/>")
    for (let n = 0; n < 6; n++) await new Promise((resolve) => talk.websocket.once('ping', resolve))
    equal(await quick.told.next(), 'x known')
    equal(quick.told.all.at(-1), 'x known')
  })
  test('and does not answer is cut', async () => {
    await using quick = await Desk.open({ limits: { keepaliveMs: 100, stallMs: 300, idleMs: 0 } })
    using talk = await quick.stream({ autoPong: false })
    talk.say("<known xmlns='x'/>")
    deepEqual([await quick.told.next(), await quick.told.next()], ['x known', 'ended SP-867'])
    equal(await talk.closed, 1006)
  })
  test('but asks without end, and takes no answer, is cut', async () => {
    await using desk = await Desk.open()
    using talk = await desk.stream()
    talk.say("<known xmlns='x'/>")
    talk.websocket.pause()
    const ping = frame(0x89, Buffer.alloc(125, 'x'))
    talk.raw(Buffer.concat(Array.from({ length: 400_000 }, () => ping)))
    deepEqual([await desk.told.next(), await desk.told.next()], ['x known', 'ended SP-816'])
  })
  test('is idle after a while', async () => {
    await using quick = await Desk.open({ limits: { keepaliveMs: 0, stallMs: 0, idleMs: 100 } })
    using talk = await quick.stream()
    talk.say("<known xmlns='x'/>")
    deepEqual([await quick.told.next(), await quick.told.next()], ['x known', 'idle'])
  })
})
