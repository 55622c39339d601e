// The HTTP side of a listener of remote users: host metadata, one answer for all else, and no time for whoever is slow.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Desk, type DeskOptions } from './desk.ts'

const NOTHING = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const BAD = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const META = '/.well-known/host-meta'

/** Everything that is answered to these words. */
async function answered(desk: Desk, words: string): Promise<string> {
  await using dialog = await desk.tls({ ALPNProtocols: ['http/1.1'] })
  return await dialog.say(words).end()
}

async function answer(
  words: string,
  options: DeskOptions = {},
): Promise<{ text: string; failures: readonly string[]; port: number }> {
  await using desk = await Desk.open(options)
  const text = await answered(desk, words)
  return { text, failures: desk.failures.all, port: desk.place.port }
}

const get = (path: string, more = '', method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: us.test\r\n${more}\r\n`

describe('host metadata', () => {
  test('as XRD, for every page to read, with nothing said of what serves it', async () => {
    const { text, failures, port } = await answer(get(META))
    const [head = '', body = ''] = text.split('\r\n\r\n')
    deepEqual(head.split('\r\n'), [
      'HTTP/1.1 200 OK',
      'Content-Type: application/xrd+xml; charset=utf-8',
      `Content-Length: ${body.length}`,
      'Access-Control-Allow-Origin: *',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
    ])
    ok(
      body.startsWith(
        "<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>",
      ),
    )
    ok(
      body.includes(`<Link rel='urn:xmpp:alt-connections:websocket' href='wss://us.test:${port}/xmpp-websocket'/>`),
      body,
    )
    deepEqual(failures, [])
  })
  test('as JSON', async () => {
    const { text } = await answer(get(`${META}.json`), { url: 'wss://chat.test/xmpp' })
    const [head = '', body = ''] = text.split('\r\n\r\n')
    ok(
      head.includes('\r\nContent-Type: application/json\r\n') &&
        head.includes('\r\nAccess-Control-Allow-Origin: *\r\n'),
    )
    deepEqual(JSON.parse(body), {
      links: [{ rel: 'urn:xmpp:alt-connections:websocket', href: 'wss://chat.test/xmpp' }],
    })
  })
  test('is for the domain that is asked for, with its port or without', async () => {
    for (const [host, named] of [
      ['other.test', 'other.test'],
      ['OTHER.test:8443', 'other.test'],
    ] as const) {
      const { text } = await answer(`GET ${META} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      ok(text.includes(`'wss://${named}:`), text)
    }
  })
  test('has a head of its own', async () => {
    const { text, failures } = await answer(get(META, '', 'HEAD'))
    ok(text.startsWith('HTTP/1.1 200 OK\r\n') && text.endsWith('\r\n\r\n') && !text.includes('Content-Length: 0'), text)
    deepEqual(failures, [])
  })
  test('is read once for each connection', async () => {
    const { text } = await answer(get(META) + get(META))
    equal(text.split('HTTP/1.1 200').length, 2)
  })
})

describe('there is nothing else', () => {
  for (const [what, words] of [
    ['at another path', get('/')],
    ['below a path', get(`${META}/`)],
    ['with a query', get(`${META}?x`)],
    ['where the WebSocket is', get('/xmpp-websocket')],
    ['by POST', get(META, 'Content-Length: 2\r\n', 'POST') + 'ab'],
    ['by OPTIONS', get(META, '', 'OPTIONS')],
    ['for another domain', `GET ${META} HTTP/1.1\r\nHost: evil.test\r\n\r\n`],
    ['for no domain', `GET ${META} HTTP/1.1\r\n\r\n`],
    ['for two domains', `GET ${META} HTTP/1.1\r\nHost: us.test\r\nHost: other.test\r\n\r\n`],
    ['beyond this host', `GET https://us.test${META} HTTP/1.1\r\nHost: us.test\r\n\r\n`],
    ['by CONNECT', 'CONNECT us.test:443 HTTP/1.1\r\nHost: us.test\r\n\r\n'],
    ['for whoever wants to be asked to go on', get('/', 'Expect: 100-continue\r\nContent-Length: 2\r\n', 'POST')],
    ['for whoever expects something', get('/', 'Expect: something\r\n')],
    ['in another protocol', get('/xmpp-websocket', 'Connection: Upgrade\r\nUpgrade: h2c\r\n')],
  ] as const) {
    test(what, async () => {
      const { text, failures } = await answer(words)
      equal(text, NOTHING)
      deepEqual(failures, ['SP-861'])
    })
  }
  for (const [what, words] of [
    ['what is no HTTP', 'HELLO\r\n\r\n'],
    ['a head that is too large', get('/', `X: ${'x'.repeat(9000)}\r\n`)],
    ['a path that is too long', get(`/${'x'.repeat(9000)}`)],
    ['very many headers', get('/', 'a:\r\n'.repeat(9000))],
    ['two lengths', get(META, 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', 'POST')],
    [
      'a handshake without its key',
      get(
        '/xmpp-websocket',
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n',
      ),
    ],
    [
      'a handshake of another version',
      get(
        '/xmpp-websocket',
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Protocol: xmpp\r\n',
      ),
    ],
  ] as const) {
    test(`${what} is told that it is bad`, async () => {
      const { text, failures } = await answer(words)
      // What is sent beyond the first words is not read, and may undo the answer.
      ok(text === BAD || (text === '' && words.length > 8192), text)
      deepEqual(failures, ['SP-862'])
    })
  }
})

describe('whoever is slow', () => {
  const limits = { negotiationMs: 400 }
  for (const [what, words] of [
    ['and says nothing', ''],
    ['and does not end a line', 'GET /.well-known'],
    ['and does not end its head', get('/').slice(0, -2)],
    ['and does not end what it posts', get('/', 'Content-Length: 100000\r\n', 'POST') + 'x'],
  ] as const) {
    test(`${what} is cut`, async () => {
      const { text, failures } = await answer(words, { limits })
      equal(text, words.startsWith('POST') ? NOTHING : '')
      deepEqual(failures, [words.startsWith('POST') ? 'SP-861' : 'SP-430'])
    })
  }
  test('and sends a byte now and then is cut all the same', async () => {
    await using desk = await Desk.open({ limits })
    await using dialog = await desk.tls({ ALPNProtocols: ['http/1.1'] })
    dialog.say(get('/').slice(0, -2))
    const drip = setInterval(() => dialog.say('a'), 50)
    try {
      equal(await dialog.end(), '')
    } finally {
      clearInterval(drip)
    }
    deepEqual(desk.failures.all, ['SP-430'])
  })
  test('counts, and beyond the cap nobody comes in', async () => {
    await using desk = await Desk.open({ limits: { connectionsPerAddress: 2 } })
    await using _first = await desk.tls({ ALPNProtocols: ['http/1.1'] })
    await using _second = await desk.tls({ ALPNProtocols: ['http/1.1'] })
    equal(await desk.refusesTls({}), 'ECONNRESET')
    equal(await desk.failures.next(), 'SP-652')
  })
})
