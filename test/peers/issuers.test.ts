// A partner that does not send the certificate of its CA: a real server with the commonest mistake. Where the settings
// permit it, the gateway fetches it from where the partner's certificate says it lies, when it connects to the partner; from
// then on the partner may connect to us too.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TAG, writeDer, writeOid } from '../../src/trust/der.ts'
import { writeGeneralName } from '../../src/trust/general-name.ts'
import { Client, xml } from '../support/client.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { Places, sends } from '../support/pki-places.ts'
import { prosody } from '../support/prosody.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 173

test(
  'the certificate of a CA that a partner does not send is fetched',
  needsPeer('prosody', 'dnsmasq', 'root'),
  async (t) => {
    const { partner: address } = places(NUMBER)
    const world = await buildWorld(t, {
      number: NUMBER,
      core: prosody,
      outside: { [THEIRS]: address },
      partners: { [THEIRS]: { status: 'allowed' } },
      settings: {
        federation: { bidi: false },
        trust: { anchors: ['certs/anchors.pem'], fetchIssuers: true, fetchFrom: ['127.0.0.0/8'] },
      },
    })
    const { gateway, core, publicCa, at } = world
    const pki = await Places.open(t, `127.0.${NUMBER}.7`)
    const ca = await makeCa({ ca: publicCa })
    const place = writeGeneralName({
      kind: 'uri',
      value: pki.on(
        '/ca',
        sends(() => ca.der),
      ),
    })
    const value = writeDer(TAG.sequence, writeDer(TAG.sequence, writeOid('1.3.6.1.5.5.7.48.2'), place))
    const leaf = await issue({
      ca,
      names: [THEIRS],
      extensions: [{ oid: '1.3.6.1.5.5.7.1.1', critical: false, value }],
    })
    const partner = await prosody(t, {
      address,
      dns: at.outerDns,
      anchors: [publicCa],
      hosts: [{ domain: THEIRS, certificate: { ...leaf, fullchainPem: leaf.pem }, users: ['bob'] }],
    })
    try {
      const alice = await side(core, OURS).login(t, 'alice')
      const bob = await Client.login(t, { user: 'bob', domain: THEIRS, address, unverified: true })
      const id = freshId()
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, 'Before')))
      await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      const refused = (await gateway.recent(THEIRS)).find(({ direction }) => direction === 'inbound')
      assert.ok(refused)
      assert.partialDeepStrictEqual(refused, { event: 'stream', verdict: 'fail', reason: 'SP-306' })
      assert.deepEqual(pki.asked, [], 'nothing is fetched for who only claims a name')
      for (const [from, to] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        const text = `from ${from.bare} ${freshId()}`
        await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
        await to.expect('the message', isMessage(from.jid, text))
      }
      assert.deepEqual(pki.asked, ['/ca'])
    } catch (error) {
      t.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
      throw error
    }
  },
)
