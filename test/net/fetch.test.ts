// What is fetched about revocation, and from where it is not: HTTP, and LDAP from a real directory.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { fetcher, type FetchOptions } from '../../src/net/fetch.ts'
import type { Fetch, FetchRequest, Fetched } from '../../src/trust/revocation/fetch.ts'
import { TAG, writeDer } from '../../src/trust/der.ts'
import { crl } from '../support/crl.ts'
import { needsPeer } from '../support/peers.ts'
import { makeCa, temporaryFolder } from '../support/pki.ts'
import { drips, floods, keepsSilent, Places, redirects, says, sends } from '../support/pki-places.ts'
import { slapd } from '../support/slapd.ts'

const HOST = '127.0.48.1'
const INSIDE = '127.0.48.2'

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'pki.test': [HOST],
  'inside.test': [INSIDE],
  'both.test': [INSIDE, HOST],
}

const options: FetchOptions = {
  addresses: (host) =>
    Promise.resolve(
      NAMES[host] || /^[\d.:]+$/.test(host)
        ? { ok: true, addresses: NAMES[host] ?? [host] }
        : { ok: false, reason: 'SP-201', detail: `${host}: NXDOMAIN` },
    ),
  mayFetchFrom: (address) => address === HOST,
  timeoutMs: () => 1000,
  mostBytes: () => 2 ** 24,
}
const fetch = fetcher(options)
/** A thread takes its time to start on a busy machine. */
const patient = fetcher({ ...options, timeoutMs: () => 20_000 })

async function get(url: string, o: Partial<FetchRequest> = {}, by: Fetch = fetch): Promise<string> {
  const fetched: Fetched = await by({ url, by: 'certificate', mostBytes: 1000, ...o })
  return fetched.ok ? fetched.octets.toString() : fetched.reason
}

test('by HTTP: what comes of good, bad and hostile places', async (t) => {
  const places = await Places.open(t, HOST)
  const port = new URL(places.base).port
  const at = (path: string): string => places.base + path
  places.on(
    '/good',
    sends(() => Buffer.from('good')),
  )
  places.on(
    '/exactly',
    sends(() => Buffer.alloc(1000, 'x')),
  )
  places.on(
    '/one-more',
    sends(() => Buffer.alloc(1001, 'x')),
  )
  places.on('/flood', floods)
  places.on('/silent', keepsSilent)
  places.on('/drip', drips)
  places.on('/gone', says(410))
  places.on('/to-good', redirects('/good'))
  places.on('/hop-1', redirects('/hop-2'))
  places.on('/hop-2', redirects('/hop-3'))
  places.on('/hop-3', redirects('/good'))
  places.on('/hop-0', redirects('/hop-1'))
  places.on('/loop', redirects('/loop'))
  places.on('/inside', redirects(`http://inside.test:${port}/good`))
  places.on('/to-https', redirects('https://pki.test/'))
  places.on('/to-file', redirects('file:///etc/passwd'))
  places.on('/to-ldap', redirects(`ldap://pki.test/o=lab`))
  places.on('/echo', (response, body) => void response.end(body))
  const table: readonly (readonly [url: string, comes: string, o?: Partial<FetchRequest>])[] = [
    [at('/good'), 'good'],
    [at('/exactly'), 'x'.repeat(1000)],
    [at('/one-more'), 'SP-345'],
    [at('/flood'), 'SP-345'],
    [at('/silent'), 'SP-344'],
    [at('/drip'), 'SP-344', { mostBytes: 1_000_000 }],
    [at('/gone'), 'SP-343'],
    [at('/nothing'), 'SP-343'],
    [at('/to-good'), 'good'],
    [at('/hop-1'), 'good'],
    [at('/hop-0'), 'SP-346'],
    [at('/loop'), 'SP-346'],
    [at('/inside'), 'SP-346'],
    [at('/inside'), 'SP-346', { by: 'operator' }],
    [at('/to-https'), 'SP-346'],
    [at('/to-file'), 'SP-346'],
    [at('/to-ldap'), 'SP-346'],
    [at('/echo'), 'question', { body: { type: 'application/ocsp-request', octets: Buffer.from('question') } }],
    [`http://pki.test:${port}/good`, 'good'],
    [`http://both.test:${port}/good`, 'good'],
    [`http://inside.test:${port}/good`, 'SP-346'],
    [`http://${INSIDE}:${port}/good`, 'SP-346'],
    [`http://${INSIDE}:1/good`, 'SP-343', { by: 'operator' }],
    [`http://nowhere.test/`, 'SP-343'],
    [`http://${HOST}:1/`, 'SP-343'],
    ['https://pki.test/', 'SP-346'],
    ['file:///etc/passwd', 'SP-346'],
    ['ldap:///o=lab?certificateRevocationList;binary', 'SP-346'],
    ['not a place', 'SP-346'],
  ]
  for (const [url, comes, o] of table)
    await t.test(`${url} ${o?.by ?? ''}`, async () => assert.equal(await get(url, o), comes))
})

test('headers without end, answers that are none yet, and what is packed', async (t) => {
  const speaks = async (port: number, words: string, again: string): Promise<string> => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write(words)
      const more = (): void => {
        for (let taken = again !== ''; taken && !socket.destroyed;) taken = socket.write(again)
      }
      socket.on('drain', more)
      more()
    })
    await new Promise<void>((resolve) => {
      server.listen(port, HOST, resolve)
    })
    t.after(() => void server.close())
    return `http://${HOST}:${port}/`
  }
  const line = `x-${'y'.repeat(1000)}: z\r\n`
  assert.equal(await get(await speaks(8091, 'HTTP/1.1 200 OK\r\n', line)), 'SP-343')
  assert.equal(await get(await speaks(8092, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(9000)}`, 'y'.repeat(9000))), 'SP-343')
  assert.equal(await get(await speaks(8093, '', 'HTTP/1.1 103 Early Hints\r\n\r\n')), 'SP-344')
  const packed = gzipSync(Buffer.alloc(500_000))
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`
  const place = await speaks(8094, head + packed.toString('latin1'), '')
  const fetched = await fetch({ url: place, by: 'certificate', mostBytes: 1000 })
  assert.ok(fetched.ok && fetched.octets.length === packed.length, 'it is not unpacked')
})

test('what is fetched at the same time shares one room', async (t) => {
  const places = await Places.open(t, HOST)
  const shared = fetcher({
    addresses: (host) => Promise.resolve({ ok: true, addresses: [host] }),
    mayFetchFrom: () => true,
    timeoutMs: () => 2000,
    mostBytes: () => 300_000,
  })
  const hold = Promise.withResolvers<void>()
  const url = places.on('/large', async (response) => {
    response.write(Buffer.alloc(200_000))
    await hold.promise
    response.end()
  })
  const ask = async (): Promise<string> => {
    const fetched = await shared({ url, by: 'certificate', mostBytes: 400_000 })
    return fetched.ok ? String(fetched.octets.length) : fetched.reason
  }
  const all = [ask(), ask(), ask()]
  assert.equal(await Promise.race(all), 'SP-345')
  hold.resolve()
  await Promise.all(all)
  assert.equal(await ask(), '200000', 'and there is room again')
})

test('a place that speaks something else than HTTP is a failure, and nothing throws', async (t) => {
  const server = createServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-x\r\n'))
  await new Promise<void>((resolve) => {
    server.listen(8090, HOST, resolve)
  })
  t.after(() => void server.close())
  assert.equal(await get(`http://${HOST}:8090/`), 'SP-343')
})

test('by LDAP, from a real directory', needsPeer('slapd'), async (t: TestContext) => {
  const list = crl({ ca: await makeCa({ commonName: 'CA' }) })
  const url = await slapd(t, await temporaryFolder(t), HOST, list)
  const from = async (place: string, o: Partial<FetchRequest> = {}): Promise<string | Buffer> => {
    const fetched = await patient({ url: place, by: 'certificate', mostBytes: 100_000, ...o })
    return fetched.ok ? fetched.octets : fetched.reason
  }
  assert.deepEqual(await from(url), list)
  assert.deepEqual(await from(url.replace(/\?.*/, '')), list, 'without an attribute')
  assert.deepEqual(await from(`${url.replace('CA', 'ca')}?base?(objectClass=*)`), list)
  assert.equal(await from(url.replace('CA', 'nobody')), 'SP-343')
  assert.equal(await from(url.replace(HOST, INSIDE)), 'SP-346')
  assert.equal(await from(url.replace('3890', '1')), 'SP-343')
  assert.equal(await from(url, { mostBytes: 10 }), 'SP-345')
  assert.equal(await from(`ldap://${HOST}:3890/`), 'SP-346')
})

test('by LDAP: a directory that floods, or never answers', async (t) => {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    // An LDAPMessage of 200 MB, and it comes.
    socket.once('data', () => {
      socket.write(Buffer.from('30840bebc200', 'hex'))
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      }
      socket.on('drain', more)
      more()
    })
  })
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  for (const [one, port] of [
    [server, 3891],
    [silent, 3892],
  ] as const)
    await new Promise<void>((resolve) => {
      one.listen(port, HOST, resolve)
    })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    silent.close()
  })
  assert.equal(await get(`ldap://${HOST}:3891/o=lab`, {}, patient), 'SP-345')
  assert.equal(await get(`ldap://${HOST}:3892/o=lab`), 'SP-344')
})

test('by LDAP: what is built to break or to busy whoever reads it breaks nothing', async (t) => {
  const tlv = (tag: number, ...contents: readonly Buffer[]): Buffer => writeDer(tag, ...contents)
  const number = tlv(TAG.integer, Buffer.of(1))
  const text = (words: string): Buffer => tlv(TAG.octetString, Buffer.from(words))
  const entry = (attributes: Buffer): Buffer =>
    tlv(TAG.sequence, number, tlv(0x64, text('o=lab'), tlv(TAG.sequence, attributes)))
  const many = (piece: Buffer, count: number): Buffer => Buffer.alloc(piece.length * count, piece)
  const values = tlv(TAG.set, many(text('x'), 2_000_000))
  const cases: readonly (readonly [what: string, words: Buffer])[] = [
    ['a hundred thousand entries at once', many(entry(Buffer.alloc(0)), 100_000)],
    ['an entry with two million values', entry(tlv(TAG.sequence, text('certificateRevocationList;binary'), values))],
    ['a length without end', Buffer.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)],
    ['something else', Buffer.from('SSH-2.0-x\r\n')],
  ]
  for (const [i, [what, words]] of cases.entries()) {
    const port = 3893 + i
    const server = createServer((socket) => void socket.on('error', () => {}).once('data', () => socket.end(words)))
    await new Promise<void>((resolve) => {
      server.listen(port, HOST, resolve)
    })
    t.after(() => void server.close())
    // The first of its values is no CRL, which is for others to find out.
    const comes = await get(`ldap://${HOST}:${port}/o=lab`, { mostBytes: 2 ** 24 - 1 }, patient)
    assert.match(comes, /^(?:SP-343|x)$/, what)
  }
})

test('by LDAP: more searches than there are threads wait for one, and for no longer than they may', async (t) => {
  const silent = createServer((socket) => void socket.on('error', () => {}))
  await new Promise<void>((resolve) => {
    silent.listen(3898, HOST, resolve)
  })
  t.after(() => void silent.close())
  const all = await Promise.all(Array.from({ length: 9 }, () => get(`ldap://${HOST}:3898/o=lab`)))
  assert.deepEqual(new Set(all), new Set(['SP-344']))
  assert.equal(await get(`ldap://${HOST}:1/o=lab`, {}, patient), 'SP-343', 'the threads have ended')
})
