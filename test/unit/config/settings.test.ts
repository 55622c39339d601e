import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts'
import { readGateway } from '../../../src/config/readings.ts'
import { applyLive, changedSettings, type Settings } from '../../../src/config/settings.ts'
import { NO_POLICY } from '../../../src/config/policy-schema.ts'
import { GATEWAY } from './folder.ts'

function settings(text = GATEWAY): Settings {
  const { settings: read, findings } = readGateway(text, { file: 'gateway.yaml', root: '/srv' })
  return read ?? assert.fail(findings.map(({ message }) => message).join())
}

test('a file that says the least gives the documented defaults', () => {
  assert.deepEqual(settings(), {
    domains: [
      {
        domain: 'corp.example',
        certFile: '/srv/certs/corp.example/fullchain.pem',
        keyFile: '/srv/certs/corp.example/privkey.pem',
        passphraseFile: undefined,
        second: {
          certFile: '/srv/certs/corp.example/fullchain-rsa.pem',
          keyFile: '/srv/certs/corp.example/privkey-rsa.pem',
          passphraseFile: undefined,
          optional: true,
        },
      },
    ],
    core: {
      protocol: 's2s',
      component: undefined,
      host: '127.0.0.1',
      port: 15_270,
      trust: { files: ['/srv/certs/core/ca.pem'], pins: [] },
      networks: ['127.0.0.0/8', '::1/128'],
      clients: undefined,
    },
    listen: {
      federation: [{ host: undefined, port: 5269, tls: 'starttls', proxyProtocol: [] }],
      core: [],
      remote: [],
    },
    federation: {
      mode: 'closed',
      profile: 'standard',
      conceal: true,
      fips: 'reported',
      bidi: true,
      required: [],
      classes: [],
    },
    trust: {
      anchors: 'system',
      intermediates: [],
      fetchIssuers: false,
      certificatePolicies: [],
      extendedKeyUsage: 'either',
      revocation: 'soft',
      certificateChange: 'report',
      reauthenticateMs: undefined,
      responder: undefined,
      crls: undefined,
      fetch: true,
      fetchFrom: [],
      cards: undefined,
    },
    store: { kind: 'sqlite', file: '/srv/var/sallyport.db' },
    dns: { servers: [], timeoutMs: 5000, cacheMs: 60_000, negativeCacheMs: 30_000, staleMs: 86_400_000 },
    administration: { notice: undefined },
    clock: { servers: [] },
    log: { servers: [] },
    limits: DEFAULT_LIMITS,
    policy: NO_POLICY,
    evaluation: false,
  })
})

test('a second certificate lies beside the first, or where it is written', () => {
  const of = (files: string): unknown =>
    settings(GATEWAY.replace(/corp\.example: \{\}/, `corp.example: ${files}`)).domains[0]
  const first = { certFile: '/srv/a/cert.pem', keyFile: '/srv/b/key.pem', passphraseFile: '/srv/b/word' }
  assert.deepEqual(of('{ certificate: a/cert.pem, key: b/key.pem, passphraseFile: b/word }'), {
    ...{ domain: 'corp.example', ...first },
    second: {
      certFile: '/srv/a/fullchain-rsa.pem',
      keyFile: '/srv/b/privkey-rsa.pem',
      passphraseFile: '/srv/b/word',
      optional: true,
    },
  })
  assert.deepEqual(of('{ certificate: a/cert.pem, key: b/key.pem, second: { certificate: c.pem, key: d.pem } }'), {
    ...{ domain: 'corp.example', ...first, passphraseFile: undefined },
    second: { certFile: '/srv/c.pem', keyFile: '/srv/d.pem', passphraseFile: undefined, optional: false },
  })
})

test('a component core is met in plaintext on loopback only, unless more is said', () => {
  const lines = ['protocol: component', 'address: 127.0.0.1:5347', 'secretFile: certs/core/secret']
  const { core } = settings(`domains: { corp.example: {} }\ncore:\n${lines.map((line) => `  ${line}\n`).join('')}`)
  assert.deepEqual(core.component, {
    connections: 'per-domain',
    secretFile: '/srv/certs/core/secret',
    tls: 'none',
    plaintextNetworks: ['127.0.0.0/8', '::1/128'],
  })
  assert.deepEqual([core.networks, core.trust], [[], { files: [], pins: [] }], 'it does not connect, and shows nothing')
})

test('before a name is proven 8 KiB and 32 elements are the budget, after it 512 KiB for a stanza', () => {
  const { unprovenBytes, unprovenElements, stanzaBytes } = DEFAULT_LIMITS
  assert.deepEqual([unprovenBytes, unprovenElements, stanzaBytes], [8192, 32, 524_288])
})

test('every limit is a positive number with its unit in its name or none', () => {
  for (const [name, value] of Object.entries(DEFAULT_LIMITS)) assert.ok(Number.isSafeInteger(value) && value > 0, name)
  assert.equal(settings(`${GATEWAY}limits: { idle: 1d, queueBytes: 5MiB, depth: 9 }\n`).limits.idleMs, 86_400_000)
})

test('the proofs of the core are files, pins, or both', () => {
  const pin = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  const { trust } = settings(GATEWAY.replace('certs/core/ca.pem', `[/etc/ca.pem, ${pin}]`)).core
  assert.deepEqual(trust, { files: ['/etc/ca.pem'], pins: [pin] })
})

test('what changed is named, and what cannot change while running waits', () => {
  const before = settings()
  const after = settings(`${GATEWAY}evaluation: false\ndns: { timeout: 1s }\nstore: sqlite:other.db\n`)
  assert.deepEqual(changedSettings(before, before), [])
  assert.deepEqual(changedSettings(before, after), ['store', 'dns'])
  const live = applyLive(before, after)
  assert.deepEqual(live.needsRestart, ['store'])
  assert.deepEqual(changedSettings(before, live.settings), ['dns'])
})
