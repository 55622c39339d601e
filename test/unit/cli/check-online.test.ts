import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkOnline, type Questions } from '../../../src/cli/check-online.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Settings } from '../../../src/config/settings.ts'
import type { Target } from '../../../src/net/resolve.ts'
import { installation } from '../../support/installation.ts'

async function settingsOf(t: TestContext, core: { readonly host: string; readonly port: number }): Promise<Settings> {
  const { settings } = await loadConfig(join(await installation(t), 'federation-config'))
  assert.ok(settings)
  return { ...settings, core: { ...settings.core, ...core } }
}

/** DNS as data: where domains are served, and which hosts have addresses. */
function dns(targets: readonly Target[] | undefined, known: readonly string[]): Questions {
  const missing = { ok: false, reason: 'SP-201', detail: 'NXDOMAIN' } as const
  return {
    federation: () => Promise.resolve(targets === undefined ? missing : { ok: true, targets }),
    addresses: (host) => Promise.resolve(known.includes(host) ? { ok: true, addresses: ['192.0.2.1'] } : missing),
  }
}

const target = (host: string, port = 5269): Target => ({ host, port, tls: 'starttls' })

const WORLDS: readonly (readonly [what: string, dns: Questions, severity: string, words: RegExp])[] = [
  ['a record with an address is fine', dns([target('a.example')], ['a.example']), 'ok', /led to a\.example:5269$/],
  ['a domain that is not there is an error', dns(undefined, []), 'error', /do not find it: NXDOMAIN/],
  ['a host without an address is an error', dns([target('a.example')], []), 'error', /find no address: a\.example/],
  [
    'one host of two without an address is a warning',
    dns([target('a.example'), target('b.example')], ['a.example']),
    'warning',
    /without an address: b\.example/,
  ],
  ['another port is a warning', dns([target('a.example', 443)], ['a.example']), 'warning', /listens on port 5269/],
]

for (const [what, world, severity, words] of WORLDS) {
  test(`${what}, as partners see our domain in DNS`, async (t) => {
    const checked = await checkOnline(await settingsOf(t, { host: '127.0.0.1', port: 1 }), world)
    const found = checked.find(({ area }) => area === 'dns')
    assert.equal(found?.severity, severity)
    assert.match(found.message, words)
    if (severity === 'error') assert.match(found.act ?? '', /_xmpp-server\._tcp\.corp\.example\. 3600 IN SRV 0 5 5269/)
  })
}

test('DNS is not asked about the domains of an evaluation set-up', async (t) => {
  const settings = await settingsOf(t, { host: '127.0.0.1', port: 1 })
  const never = (): never => assert.fail('DNS was asked')
  const checked = await checkOnline({ ...settings, evaluation: true }, { federation: never, addresses: never })
  const found = checked.filter(({ area }) => area === 'dns')
  assert.deepEqual(
    found.map(({ severity }) => severity),
    ['ok'],
  )
  assert.match(found[0]!.message, /DNS is not asked for an evaluation set-up/)
})

const HOSTS: readonly (readonly [what: string, first: readonly Target[] | undefined, host: string])[] = [
  ['which is not in DNS yet', undefined, 'xmpp.corp.example'],
  ['which has no SRV record', [target('corp.example')], 'xmpp.corp.example'],
  ['which is published', [target('edge.corp.example')], 'edge.corp.example'],
]

for (const [what, first, host] of HOSTS) {
  test(`a room domain is to lead where the first domain does, ${what}: ${host}`, async (t) => {
    const settings = await settingsOf(t, { host: '127.0.0.1', port: 1 })
    const [own] = settings.domains
    assert.ok(own)
    const rooms = { ...own, domain: 'conference.corp.example' }
    const [known, unknown] = [dns(first, ['corp.example', 'edge.corp.example']), dns(undefined, [])]
    const world = { ...known, federation: (name: string) => (name === own.domain ? known : unknown).federation(name) }
    const checked = await checkOnline({ ...settings, domains: [own, rooms] }, world)
    const act = checked.find(({ subject }) => subject === rooms.domain)?.act ?? ''
    assert.ok(act.includes(`_xmpp-server._tcp.conference.corp.example. 3600 IN SRV 0 5 5269 ${host}. `), act)
  })
}

test('a core that listens is fine, one that does not is an error', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const settings = await settingsOf(t, { host: '127.0.0.1', port })
  const coreOf = async () => (await checkOnline(settings, dns(undefined, []))).find(({ area }) => area === 'core')
  assert.equal((await coreOf())?.severity, 'ok')
  server.close()
  await once(server, 'close')
  const gone = await coreOf()
  assert.equal(gone?.severity, 'error')
  assert.match(gone.message, /cannot be reached: nothing listens on 127\.0\.0\.1 port \d+/)
})
