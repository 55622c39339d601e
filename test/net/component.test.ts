// What a core can get wrong towards a component, and where we go in plaintext at all. The core is a raw connection in the
// test's hands; real ones are in test/peers.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dialComponent, type ComponentDialOptions, handBack } from '../../src/net/dial-component.ts'
import { componentDigest } from '../../src/trust/secret.ts'
import { type Dialog, DialogHost } from '../support/dialog.ts'
import { issue, makeCa } from '../support/pki.ts'
import { Events, identityOf, LIMITS, prove } from './gate.ts'

const HEADER =
  `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
  `xmlns:stream='http://etherx.jabber.org/streams' from='partner.test' id='i1'>`
const DIGEST = componentDigest('i1', 'sesame')
const ca = await makeCa()
const certificate = await issue({ ca, names: ['us.test'] })

function options(port: number, more: Partial<ComponentDialOptions> = {}): ComponentDialOptions {
  return {
    pair: { local: 'partner.test', remote: 'us.test' },
    core: { host: '127.0.0.1', port },
    tls: 'none',
    trusts: (address) => address.startsWith('127.'),
    secret: 'sesame',
    addresses: (host) => Promise.resolve({ ok: true, addresses: [host] }),
    identity: () => Promise.resolve(identityOf(certificate)),
    verify: (chain) => prove(ca, 'us.test', chain),
    limits: LIMITS,
    reference: 'test-refe-rence',
    ...more,
  }
}

/** Takes the connection up to the digest. */
async function greeted(host: DialogHost): Promise<Dialog> {
  const core = await host.next()
  await core.expect(/<stream:stream xmlns='jabber:component:accept' [^>]*to='partner\.test'[^>]*>/)
  await core.say(HEADER).expect(new RegExp(`<handshake>${DIGEST}</handshake>`))
  return core
}

describe('a component', () => {
  test('is ready with the handshake, and both sides may speak', async () => {
    await using host = await DialogHost.open()
    const events = new Events()
    const dialled = dialComponent(options(host.port), events.handler())
    const core = await greeted(host)
    core.say(`<handshake/><message from='a@us.test' to='b@partner.test'/>`)
    const result = await dialled
    assert.ok(result.ok)
    const { method, tls, certificate: shown, pair } = result.stream.info
    assert.deepEqual([method, tls, shown], ['secret', undefined, undefined])
    assert.deepEqual(pair, { local: 'partner.test', remote: 'us.test' })
    assert.equal(await events.frames.next(), `<message from='a@us.test' to='b@partner.test'/>`)
    result.stream.send(Buffer.from('<presence/>'))
    await core.expect(/^<presence\/>/)
    core.say('</stream:stream>')
    assert.equal((await events.ends.next()).reason, 'SP-464')
  })

  const error = (name: string): string =>
    `<stream:error><${name} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`
  for (const [what, words, reason] of [
    ['refuses the secret', error('not-authorized'), 'SP-131'],
    ['has a connection already', error('conflict'), 'SP-132'],
    ['does not know the name', error('host-unknown'), 'SP-133'],
    ['sends a stanza first', `<message from='a@us.test' to='b@partner.test'/>`, 'SP-433'],
    ['speaks no XML', '<<', 'SP-401'],
  ] as const) {
    test(`of a core that ${what} is not ready, and is not asked again elsewhere`, async () => {
      await using host = await DialogHost.open()
      const events = new Events()
      const dialled = dialComponent(options(host.port), events.handler())
      const core = await greeted(host)
      core.say(words)
      const result = await dialled
      assert.ok(!result.ok)
      assert.equal(result.failure.reason, reason)
      assert.match(await core.end(), /<\/stream:stream>$/)
      assert.deepEqual(events.frames.all, [])
    })
  }

  test('says nothing in plaintext to an address that is not trusted with it', async () => {
    await using host = await DialogHost.open('127.0.0.1')
    for (const [name, found] of [
      ['127.0.0.1', ['127.0.0.1']],
      ['core.test', ['127.0.0.1', '127.0.0.2']],
    ] as const) {
      const more = {
        core: { host: name, port: host.port },
        trusts: () => false,
        addresses: () => Promise.resolve({ ok: true, addresses: found } as const),
      }
      const result = await dialComponent(options(host.port, more), new Events().handler())
      assert.ok(!result.ok)
      assert.deepEqual([result.failure.reason, result.failure.detail], ['SP-134', `${name} is at ${found.join(', ')}`])
    }
    assert.equal(host.accepted, 0)
  })

  test('goes in plaintext to none but the trusted of several addresses', async () => {
    await using host = await DialogHost.open('127.0.0.1')
    const addresses = () => Promise.resolve({ ok: true, addresses: ['127.0.0.2', '127.0.0.1'] } as const)
    const more = { core: { host: 'core.test', port: host.port }, trusts: (a: string) => a === '127.0.0.1', addresses }
    const dialled = dialComponent(options(host.port, more), new Events().handler())
    const core = await greeted(host)
    core.say('<handshake/>')
    const result = await dialled
    assert.ok(result.ok)
    assert.equal(result.stream.info.peerAddress, '127.0.0.1')
    result.stream.destroy()
  })

  test('with direct TLS hears from a proven core before it says a word, and offers no ALPN', async () => {
    await using host = await DialogHost.open()
    const dialled = dialComponent(options(host.port, { tls: 'direct', trusts: () => false }), new Events().handler())
    const plain = await host.next()
    const socket = await plain.startTls({ certificate, server: true })
    assert.equal(socket.alpnProtocol, false)
    await plain.expect(/<stream:stream xmlns='jabber:component:accept'/)
    await plain.say(HEADER).expect(/<handshake>/)
    plain.say('<handshake/>')
    const result = await dialled
    assert.ok(result.ok)
    assert.ok(result.stream.info.tls)
    assert.deepEqual(result.stream.info.certificate?.names, ['DNS:us.test'])
    result.stream.destroy()
  })

  test('with direct TLS says nothing to a core that cannot prove itself', async () => {
    await using host = await DialogHost.open()
    const other = await issue({ ca, names: ['else.test'] })
    const dialled = dialComponent(options(host.port, { tls: 'direct' }), new Events().handler())
    const plain = await host.next()
    await plain.startTls({ certificate: other, server: true })
    assert.equal(await plain.end(), '')
    const result = await dialled
    assert.equal(!result.ok && result.failure.reason, 'SP-301')
  })

  test('that only knocks hands back what the core has for it', async () => {
    await using host = await DialogHost.open()
    const dialled = dialComponent(options(host.port), handBack)
    const core = await greeted(host)
    core.say(`<handshake/><message id='m' from='a@us.test' to='b@partner.test'/>`)
    const result = await dialled
    assert.ok(result.ok)
    await core.expect(/<message type='error' id='m' from='b@partner\.test' to='a@us\.test'>.*<remote-server-timeout/)
    result.stream.destroy()
  })
})
