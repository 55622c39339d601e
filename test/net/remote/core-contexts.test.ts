// Which keys a core is sent at once, against real TLS on its side: nothing that is agreed on follows from it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect as connectTcp, type AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createSecureContext, TLSSocket } from 'node:tls'
import { CoreContexts, type CorePlace } from '../../../src/net/client/core-contexts.ts'
import { connectAsClient, handshake } from '../../../src/net/secure.ts'
import { handshakeOptions } from '../../../src/trust/profiles/handshake.ts'
import { PROFILES } from '../../../src/trust/profiles/profiles.ts'
import { type Issued, issue, makeCa } from '../../support/pki.ts'

const HOUR = 3_600_000
const HYBRID = 'X25519MLKEM768'
const PLAIN = 'X25519'

const at = (port: number, domain = 'corp.example'): CorePlace => ({ domain, host: '127.0.0.1', port })

let ours: Issued
before(async () => {
  ours = await issue({ ca: await makeCa(), names: ['corp.example'] })
})

/** A core that knows these groups, and how it was met last. */
async function core(ecdhCurve: string) {
  const secureContext = createSecureContext({ ecdhCurve, cert: ours.fullchainPem, key: ours.keyPem })
  const server = createServer((plain) => {
    new TLSSocket(plain, { isServer: true, secureContext }).on('error', () => {}).resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  return { port: (server.address() as AddressInfo).port }
}

/** The group that is agreed on, and how many bytes of ours that took: a key for a hybrid has more than a thousand. */
async function meet(contexts: CoreContexts, { port }: { readonly port: number }) {
  const place = at(port)
  const plain = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true })
  await once(plain, 'connect')
  const secured = await handshake(
    connectAsClient(plain, 'corp.example', contexts.at(place, 'standard'), true),
    'initiating',
  )
  assert.ok(secured.ok)
  const { group } = secured.tls
  const sent = plain.bytesWritten
  secured.socket.destroy()
  contexts.chose(place, group)
  return { group, hasHybridKey: sent > 1000 }
}

test('a core without hybrids is sent no key for one again, until an hour is over', async () => {
  let now = 0
  const contexts = new CoreContexts(() => now)
  const old = await core('X25519:P-256')
  assert.deepEqual(await meet(contexts, old), { group: PLAIN, hasHybridKey: true })
  assert.deepEqual(await meet(contexts, old), { group: PLAIN, hasHybridKey: false })
  now = HOUR - 1
  assert.deepEqual(await meet(contexts, old), { group: PLAIN, hasHybridKey: false })
  now = HOUR
  assert.deepEqual(await meet(contexts, old), { group: PLAIN, hasHybridKey: true })
})

test('a core that has learnt of hybrids gets one at once, and from then on the key with the first word', async () => {
  const contexts = new CoreContexts(() => 0)
  const { ecdhCurve } = handshakeOptions(PROFILES.standard)
  const learnt = await core(ecdhCurve)
  const place = at(learnt.port)
  contexts.chose(place, PLAIN)
  assert.equal(contexts.shares(place), 'plain')
  assert.equal((await meet(contexts, learnt)).group, HYBRID)
  assert.equal(contexts.shares(place), 'all')
  assert.deepEqual(await meet(contexts, learnt), { group: HYBRID, hasHybridKey: true })
})

test('what one core prefers says nothing of another, and only so many are known', () => {
  const contexts = new CoreContexts(() => 0)
  contexts.chose(at(1), PLAIN)
  contexts.chose(at(2), undefined)
  assert.deepEqual([contexts.shares(at(1)), contexts.shares(at(2))], ['plain', 'all'])
  assert.equal(contexts.shares(at(1, 'other.example')), 'all', 'another domain at the same address')
  for (let n = 0; n < 64; n++) contexts.chose(at(10 + n), PLAIN)
  assert.deepEqual([contexts.shares(at(1)), contexts.shares(at(10))], ['all', 'plain'])
})

test('under every profile the same groups are offered, whichever keys are sent', () => {
  const groups = (list: string): string => list.replaceAll('*', '')
  for (const profile of Object.values(PROFILES)) {
    const [all, plain] = [handshakeOptions(profile).ecdhCurve, handshakeOptions(profile, 'plain').ecdhCurve]
    assert.equal(groups(all), groups(plain))
    assert.match(plain, /\*/)
    createSecureContext({ ecdhCurve: plain })
  }
})
