// Every way in which a partner and the gateway can prove themselves to each other, by every way in which TLS begins: words
// cross both ways, over streams that are what they should be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, xml } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { record } from '../tables.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const PARTNERS: readonly (readonly [name: string, start: StartServer])[] = [
  ['Prosody', prosody],
  ['ejabberd', ejabberd],
]
const PROOFS = [
  { name: 'certificate (SASL EXTERNAL)', method: 'certificate', floor: 'certificate' },
  { name: 'dialback over TLS', method: 'dialback', floor: 'dialback-over-tls' },
] as const
const STARTS = [
  { name: 'STARTTLS', tls: 'starttls' },
  { name: 'direct TLS', tls: 'direct' },
] as const

let number = 151
for (const [name, start] of PARTNERS) {
  for (const proof of PROOFS) {
    for (const { name: begins, tls } of STARTS) {
      testProof({ name, start, proof, begins, tls, number })
      number += 1
    }
  }
}

interface ProofOptions {
  readonly name: string
  readonly start: StartServer
  readonly proof: (typeof PROOFS)[number]
  readonly begins: (typeof STARTS)[number]['name']
  readonly tls: 'starttls' | 'direct'
  readonly number: number
}

function testProof(o: ProofOptions): void {
  const { name, proof, begins, tls } = o
  test(`${name}: ${proof.name}, ${begins}`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const { partner: address } = places(o.number)
    const world = await buildWorld(t, {
      number: o.number,
      core: prosody,
      outside: { [THEIRS]: address },
      ...(tls === 'direct' ? { directTls: 'only' } : {}),
      partners: { [THEIRS]: { status: 'allowed', authentication: proof.floor } },
    })
    const { gateway, core, publicCa, at } = world
    const byCertificate = proof.method === 'certificate'
    const partner = await o.start(t, {
      address,
      dns: at.outerDns,
      // Where it is dialback, nobody's certificate proves anything to anybody.
      anchors: [byCertificate ? publicCa : await makeCa()],
      hosts: [
        {
          domain: THEIRS,
          certificate: await issue({ names: [THEIRS], ...(byCertificate ? { ca: publicCa } : {}) }),
          users: ['bob'],
        },
      ],
      directTls: tls === 'direct',
      proof: proof.method,
    })
    try {
      const alice = await side(core, OURS).login(t, 'alice')
      const bob = await Client.login(t, { user: 'bob', domain: THEIRS, address, unverified: true })
      for (const [from, to] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        const text = `by ${proof.name} ${freshId()}`
        await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
        await to.expect('the message', isMessage(from.jid, text))
      }
      const streams = (await gateway.streams()).filter(({ leg, remote }) => leg === 'partner' && remote === THEIRS)
      assert.deepEqual(streams.map(({ role }) => role).toSorted(), ['initiating', 'receiving'])
      for (const stream of streams) assert.deepEqual([stream.method, stream.tls?.start], [proof.method, tls])
      assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
      record('proofs', [name, proof.name], { [begins]: 'both ways' })
    } catch (error) {
      t.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
      throw error
    }
  })
}
