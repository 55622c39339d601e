import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  describeGateway,
  describePartner,
  gatewaySettings,
  partnerSettings,
  policySettings,
} from '../../../src/config/describe.ts'
import { readGateway, readPartner } from '../../../src/config/readings.ts'

const core = { address: '127.0.0.1:15270', trust: 'certs/core/ca.pem' }
const gateway = { domains: { 'corp.example': {}, 'rooms.corp.example': { certificate: 'a.pem', key: 'b.pem' } }, core }
const place = { file: 'gateway.yaml', root: '/srv' }

/** Takes the mark off the lines that show a value. */
const uncommented = (text: string): string => text.replace(/^( *)#(?=\w+: )/gm, '$1')

test('the annotated default file is a configuration that starts', () => {
  const { settings, findings } = readGateway(describeGateway(gateway), place)
  assert.deepEqual(findings, [])
  assert.deepEqual(
    settings?.domains.map(({ domain, keyFile }) => [domain, keyFile]),
    [
      ['corp.example', '/srv/certs/corp.example/privkey.pem'],
      ['rooms.corp.example', '/srv/b.pem'],
    ],
  )
})

test('the lines it shows as defaults are the defaults', () => {
  const plain = readGateway(describeGateway(gateway), place).settings
  const text = describeGateway(gateway).replace(
    /^ *#(?:core|clients|remote|networks|admin|reauthenticate|responder|crls|fetchFrom|cards|fips|notice|servers(?=: \[ ?(?:\{|ntp1))): .*\n/gm,
    '',
  )
  const { settings, findings } = readGateway(uncommented(text), place)
  assert.deepEqual(findings, [])
  assert.deepEqual(settings, plain)
})

test('every line it shows is one that would be taken', () => {
  assert.deepEqual(readGateway(uncommented(describeGateway(gateway)), place).findings, [])
  const text = uncommented(describePartner({ domain: 'partner.example', status: 'allowed' }))
  const { partner, findings } = readPartner(text, { file: 'partners/partner.example.yaml', root: '/srv' })
  assert.deepEqual(findings, [])
  assert.equal(partner?.expires, '2027-06-30')
})

test('given values stand there as lines in force', () => {
  const text = describeGateway({
    ...gateway,
    evaluation: true,
    limits: { idle: '1h', depth: 50 },
    listen: { federation: [{ host: '127.0.0.1', port: 15_269 }] },
  })
  const { settings } = readGateway(text, place)
  assert.equal(settings?.evaluation, true)
  assert.equal(settings?.limits.idleMs, 3_600_000)
  assert.equal(settings?.limits.depth, 50)
  assert.deepEqual(settings?.listen.federation, [
    { host: '127.0.0.1', port: 15_269, tls: 'starttls', proxyProtocol: [] },
  ])
})

test('every setting says what it is', () => {
  const settings = gatewaySettings()
  assert.ok(settings.length > 30)
  for (const { path, about } of [...settings, ...partnerSettings(), ...policySettings()])
    assert.match(about, /^.{5,}\.$/, path)
  assert.deepEqual(settings.find(({ path }) => path === 'limits.negotiation')?.default, '30s')
  const policy = new Set(policySettings().map(({ path }) => path))
  for (const path of ['groups', 'remote.block', 'remote.grants', 'remote.grants[].to']) assert.ok(policy.has(path))
})
