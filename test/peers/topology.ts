// The gateway between a real core and a real partner. One list of tests for every pair of servers: strangers refused,
// the partner admitted, every conversation, the partner blocked and admitted again while streams are up.

import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { xml } from '../support/client.ts'
import type { Client, Element } from '../support/client.ts'
import { REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { CONVERSATIONS } from './conversations/all.ts'
import { floodThatConnects } from './conversations/flood.ts'
import { conditionOf, freshId, isFrom, isMessage, referenceIn } from './conversations/conversation.ts'
import { OURS, THEIRS, USERS, conferenceOf, places, side } from './places.ts'
import type { Family } from './places.ts'
import { buildWorld } from './world.ts'

export interface TopologyOptions {
  readonly name: string
  /** Of the /24 of loopback that it has to itself. */
  readonly number: number
  /** Which addresses everybody has, and no others; default: IPv4. */
  readonly family?: Family
  readonly core: StartServer
  readonly partner: StartServer
  /** The gateway is the core's component (XEP-0114) instead of a server beside it. */
  readonly component?: 'one' | 'per-domain'
  /** Who can make streams that carry stanzas both ways (XEP-0288); default: nobody. Prosody only. */
  readonly bidi?: { readonly core?: boolean; readonly partner?: boolean }
  /** Hears at the end how many of its tests have passed, of how many. */
  told?(passed: number, all: number): void
}

/** "At once", with room for a busy machine: far less than any back-off of the servers. */
const AT_ONCE_MS = 3_000

const ADMIT = ['partner', 'allow', THEIRS]

/** Runs everything that must hold between this core and this partner. */
export function testTopology(o: TopologyOptions): void {
  test(
    o.name,
    needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root', ...(o.family === 'IPv6' ? (['isolation'] as const) : [])),
    async (t) => {
      const { partner: outside } = places(o.number, o.family)
      const { number, family, core: startCore, component, bidi = {} } = o
      const world = await buildWorld(t, {
        number,
        family,
        core: startCore,
        component,
        bidi: bidi.core ?? false,
        outside: { [THEIRS]: outside },
      })
      const { gateway, core, publicCa } = world
      const partner = await o.partner(t, {
        address: world.at.partner,
        dns: world.at.outerDns,
        anchors: [publicCa],
        bidi: bidi.partner ?? false,
        hosts: [
          {
            domain: THEIRS,
            conference: conferenceOf(THEIRS),
            certificate: await issue({ ca: publicCa, names: [THEIRS, conferenceOf(THEIRS)] }),
            users: USERS,
          },
        ],
      })
      const sides = { ours: side(core, OURS), theirs: side(partner, THEIRS) }
      const { ours, theirs } = sides

      let [passed, all] = [0, 0]
      const step = async (name: string, run: (one: TestContext) => Promise<void>): Promise<void> => {
        all += 1
        await t.test(name, async (one) => {
          try {
            await run(one)
            passed += 1
          } catch (error) {
            one.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
            throw error
          }
        })
      }

      /** Our user's words are refused by the gateway, with this reason, and nothing leaves. */
      const assertRefusedOutbound = async (one: TestContext, reason: string): Promise<void> => {
        const alice = await ours.login(one, 'alice')
        await alice.appear()
        const [asked, connected] = [world.outerDns.log.length, partner.inboundConnections()]
        for (const stanza of everyKind(`bob@${THEIRS}`)) {
          const error = await answerTo(alice, stanza)
          assert.equal(error.attrs['type'], 'error')
          assert.ok(isFrom(error, `bob@${THEIRS}`))
          assert.equal(conditionOf(error), 'not-allowed')
          assert.equal(error.getChild('error')?.attrs['type'], 'cancel')
          const record = await gateway.why(referenceIn(error))
          assert.partialDeepStrictEqual(record, {
            event: 'stanza',
            verdict: 'refuse',
            direction: 'outbound',
            reason,
            kind: stanza.name,
            to: `bob@${THEIRS}`,
          })
        }
        assert.deepEqual(
          world.outerDns.queries(asked).filter((query) => query.includes(THEIRS)),
          [],
          'the partner was looked up',
        )
        assert.equal(partner.inboundConnections(), connected, 'the partner was connected to')
      }

      /** What no component is for, the core refuses itself: the gateway never hears of it. */
      const assertRefusedByCore = async (one: TestContext): Promise<void> => {
        const alice = await ours.login(one, 'alice')
        await alice.appear()
        const marks = [gateway.log, world.outerDns.log].map((log) => log.length)
        for (const stanza of everyKind(`bob@${THEIRS}`)) {
          const error = await answerTo(alice, stanza)
          assert.equal(error.attrs['type'], 'error')
          assert.doesNotMatch(error.toString(), REFERENCE)
        }
        assert.deepEqual(gateway.log.lines(/"event":"stanza/, marks[0]), [])
        assert.deepEqual(
          world.outerDns.queries(marks[1]).filter((query) => query.includes(THEIRS)),
          [],
        )
      }

      /** The partner's user cannot reach us; the stream is refused after the partner has proven its name. */
      const assertRefusedInbound = async (one: TestContext, reason: string): Promise<void> => {
        const [alice, bob] = [await ours.login(one, 'alice'), await theirs.login(one, 'bob')]
        const mark = partner.log.length
        const id = freshId()
        await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, 'Let me in')))
        await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
        await partner.log.expect(/policy-violation/, { since: mark })
        const [, reference = ''] = await partner.log.expect(REFERENCE, { since: mark })
        const record = await gateway.why(reference)
        assert.equal(record.event, 'stream')
        assert.equal(record.reason, reason)
        assert.deepEqual(record.pair, { local: OURS, remote: THEIRS })
        await alice.ask('get', undefined, xml('ping', { xmlns: 'urn:xmpp:ping' }))
        assert.deepEqual(
          alice.untaken((s) => s.name === 'message'),
          [],
        )
      }

      const assertCrossesAtOnce = async (one: TestContext): Promise<void> => {
        const [alice, bob] = [await ours.login(one, 'alice'), await theirs.login(one, 'bob')]
        await gateway.command(...ADMIT)
        const text = `crosses ${freshId()}`
        await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
        await bob.expect('the next message', isMessage(alice.jid, text), AT_ONCE_MS)
      }

      /** Within a second of the command, no stream of the partner is left, and the partner was told. */
      const assertClosesStreams = async (command: readonly string[]): Promise<void> => {
        const mark = partner.log.length
        await gateway.command(...command)
        await partner.log.expect(/policy-violation/, { since: mark, ms: 1_000 })
        await eventually('that the streams are gone', async () => {
          const streams = await gateway.streams()
          return streams.some(({ leg }) => leg === 'partner') ? undefined : true
        })
      }

      await step('an unknown partner is refused to our users at once, without a look-up or a connection', (one) =>
        component ? assertRefusedByCore(one) : assertRefusedOutbound(one, 'SP-101'),
      )
      await gateway.command('partner', 'add', THEIRS, '--also', conferenceOf(THEIRS))
      for (const conversation of [...floodThatConnects({ coreStreamIsUp: true }), ...CONVERSATIONS])
        await step(conversation.name, (one) => conversation.run(one, sides))

      await step(
        'streams that are up are authenticated by certificate over TLS, one for each pair and way',
        async () => {
          const streams = await gateway.streams()
          const seen = streams.map(({ leg, role, local, remote }) => [leg, role, local, remote].join(' '))
          assert.equal(new Set(seen).size, seen.length)
          for (const one of streams) {
            const { leg, local, remote, peerAddress, method, tls, stanzasIn, stanzasOut } = one
            assert.equal(isIP(peerAddress), o.family === 'IPv6' ? 6 : 4, peerAddress)
            if (component && leg === 'core') {
              assert.deepEqual([method, tls], ['secret', undefined])
              continue
            }
            const where = `${leg} ${local} ${remote}`
            assert.equal(method, 'certificate')
            assert.match(tls?.version ?? '', /^TLSv1\.[23]$/)
            assert.equal(one.bidi, bidi[leg] ?? false, where)
            if (!one.bidi) continue
            assert.equal(
              seen.filter((name) => name.startsWith(leg) && name.endsWith(` ${local} ${remote}`)).length,
              1,
              where,
            )
            assert.ok(stanzasIn > 0 && stanzasOut > 0, `${where}: ${stanzasIn} in, ${stanzasOut} out`)
          }
          const ways = seen.filter((one) => one.startsWith('partner ') && one.endsWith(` ${OURS} ${THEIRS}`))
          assert.equal(ways.length, bidi.partner ? 1 : 2, ways.join(', '))
          // Had these seen nothing, the refusals before would have proven nothing.
          assert.ok(partner.inboundConnections() > 0)
          assert.ok(world.outerDns.queries().includes(`SRV _xmpp-server._tcp.${THEIRS}`))
        },
      )

      await step('blocking closes streams that are up within a second', () =>
        assertClosesStreams(['partner', 'block', THEIRS, '--yes']),
      )
      await step('a blocked partner is refused to our users at once, without a look-up or a connection', (one) =>
        assertRefusedOutbound(one, 'SP-102'),
      )
      await step('a blocked partner is refused once it has proven its name', (one) =>
        assertRefusedInbound(one, 'SP-102'),
      )
      await step('the next stanza of ours crosses at once when the partner is allowed', assertCrossesAtOnce)
      await step('the partner reaches us again as soon as it tries', async (one) => {
        const bob = await theirs.login(one, 'bob')
        await eventually('an answer from our side', async () => {
          const pong = await bob.ask('get', OURS, xml('ping', { xmlns: 'urn:xmpp:ping' }))
          return pong.attrs['type'] === 'result' ? true : undefined
        })
      })
      await step('removing the entry closes streams that are up within a second', () =>
        assertClosesStreams(['partner', 'remove', THEIRS, '--yes']),
      )
      await step('an unknown partner is refused once it has proven its name', (one) =>
        assertRefusedInbound(one, 'SP-101'),
      )
      await step('the gateway ends in good order, and tells whoever is connected', async (one) => {
        await assertCrossesAtOnce(one)
        // COMPAT: ejabberd 23.01 does not write down how the stream of a component ends.
        const told = component && core.kind === 'ejabberd' ? [partner] : [core, partner]
        const marks = told.map(({ log }) => log.length)
        assert.equal(await gateway.stop(), 0)
        for (const [index, { log }] of told.entries()) {
          await log.expect(/system-shutdown/, { since: marks[index] ?? 0 })
        }
      })
      await step('nothing went wrong inside, and nobody wrote down what was said', async () => {
        assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
        const files = await Array.fromAsync(glob(join(gateway.directory, 'var/*')))
        const stores = files.filter((file) => file.endsWith('.db'))
        assert.equal(stores.length, 1)
        for (const file of [gateway.log.file, ...stores]) {
          const content = await readFile(file, 'utf8')
          assert.ok(content.includes(THEIRS))
          assert.doesNotMatch(content, /Guten Morgen|At lunch|Let me in|between us/)
        }
      })
      o.told?.(passed, all)
    },
  )
}

/** A stanza of each kind that deserves an answer. */
function everyKind(to: string): readonly Element[] {
  return [
    xml('message', { to, type: 'chat', id: freshId() }, xml('body', {}, 'Hello?')),
    xml('presence', { to, type: 'subscribe', id: freshId() }),
    xml('iq', { to, type: 'get', id: freshId() }, xml('vCard', { xmlns: 'vcard-temp' })),
  ]
}

/** Sends the stanza and gives back what comes with its id. */
async function answerTo(client: Client, stanza: Element): Promise<Element> {
  await client.send(stanza)
  const { id } = stanza.attrs
  return client.expect(`the answer to ${stanza.toString()}`, (s) => s.attrs['id'] === id, AT_ONCE_MS)
}
