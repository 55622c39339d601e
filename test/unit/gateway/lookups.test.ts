import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../../src/config/settings.ts'
import { Lookups, partnerLookup } from '../../../src/gateway/lookups.ts'

const settings = (dns: object = {}, hosts: readonly (string | undefined)[] = [undefined]): Settings =>
  ({
    dns: { servers: [], timeoutMs: 5000, cacheMs: 60_000, negativeCacheMs: 30_000, staleMs: 1000, ...dns },
    limits: { dnsAnswers: 10 },
    listen: { federation: hosts.map((host) => ({ host, port: 5269 })), core: [] },
  }) as unknown as Settings

test('what DNS answered outlives a change of settings that is not about DNS', () => {
  const lookups = new Lookups(settings())
  const before = lookups.on('partner')
  lookups.apply(settings())
  assert.equal(lookups.on('partner'), before)
  lookups.apply(settings({ servers: ['192.0.2.53'] }))
  assert.notEqual(lookups.on('partner'), before)
})

test('DNS may lead to this machine only where the gateway itself is nowhere else', () => {
  const table: readonly (readonly [hosts: readonly (string | undefined)[], may: boolean])[] = [
    [[undefined], false],
    [['192.0.2.1', '127.0.0.1'], false],
    [['0.0.0.0'], false],
    [['127.0.0.1', '::1'], true],
  ]
  for (const [hosts, may] of table) assert.equal(partnerLookup(settings({}, hosts)).loopback, may, String(hosts))
})
