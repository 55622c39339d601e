// Two partners and rooms of ours, with real servers and clients: in a room there are two organisations at most, also after the gateway
// was started anew and knows nothing of who is where, and whoever may not make rooms makes none by entering one that is not there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xml, type Client } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { conditionOf, freshId, isFrom, referenceIn } from './conversations/conversation.ts'
import { isOccupant, join } from './conversations/room.ts'
import { conferenceOf, OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

/** By the core that has the rooms. */
const CORES = {
  prosody: { number: 242, start: prosody },
  ejabberd: { number: 243, start: (t, options) => ejabberd(t, { ...options, openRooms: true }) },
} satisfies Readonly<Record<string, { readonly number: number; readonly start: StartServer }>>
const [ALPHA, BETA] = ['alpha.example', 'beta.example'] as const
const MUC = 'http://jabber.org/protocol/muc'

const rules = [{ name: 'talk', allow: ['messages', 'presence', 'subscriptions', 'rooms', 'queries'] }]
const policy = { policies: { default: { rules, otherwise: 'none' } } }

for (const [name, { number, start }] of Object.entries(CORES))
  test(
    `who of others may be in rooms of ours, and who may make them: rooms of ${name}`,
    needsPeer('prosody', ...(name === 'ejabberd' ? ['ejabberd' as const] : []), 'dnsmasq', 'root'),
    async (t) => {
      const at = places(number)
      const { core, publicCa, ...world } = await buildWorld(t, {
        ...{ number, core: start, outside: { [ALPHA]: at.partner, [BETA]: at.partner } },
        partners: { [ALPHA]: { status: 'allowed', rooms: { organisations: 2 } }, [BETA]: { status: 'allowed' } },
        remote: { policy },
      })
      let { gateway } = world
      const partner = await prosody(t, {
        ...{ address: at.partner, dns: at.outerDns, anchors: [publicCa] },
        hosts: await Promise.all(
          [ALPHA, BETA].map(async (domain) => ({
            domain,
            certificate: await issue({ ca: publicCa, names: [domain] }),
            users: ['carol', 'dave'],
          })),
        ),
      })
      const alice = await side(core, OURS).login(t, 'alice')
      const [carol, dave] = [await side(partner, ALPHA).login(t, 'carol'), await side(partner, BETA).login(t, 'dave')]
      const fresh = (): string => `plans-${freshId().slice(0, 8)}@${conferenceOf(OURS)}`

      const make = async (room: string): Promise<void> => {
        await join(alice, `${room}/Alice`)
        const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' })
        const set = await alice.ask('set', room, xml('query', { xmlns: `${MUC}#owner` }, form))
        assert.equal(set.attrs['type'], 'result', set.toString())
      }
      const leave = async (who: Client, nick: string): Promise<void> => {
        await who.send(xml('presence', { to: nick, type: 'unavailable' }))
        await who.expect('its own leaving', isOccupant(nick, 'unavailable'))
      }
      const kept = async (who: Client, nick: string, reason: string): Promise<void> => {
        await who.send(xml('presence', { to: nick }, xml('x', { xmlns: MUC })))
        const error = await who.expect('a refusal', (s) => isFrom(s, nick) && s.attrs['type'] === 'error')
        assert.equal(conditionOf(error), 'not-allowed')
        assert.equal((await gateway.why(referenceIn(error))).reason, reason)
      }

      await t.test('a third organisation stays out, until one of the two has left', async () => {
        const room = fresh()
        await make(room)
        await join(carol, `${room}/Carol`)
        await kept(dave, `${room}/Dave`, 'SP-171')
        await leave(carol, `${room}/Carol`)
        await join(dave, `${room}/Dave`)
        await kept(carol, `${room}/Carol`, 'SP-171')
        await leave(dave, `${room}/Dave`)
        await join(carol, `${room}/Carol`)
      })

      await t.test('a room that is not there is not made, and the answer is that of a room that is shut', async () => {
        const room = fresh()
        await kept(carol, `${room}/Carol`, 'SP-172')
        assert.deepEqual(
          carol.untaken((s) => isFrom(s, room) || isFrom(s, `${room}/Carol`)),
          [],
          'nothing else is heard of it',
        )
        await alice.send(xml('presence', { to: `${room}/Alice` }, xml('x', { xmlns: MUC })))
        const own = await alice.expect('to make it', isOccupant(`${room}/Alice`))
        const codes = own
          .getChild('x', `${MUC}#user`)
          ?.getChildren('status')
          .map(({ attrs }) => attrs['code'])
        assert.ok(codes?.includes('201'), own.toString())
      })

      await t.test(
        'who comes into a room of which nothing is known any more goes out as soon as the room tells',
        async () => {
          const room = fresh()
          await make(room)
          await join(carol, `${room}/Carol`)
          await carol.expect('all that comes with it', (s) => s.is('message') && isFrom(s, room))
          assert.equal(await gateway.stop(), 0)
          gateway = await Gateway.serve(t, gateway.directory)
          await dave.send(xml('presence', { to: `${room}/Dave` }, xml('x', { xmlns: MUC })))
          await dave.expect('to be out', isOccupant(`${room}/Dave`, 'unavailable'))
          await carol.expect('that the other is out', isOccupant(`${room}/Dave`, 'unavailable'))
          await kept(dave, `${room}/Dave`, 'SP-171')
        },
      )
    },
  )
