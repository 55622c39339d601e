// Remote users over IPv6 at a real core: every way in, who may from which network, and failures counted for a /64, since a host
// of IPv6 has as many addresses as it likes. One listener for both families sees clients of IPv4 as what they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../src/admin/client.ts'
import { remoteLocks } from '../../src/admin/remote.ts'
import { IPV6_PREFIX } from '../isolation.ts'
import { Client, xml } from '../support/client.ts'
import { Knock } from '../support/log-in.ts'
import { needsPeer } from '../support/peers.ts'
import { prosody } from '../support/prosody.ts'
import { RawClient } from '../support/raw-client.ts'
import { PASSWORD } from '../support/server.ts'
import { RawWebSocket } from '../support/websocket-client.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 89
/** For direct TLS, of both families. */
const BOTH = 15_223
const FAILURES = 3

/** Networks outside, each a /64 of the one /48 of the tests. */
const office = (host: string): string => `${IPV6_PREFIX}:a::${host}`
const hotel = (host: string): string => `${IPV6_PREFIX}:b::${host}`

test('remote users over IPv6', needsPeer('prosody', 'dnsmasq', 'root', 'isolation'), async (t) => {
  const at = places(NUMBER, 'IPv6')
  const { gateway, core, publicCa } = await buildWorld(t, {
    number: NUMBER,
    family: 'IPv6',
    core: prosody,
    outside: {},
    remote: {
      policy: {
        remote: {
          grants: [
            { to: [`alice@${OURS}`], networks: [`${IPV6_PREFIX}:a::/64`] },
            { to: [`bob@${OURS}`], networks: ['127.0.89.0/24'] },
            { to: [`dave@${OURS}`], networks: ['::ffff:127.0.89.0/120'] },
            { to: [`carol@${OURS}`, `erin@${OURS}`] },
          ],
        },
      },
    },
    settings: {
      listen: {
        federation: [{ host: at.outer, port: 5269 }],
        core: [{ host: at.inner, port: 5269 }],
        remote: [
          { host: at.outer, port: 5222 },
          { host: at.outer, port: 5223, tls: 'direct' },
          { host: at.outer, port: 443, websocket: '/ws' },
          { port: BOTH, tls: 'direct' },
        ],
      },
      limits: { remoteFailuresPerAddress: FAILURES, remoteFailuresPerAccount: 100, remoteRefusal: '200ms' },
    },
  })
  const step = async (about: string, run: (one: typeof t) => Promise<void>): Promise<void> => {
    await t.test(about, async (one) => {
      try {
        await run(one)
      } catch (error) {
        one.diagnostic([gateway, core].map(({ log }) => log.tail()).join('\n'))
        throw error
      }
    })
  }
  const here = { host: at.outer, domain: OURS }
  const where = { url: `wss://[${at.outer}]/ws`, domain: OURS, ca: publicCa }
  /** What comes of a log-in at the listener of both families. */
  const tried = async (host: string, from: string, user: string, password = PASSWORD): Promise<string> => {
    using knock = await Knock.at({ host, port: BOTH, domain: OURS, from })
    return (await knock?.plain(user, password))?.outcome ?? 'turned away'
  }

  await step('every way in leads to the core, and words go both ways', async (one) => {
    const inside = await side(core, OURS).login(one, 'judy')
    await inside.appear()
    const localAddress = office('1')
    for (const tls of ['starttls', 'direct'] as const) {
      const alice = await RawClient.login({ ...here, user: 'alice', mechanism: 'SCRAM-SHA-256', tls, localAddress })
      const jid = await alice.bind(tls)
      alice.send(`<message to='${inside.jid}' type='chat' id='m'><body>over ${tls}</body></message>`)
      await inside.expect('the message', isMessage(jid, `over ${tls}`))
      await inside.send(xml('message', { to: jid, type: 'chat', id: freshId() }, xml('body', {}, `to ${tls}`)))
      await alice.dialog.expect(new RegExp(`to ${tls}</body>`))
      await alice.dialog[Symbol.asyncDispose]()
    }
    const web = await RawWebSocket.open(where, { localAddress })
    await web.logIn('alice', PASSWORD)
    const jid = await web.bind('web')
    web.say(`<message xmlns='jabber:client' to='${inside.jid}' type='chat' id='m'><body>over web</body></message>`)
    await inside.expect('the message', isMessage(jid, 'over web'))
    const { sessions } = await gateway.remote()
    assert.partialDeepStrictEqual(sessions, [{ address: jid, clientAddress: localAddress, transport: 'websocket' }])
    web.cut()
    const ordinary = await Client.login(one, { user: 'carol', domain: OURS, address: at.outer })
    await ordinary.appear()
  })

  const granted: readonly (readonly [what: string, host: string, from: string, user: string, ok: boolean])[] = [
    ['from a network of IPv6 that is granted', at.outer, office('2'), 'alice', true],
    ['from the one beside it', at.outer, hotel('2'), 'alice', false],
    ['from a network of IPv4 that is granted', '127.0.89.3', '127.0.89.9', 'bob', true],
    ['from the one beside it, too', '127.0.89.3', '127.0.90.9', 'bob', false],
    ['over IPv6 where IPv4 is granted', at.outer, office('2'), 'bob', false],
    ['from a network of IPv4 that is written as one of IPv6', '127.0.89.3', '127.0.89.10', 'dave', true],
  ]
  for (const [what, host, from, user, ok] of granted) {
    await step(`who comes ${what} is ${ok ? 'let in' : 'refused'}`, async () => {
      assert.equal(await tried(host, from, user), ok ? 'success' : 'not-authorized')
    })
  }

  await step('an IPv4 client at the listener of both families is counted and told of as one', async () => {
    const since = gateway.log.length
    assert.equal(await tried('127.0.89.3', '127.0.91.7', 'carol', 'wrong'), 'not-authorized')
    await gateway.log.expect(/"event":"log-in\.failed".*"ip":"127\.0\.91\.7"/, { since })
  })

  await step('guesses from many addresses of one /64 are those of one host, and lock nobody else out', async () => {
    for (let n = 1; n <= FAILURES; n++)
      assert.equal(await tried(at.outer, hotel(n.toString(16).repeat(4)), 'carol', 'wrong'), 'not-authorized')
    const since = gateway.log.length
    assert.equal(await tried(at.outer, hotel('abcd'), 'erin'), 'not-authorized')
    await gateway.log.expect(/"event":"log-in\.failed".*"reason":"SP-838"/, { since })
    assert.equal(await tried(at.outer, office('abcd'), 'erin'), 'success')
    const { locks } = await ask(gateway.directory, remoteLocks, {})
    assert.deepEqual(
      locks.map(({ kind, name, failures }) => [kind, name, failures]),
      [['address', `${IPV6_PREFIX}:b::/64`, FAILURES]],
    )
  })
})
