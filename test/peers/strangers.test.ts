// Partners whose users may not begin: nobody of theirs gets through to whom none of ours has turned to, and who of ours has, is
// known over restarts of the gateway. A core, and one partner of each kind of server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xml, type Client } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { conditionOf, freshId, isMessage, isPresence, referenceIn } from './conversations/conversation.ts'
import { OURS, places, side, USERS } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 97

test('strangers of public partners', needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const servers: readonly (readonly [domain: string, address: string, start: StartServer])[] = [
    ['public.example', at.partner, ejabberd],
    ['open.example', at.partner.replace(/4$/, '5'), prosody],
  ]
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: Object.fromEntries(servers.map(([domain, address]) => [domain, address])),
    partners: Object.fromEntries(
      servers.map(([domain]) => [domain, { status: 'allowed', class: 'public-unverified' }]),
    ),
  })
  const { core, publicCa } = world
  let { gateway } = world
  const partners = await Promise.all(
    servers.map(async ([domain, address, start]) => {
      const certificate = await issue({ ca: publicCa, names: [domain] })
      return await start(t, {
        ...{ address, dns: at.outerDns, anchors: [publicCa] },
        hosts: [{ domain, certificate, users: USERS }],
      })
    }),
  )
  const alice = await side(core, OURS).login(t, 'alice')
  await alice.appear()

  const say = async (from: Client, to: string): Promise<readonly [text: string, id: string]> => {
    const [text, id] = [freshId(), freshId()]
    await from.send(xml('message', { to, type: 'chat', id }, xml('body', {}, text)))
    return [text, id]
  }
  /** The words arrive. Waited for alone, so that nothing is still waited for when the test is over. */
  const arrives = async (from: Client, to: Client): Promise<void> => {
    const [text] = await say(from, to.jid)
    await to.expect('the words', isMessage(from.jid, text))
  }
  /** What the sender hears instead. */
  const refusal = async (from: Client, to: string): Promise<string> => {
    const [, id] = await say(from, to)
    const error = await from.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
    const { reason } = await gateway.why(referenceIn(error))
    return `${reason} ${conditionOf(error)}`
  }

  for (const [place, [domain]] of servers.entries())
    await t.test(`of ${domain}, which runs ${partners[place]!.kind}`, async (one) => {
      const bob = await side(partners[place]!, domain).login(one, 'bob')
      await bob.appear()
      assert.equal(await refusal(bob, alice.jid), 'SP-147 not-allowed')
      assert.equal(await refusal(bob, `nobody@${OURS}`), 'SP-147 not-allowed')

      await alice.send(xml('presence', { to: bob.bare, type: 'subscribe' }))
      await bob.expect('the request', isPresence(alice.bare, 'subscribe'))
      await bob.send(xml('presence', { to: alice.bare, type: 'subscribed' }))
      await alice.expect('the answer', isPresence(bob.bare, 'subscribed'))
      await arrives(bob, alice)
      const carol = await side(partners[place]!, domain).login(one, 'carol')
      assert.equal(await refusal(carol, alice.jid), 'SP-147 not-allowed', 'who is another one')
    })

  await t.test('who is known still is after the gateway was stopped and started, and nobody else', async (one) => {
    assert.equal(await gateway.stop(), 0)
    gateway = await Gateway.serve(t, gateway.directory)
    const [domain] = servers[0]!
    const bob = await side(partners[0]!, domain).login(one, 'bob')
    const carol = await side(partners[0]!, domain).login(one, 'carol')
    await bob.appear()
    await arrives(bob, alice)
    assert.equal(await refusal(carol, alice.jid), 'SP-147 not-allowed')
    await alice.send(xml('presence', { to: bob.bare, type: 'unsubscribe' }))
    await bob.expect('that she takes leave', isPresence(alice.bare, 'unsubscribe'))
    assert.equal(await refusal(bob, alice.jid), 'SP-147 not-allowed', 'of whom she has taken leave')
  })
})
