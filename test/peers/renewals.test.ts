// Numbers cross both ways between real servers while the gateway has its partner prove its name anew, every two or three
// seconds. What goes out is whole, whatever server the partner has; what comes in is as whole as that server makes it.

import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import type { Account } from '../foul/account.ts'
import { trafficThrough } from '../foul/traffic.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { OURS, THEIRS, places } from './places.ts'
import { buildWorld } from './world.ts'

/** Stanzas each way, at a pace that a busy machine keeps up with; `TEST_FLOOD` is for more. */
const COUNT = Number(process.env['TEST_FLOOD'] ?? 1500)
const PER_SECOND = 2000
const OVER_MS = Math.max(5000, (COUNT / PER_SECOND) * 1000)

for (const [name, partner, core, number] of [
  ['Prosody', prosody, ejabberd, 181],
  ['ejabberd', ejabberd, prosody, 182],
] as const) {
  testRenewals(name, partner, core, number)
}

function testRenewals(name: string, startPartner: StartServer, core: StartServer, number: number): void {
  test(
    `${name} proves its name anew: ${COUNT} numbers each way`,
    needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'),
    async (t) => {
      const at = places(number)
      const world = await buildWorld(t, {
        number,
        core,
        outside: { [THEIRS]: at.partner },
        settings: { trust: { anchors: ['certs/anchors.pem'], revocation: 'off', reauthenticate: '3s' } },
        partners: { [THEIRS]: { status: 'allowed' } },
      })
      const { gateway } = world
      const partner = await startPartner(t, {
        address: at.partner,
        dns: at.outerDns,
        anchors: [world.publicCa],
        hosts: [
          {
            domain: THEIRS,
            certificate: await issue({ ca: world.publicCa, names: [THEIRS] }),
            users: ['bob'],
          },
        ],
      })
      const { outbound, inbound } = await trafficThrough(
        t,
        {
          stanzas: COUNT,
          overMs: OVER_MS,
          ours: { user: 'alice', domain: OURS, address: () => world.core.address },
          theirs: { user: 'bob', domain: THEIRS, address: () => partner.address },
        },
        () => Promise.resolve(),
      )
      const times = (event: string): number =>
        gateway.log.lines(new RegExp(`"event":"reauthentication.${event}"`)).length
      await eventually('the end of a stream of the partner', () => times('told') > 0 || undefined)
      t.diagnostic(
        `replaced ${times('renewed')} times, told ${times('told')}, failed ${times('failed')}, overdue ${times('overdue')}`,
      )
      t.diagnostic(`out: ${inShort(outbound.account)}; in: ${inShort(inbound.account)}`)
      assert.ok(times('renewed') >= 1)
      const { account: out } = outbound
      assert.deepEqual([out.delivered, out.told, out.lost, out.twice], [COUNT, 0, [], []])
      // COMPAT: Prosody 0.12 overtakes its own queue when it opens a stream: as the core once, at the start.
      if (world.core.kind !== 'prosody') assert.deepEqual(out.late, [])
      const { account: came } = inbound
      assert.deepEqual(came.twice, [])
      // COMPAT: ejabberd 23.01 writes what it has for a stream to the closed socket when its peer has ended that stream.
      if (partner.kind !== 'ejabberd') assert.deepEqual(came.lost, [])
      if (partner.kind !== 'prosody') assert.deepEqual(came.late, [])
    },
  )
}

function inShort({ sent, delivered, told, both, lost, twice, late }: Account): string {
  const counts = { sent, delivered, told, both: both.length, lost: lost.length, twice: twice.length, late: late.length }
  return JSON.stringify(counts)
}
