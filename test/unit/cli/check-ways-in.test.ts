// What `check --online` says of how clients find us, by what DNS and the web server of a domain say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkWaysIn, type ClientQuestions } from '../../../src/cli/check-ways-in.ts'
import { GatewaySchema } from '../../../src/config/gateway-schema.ts'
import { toSettings } from '../../../src/config/settings.ts'
import type { HostMeta } from '../../../src/net/client/read-host-meta.ts'
import type { Target } from '../../../src/net/resolve.ts'

const MISSING = { ok: false, reason: 'SP-201', detail: 'NXDOMAIN' } as const
const target = (host: string, port: number, tls: Target['tls'] = 'starttls'): Target => ({ host, port, tls })

/** DNS as data: where clients are led, and which hosts have addresses. */
function dns(
  targets: readonly Target[] | undefined,
  known: readonly string[] = ['xmpp.corp.example'],
): ClientQuestions {
  return {
    federation: () => Promise.resolve({ ok: true, targets: [target('edge.corp.example', 5269)] }),
    clients: () => Promise.resolve(targets === undefined ? MISSING : { ok: true, targets }),
    addresses: (host) => Promise.resolve(known.includes(host) ? { ok: true, addresses: ['192.0.2.1'] } : MISSING),
  }
}

interface World {
  readonly resolver?: ClientQuestions
  /** What each document says. */
  readonly read?: (path: string) => HostMeta
  readonly users?: readonly string[]
}

async function said(remote: readonly object[], o: World): Promise<readonly string[]> {
  const { resolver = dns([]), users = ['corp.example'], read = () => assert.fail('a document was asked for') } = o
  const settings = toSettings(
    GatewaySchema.parse({
      domains: { 'corp.example': {}, 'rooms.corp.example': {} },
      core: { address: '127.0.0.1:5269', trust: 'ca.pem', clients: { address: '127.0.0.1:5222' } },
      listen: { remote },
    }),
    '/',
  )
  const asked = ({ origin, path }: { readonly origin: string; readonly path: string }): Promise<HostMeta> => {
    assert.ok(users.some((domain) => origin === `https://${domain}`))
    return Promise.resolve(read(path))
  }
  const checked = await checkWaysIn({ settings, users, resolver, read: asked })
  assert.ok(checked.every(({ area }) => area === 'remote'))
  return checked.map(({ severity, subject, message, act = '' }) => `${severity} ${subject}: ${message}. ${act}`)
}

const BOTH = [{ port: 5222 }, { port: 5223, tls: 'direct' }]
const HOST = 'xmpp.corp.example'
const STARTTLS_RECORD = '_xmpp-client._tcp.corp.example. 3600 IN SRV 0 5 5222 edge.corp.example.'
const DIRECT_RECORD = '_xmpps-client._tcp.corp.example. 3600 IN SRV 0 5 5223 edge.corp.example.'

const RECORDS: readonly (readonly [what: string, resolver: ClientQuestions, line: RegExp])[] = [
  [
    'records for each listener are fine',
    dns([target(HOST, 5222), target(HOST, 5223, 'direct')]),
    /^ok corp\.example: clients are led to xmpp\.corp\.example:5222, xmpp\.corp\.example:5223 \(direct TLS\)\. $/,
  ],
  [
    'a listener without a record is told, with the record',
    dns([target(HOST, 5222)]),
    /^ok .*; no record leads to port 5223 \(direct TLS\)\. Where clients are to find it: Publish _xmpps-client\._tcp\.corp/,
  ],
  [
    'a domain without records and address is an error',
    dns([target('corp.example', 5222)]),
    /^error .*find no address: corp/,
  ],
  ['a domain that is not there is an error', dns(undefined), /^error .*clients do not find it: NXDOMAIN/],
  [
    'one host of two without an address is a warning',
    dns([target(HOST, 5222), target('b.example', 5222)]),
    /^warning .*; without an address: b\.example \(NXDOMAIN\)\. Publish an address for these hosts/,
  ],
  [
    'a port where nobody listens is a warning, and so is the other way to begin TLS',
    dns([target(HOST, 5222), target(HOST, 5222, 'direct')]),
    /^warning .*5222 \(direct TLS\), and this gateway listens on port 5222, 5223 \(direct TLS\)\. Fine where a balancer .*Publish _xmpps/,
  ],
  [
    'a record too many is a warning, with what to take out',
    dns([target(HOST, 5222), target(HOST, 5223, 'direct'), target(HOST, 443, 'direct')]),
    /^warning .*Take 443 \(direct TLS\) out of the SRV records\.$/,
  ],
]

for (const [what, resolver, line] of RECORDS) {
  test(`${what}, as clients see our domain in DNS`, async () => {
    const [told = '', ...more] = await said(BOTH, { resolver })
    assert.match(told, line)
    assert.deepEqual(more, [])
    if (told.startsWith('error')) assert.ok(told.includes(STARTTLS_RECORD) && told.includes(DIRECT_RECORD), told)
  })
}

test('one port for every way wants both records', async () => {
  const [told = ''] = await said([{ port: 443, tls: 'any' }], { resolver: dns([target(HOST, 443)]) })
  assert.match(told, /^ok .*no record leads to port 443 \(direct TLS\)/)
})

test('a domain of rooms has no clients, and nobody asks about it', async () => {
  const lines = await said(BOTH, { resolver: dns(undefined), users: ['corp.example'] })
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf(':'))),
    ['error corp.example'],
  )
})

const WEB = [{ port: 443, websocket: '/ws' }]
const URL = 'wss://corp.example/ws'
const META = '/.well-known/host-meta'
const good = (...urls: readonly string[]): HostMeta => ({ ok: true, urls, anyPage: true })

const DOCUMENTS: readonly (readonly [what: string, read: (path: string) => HostMeta, lines: readonly RegExp[]])[] = [
  [
    'that lead to the listener are fine',
    () => good(URL),
    [/^ok corp\.example: clients in browsers find wss:\/\/corp\.example\/ws by/],
  ],
  ['may name others beside it', () => good('wss://other.example/', URL), [/^ok/]],
  [
    'of which one is missing are a warning, with the paths to hand on',
    (path) => (path === META ? good(URL) : { ok: false, detail: 'HTTP status 404' }),
    [/^warning .*https:\/\/corp\.example\/\.well-known\/host-meta\.json: HTTP status 404\. .*hand these paths on/],
  ],
  [
    'that lead elsewhere are a warning',
    () => good('wss://old.example/'),
    [/leads to wss:\/\/old\.example\/, and not to wss:\/\/corp/, /^warning/],
  ],
  ['without a WebSocket are a warning', () => good(), [/it names no WebSocket/, /^warning/]],
  [
    'that pages may not read are a warning',
    () => ({ ok: true, urls: [URL], anyPage: false }),
    [/^warning .*Access-Control-Allow-Origin is not \*/, /^warning/],
  ],
]

for (const [what, read, lines] of DOCUMENTS) {
  test(`host-meta documents ${what}`, async () => {
    const told = await said(WEB, { read, resolver: dns(undefined) })
    assert.equal(told.length, lines.length, told.join('\n'))
    for (const [at, line] of lines.entries()) assert.match(told[at] ?? '', line)
  })
}

test('where there is no WebSocket nothing is read, and without listeners nothing is asked', async () => {
  await said(BOTH, { resolver: dns([target(HOST, 5222), target(HOST, 5223, 'direct')]) })
  const never = (): never => assert.fail('DNS was asked')
  assert.deepEqual(await said([], { resolver: { federation: never, clients: never, addresses: never } }), [])
})
