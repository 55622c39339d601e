// Direct TLS with a real Prosody, both ways. The gateway's outer address has nothing else to offer: where a stream is up,
// it came by direct TLS.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xml } from '../support/client.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, USERS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 63

test('direct TLS with Prosody', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: { [THEIRS]: at.partner },
    directTls: 'only',
    partners: { [THEIRS]: { status: 'allowed' } },
  })
  const { gateway, core, publicCa, outerDns } = world
  const partner = await prosody(t, {
    address: at.partner,
    dns: at.outerDns,
    anchors: [publicCa],
    hosts: [{ domain: THEIRS, certificate: await issue({ ca: publicCa, names: [THEIRS] }), users: USERS }],
    directTls: true,
  })
  const [alice, bob] = [await side(core, OURS).login(t, 'alice'), await side(partner, THEIRS).login(t, 'bob')]
  const step = async (name: string, run: () => Promise<void>): Promise<void> => {
    await t.test(name, async (one) => {
      try {
        await run()
      } catch (error) {
        one.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
        throw error
      }
    })
  }
  const upByCertificate = async (role: string): Promise<boolean> =>
    (await gateway.streams()).some(
      (stream) =>
        stream.leg === 'partner' &&
        stream.role === role &&
        stream.method === 'certificate' &&
        stream.tls?.start === 'direct',
    )

  await step('the listener says what it is', async () => {
    assert.deepEqual(await gateway.listeners(), [`${at.outer}:5270 direct`, `${at.inner}:5269 starttls`])
  })
  await step('our words reach the partner', async () => {
    await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, 'directly out')))
    await bob.expect('the message', isMessage(alice.jid, 'directly out'))
    assert.ok(await upByCertificate('initiating'))
    assert.ok(outerDns.queries().includes(`SRV _xmpps-server._tcp.${THEIRS}`))
  })
  await step("the partner's words reach us", async () => {
    await bob.send(xml('message', { to: alice.jid, type: 'chat', id: freshId() }, xml('body', {}, 'directly in')))
    await alice.expect('the message', isMessage(bob.jid, 'directly in'))
    assert.ok(await upByCertificate('receiving'))
  })
})
