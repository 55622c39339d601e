// The internal CA gives way to another one, and real cores go on believing the gateway: before, while they trust both, and
// when only the new one is left. What 30 days do, a renaming does here (`src/trust/ca-files.ts`).

import assert from 'node:assert/strict'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { decodePem, encodePem } from '../../src/trust/pem.ts'
import { Client, xml } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import type { XmppServer } from '../support/server.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

suite('the internal CA', needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), () => {
  for (const [name, start, number] of [
    ['Prosody', prosody, 201],
    ['ejabberd', ejabberd, 202],
  ] as const)
    test(`changes at ${name} without a word lost`, async (t) => {
      const { partner: outside } = places(number)
      const partners = { [THEIRS]: { status: 'allowed' } }
      const world = await buildWorld(t, { number, core: start, outside: { [THEIRS]: outside }, partners })
      await prosody(t, {
        ...{ address: outside, dns: world.at.outerDns, anchors: [world.publicCa] },
        hosts: [{ domain: THEIRS, certificate: await issue({ ca: world.publicCa, names: [THEIRS] }), users: ['bob'] }],
      })
      const { coreOptions, gateway } = world
      const bob = await Client.login(t, { user: 'bob', domain: THEIRS, address: outside })
      await talk(t, world.core, bob)

      await gateway.command('cert', 'rotate-core-ca')
      const [before, after, ...more] = await trusted(gateway)
      assert.ok(before !== undefined && after !== undefined && more.length === 0)
      await world.core.stop()
      const trusting = await start(t, { ...coreOptions, anchors: [before, after] })
      await talk(t, trusting, bob)

      assert.equal(await gateway.stop(), 0)
      const folder = join(gateway.directory, 'certs/internal-ca')
      await rename(join(folder, 'next.key'), join(folder, 'ca.key'))
      await Gateway.serve(t, gateway.directory)
      await talk(t, trusting, bob)

      // It is the new one that signs.
      await trusting.stop()
      await talk(t, await start(t, { ...coreOptions, anchors: [after] }), bob)
    })
})

/** What the core is to trust, each certificate by itself. */
async function trusted({ internalCaFile }: Gateway): Promise<readonly { readonly pem: string }[]> {
  const ders = decodePem(await readFile(internalCaFile, 'utf8'))
  return ders.map((der) => ({ pem: encodePem('CERTIFICATE', der) }))
}

/** A word each way. */
async function talk(t: Cleanup, core: XmppServer, bob: Client): Promise<void> {
  const alice = await side(core, OURS).login(t, 'alice')
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const text = freshId()
    await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
    await to.expect('the word', isMessage(from.jid, text))
  }
}
