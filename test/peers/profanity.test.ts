// A remote user with profanity at real cores, through the gateway: what people do with it, what they see when they are not
// let in, and how it comes back when the network was gone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, xml } from '../support/client.ts'
import { Cutter } from '../support/cutter.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { Profanity, type ProfanityOptions } from '../support/profanity.ts'
import { prosody } from '../support/prosody.ts'
import { PASSWORD, type StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { isMessage } from './conversations/conversation.ts'
import { conferenceOf, OURS, places, side, THEIRS, USERS } from './places.ts'
import { buildWorld } from './world.ts'

const CORES: readonly (readonly [name: string, number: number, start: StartServer])[] = [
  ['prosody', 91, prosody],
  ['ejabberd', 92, ejabberd],
]

for (const [name, number, startCore] of CORES) {
  test(
    `profanity outside, ${name} inside`,
    needsPeer('profanity', 'tmux', 'prosody', 'ejabberd', 'dnsmasq', 'root'),
    async (t) => {
      const at = places(number)
      const { gateway, core, publicCa } = await buildWorld(t, {
        number,
        core: startCore,
        outside: { [THEIRS]: at.partner },
        partners: { [THEIRS]: { status: 'allowed' } },
        remote: {},
        settings: { limits: { remoteFailuresPerAccount: 2, remoteRefusal: '300ms' } },
      })
      const partner = await prosody(t, {
        address: at.partner,
        dns: at.outerDns,
        anchors: [publicCa],
        hosts: [{ domain: THEIRS, certificate: await issue({ ca: publicCa, names: [THEIRS] }), users: USERS }],
      })
      const outside = (user: string, more: Partial<ProfanityOptions> = {}): Promise<Profanity> =>
        Profanity.start(t, { user, domain: OURS, address: at.outer, anchors: [publicCa], ...more })
      await using wire = await Cutter.open({ host: at.outer, port: 5222 }, at.outer, 5322)
      const alice = await outside('alice', { port: 5322 })
      const me = `alice@${OURS}/terminal`
      const sessionOf = async (user: string) =>
        (await gateway.remote()).sessions.find((one) => one.user === `${user}@${OURS}`)

      /** Alice writes to somebody, who answers. */
      const talk = async (other: Client, words: string): Promise<void> => {
        await alice.type(`/msg ${other.bare} ${words}`)
        await other.expect('the message', isMessage(me, words))
        await other.send(xml('message', { to: me, type: 'chat' }, xml('body', {}, `${words}? yes`)))
        await alice.expect(new RegExp(`${words}\\? yes`))
      }

      await t.test('logs in by SCRAM, and is seen', async () => {
        await alice.expect(/alice@corp\.example\/terminal logged in successfully/)
        const session = await sessionOf('alice')
        assert.partialDeepStrictEqual(session, { phase: 'bound', address: me })
        assert.match(session?.mechanism ?? '', /^SCRAM-SHA-/)
      })
      await t.test('talks with a user inside', async (one) => {
        const bob = await side(core, OURS).login(one, 'bob')
        await bob.appear()
        await talk(bob, 'are you inside')
      })
      await t.test('talks with a partner', async (one) => {
        const carol = await side(partner, THEIRS).login(one, 'carol')
        await carol.appear()
        await talk(carol, 'are you a partner')
      })
      await t.test('talks with another who is outside', async (one) => {
        const dave = await Client.login(one, { user: 'dave', domain: OURS, address: at.outer })
        await dave.appear()
        await talk(dave, 'are you outside')
      })
      await t.test('has a roster', async (one) => {
        const erin = await side(core, OURS).login(one, 'erin')
        await erin.appear()
        await alice.type(`/roster add erin@${OURS} Erin`)
        await alice.type(`/sub request erin@${OURS}`)
        const asked = await erin.expect(
          'the request',
          ({ name: kind, attrs }) => kind === 'presence' && attrs['type'] === 'subscribe',
        )
        assert.equal(asked.attrs['from'], `alice@${OURS}`)
        await erin.send(xml('presence', { to: `alice@${OURS}`, type: 'subscribed' }))
        await alice.type('/win 1')
        await alice.type('/roster')
        await alice.expect(/erin@corp\.example/)
      })
      await t.test('speaks in a room', async (one) => {
        const room = `hall@${conferenceOf(OURS)}`
        await alice.type(`/join ${room}`)
        await alice.expect(/You have joined the room as alice/)
        await alice.type('/room accept')
        const frank = await side(core, OURS).login(one, 'frank')
        await eventually('that the room is open', async () => {
          await frank.send(
            xml('presence', { to: `${room}/frank` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })),
          )
          const heard = await frank.expect('a word of the room', (s) => s.name === 'presence')
          return heard.attrs['type'] === 'error' ? undefined : true
        })
        await alice.type('who else is here')
        await frank.expect('her words', isMessage(`${room}/alice`, 'who else is here'))
        await frank.send(xml('message', { to: room, type: 'groupchat' }, xml('body', {}, 'only me')))
        await alice.expect(/frank: only me/)
      })
      await t.test('comes back when the network was gone', async (one) => {
        const before = await sessionOf('alice')
        const grace = await side(core, OURS).login(one, 'grace')
        await grace.appear()
        wire.swallow()
        await grace.send(xml('message', { to: me, type: 'chat' }, xml('body', {}, 'said into the tunnel')))
        wire.heal()
        await eventually('another session of hers', async () => {
          const session = await sessionOf('alice')
          return session && session.id !== before?.id && session.phase === 'bound' ? true : undefined
        })
        await alice.type('/win 1')
        await alice.expect(/logged in successfully[^]*logged in successfully/)
        await talk(grace, 'am I back')
        await alice.expect(/said into the tunnel/)
      })
      await t.test('a wrong password, an unknown name and a locked account look the same', async () => {
        const seen = new Set<string>()
        const refused = async (user: string, password: string): Promise<void> => {
          await using client = await outside(user, { password })
          const [line] = await client.expect(/- Login failed\.?.*/, 30_000)
          seen.add(line.trim())
        }
        for (let n = 0; n < 2; n++) await refused('heidi', 'wrong')
        await refused('heidi', PASSWORD) // Locked by then.
        await refused('nobody', 'wrong')
        assert.equal(seen.size, 1, [...seen].join('\n'))
      })
      await t.test('a session that an operator ends is over', async () => {
        await gateway.command('remote', 'end', `alice@${OURS}`)
        await alice.expect(/[Ll]ost connection|disconnected/)
      })
    },
  )
}
