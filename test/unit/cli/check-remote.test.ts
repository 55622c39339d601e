import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGranted, checkRemote } from '../../../src/cli/check-remote.ts'
import { toSettings } from '../../../src/config/settings.ts'
import { GatewaySchema } from '../../../src/config/gateway-schema.ts'
import { NO_POLICY } from '../../../src/config/policy-schema.ts'
import type { RemoteAddress } from '../../../src/config/remote-listeners.ts'
import type { Grant } from '../../../src/policy/remote/grants.ts'

/** What is told of these listeners, for two domains. */
function told(remote: readonly object[]): readonly string[] {
  const read = GatewaySchema.parse({
    domains: { 'corp.example': {}, 'rooms.corp.example': {} },
    core: { address: '127.0.0.1:5269', trust: 'ca.pem', clients: { address: '127.0.0.1:5222' } },
    listen: { remote },
  })
  return checkRemote(toSettings(read, '/')).map(({ subject, message, act }) => `${subject}: ${message}; ${act}`)
}

test('each way in over TCP has its record', () => {
  assert.deepEqual(told([{ port: 5222 }, { port: 443, tls: 'any' }]).slice(0, 3), [
    'corp.example: clients find port 5222 by DNS; _xmpp-client._tcp.corp.example. 3600 IN SRV 0 5 5222 xmpp.corp.example.',
    'corp.example: clients find port 443 by DNS; _xmpp-client._tcp.corp.example. 3600 IN SRV 0 5 443 xmpp.corp.example.',
    'corp.example: clients find port 443 by DNS; _xmpps-client._tcp.corp.example. 3600 IN SRV 0 5 443 xmpp.corp.example.',
  ])
  assert.equal(told([{ port: 5222 }]).length, 2)
})

test('a WebSocket has its host-meta, with the address that is told there', () => {
  for (const [listener, url] of [
    [{ port: 443, websocket: '/ws' }, 'wss://corp.example/ws'],
    [{ port: 8443, websocket: '/ws' }, 'wss://corp.example:8443/ws'],
    [{ port: 8443, websocket: '/ws', url: 'wss://chat.example/x' }, 'wss://chat.example/x'],
  ] as const) {
    const [line = '', ...more] = told([listener])
    assert.ok(
      line.startsWith(`corp.example: clients find ${url} by https://corp.example/.well-known/host-meta; `),
      line,
    )
    assert.match(
      line,
      /\/\.well-known\/host-meta, \/\.well-known\/host-meta\.json, both with Access-Control-Allow-Origin/,
    )
    assert.equal(more.length, 1)
  }
})

test('without listeners nothing is told', () => assert.deepEqual(told([]), []))

test('it is told when there are listeners and nobody is granted anything', () => {
  const severities = (listeners: number, grants: number): readonly string[] => {
    const address: RemoteAddress = { host: undefined, port: 5222, tls: 'starttls', web: undefined, proxyProtocol: [] }
    const grant: Grant = { to: 'everyone', networks: [], certificate: 'optional', sessions: 10, hours: undefined }
    const listen = {
      federation: [],
      core: [],
      remote: Array.from({ length: listeners }, () => address),
    }
    const remote = { block: [], grants: Array.from({ length: grants }, () => grant) }
    return checkGranted({ listen, policy: { ...NO_POLICY, remote } }).map(({ severity }) => severity)
  }
  assert.deepEqual(severities(1, 0), ['warning'])
  assert.deepEqual(severities(1, 1), [])
  assert.deepEqual(severities(0, 0), [])
})
