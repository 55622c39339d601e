// People whom a provider serves under decorated names (XEP-0106), with real servers: one domain is served by a Prosody and another by
// an ejabberd, both behind a core that knows nothing of it. To ours they have their own addresses, and are reached by those.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xml, type Client } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { conditionOf, freshId, isMessage, isPresence, referenceIn } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 245
/** The domain that is served, and one that is not. */
const [SERVED, OTHER] = ['example.org', 'elsewhere.example'] as const

test('people under names of a provider', needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const providers: readonly (readonly [via: string, served: string, address: string, start: StartServer])[] = [
    ['provider.example', SERVED, at.partner, prosody],
    ['hosting.example', 'example.net', at.partner.replace(/4$/, '5'), ejabberd],
  ]
  const { core, publicCa, gateway } = await buildWorld(t, {
    ...{ number: NUMBER, core: prosody },
    outside: Object.fromEntries(providers.map(([via, , address]) => [via, address])),
    partners: Object.fromEntries(providers.map(([via, served]) => [via, { status: 'allowed', decorates: [served] }])),
  })
  const alice = await side(core, OURS).login(t, 'alice')
  await alice.appear()

  for (const [via, served, address, start] of providers)
    await t.test(`at ${via}`, async (one) => {
      const [anna, eve] = [`anna\\40${served}`, `eve\\40${OTHER}`]
      const server = await start(t, {
        ...{ address, dns: at.outerDns, anchors: [publicCa] },
        hosts: [{ domain: via, certificate: await issue({ ca: publicCa, names: [via] }), users: [anna, eve, 'bob'] }],
      })
      const person = `anna@${served}`
      const there = await side(server, via).login(one, anna)
      assert.equal(there.bare, `${anna}@${via}`, 'the server knows her by her decorated name')
      await there.appear()
      const resource = there.jid.slice(there.jid.indexOf('/'))
      const says = async (from: Client, to: string): Promise<string> => {
        const text = freshId()
        await from.send(xml('message', { to, type: 'chat', id: text }, xml('body', {}, text)))
        return text
      }

      await alice.expect('her words', isMessage(`${person}${resource}`, await says(there, alice.jid)))
      await there.expect('an answer', isMessage(alice.jid, await says(alice, `${person}${resource}`)))
      await there.expect('words to her account', isMessage(alice.jid, await says(alice, person)))

      await alice.send(xml('presence', { to: person, type: 'subscribe' }))
      await there.expect('the request', isPresence(alice.bare, 'subscribe'))
      await there.send(xml('presence', { to: alice.bare, type: 'subscribed' }))
      await alice.expect('the answer', isPresence(person, 'subscribed'))
      await alice.expect('that she is there', isPresence(`${person}${resource}`))
      const pong = await alice.ask('get', `${person}${resource}`, xml('query', { xmlns: 'jabber:iq:version' }))
      assert.equal(pong.attrs['from'], `${person}${resource}`)

      const bob = await side(server, via).login(one, 'bob')
      await alice.expect('somebody of the provider itself', isMessage(bob.jid, await says(bob, alice.jid)))
      const refused = async (from: Client, to: string): Promise<string> => {
        const id = await says(from, to)
        const error = await from.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
        return `${(await gateway.why(referenceIn(error))).reason} ${conditionOf(error)}`
      }
      assert.equal(await refused(await side(server, via).login(one, eve), alice.jid), 'SP-167 not-allowed')
      assert.match(await refused(alice, there.bare), /^SP-168 /, 'she has one address')
      await there.send(xml('presence', { type: 'unavailable' }))
      await alice.expect('that she has gone', isPresence(`${person}${resource}`, 'unavailable'))
    })
})
