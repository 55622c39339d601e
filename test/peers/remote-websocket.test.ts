// Remote users over WebSocket at real cores: @xmpp/client logs in, chats and is heard; a session is resumed after the network
// has failed; whoever breaks the rules of the framing never gets that far.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { prosody } from '../support/prosody.ts'
import { PASSWORD } from '../support/server.ts'
import { logInOverWebSocket, RawWebSocket, type Where, xml } from '../support/websocket-client.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const CORES = { prosody, ejabberd } as const
const SM = "xmlns='urn:xmpp:sm:3'"
const BIND =
  "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>raw</resource></bind></iq>"

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
        first.say(BIND)
        await first.expect(/<jid>/)
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

      await step('who breaks the rules is out', async () => {
        const tls: object = { ca: publicCa.pem, servername: OURS }
        const opening = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${OURS}' version='1.0'/>`
        for (const [say, code] of [
          [[opening, opening], 1000],
          [[opening, Buffer.from('<a/>')], 1003],
          [[opening, `<a>${'x'.repeat(20_000)}</a>`], undefined],
        ] as const) {
          const websocket = new WebSocket(where.url, ['xmpp'], tls)
          websocket.on('error', () => {})
          await new Promise((resolve) => websocket.on('open', resolve))
          for (const words of say) websocket.send(words)
          const closed = await new Promise<number>((resolve) => websocket.on('close', resolve))
          if (code === undefined) assert.ok(closed === 1006 || closed === 1000, String(closed))
          else assert.equal(closed, code)
        }
        const foreign = new WebSocket(where.url, ['xmpp'], { ...tls, origin: 'https://evil.test' })
        const error = await new Promise<Error>((resolve) => foreign.on('error', resolve))
        assert.match(error.message, /403/)
      })
    })
  }
})
