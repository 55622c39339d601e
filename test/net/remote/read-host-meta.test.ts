// Host metadata as a client reads it: from our own listener, and from web servers that do it in other ways.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { HOST_META } from '../../../src/net/client/host-meta.ts'
import { readHostMeta, type HostMeta } from '../../../src/net/client/read-host-meta.ts'
import { issue, makeCa, type Issued } from '../../support/pki.ts'
import { Desk } from './desk.ts'

const URL = 'wss://corp.example/ws'
const RELATION = 'urn:xmpp:alt-connections:websocket'
const [XRD, JSON_PATH] = [...HOST_META.keys()] as [string, string]
const good: HostMeta = { ok: true, urls: [URL], anyPage: true }

let ca: Issued
let server: ReturnType<typeof createServer>
let port: number
/** What the web server does with the next request. */
let answer: RequestListener

before(async () => {
  ca = await makeCa()
  const { fullchainPem: cert, keyPem: key } = await issue({ ca, names: ['corp.example'] })
  server = createServer({ cert, key }, (request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ;({ port } = server.address() as AddressInfo)
})

after(() => server.close())

const read = (path: string, more: object = {}): Promise<HostMeta> =>
  readHostMeta({
    origin: `https://corp.example:${port}`,
    path,
    anchors: [ca.pem],
    timeoutMs: 10_000,
    addresses: () => Promise.resolve({ ok: true, addresses: ['127.0.0.1'] }),
    ...more,
  })

const says = (
  body: string,
  headers: Readonly<Record<string, string>> = { 'Access-Control-Allow-Origin': '*' },
): void => {
  answer = (_, response) => void response.writeHead(200, headers).end(body)
}

test('what our own listener serves is what a client reads', async () => {
  await using desk = await Desk.open({ url: URL })
  for (const path of [XRD, JSON_PATH]) {
    const origin = `https://us.test:${desk.place.port}`
    assert.deepEqual(await read(path, { origin, anchors: [desk.ca.pem] }), good)
  }
})

const BODIES: readonly (readonly [what: string, path: string, body: string, seen: RegExp])[] = [
  [
    'comments, prefixes and other links do no harm',
    XRD,
    `<?xml version="1.0"?><!-- a -- b --><x:XRD xmlns:x="http://docs.oasis-open.org/ns/xri/xrd-1.0"><x:Link rel="lrdd" href="x"/><x:Link rel='${RELATION}' href='${URL}'/></x:XRD>`,
    /"urls":\["wss:\/\/corp\.example\/ws"\]/,
  ],
  ['a page is no XRD', XRD, '<!DOCTYPE html><html></html>', /it is no XRD: /],
  ['nor is another element', XRD, '<html/>', /it is no XRD but /],
  ['other links are not ours', JSON_PATH, '{"links":[{"rel":"lrdd","href":"x"},null,{"rel":"x"}]}', /"urls":\[\]/],
  ['a page is no JSON', JSON_PATH, '<html></html>', /it is no JSON/],
  ['JSON without links has none', JSON_PATH, '[]', /it has no links/],
  ['too much is not read', XRD, 'x'.repeat(70_000), /more than 65536 octets/],
]

for (const [what, path, body, seen] of BODIES) {
  test(`a document is read with care: ${what}`, async () => {
    says(body)
    assert.match(JSON.stringify(await read(path)), seen)
  })
}

test('a server that others vouch for is not believed, also where the environment says that anybody will do', async (t) => {
  says(JSON.stringify({ links: [{ rel: RELATION, href: URL }] }))
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
  const { pem } = await makeCa()
  assert.match(JSON.stringify(await read(JSON_PATH, { anchors: [pem] })), /"ok":false,.*(?:self-signed|unable to)/)
})

test('whether every page may read it is told', async () => {
  const body = JSON.stringify({ links: [{ rel: RELATION, href: URL }] })
  says(body, {})
  assert.deepEqual(await read(JSON_PATH), { ...good, anyPage: false })
})

test('redirections are followed within https, and a few of them only', async () => {
  let hops = 0
  answer = (request, response) => {
    hops += 1
    if (request.url === '/there') response.end(JSON.stringify({ links: [{ rel: RELATION, href: URL }] }))
    else response.writeHead(301, { Location: '/there' }).end()
  }
  assert.deepEqual(await read(JSON_PATH), { ...good, anyPage: false })
  answer = (_, response) => void response.writeHead(302, { Location: 'http://corp.example/' }).end()
  assert.match(JSON.stringify(await read(XRD)), /leads on to .*which is not https:/)
  hops = 0
  answer = (request, response) => {
    hops += 1
    response.writeHead(302, { Location: request.url ?? '' }).end()
  }
  assert.match(JSON.stringify(await read(XRD)), /more than 3 redirections/)
  assert.equal(hops, 4)
})

test('a server that nobody vouches for, that is not there, or that says nothing is told', async () => {
  says('')
  const stranger = await makeCa()
  assert.match(JSON.stringify(await read(XRD, { anchors: [stranger.pem] })), /"ok":false,"detail":".*certificate/)
  assert.match(JSON.stringify(await read(XRD, { origin: `https://other.example:${port}` })), /"detail":".*altnames/)
  const nobody = { ok: false, reason: 'SP-201', detail: 'A and AAAA corp.example: NXDOMAIN' } as const
  assert.match(JSON.stringify(await read(XRD, { addresses: () => Promise.resolve(nobody) })), /NXDOMAIN/)
  answer = (_, response) => void response.writeHead(404).end()
  assert.match(JSON.stringify(await read(XRD)), /HTTP status 404/)
  answer = () => undefined
  assert.match(JSON.stringify(await read(XRD, { timeoutMs: 200 })), /nothing whole within 0\.2 s/)
})
