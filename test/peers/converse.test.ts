// A remote user with Converse.js in Chromium at real cores, over WebSocket through the gateway: what people do in it, what they
// see when they are not let in, and how it comes back when the network was gone.
//
// Log-in by a card: converse-card.test.ts. TCP is not played with it, since a page has none: @xmpp/client, profanity.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChromium } from '../support/browser.ts'
import { Client, xml } from '../support/client.ts'
import { Converse, serveConverse } from '../support/converse.ts'
import { Cutter } from '../support/cutter.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, temporaryFolder, writeIdentity } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { fileAt, reverseProxy } from '../support/reverse-proxy.ts'
import { UPLOAD_PORT, uploadOf, type StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { isMessage } from './conversations/conversation.ts'
import { enter, outsiders, refusedAlike, SOON_LOCKED } from './outsiders.ts'
import { conferenceOf, OURS, places, side, THEIRS } from './places.ts'

const CORES: readonly (readonly [name: string, number: number, start: StartServer, mechanism: string])[] = [
  ['prosody', 93, prosody, 'SCRAM-SHA-256'],
  ['ejabberd', 95, ejabberd, 'SCRAM-SHA-1'],
]
const PAGE = 'chat.example'

for (const [name, number, startCore, mechanism] of CORES) {
  test(
    `Converse.js outside, ${name} inside`,
    needsPeer('chromium', 'prosody', 'ejabberd', 'dnsmasq', 'root'),
    async (t) => {
      const at = places(number)
      const [web, far, files] = [5, 6, 7].map((host) => `127.0.${number}.${host}`) as [string, string, string]
      const { gateway, core, partner, publicCa, sessionOf } = await outsiders(t, {
        number,
        core: (one, options) => startCore(one, { ...options, extras: true }),
        settings: {
          listen: {
            federation: [{ host: at.outer, port: 5269 }],
            core: [{ host: at.inner, port: 5269 }],
            remote: [
              { host: at.outer, port: 5222 },
              { host: at.outer, port: 443, websocket: '/xmpp-websocket', origins: [`https://${PAGE}`] },
            ],
          },
          limits: SOON_LOCKED,
        },
      })
      const certificate = await issue({ ca: publicCa, names: [PAGE, 'elsewhere.example'] })
      await serveConverse(t, { address: web, certificate })
      const uploads = await issue({ ca: publicCa, names: [uploadOf(OURS)] })
      const asked = await reverseProxy(t, {
        address: files,
        certificate: uploads,
        to: { host: core.address, port: UPLOAD_PORT },
      })
      await using wire = await Cutter.open({ host: at.outer, port: 443 }, far, 443)
      const chromium = await startChromium(t, {
        names: { [OURS]: far, [PAGE]: web, 'elsewhere.example': web, [uploadOf(OURS)]: files },
        believed: [
          (await writeIdentity(await temporaryFolder(t), certificate)).certFile,
          (await writeIdentity(await temporaryFolder(t), uploads)).certFile,
          join(gateway.directory, 'certs', OURS, 'fullchain.pem'),
        ],
      })
      const alice = await Converse.open(chromium, `https://${PAGE}/`)
      let me = ''

      /** Alice writes to somebody, who answers. */
      const talk = async (other: Client, words: string): Promise<void> => {
        await alice.show('chat', other.bare)
        await alice.say(other.bare, words)
        await other.expect('the message', isMessage(me, words))
        await other.send(xml('message', { to: me, type: 'chat' }, xml('body', {}, `${words}? yes`)))
        await alice.expect('.chat-msg__text', new RegExp(`^${words}\\? yes$`))
      }

      await t.test(`finds the WebSocket, logs in by ${mechanism}, and is seen`, async () => {
        await alice.logIn(`alice@${OURS}`)
        await alice.picture(`${name}-trying`)
        await alice.heard(/^<success\b/)
        const session = await eventually('her session', () => sessionOf('alice'))
        me = session.address ?? ''
        assert.match(me, /^alice@corp\.example\/./)
        assert.equal(session.mechanism, mechanism)
        assert.equal(session.transport, 'websocket')
        assert.deepEqual(alice.urls, [`wss://${OURS}/xmpp-websocket`])
        await alice.expect('#controlbox', /CONTACTS/)
        await alice.picture(`${name}-logged-in`)
      })
      await t.test('talks with a user inside', async (one) => {
        const bob = await side(core, OURS).login(one, 'bob')
        await bob.appear()
        await talk(bob, 'are you inside')
        assert.equal((await sessionOf('alice'))?.software, 'https://conversejs.org')
        await alice.picture(`${name}-chat`)
      })
      await t.test('sends a file to a slot of the core, from where the other gets it', async (one) => {
        const bob = await side(core, OURS).login(one, 'bob')
        await bob.appear()
        const file = join(await temporaryFolder(one), 'plan.txt')
        await writeFile(file, 'meet at the gate')
        await alice.show('chat', bob.bare)
        await alice.attach(bob.bare, file)
        const sent = await bob.expect('the link', (s) => (s.getChildText('body') ?? '').startsWith('https://'))
        const url = new URL(sent.getChildText('body') ?? '')
        assert.equal(url.hostname, uploadOf(OURS))
        assert.deepEqual(
          asked.filter((line) => line.startsWith('PUT ')),
          [`PUT ${url.pathname}`],
        )
        assert.equal(await fileAt(url, files, publicCa), 'meet at the gate')
        await alice.picture(`${name}-upload`)
      })
      await t.test('sees what she writes with another client (carbons)', async (one) => {
        const [desk, bob] = [await side(core, OURS).login(one, 'alice'), await side(core, OURS).login(one, 'bob')]
        await bob.appear()
        await alice.show('chat', bob.bare)
        await desk.send(xml('message', { to: bob.jid, type: 'chat' }, xml('body', {}, 'from my desk')))
        await alice.expect('.chat-msg__text', /^from my desk$/)
        const carbon = await alice.heard(/urn:xmpp:carbons:2[^]*from my desk/)
        assert.match(carbon, /<sent /)
      })
      await t.test('finds in the archive what was said before she came (MAM)', async () => {
        await using later = await Converse.open(chromium, `https://${PAGE}/`)
        await later.logIn(`alice@${OURS}`)
        await later.expect('#controlbox', /CONTACTS/)
        await later.show('chat', `bob@${OURS}`)
        await later.expect('.chat-msg__text', /^from my desk$/)
        await later.heard(/<result [^]*urn:xmpp:mam:2[^]*from my desk|urn:xmpp:mam:2[^]*<forwarded[^]*from my desk/)
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
        await erin.send(xml('presence', { to: `alice@${OURS}`, type: 'subscribe' }))
        await alice.expect('converse-roster .contact-name', /^erin/)
        await alice.show('chat', erin.bare)
        await alice.click('converse-contact-approval-alert .btn-success, converse-contact-approval-alert .btn-primary')
        await alice.click('converse-accept-contact-request-modal button[type=submit]')
        await erin.expect('her presence', (s) => s.name === 'presence' && s.attrs['from'] === me && !s.attrs['type'])
        await alice.heard(/^<iq [^]*jabber:iq:roster[^]*<item [^>]*subscription=['"]from/)
        await alice.expect('converse-roster .contact-name', /^erin/)
        await alice.picture(`${name}-roster`)
      })
      await t.test('speaks in a room', async (one) => {
        const room = `hall@${conferenceOf(OURS)}`
        await alice.show('room', room)
        await alice.expect('converse-muc .occupant-list', /alice/)
        const frank = await side(core, OURS).login(one, 'frank')
        await enter(frank, room, 'frank')
        await alice.say(room, 'who else is here')
        await frank.expect('her words', isMessage(`${room}/alice`, 'who else is here'))
        await frank.send(xml('message', { to: room, type: 'groupchat' }, xml('body', {}, 'only me')))
        await alice.expect('converse-muc .chat-msg__text', /^only me$/)
        await alice.picture(`${name}-room`)
      })
      await t.test('comes back when the network was gone, and nothing is lost', async (one) => {
        const grace = await side(core, OURS).login(one, 'grace')
        await grace.appear()
        await talk(grace, 'am I there')
        const [before, since] = [await sessionOf('alice'), alice.frames.length]
        wire.swallow()
        await alice.say(grace.bare, 'said into the dark')
        await grace.send(xml('message', { to: me, type: 'chat' }, xml('body', {}, 'heard in the dark')))
        wire.heal()
        await alice.heard(/^<resumed /, since)
        await alice.expect('.chat-msg__text', /^heard in the dark$/)
        await grace.expect('what was lost', isMessage(me, 'said into the dark'))
        const after = await sessionOf('alice')
        assert.equal(after?.address, before?.address)
        assert.notEqual(after?.id, before?.id)
        await talk(grace, 'am I back')
        const shown = await alice.messages()
        assert.deepEqual(
          shown.filter((text) => text.includes('in the dark')),
          ['heard in the dark'],
        )
        assert.equal(grace.untaken(isMessage(me, 'said into the dark')).length, 0)
        await alice.picture(`${name}-resumed`)
      })
      await t.test('a wrong password, an unknown name and a locked account look the same', async () => {
        await refusedAlike(async (user, password) => {
          await using client = await Converse.open(chromium, `https://${PAGE}/`)
          await client.logIn(`${user}@${OURS}`, password)
          const seen = await client.expect('.conn-feedback', /incorrect|fail|disconnect/i)
          await client.picture(`${name}-refused`)
          return seen
        })
      })
      await t.test('a page from elsewhere is not let in', async () => {
        await using stranger = await Converse.open(chromium, 'https://elsewhere.example/')
        await stranger.logIn(`ivan@${OURS}`)
        await stranger.noted(/wss:.*Unexpected response code: 403/)
        assert.equal(await sessionOf('ivan'), undefined)
      })
      await t.test('a session that an operator ends is over', async () => {
        const since = alice.frames.length
        await gateway.command('remote', 'end', `alice@${OURS}`)
        await alice.heard(/<close\b/, since)
        await alice.picture(`${name}-ended`)
      })
    },
  )
}
