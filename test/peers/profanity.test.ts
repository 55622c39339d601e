// A remote user with profanity at real cores, through the gateway: what people do with it, what they see when they are not
// let in, and how it comes back when the network was gone.
//
// What is not played with profanity 0.13, and why; each is played with another client:
//   a slot for a file    it sends the file at once, to a name that it asks the machine for   Converse.js: converse.test.ts
//   log-in by a card     it has no way to be given one                                       Converse.js: converse-card.test.ts
//   its own words into   it takes the session up again, and does not say them again: both cores keep    Converse.js,
//   the dark             what was said to it                                                            @xmpp/client
//   WebSocket            it has none                                                         Converse.js, @xmpp/client
//   SCRAM-SHA-1          it takes the strongest that is offered, and that is SHA-256 here    @xmpp/client: ordinary-clients.ts

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, xml } from '../support/client.ts'
import { Cutter } from '../support/cutter.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { Profanity, type ProfanityOptions } from '../support/profanity.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { isMessage } from './conversations/conversation.ts'
import { enter, outsiders, refusedAlike, SOON_LOCKED } from './outsiders.ts'
import { conferenceOf, OURS, places, side, THEIRS } from './places.ts'

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
      const { gateway, core, partner, publicCa, sessionOf } = await outsiders(t, {
        number,
        core: (one, options) => startCore(one, { ...options, scramHash: 'sha256' }),
        settings: { limits: SOON_LOCKED },
      })
      const outside = (user: string, more: Partial<ProfanityOptions> = {}): Promise<Profanity> =>
        Profanity.start(t, { user, domain: OURS, address: at.outer, anchors: [publicCa], ...more })
      await using wire = await Cutter.open({ host: at.outer, port: 5222 }, at.outer, 5322)
      const alice = await outside('alice', { port: 5322 })
      const me = `alice@${OURS}/terminal`

      /** Alice writes to somebody, who answers. */
      const talk = async (other: Client, words: string): Promise<void> => {
        await alice.type(`/msg ${other.bare} ${words}`)
        await other.expect('the message', isMessage(me, words))
        await other.send(xml('message', { to: me, type: 'chat' }, xml('body', {}, `${words}? yes`)))
        await alice.expect(new RegExp(`${words}\\? yes`))
      }

      await t.test('logs in by SCRAM-SHA-256, and is seen', async () => {
        await alice.expect(/alice@corp\.example\/terminal logged in successfully/)
        const session = await sessionOf('alice')
        assert.partialDeepStrictEqual(session, { address: me, mechanism: 'SCRAM-SHA-256' })
      })
      await t.test('talks with a user inside', async (one) => {
        const bob = await side(core, OURS).login(one, 'bob')
        await bob.appear()
        await talk(bob, 'are you inside')
        assert.match((await sessionOf('alice'))?.software ?? '', /profanity/)
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
        await enter(frank, room, 'frank')
        await alice.type('who else is here')
        await frank.expect('her words', isMessage(`${room}/alice`, 'who else is here'))
        await frank.send(xml('message', { to: room, type: 'groupchat' }, xml('body', {}, 'only me')))
        await alice.expect(/frank: only me/)
      })
      await t.test(
        'takes the session up again when the network was gone, and hears what was said meanwhile',
        async (one) => {
          const before = await sessionOf('alice')
          const grace = await side(core, OURS).login(one, 'grace')
          await grace.appear()
          wire.swallow()
          await grace.send(xml('message', { to: me, type: 'chat' }, xml('body', {}, 'said into the tunnel')))
          wire.heal()
          await eventually('another session of hers', async () => {
            const session = await sessionOf('alice')
            return session && session.id !== before?.id ? true : undefined
          })
          await alice.type('/win 1')
          await alice.expect(/logged in successfully[^]*logged in successfully/)
          await core.log.expect(/session resumed from|Resumed session for alice@/)
          await talk(grace, 'am I back')
          await alice.expect(/said into the tunnel/)
        },
      )
      await t.test('a wrong password, an unknown name and a locked account look the same', async () => {
        await refusedAlike(async (user, password) => {
          await using client = await outside(user, { password })
          const [line] = await client.expect(/- Login failed\.?.*/, 30_000)
          return line.trim()
        })
      })
      await t.test('a session that an operator ends is over', async () => {
        await gateway.command('remote', 'end', `alice@${OURS}`)
        await alice.expect(/[Ll]ost connection|disconnected/)
      })
    },
  )
}
