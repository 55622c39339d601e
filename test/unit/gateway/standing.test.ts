// What is up and may not stay, of the core: the streams of partners are held against their certificates in `revocations.ts`.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { House } from '../../../src/gateway/house.ts'
import { objectionToStream, type Up } from '../../../src/gateway/standing.ts'
import { OwnCertificates } from '../../../src/trust/own-certificates.ts'
import { issue, makeCa, writeAnchors, type Issued } from '../../support/pki.ts'
import { configuration, GATEWAY, put } from '../config/folder.ts'

const HOUR = 3_600_000
const START = Date.now()
const in2Hours = new Date(START + 2 * HOUR)

/** Asks about a stream of a core that shows this and is known by that, so many hours from now. */
async function asking(t: TestContext, core: Issued, known: readonly Issued[]): Promise<(hours: number) => unknown> {
  const directory = configuration(t, {
    'gateway.yaml': GATEWAY,
    'partners/partner.example.yaml': 'domain: partner.example\nstatus: allowed\n',
  })
  put(join(directory, '..', 'certs/core'), { 'ca.pem': '' })
  await writeAnchors(join(directory, '..', 'certs/core/ca.pem'), ...known)
  const { settings, partners, findings } = await loadConfig(directory)
  assert.ok(settings, JSON.stringify(findings))
  const { own } = await OwnCertificates.load([], { now: Date.now, watch: false })
  const ca = { identity: () => Promise.reject(new Error('nobody asks')) }
  let now = START
  const { house } = await House.build({ settings, partners, own, ca, now: () => now })
  const pair = { local: 'partner.example', remote: 'corp.example' }
  const verdict = house.verifyCore(pair.remote, core.chain)
  assert.ok(verdict.proven)
  const stream: Up = {
    info: { leg: 'core', role: 'initiating', peerAddress: '127.0.0.1', tls: undefined, chain: core.chain },
    proven: [{ pair, method: 'certificate', certificate: verdict.certificate }],
  }
  return (hours) => {
    now = START + hours * HOUR
    return objectionToStream(house, stream, now)
  }
}

test('a stream of the core ends when its certificate does, or a CA above it', async (t) => {
  const root = await makeCa()
  const ending = await makeCa({ notAfter: in2Hours })
  const between = await makeCa({ ca: root, notAfter: in2Hours })
  const names = ['corp.example']
  for (const [what, core, known] of [
    ['the certificate', await issue({ ca: root, names, notAfter: in2Hours }), [root]],
    ['the CA that was sent', await issue({ ca: between, names }), [root]],
    ['the CA that is trusted', await issue({ ca: ending, names }), [ending]],
  ] as const) {
    const ask = await asking(t, core, known)
    assert.deepEqual([ask(0), ask(1), ask(3)], [undefined, undefined, 'SP-371'], what)
  }
})

test('it stays when only what nothing rests on has ended', async (t) => {
  const [root, old] = [await makeCa(), await makeCa({ notAfter: in2Hours })]
  const keys = (await makeCa()).keys
  const common = { ca: root, keys, commonName: 'Twice' } as const
  const [short, long] = [await makeCa({ ...common, notAfter: in2Hours }), await makeCa(common)]
  const core = await issue({ ca: short, names: ['corp.example'] })
  const ask = await asking(t, { ...core, chain: [core.der, short.der, long.der] }, [root, old])
  assert.deepEqual([ask(0), ask(3)], [undefined, undefined])
  const own = await issue({ ca: old, names: ['core.example'] })
  const known = await asking(t, own, [own])
  assert.deepEqual([known(0), known(3)], [undefined, undefined])
})

test('a stream of a partner to a domain that was given up ends as that, and counts again once it is ours again', async (t) => {
  const second = GATEWAY.replace('{ corp.example: {} }', '{ corp.example: {}, labs.example: {} }')
  const { own } = await OwnCertificates.load([], { now: Date.now, watch: false })
  const ca = { identity: () => Promise.reject(new Error('nobody asks')) }
  let house: House | undefined
  const stream: Up = {
    info: { leg: 'partner', role: 'receiving', peerAddress: '192.0.2.7', tls: undefined, chain: [] },
    proven: [
      { pair: { local: 'labs.example', remote: 'partner.example' }, method: 'certificate', certificate: undefined },
    ],
  }
  for (const [gateway, objection, gone] of [
    [second, undefined, []],
    [GATEWAY, 'SP-117', ['labs.example']],
    [GATEWAY, 'SP-117', ['labs.example']],
    [second, undefined, []],
  ] as const) {
    const directory = configuration(t, {
      'gateway.yaml': gateway,
      'partners/partner.example.yaml': 'domain: partner.example\nstatus: allowed\n',
    })
    const { settings, partners, findings } = await loadConfig(directory)
    assert.ok(settings, JSON.stringify(findings))
    const built = await House.build({ settings, partners, own, ca, now: Date.now }, house)
    house = built.house
    assert.equal(objectionToStream(house, stream, START), objection)
    assert.deepEqual([...house.gone], gone)
  }
})
