// A remote user at a real core, through the gateway: logs in from outside with an ordinary client, works as if inside, and
// is refused what nobody outside may.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xml } from '../support/client.ts'
import { REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { prosody } from '../support/prosody.ts'
import { authenticate, RawClient, secured, SM } from '../support/raw-client.ts'
import type { StartServer } from '../support/server.ts'
import { useWebSocket } from '../support/websocket-client.ts'
import { eventually } from '../support/within.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { testBlock, testOrdinaryClient, testRefusals, testReturn } from './ordinary-clients.ts'
import { outsiders } from './outsiders.ts'
import { OURS, places, side } from './places.ts'
import { testHostileClients } from './hostile-clients.ts'
import { testWay } from './inner-ways.ts'

export function testRemoteUsers(name: string, number: number, startCore: StartServer): void {
  test(name, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const at = places(number)
    const world = await outsiders(t, {
      number,
      core: (one, options) => startCore(one, { ...options, everyWay: true }),
      settings: {
        listen: {
          federation: [{ host: at.outer, port: 5269 }],
          core: [{ host: at.inner, port: 5269 }],
          remote: [
            { host: at.outer, port: 5222 },
            { host: at.outer, port: 5223, tls: 'direct' },
            { host: at.outer, port: 443, websocket: '/xmpp-websocket' },
          ],
        },
      },
    })
    const { gateway, core, publicCa } = world
    useWebSocket({ url: '', domain: OURS, ca: publicCa })
    const step = async (about: string, run: (one: typeof t) => Promise<void>): Promise<void> => {
      await t.test(about, async (one) => {
        try {
          await run(one)
        } catch (error) {
          one.diagnostic([gateway, core].map(({ log }) => log.tail()).join('\n'))
          throw error
        }
      })
    }
    const here = { host: at.outer, domain: OURS }

    for (const way of ['starttls', 'direct', 'websocket'] as const)
      await step(`@xmpp/client is at home by ${way}`, (one) => testOrdinaryClient(one, world, way))
    for (const mechanism of ['SCRAM-SHA-1', ...(startCore === prosody ? ['SCRAM-SHA-256'] : [])]) {
      for (const tls of ['starttls', 'direct'] as const) {
        await step(`${mechanism} logs in over ${tls}`, async () => {
          const client = await RawClient.login({ ...here, user: 'carol', mechanism, tls })
          const address = await client.bind('phone')
          assert.match(address, /^carol@corp\.example\/phone/)
          assert.partialDeepStrictEqual(await world.sessionOf('carol'), { address, mechanism })
          assert.doesNotMatch(client.before, /PLUS|EXTERNAL|ANONYMOUS|starttls|compress|iq-register|sasl-cb|sm:2/)
          assert.doesNotMatch(client.after, /starttls|compress|sasl-cb|sm:2/)
          client.dialog.say('</stream:stream>')
          await client.dialog.end()
        })
      }
    }
    for (const tls of ['direct', 'none', 'starttls'] as const) {
      await step(`the core is reached with tls: ${tls}`, () => testWay({ gateway, core, tls, client: here }))
    }
    await step('a wrong password, an unknown name and a guess at a mechanism end alike', async () => {
      const seen = new Set<string>()
      for (const user of ['dave', 'nobody']) {
        const { dialog } = await secured({ ...here, user })
        seen.add(await authenticate(dialog, { ...here, user, password: 'wrong' }))
        await using _ = dialog
      }
      assert.deepEqual([...seen], ["<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"])
      const lines = gateway.log.lines(/"event":"log-in\.failed"/)
      assert.equal(lines.length, 2)
      for (const line of lines) {
        assert.match(line, /"reason":"SP-808"/)
        assert.match(line, /"ip":"127\./)
      }
    })
    await step('what a client may not say is refused at the edge, and its count stays right', async () => {
      const client = await RawClient.login({ ...here, user: 'erin', mechanism: 'PLAIN' })
      const jid = await client.bind('edge')
      await client.enable()
      client.send("<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>")
      await client.dialog.expect(/<iq[^>]*id=['"]p1['"]/)
      client.send(`<message from='boss@${OURS}' to='bob@${OURS}' id='m1'><body>pay</body></message>`)
      const [error] = await client.dialog.expect(/<message[^>]*type='error'.*?<\/message>/s)
      assert.match(error, /<not-allowed/)
      const [, reference = ''] = REFERENCE.exec(error) ?? []
      assert.partialDeepStrictEqual(await gateway.why(reference), {
        event: 'stanza',
        verdict: 'refuse',
        reason: 'SP-819',
      })
      client.send("<iq type='get' id='p2'><ping xmlns='urn:xmpp:ping'/></iq>")
      await client.dialog.expect(/<iq[^>]*id=['"]p2['"]/)
      assert.equal(await client.handled(), client.sent)
      assert.ok(jid)
      await client.dialog[Symbol.asyncDispose]()
    })
    await step(
      'a session is resumed after the network has failed: nothing is lost, and nothing comes twice',
      async (one) => {
        const bob = await side(core, OURS).login(one, 'bob')
        const first = await RawClient.login({ ...here, user: 'frank', mechanism: 'PLAIN' })
        const jid = await first.bind('train')
        const id = await first.enable()
        first.send(`<message to='frank@nowhere.example' from='boss@${OURS}' id='x1'><body>refused</body></message>`)
        await first.dialog.expect(/<message[^>]*type='error'.*?<\/message>/s)
        first.send('<presence/>')
        await first.dialog.expect(/<presence/)
        first.dialog.reset()
        await eventually('that the gateway has noticed', async () =>
          (await world.sessionOf('frank')) ? undefined : true,
        )
        await bob.send(xml('message', { to: jid, type: 'chat', id: freshId() }, xml('body', {}, 'in the tunnel')))
        const second = await RawClient.login({ ...here, user: 'frank', mechanism: 'PLAIN' })
        // It has handled the error of the gateway and its own presence, which makes two.
        const [, h] = await second.dialog
          .say(`<resume xmlns='${SM}' h='2' previd='${id}'/>`)
          .expect(/<resumed [^>]*h=['"](\d+)['"][^>]*>/)
        assert.equal(Number(h), first.sent)
        await second.dialog.expect(/in the tunnel/)
        second.dialog.say(`<message to='${bob.jid}' type='chat' id='x2'><body>out of it</body></message>`)
        await bob.expect('the message', isMessage(jid, 'out of it'))
        const [, after] = await second.dialog.say(`<r xmlns='${SM}'/>`).expect(/<a [^>]*h=['"](\d+)['"]/)
        assert.equal(Number(after), first.sent + 1)
        await second.dialog[Symbol.asyncDispose]()
      },
    )
    for (const way of ['starttls', 'direct', 'websocket'] as const)
      await step(`@xmpp/client comes back by ${way}, and nothing is lost`, (one) => testReturn(one, world, way))
    await step('@xmpp/client is refused alike whichever way it comes', (one) => testRefusals(one, world))
    await step('blocking a user ends all their sessions within a second', (one) => testBlock(one, world))
    await step('hostile clients are sent away, each with its condition', () =>
      testHostileClients({ ...here, user: 'ivan' }),
    )
    await step('nobody resumes what is not theirs, or is not remembered', async () => {
      const owner = await RawClient.login({ ...here, user: 'grace', mechanism: 'PLAIN' })
      await owner.bind('owner')
      const id = await owner.enable()
      const thief = await RawClient.login({ ...here, user: 'mallory', mechanism: 'PLAIN' })
      await thief.dialog.say(`<resume xmlns='${SM}' h='0' previd='${id}'/>`).expect(/<failed.*item-not-found/s)
      assert.match(await thief.bind('thief'), /^mallory@/)
      await Promise.all([owner, thief].map(async ({ dialog }) => dialog[Symbol.asyncDispose]()))
    })
    await step('the gateway ends in good order, and tells every client', async () => {
      const client = await RawClient.login({ ...here, user: 'heidi', mechanism: 'PLAIN' })
      await client.bind('last')
      assert.equal(await gateway.stop(), 0)
      await client.dialog.expect(/system-shutdown/)
      assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
      assert.doesNotMatch(gateway.log.lines(/./).join('\n'), /sesame|into the dark|out of it|c2VzYW1l/)
    })
  })
}
