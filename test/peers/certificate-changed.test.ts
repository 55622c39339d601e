// A partner's server, a real one, comes back with another certificate: what is held, what the administrator is shown, and
// that words cross again as soon as the key is confirmed, over a restart of the gateway too.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { Client, xml } from '../support/client.ts'
import { Gateway, REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 217

const Open = z.object({
  partnerKeys: z.object({ open: z.array(z.object({ domain: z.string(), spki: z.string(), reference: z.string() })) }),
})
const Shown = z.object({ keys: z.array(z.object({ spki: z.string(), state: z.string(), sides: z.array(z.string()) })) })

test(
  'Prosody comes back with another certificate: held, confirmed, known',
  needsPeer('prosody', 'dnsmasq', 'root'),
  async (t) => {
    const { partner: address } = places(NUMBER)
    const world = await buildWorld(t, {
      number: NUMBER,
      core: prosody,
      outside: { [THEIRS]: address },
      partners: { [THEIRS]: { status: 'allowed', certificateChange: 'hold' } },
    })
    const { core, publicCa, at } = world
    let { gateway } = world
    const [old, renewed] = [
      await issue({ ca: publicCa, names: [THEIRS] }),
      await issue({ ca: publicCa, names: [THEIRS] }),
    ]
    const options = { address, dns: at.outerDns, anchors: [publicCa] }
    const host = { domain: THEIRS, users: ['bob'] }
    const before = await prosody(t, { ...options, hosts: [{ ...host, certificate: old }] })
    const keys = async (): Promise<readonly string[]> => {
      const { keys: shown } = Shown.parse(await gateway.command('partner', 'show', THEIRS))
      return shown.map(({ spki, state, sides }) => `${spki} ${state} ${sides.toSorted().join()}`)
    }
    let partner = before
    try {
      const alice = await side(core, OURS).login(t, 'alice')
      const login = () => Client.login(t, { user: 'bob', domain: THEIRS, address, unverified: true })
      const cross = async (from: Client, to: Client): Promise<void> => {
        const text = `hello ${freshId()}`
        await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
        await to.expect('the message', isMessage(from.jid, text))
      }
      let bob = await login()
      await cross(alice, bob)
      await cross(bob, alice)
      assert.deepEqual(await keys(), [`${old.pin} known client,server`])

      await bob[Symbol.asyncDispose]()
      await before.kill()
      partner = await prosody(t, { ...options, folder: before.folder, hosts: [{ ...host, certificate: renewed }] })
      bob = await login()
      const id = freshId()
      await alice.send(xml('message', { to: bob.jid, type: 'chat', id }, xml('body', {}, 'is it you?')))
      const back = await alice.expect('the message to come back', (stanza) => stanza.attrs['id'] === id)
      const [, reference = ''] = REFERENCE.exec(back.toString()) ?? []
      const story = await gateway.why(reference)
      const cause = story.cause === undefined ? story : await gateway.why(story.cause)
      assert.equal(cause.reason, 'SP-388', JSON.stringify(story))
      const { open } = Open.parse(await gateway.command('status')).partnerKeys
      assert.deepEqual(
        open.map(({ domain, spki }) => [domain, spki]),
        [[THEIRS, renewed.pin]],
      )
      assert.equal((await gateway.why(open[0]?.reference ?? '')).reason, 'SP-388')
      await assert.rejects(gateway.command('partner', 'confirm-certificate', THEIRS), /exit 1\n[^]*"waiting"/)

      await gateway.command('partner', 'confirm-certificate', THEIRS, '--pin', renewed.pin)
      await cross(alice, bob)
      await cross(bob, alice)
      const all = [`${old.pin} known client,server`, `${renewed.pin} known client,server`]
      assert.deepEqual((await keys()).toSorted(), all.toSorted())
      const recent = await gateway.recent(THEIRS)
      assert.ok(recent.some(({ event, reason }) => event === 'certificate' && reason === 'SP-913'))

      const { directory } = gateway
      await gateway.stop()
      gateway = await Gateway.serve(t, directory)
      assert.deepEqual((await keys()).toSorted(), all.toSorted())
      await cross(alice, bob)
    } catch (error) {
      t.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
      throw error
    }
  },
)
