// Servers die without a word. Nobody on the other side goes on believing in those behind them, no question stays without
// its answer, and who comes back is seen again, without anybody doing anything.

import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { swallow } from '../support/black-hole.ts'
import { xml } from '../support/client.ts'
import type { Client } from '../support/client.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { ServerOptions, StartServer, XmppServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { conditionOf, freshId, isPresence, referenceIn } from './conversations/conversation.ts'
import type { Side } from './conversations/conversation.ts'
import { subscribe } from './conversations/presence.ts'
import { isOccupant, join, statusCodes } from './conversations/room.ts'
import { OURS, THEIRS, USERS, conferenceOf, places, side } from './places.ts'
import { buildWorld } from './world.ts'

export interface GhostsOptions {
  readonly name: string
  /** Of the /24 of loopback that it has to itself. */
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
}

/** Kills, cuts off and blocks in turn, with people and rooms on both sides. */
export function testGhosts(o: GhostsOptions): void {
  test(
    `no ghosts between ${o.name}`,
    needsPeer('prosody', 'ejabberd', 'dnsmasq', 'nft', 'root', 'isolation'),
    async (t) => {
      const world = await buildWorld(t, {
        number: o.number,
        core: o.core,
        outside: { [THEIRS]: places(o.number).partner },
        partners: { [THEIRS]: { status: 'allowed', alsoKnownAs: [conferenceOf(THEIRS)] } },
        settings: {
          limits: { peerReturn: '2s', iqAnswer: '6s', backOff: '1s', connect: '2s', ping: '5s', pingAnswer: '2s' },
        },
      })
      const { at, publicCa, gateway } = world
      const partnerOptions: ServerOptions = {
        address: at.partner,
        dns: at.outerDns,
        anchors: [publicCa],
        hosts: [
          {
            domain: THEIRS,
            conference: conferenceOf(THEIRS),
            certificate: await issue({ ca: publicCa, names: [THEIRS, conferenceOf(THEIRS)] }),
            users: USERS,
          },
        ],
      }
      const servers: Record<'core' | 'partner', XmppServer> = {
        core: world.core,
        partner: await o.partner(t, partnerOptions),
      }
      const restart = async (which: 'core' | 'partner'): Promise<void> => {
        const { folder } = servers[which]
        const [start, options] = which === 'core' ? [o.core, world.coreOptions] : [o.partner, partnerOptions]
        servers[which] = await start(t, { ...options, folder })
      }
      const ours = (): Side => side(servers.core, OURS)
      const theirs = (): Side => side(servers.partner, THEIRS)

      const step = async (name: string, run: (one: TestContext) => Promise<void>): Promise<void> => {
        await t.test(name, async (one) => {
          try {
            await run(one)
          } catch (error) {
            one.diagnostic([gateway, servers.core, servers.partner].map(({ log }) => log.tail(60)).join('\n'))
            throw error
          }
        })
      }

      for (const which of ['partner', 'core'] as const) {
        const [living, dying] = which === 'partner' ? [ours, theirs] : [theirs, ours]
        await step(
          `who is behind a ${which} that is killed goes, from contacts and rooms, and comes back`,
          async (one) => {
            const [alice, carol] = [await living().login(one, 'alice'), await living().login(one, 'carol')]
            const [bob, dave] = [await dying().login(one, 'bob'), await dying().login(one, 'dave')]
            for (const who of [alice, bob]) await who.appear()
            await subscribe(alice, bob)
            const [here, there] = await meet({ alice, carol, bob, dave }, living().conference, dying().conference)

            await onDisk(servers[which], 'alice')
            await servers[which].kill()
            await alice.expect('that bob is gone', isPresence(bob.jid, 'unavailable'))
            await alice.expect('that dave is gone from their room', isOccupant(there.dave, 'unavailable'))
            const self = await alice.expect('that she is out of their room', isOccupant(there.alice, 'unavailable'))
            assert.deepEqual(statusCodes(self), ['110', '332'])
            await carol.expect('that bob is gone from our room', isOccupant(here.bob, 'unavailable'))

            await restart(which)
            const again = await dying().login(one, 'bob')
            await again.appear()
            await alice.expect('that bob is back', isPresence(again.jid))
          },
        )
      }

      await step(
        'a question to a partner in a black hole is answered once, and what comes late is dropped',
        async (one) => {
          const [alice, bob] = [await ours().login(one, 'alice'), await theirs().login(one, 'bob')]
          await bob.appear()
          const ping = xml('ping', { xmlns: 'urn:xmpp:ping' })
          assert.equal((await alice.ask('get', bob.jid, ping)).attrs['type'], 'result')
          const answers: unknown[] = []
          alice.listen((stanza) => {
            if (stanza.name === 'iq') answers.push(stanza.attrs['id'])
          })
          const mend = await swallow(one, at.partner, at.outer)
          const error = await alice.ask('get', bob.jid, ping, 20_000)
          assert.equal(conditionOf(error), 'remote-server-timeout')
          const record = await gateway.why(referenceIn(error))
          // No answer in time, or before that the peer was found to be lost, which acknowledgements tell soon.
          assert.match(record.reason ?? '', /^SP-(466|521|522)$/)
          await mend()
          // TCP sends again what was lost, and the answer arrives after all, unless the connection was given up meanwhile.
          await eventually('an answer by the way that is mended', async () => {
            const pong = await alice.ask('get', THEIRS, ping)
            return pong.attrs['type'] === 'result' ? true : undefined
          })
          assert.equal(answers.filter((id) => id === error.attrs['id']).length, 1)
        },
      )

      await step('contacts who were cut off for long are seen again when the way is mended', async (one) => {
        const [erin, frank] = [await ours().login(one, 'erin'), await theirs().login(one, 'frank')]
        for (const who of [erin, frank]) await who.appear()
        await subscribe(erin, frank)
        const mend = await swallow(one, at.partner, at.outer)
        const [id] = [freshId()]
        await erin.send(xml('iq', { to: frank.jid, type: 'get', id }, xml('ping', { xmlns: 'urn:xmpp:ping' })))
        await erin.expect('that frank is gone', isPresence(frank.jid, 'unavailable'), 60_000)
        await mend()
        await erin.expect('that frank is there again', isPresence(frank.jid), 60_000)
      })

      await step(
        'a partner that is blocked is gone for us and we for it, and both are back when it is allowed',
        async (one) => {
          const [grace, heidi] = [await ours().login(one, 'grace'), await theirs().login(one, 'heidi')]
          for (const who of [grace, heidi]) await who.appear()
          await subscribe(grace, heidi)
          await subscribe(heidi, grace)
          await gateway.command('partner', 'block', THEIRS, '--yes')
          await grace.expect('that heidi is gone', isPresence(heidi.jid, 'unavailable'))
          await heidi.expect('that grace is gone', isPresence(grace.jid, 'unavailable'))
          await gateway.command('partner', 'allow', THEIRS)
          await grace.send(xml('message', { to: heidi.jid, type: 'chat', id: freshId() }, xml('body', {}, 'Back?')))
          await grace.expect('that heidi is there again', isPresence(heidi.jid))
          await heidi.expect('that grace is there again', isPresence(grace.jid))
        },
      )

      await step('nothing went wrong inside', () => {
        assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
        return Promise.resolve()
      })
    },
  )
}

/** Servers write down late who may see whom (subscription `from`); one that is killed before has forgotten. */
async function onDisk({ folder }: XmppServer, contact: string): Promise<void> {
  await eventually('that the contact is written down', async () => {
    const files = await Array.fromAsync(glob(`${folder}/data/**/*roster*{,/*}`))
    const written = await Promise.all(files.map((file) => readFile(file, 'latin1').catch(() => '')))
    return written.some((text) => text.includes(contact) && text.includes('from')) ? true : undefined
  })
}

interface People {
  readonly alice: Client
  readonly carol: Client
  readonly bob: Client
  readonly dave: Client
}

/** Alice and Bob meet in a room of each side, where Carol and Dave wait for them. Gives back who is who there. */
async function meet({ alice, carol, bob, dave }: People, here: string, there: string) {
  const room = (service: string): string => `project-${freshId().slice(0, 8)}@${service}`
  const [ourRoom, theirRoom] = [room(here), room(there)]
  await join(carol, `${ourRoom}/Carol`)
  await join(bob, `${ourRoom}/Bob`)
  await join(dave, `${theirRoom}/Dave`)
  await join(alice, `${theirRoom}/Alice`)
  await carol.expect('bob in our room', isOccupant(`${ourRoom}/Bob`))
  await alice.expect('dave in their room', isOccupant(`${theirRoom}/Dave`))
  return [{ bob: `${ourRoom}/Bob` }, { dave: `${theirRoom}/Dave`, alice: `${theirRoom}/Alice` }] as const
}
