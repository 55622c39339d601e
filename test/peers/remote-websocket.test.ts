// Remote users over WebSocket at real cores: @xmpp/client logs in, chats and is heard; a session is resumed after the network
// has failed; whoever breaks the rules of the framing never gets that far.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { prosody } from '../support/prosody.ts'
import { PASSWORD } from '../support/server.ts'
import { logInOverWebSocket, RawWebSocket, type Where, xml } from '../support/websocket-client.ts'
import { freshId, isMessage, isPresence } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

/** What a core logs of a client that connects. */
const CONNECTED = { prosody: /Client connected/, ejabberd: /Accepted connection|\(tcp\|\d+\) Accepted/ } as const
const CORES = { prosody, ejabberd } as const
const SM = "xmlns='urn:xmpp:sm:3'"
const EVIL = 'https://evil.test'
const PING = "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"

/** A frame of a client: its first byte (FIN, RSV, opcode), and what is in it. RFC 6455 §5.2 */
const frame = (first: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload])

describe('remote users over WebSocket', () => {
  for (const [kind, number] of [
    ['prosody', 80],
    ['ejabberd', 81],
  ] as const) {
    test(`at a core of ${kind}`, needsPeer(kind, 'dnsmasq', 'root'), async (t) => {
      const at = places(number)
      const { gateway, core, publicCa } = await buildWorld(t, {
        number,
        core: CORES[kind],
        outside: {},
        remote: {},
        settings: {
          listen: {
            federation: [{ host: at.outer, port: 5269 }],
            core: [{ host: at.inner, port: 5269 }],
            remote: [{ host: at.outer, port: 443, tls: 'any', websocket: '/xmpp-websocket' }],
          },
        },
      })
      const where: Where = { url: `wss://${at.outer}/xmpp-websocket`, domain: OURS, ca: publicCa }
      const inside = await side(core, OURS).login(t, 'carol')
      await inside.appear()

      const step = async (name: string, run: () => Promise<void>): Promise<void> => {
        await t.test(name, async (one) => {
          try {
            await run()
          } catch (error) {
            one.diagnostic([gateway, core].map(({ log }) => log.tail()).join('\n'))
            throw error
          }
        })
      }

      await step('@xmpp/client logs in by SCRAM, and words go both ways', async () => {
        const alice = await logInOverWebSocket(t, where, 'alice', PASSWORD)
        const heard = Promise.withResolvers<string>()
        alice.on('stanza', (stanza) => {
          if (stanza.is('message') && stanza.getChildText('body')) heard.resolve(stanza.getChildText('body')!)
        })
        await alice.send(xml('presence'))
        await alice.send(
          xml('message', { to: inside.jid, type: 'chat', id: freshId() }, xml('body', {}, 'from a browser')),
        )
        await inside.expect('the message', isMessage(String(alice.jid), 'from a browser'))
        await inside.send(
          xml('message', { to: String(alice.jid), type: 'chat', id: freshId() }, xml('body', {}, 'to a browser')),
        )
        assert.equal(await heard.promise, 'to a browser')
        const { sessions } = await gateway.remote()
        assert.deepEqual(
          sessions.map(({ user, transport, mechanism, tls }) => [
            user,
            transport,
            mechanism?.startsWith('SCRAM-'),
            tls.start,
          ]),
          [[`alice@${OURS}`, 'websocket', true, 'direct']],
        )
        await alice.stop()
      })

      await step('a wrong password and an unknown user are refused alike', async () => {
        for (const [user, password] of [
          ['alice', 'wrong'],
          ['nobody', PASSWORD],
        ] as const) {
          await assert.rejects(logInOverWebSocket(t, where, user, password), /not-authorized/)
        }
      })

      await step('a session is resumed, and nothing is lost', async () => {
        const first = await RawWebSocket.open(where)
        await first.logIn('alice', PASSWORD)
        await first.bind('raw')
        first.say(`<enable ${SM} resume='true'/>`)
        const [, id] = /\bid=['"]([^'"]+)/.exec(await first.expect(/^<enabled /))!
        first.say("<presence xmlns='jabber:client'/>")
        await first.expect(/^<presence /)
        first.cut()
        await inside.send(
          xml('message', { to: `alice@${OURS}/raw`, type: 'chat', id: freshId() }, xml('body', {}, 'meanwhile')),
        )
        const second = await RawWebSocket.open(where)
        await second.logIn('alice', PASSWORD)
        second.say(`<resume ${SM} h='1' previd='${id}'/>`)
        await second.expect(/^<resumed /)
        await second.expect(/meanwhile/)
        second.say(`<message xmlns='jabber:client' to='${inside.jid}' id='r'><body>and on</body></message>`)
        await inside.expect('the message', isMessage(`alice@${OURS}/raw`, 'and on'))
      })

      await step(
        'who offers to compress is heard uncompressed, and in how many frames they speak is no matter',
        async () => {
          const alice = await RawWebSocket.open(where, { compresses: true, origin: `https://${OURS}` })
          assert.equal(alice.websocket.extensions, '')
          await alice.logIn('alice', PASSWORD)
          const jid = await alice.bind('parts')
          alice.say("<presence xmlns='jabber:client'/>")
          const body = 'ü'.repeat(2500)
          const message = `<message xmlns='jabber:client' to='${inside.jid}' type='chat' id='f'><body>${body}</body></message>`
          // Frames of an odd length end within a character.
          for (const parts of [3, 200, 251]) {
            alice.sayInParts(message, parts)
            await inside.expect('the message', isMessage(jid, body))
          }
          alice.websocket.ping()
          alice.say(PING)
          await alice.expect(/^<iq [^>]*type=['"]result/)
          await inside.send(xml('message', { to: jid, type: 'chat', id: freshId() }, xml('body', {}, body)))
          await alice.expect(new RegExp(`^<message .*${body}`))
          alice.say("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")
          assert.equal(await alice.closed, 1000)
        },
      )

      const opening = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${OURS}' version='1.0'/>`
      await step('a stranger who breaks the rules is out', async () => {
        for (const [say, code] of [
          [[opening, opening], 1000],
          [[opening, Buffer.from('<a/>')], 1003],
          [[opening, `<a>${'x'.repeat(20_000)}</a>`], undefined],
        ] as const) {
          const stranger = await RawWebSocket.open(where)
          for (const words of say) stranger.websocket.send(words)
          const closed = await stranger.closed
          if (code === undefined) assert.ok(closed === 1006 || closed === 1000, String(closed))
          else assert.equal(closed, code)
        }
        await assert.rejects(RawWebSocket.open(where, { origin: EVIL }), /403/)
      })

      const faults: readonly (readonly [what: string, act: (it: RawWebSocket) => void, code: number])[] = [
        ['frames that are compressed', (it) => it.raw(frame(0xc1, Buffer.from('<a/>'))), 1002],
        ['binary frames', (it) => it.websocket.send(Buffer.from(PING)), 1003],
        ['a message in too many frames', (it) => it.sayInParts(PING.padEnd(600), 600), 1008],
        ['a message that is too large', (it) => it.say(`<a>${'x'.repeat(600_000)}</a>`), 1009],
        [
          'one that is too large in many frames',
          (it) => it.sayInParts(`<message xmlns='jabber:client'><body>${'x'.repeat(600_000)}</body></message>`, 200),
          1009,
        ],
        ['a stream that is opened a second time', (it) => it.say(opening), 1000],
      ]
      for (const [what, act, code] of faults) {
        await step(`${what} end a session, the core sees its user go, and nobody else is troubled`, async () => {
          const [bob, judy] = [await RawWebSocket.open(where), await RawWebSocket.open(where)]
          for (const [one, user] of [
            [bob, 'bob'],
            [judy, 'judy'],
          ] as const) {
            await one.logIn(user, PASSWORD)
            await one.bind('wild')
          }
          bob.say(`<presence xmlns='jabber:client' to='${inside.jid}'/>`)
          await inside.expect('the presence', isPresence(`bob@${OURS}/wild`, undefined))
          act(bob)
          assert.equal(await bob.closed, code)
          await inside.expect('its end', isPresence(`bob@${OURS}/wild`, 'unavailable'))
          judy.say(PING)
          await judy.expect(/^<iq [^>]*type=['"]result/)
          judy.cut()
        })
      }

      await step('the core hears nothing of a page from elsewhere', async () => {
        const before = core.log.length
        await assert.rejects(RawWebSocket.open(where, { origin: EVIL }), /403/)
        await gateway.log.expect(/"reason":"SP-860"/)
        // Whatever it may have heard, it has heard before this.
        const alice = await RawWebSocket.open(where)
        await alice.logIn('alice', PASSWORD)
        alice.cut()
        assert.equal(core.log.lines(CONNECTED[kind], before).length, 1)
      })
    })
  }
})
