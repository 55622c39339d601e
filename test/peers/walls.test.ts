// A wall of the policy between two organisations, with real servers and clients: one of ours works with alpha.example on something
// of which beta.example must not hear. Nothing crosses between the two, directly, by presence or in a room of ours; everybody
// else goes on as before, and a change of the policy turns it round.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join as path } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { xml, type Client } from '../support/client.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { conditionOf, freshId, isFrom, isMessage, isPresence, referenceIn } from './conversations/conversation.ts'
import { isOccupant, join } from './conversations/room.ts'
import { conferenceOf, OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 241
const [ALPHA, BETA] = ['alpha.example', 'beta.example'] as const

/** These of ours work with alpha, and beta must not hear of it. */
const policy = (...team: readonly string[]) => ({
  groups: { 'deal-team': team.map((user) => `${user}@${OURS}`) },
  walls: [{ name: 'merger', sides: [{ who: ['deal-team'], partners: [ALPHA] }, { partners: [BETA] }] }],
})

test(
  `a wall keeps users of ours and a partner apart, and nobody else`,
  needsPeer('prosody', 'dnsmasq', 'root'),
  async (t) => {
    const at = places(NUMBER)
    const world = await buildWorld(t, {
      ...{ number: NUMBER, core: prosody, outside: { [ALPHA]: at.partner, [BETA]: at.partner } },
      partners: { [ALPHA]: { status: 'allowed' }, [BETA]: { status: 'allowed' } },
      remote: { policy: policy('alice') },
    })
    const { core, gateway, publicCa } = world
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
    const [alice, bob] = [await side(core, OURS).login(t, 'alice'), await side(core, OURS).login(t, 'bob')]
    const [ally, rival] = [await side(partner, ALPHA).login(t, 'carol'), await side(partner, BETA).login(t, 'dave')]
    for (const one of [alice, bob, ally, rival]) await one.appear()

    const write = async (from: Client, to: Client, id: string): Promise<void> =>
      from.send(xml('message', { to: to.jid, type: 'chat', id }, xml('body', {}, id)))
    const crosses = async (from: Client, to: Client): Promise<void> => {
      const id = freshId()
      await write(from, to, id)
      await to.expect(`what ${from.bare} writes`, isMessage(from.jid, id))
    }
    const refused = async (from: Client, to: Client, inside: boolean): Promise<void> => {
      const id = freshId()
      await write(from, to, id)
      const error = await from.expect('a refusal', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      assert.equal(conditionOf(error), 'not-allowed')
      const { reason, detail } = await gateway.why(referenceIn(error))
      assert.equal(reason, 'SP-141')
      assert.match(detail ?? '', /^rule=wall merger, /)
      assert.equal(isFrom(error, to.jid), true, inside ? 'as if from whom it was for' : 'in the name of our user')
      assert.deepEqual(
        to.untaken((s) => s.attrs['id'] === id),
        [],
      )
    }

    /** A room of ours that says who is behind a nick; whoever is in the team is not heard by beta there, and others are. */
    const inRoom = async (team: Client, other: Client): Promise<void> => {
      const room = `plans-${freshId().slice(0, 8)}@${conferenceOf(OURS)}`
      await join(other, `${room}/Other`)
      const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value))
      const form = xml(
        'x',
        { xmlns: 'jabber:x:data', type: 'submit' },
        field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'),
        field('muc#roomconfig_whois', 'anyone'),
      )
      const set = await other.ask('set', room, xml('query', { xmlns: 'http://jabber.org/protocol/muc#owner' }, form))
      assert.equal(set.attrs['type'], 'result', set.toString())
      await join(rival, `${room}/Rival`)
      await join(team, `${room}/Team`)
      for (const [who, text] of [
        [team, 'secret'],
        [other, 'lunch'],
      ] as const)
        await who.send(xml('message', { to: room, type: 'groupchat', id: freshId() }, xml('body', {}, text)))
      await team.expect('the other', isMessage(`${room}/Other`, 'lunch'))
      await rival.expect('the other', isMessage(`${room}/Other`, 'lunch'))
      await rival.expect('the other in the room', isOccupant(`${room}/Other`))
      assert.deepEqual(
        rival.untaken((s) => isFrom(s, `${room}/Team`)),
        [],
        'neither shown nor heard',
      )
      const id = freshId()
      await rival.send(xml('message', { to: `${room}/Team`, type: 'chat', id }, xml('body', {}, id)))
      await rival.expect('a refusal', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      assert.deepEqual(
        team.untaken((s) => s.getChildText('body') === id),
        [],
      )
    }

    const holds = async (team: Client, other: Client): Promise<void> => {
      await crosses(team, ally)
      await crosses(ally, team)
      await crosses(other, rival)
      await crosses(rival, other)
      await refused(team, rival, true)
      await refused(rival, team, false)
      for (const who of [team, other]) await who.send(xml('presence', { to: rival.jid }, xml('status', {}, team.bare)))
      const shown = isPresence(other.jid)
      await rival.expect('the presence of the other', (s) => shown(s) && s.getChildText('status') === team.bare)
      assert.deepEqual(rival.untaken(isPresence(team.jid)), [])
      await inRoom(team, other)
    }

    await t.test('words, presence and a room', () => holds(alice, bob))
    await t.test('the other way round, as soon as the policy says so', async () => {
      const since = gateway.log.length
      const began = performance.now()
      await writeFile(path(gateway.directory, 'federation-config/policy.yaml'), stringify(policy('bob')))
      await gateway.log.expect(/"event":"config\.applied"/, { since })
      const took = performance.now() - began
      await crosses(alice, rival)
      await holds(bob, alice)
      t.diagnostic(`in force after ${Math.round(took)} ms`)
      assert.ok(took < 5000, `in force after ${took} ms`)
    })
  },
)
