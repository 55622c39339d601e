// Which names and which extended key usages of a partner's certificate count: real servers that show them, both ways. What
// is accepted carries words; what is not is refused with its reason, when we connect and when they do.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Client, xml } from '../support/client.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { IssueOptions } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer, XmppServer } from '../support/server.ts'
import { freshId, isMessage, referenceIn } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

interface Row {
  readonly about: string
  /** In DNS and in the partner list. */
  readonly domain: string
  /** As the server and its users write it; default: the same. */
  readonly unicode?: string
  readonly certificate: IssueOptions
  /** More of the partner's entry. */
  readonly entry?: Readonly<Record<string, unknown>>
  /** Why it is refused; absent: it is not. */
  readonly refused?: { readonly whenWeConnect?: string; readonly whenTheyConnect?: string }
  /** A server that picks its certificate by the names in it shows this one only when it has no other. */
  readonly unpicked?: true
}

const always = (reason: string): NonNullable<Row['refused']> => ({ whenWeConnect: reason, whenTheyConnect: reason })

const OWN_SIDE = { extendedKeyUsage: 'own-side' }

const ROWS: readonly Row[] = [
  { about: 'DNS-ID', domain: 'dns-id.example', certificate: { names: ['dns-id.example'] } },
  {
    about: 'SRV-ID alone',
    domain: 'srv-id.example',
    certificate: { names: ['SRV:_xmpp-server.srv-id.example'] },
    unpicked: true,
  },
  {
    about: 'XmppAddr alone',
    domain: 'xmpp-addr.example',
    certificate: { names: ['XMPP:xmpp-addr.example'] },
    unpicked: true,
  },
  { about: 'a wildcard for its label', domain: 'im.wild.example', certificate: { names: ['*.wild.example'] } },
  {
    about: 'a wildcard two labels up',
    domain: 'a.im.wilder.example',
    certificate: { names: ['*.wilder.example'] },
    refused: always('SP-301'),
    unpicked: true,
  },
  {
    about: 'the common name alone',
    domain: 'common-name.example',
    certificate: { commonName: 'common-name.example' },
    refused: always('SP-301'),
  },
  {
    about: 'SRV-ID of another service',
    domain: 'wrong-service.example',
    certificate: { names: ['SRV:_xmpp-client.wrong-service.example'] },
    refused: always('SP-301'),
    unpicked: true,
  },
  {
    about: 'an international name as A-label',
    domain: 'xn--bcher-kva.example',
    unicode: 'bücher.example',
    certificate: { names: ['xn--bcher-kva.example'] },
  },
  {
    about: 'an international name as XmppAddr',
    domain: 'xn--mller-kva.example',
    unicode: 'müller.example',
    certificate: { names: ['XMPP:müller.example'] },
    unpicked: true,
  },
  {
    about: 'the common name beside the host of its SRV record',
    domain: 'hosted.example',
    certificate: { names: ['xmpp.hosted.example'], commonName: 'hosted.example' },
    refused: always('SP-301'),
  },
  {
    about: 'another domain of the same CA',
    domain: 'impostor.example',
    certificate: { names: ['somebody-else.example'] },
    refused: always('SP-301'),
    unpicked: true,
  },
  {
    about: 'serverAuth alone',
    domain: 'server-auth.example',
    certificate: { names: ['server-auth.example'], ekus: ['serverAuth'] },
  },
  {
    about: 'clientAuth alone',
    domain: 'client-auth.example',
    certificate: { names: ['client-auth.example'], ekus: ['clientAuth'] },
  },
  {
    about: 'no extended key usage',
    domain: 'no-usage.example',
    certificate: { names: ['no-usage.example'], ekus: [] },
  },
  {
    about: 'any extended key usage',
    domain: 'any-usage.example',
    certificate: { names: ['any-usage.example'], ekus: ['2.5.29.37.0'] },
  },
  {
    about: 'for mail alone',
    domain: 'mail.example',
    certificate: { names: ['mail.example'], ekus: ['1.3.6.1.5.5.7.3.4'] },
    refused: always('SP-314'),
  },
  {
    about: 'serverAuth alone, where clientAuth is demanded of who connects',
    domain: 'server-auth-strict.example',
    certificate: { names: ['server-auth-strict.example'], ekus: ['serverAuth'] },
    entry: OWN_SIDE,
    refused: { whenTheyConnect: 'SP-318' },
  },
  {
    about: 'clientAuth alone, where serverAuth is demanded of who is connected to',
    domain: 'client-auth-strict.example',
    certificate: { names: ['client-auth-strict.example'], ekus: ['clientAuth'] },
    entry: OWN_SIDE,
    refused: { whenWeConnect: 'SP-318' },
  },
  {
    about: 'serverAuth alone, where both are demanded',
    domain: 'server-auth-both.example',
    certificate: { names: ['server-auth-both.example'], ekus: ['serverAuth'] },
    entry: { extendedKeyUsage: 'both' },
    refused: always('SP-318'),
  },
]

export interface NamesOptions {
  readonly name: string
  readonly number: number
  readonly partner: StartServer
  /** The server picks its certificate by the names in it. */
  readonly picks: boolean
}

/** Runs the matrix with partners of this kind. */
export function testNames(o: NamesOptions): void {
  test(`what a certificate of ${o.name} may say`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const together = ROWS.filter(({ unpicked }) => !o.picks || !unpicked)
    const alone = ROWS.filter((row) => !together.includes(row))
    const addressOf = (row: Row): string =>
      together.includes(row) ? places(o.number).partner : `127.0.${o.number}.${10 + alone.indexOf(row)}`
    const world = await buildWorld(t, {
      number: o.number,
      core: prosody,
      outside: Object.fromEntries(ROWS.map((row) => [row.domain, addressOf(row)])),
      partners: Object.fromEntries(ROWS.map(({ domain, entry }) => [domain, { status: 'allowed', ...entry }])),
      // Each way has a stream of its own, so that each side connects.
      settings: { federation: { bidi: false } },
    })
    const { gateway, core, publicCa: ca, at } = world
    const start = async (...rows: readonly Row[]): Promise<XmppServer> =>
      o.partner(t, {
        address: addressOf(rows[0]!),
        dns: at.outerDns,
        anchors: [ca],
        hosts: await Promise.all(
          rows.map(async ({ domain, unicode = domain, certificate }) => ({
            domain: unicode,
            certificate: await issue({ ca, ...certificate }),
            users: ['bob'],
          })),
        ),
      })
    const crowd = await start(...together)
    const ours = side(core, OURS)

    const weConnect = async (one: TestContext, row: Row, server: XmppServer): Promise<void> => {
      const [alice, bob] = [await ours.login(one, 'alice'), await userOf(one, server, row)]
      const [text, id] = [`to ${row.domain} ${freshId()}`, freshId()]
      await alice.send(xml('message', { to: bob.jid, type: 'chat', id }, xml('body', {}, text)))
      const reason = row.refused?.whenWeConnect
      if (reason === undefined) return void (await bob.expect('the message', isMessage(alice.jid, text)))
      const error = await alice.expect('the error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      const known = await gateway.why(referenceIn(error))
      assert.partialDeepStrictEqual(known, { event: 'stanza', verdict: 'refuse', direction: 'outbound', reason })
    }

    const theyConnect = async (one: TestContext, row: Row, server: XmppServer): Promise<void> => {
      const [alice, bob] = [await ours.login(one, 'alice'), await userOf(one, server, row)]
      const [text, id] = [`from ${row.domain} ${freshId()}`, freshId()]
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, text)))
      const reason = row.refused?.whenTheyConnect
      if (reason === undefined) return void (await alice.expect('the message', isMessage(bob.jid, text)))
      await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      // From our side: ejabberd, cut off at once, does not always get to read why.
      const told = (await gateway.recent(row.domain)).find(({ direction }) => direction === 'inbound')
      assert.ok(told)
      assert.partialDeepStrictEqual(told, { event: 'stream', verdict: 'fail', reason })
      await alice.ask('get', undefined, xml('ping', { xmlns: 'urn:xmpp:ping' }))
      assert.deepEqual(
        alice.untaken((s) => s.name === 'message'),
        [],
      )
    }

    for (const row of ROWS) {
      const server = together.includes(row) ? crowd : await start(row)
      for (const [when, run, reason] of [
        ['when we connect', weConnect, row.refused?.whenWeConnect],
        ['when they connect', theyConnect, row.refused?.whenTheyConnect],
      ] as const)
        await t.test(`${row.about}, ${when}: ${reason ?? 'accepted'}`, async (one) => {
          try {
            await run(one, row, server)
          } catch (error) {
            one.diagnostic([gateway, core, server].map(({ log }) => log.tail()).join('\n'))
            throw error
          }
        })
    }
  })
}

function userOf(t: TestContext, { address }: XmppServer, { domain, unicode = domain }: Row): Promise<Client> {
  return Client.login(t, { user: 'bob', domain: unicode, address, unverified: true })
}
