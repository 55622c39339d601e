// Partners that are on the list but cannot prove who they are: real servers with the mistakes that administrators make.
// Each is refused both ways, the sender is told, and `why` knows the reason.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Client, xml } from '../support/client.ts'
import { REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer, XmppServer } from '../support/server.ts'
import { conditionOf, freshId, isFrom, isMessage, referenceIn } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

interface Mistake {
  readonly about: string
  readonly domain: string
  readonly reason: string
  certificate(domain: string, publicCa: Issued): Promise<Issued>
}

/** Not the pin of any key here. */
const OTHER_PIN = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

const MISTAKES: readonly Mistake[] = [
  {
    about: 'a self-signed certificate',
    domain: 'self-signed.example',
    reason: 'SP-304',
    certificate: (domain) => issue({ names: [domain] }),
  },
  {
    about: 'an expired certificate',
    domain: 'expired.example',
    reason: 'SP-302',
    certificate: (domain, ca) => issue({ ca, names: [domain], expired: true }),
  },
  {
    about: 'a certificate of a CA that nobody trusts',
    domain: 'untrusted.example',
    reason: 'SP-305',
    certificate: async (domain) => issue({ ca: await makeCa({ ca: await makeCa() }), names: [domain] }),
  },
  {
    about: 'a certificate whose intermediate is not sent',
    domain: 'incomplete.example',
    reason: 'SP-306',
    async certificate(domain, ca) {
      const leaf = await issue({ ca: await makeCa({ ca }), names: [domain] })
      return { ...leaf, fullchainPem: leaf.pem }
    },
  },
  {
    about: 'a good certificate whose key is not the pinned one',
    domain: 'pinned.example',
    reason: 'SP-307',
    certificate: (domain, ca) => issue({ ca, names: [domain] }),
  },
]

/** Alone on its server: a server shows the certificate that fits, if it has one. */
const OTHER_NAME: Mistake = {
  about: 'a valid certificate of another domain from the same CA',
  domain: 'impostor.example',
  reason: 'SP-301',
  certificate: (_domain, ca) => issue({ ca, names: ['somebody-else.example'] }),
}

const SERVER_AUTH_ONLY = 'server-auth-only.example'
const PLAINTEXT = 'plaintext.example'

export interface RefusalOptions {
  readonly name: string
  readonly number: number
  readonly partner: StartServer
}

/** Runs every refusal with partners of this kind. */
export function testRefusals(o: RefusalOptions): void {
  test(`${o.name} that cannot prove its name`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const { partner: address } = places(o.number)
    const [impostorAddress, plaintextAddress] = [`127.0.${o.number}.5`, `127.0.${o.number}.6`]
    const sloppy = [...MISTAKES.map(({ domain }) => domain), SERVER_AUTH_ONLY]
    const domains = [...sloppy, OTHER_NAME.domain, PLAINTEXT]
    const world = await buildWorld(t, {
      number: o.number,
      core: prosody,
      outside: {
        ...Object.fromEntries(sloppy.map((domain) => [domain, address])),
        [OTHER_NAME.domain]: impostorAddress,
        [PLAINTEXT]: plaintextAddress,
      },
      partners: Object.fromEntries(
        domains.map((domain) => [
          domain,
          { status: 'allowed', ...(domain === 'pinned.example' ? { pins: [OTHER_PIN] } : {}) },
        ]),
      ),
    })
    const { gateway, core, publicCa: ca, at } = world
    const common = { dns: at.outerDns, anchors: [ca] }
    const host = async ({ domain, certificate }: Pick<Mistake, 'domain' | 'certificate'>) => ({
      domain,
      certificate: await certificate(domain, ca),
      users: ['bob'],
    })
    const [partner, impostor, plaintext] = await Promise.all([
      o.partner(t, {
        ...common,
        address,
        hosts: [
          ...(await Promise.all(MISTAKES.map(host))),
          {
            domain: SERVER_AUTH_ONLY,
            certificate: await issue({ ca, names: [SERVER_AUTH_ONLY], ekus: ['serverAuth'] }),
            users: ['bob'],
          },
        ],
      }),
      o.partner(t, { ...common, address: impostorAddress, hosts: [await host(OTHER_NAME)] }),
      o.partner(t, {
        ...common,
        address: plaintextAddress,
        tls: false,
        hosts: [{ domain: PLAINTEXT, certificate: await issue({ ca, names: [PLAINTEXT] }), users: ['bob'] }],
      }),
    ])
    const ours = side(core, OURS)

    const step = async (name: string, server: XmppServer, run: (one: TestContext) => Promise<void>): Promise<void> => {
      await t.test(name, async (one) => {
        try {
          await run(one)
        } catch (error) {
          one.diagnostic([gateway, core, server].map(({ log }) => log.tail()).join('\n'))
          throw error
        }
      })
    }

    const refusedOutbound = async (one: TestContext, domain: string, reason: string): Promise<void> => {
      const alice = await ours.login(one, 'alice')
      const id = freshId()
      await alice.send(xml('message', { to: `bob@${domain}`, type: 'chat', id }, xml('body', {}, 'Is it you?')))
      const error = await alice.expect('the error', (s) => s.attrs['id'] === id)
      assert.ok(isFrom(error, `bob@${domain}`))
      assert.equal(conditionOf(error), 'remote-server-timeout')
      assert.equal(error.getChild('error')?.attrs['type'], 'wait')
      const record = await gateway.why(referenceIn(error))
      assert.partialDeepStrictEqual(record, { event: 'stanza', verdict: 'refuse', direction: 'outbound', reason })
    }

    const refusedInbound = async (
      one: TestContext,
      server: XmppServer,
      { domain, reason }: Pick<Mistake, 'domain' | 'reason'>,
    ): Promise<void> => {
      const [alice, bob] = [await ours.login(one, 'alice'), await userOf(one, server, domain)]
      const mark = server.log.length
      const id = freshId()
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, 'It is me')))
      await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      await server.log.expect(/not-authorized/, { since: mark })
      const [, reference = ''] = await server.log.expect(REFERENCE, { since: mark })
      const record = await gateway.why(reference)
      assert.partialDeepStrictEqual(record, { event: 'stream', verdict: 'fail', reason })
      assert.deepEqual(record.pair, { local: OURS, remote: domain })
      await alice.ask('get', undefined, xml('ping', { xmlns: 'urn:xmpp:ping' }))
      assert.deepEqual(
        alice.untaken((s) => s.name === 'message'),
        [],
      )
    }

    for (const [mistake, server] of [
      ...MISTAKES.map((one) => [one, partner] as const),
      [OTHER_NAME, impostor] as const,
    ]) {
      await step(`${mistake.about} is refused when we connect`, server, (one) =>
        refusedOutbound(one, mistake.domain, mistake.reason),
      )
      await step(`${mistake.about} is refused when they connect`, server, (one) => refusedInbound(one, server, mistake))
    }

    await step('a server that knows no TLS is refused when we connect', plaintext, (one) =>
      refusedOutbound(one, PLAINTEXT, 'SP-351'),
    )
    await step('a server that knows no TLS brings nothing across when it connects', plaintext, async (one) => {
      const [alice, bob] = [await ours.login(one, 'alice'), await userOf(one, plaintext, PLAINTEXT)]
      const id = freshId()
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, 'In the clear')))
      await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      // Prosody tries dialback in the clear and is closed; ejabberd sees that STARTTLS is required and gives up itself.
      const [reason, condition] =
        plaintext.kind === 'prosody' ? ['SP-426', /not-authorized/] : ['SP-463', /unsupported-feature/]
      await plaintext.log.expect(condition)
      const [record] = await gateway.recent(PLAINTEXT)
      assert.partialDeepStrictEqual(record, { event: 'stream', verdict: 'fail', direction: 'inbound', reason })
      await alice.ask('get', undefined, xml('ping', { xmlns: 'urn:xmpp:ping' }))
      assert.deepEqual(
        alice.untaken((s) => s.name === 'message'),
        [],
      )
    })

    await step('a certificate for servers only (no clientAuth) is good enough both ways', partner, async (one) => {
      const [alice, bob] = [await ours.login(one, 'alice'), await side(partner, SERVER_AUTH_ONLY).login(one, 'bob')]
      for (const [from, to] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        const text = `from ${from.bare}`
        await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
        await to.expect('the message', isMessage(from.jid, text))
      }
    })
  })
}

/** A user of a server whose certificate is not to be believed. */
function userOf(t: TestContext, { address }: XmppServer, domain: string): Promise<Client> {
  return Client.login(t, { user: 'bob', domain, address, unverified: true })
}
