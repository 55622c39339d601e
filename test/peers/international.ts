// A partner whose domain is not ASCII: addresses carry the name as people write it (RFC 7622 §3.2), DNS and certificates
// the A-label, and the partner list knows it as one.

import { test } from 'node:test'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { StartServer } from '../support/server.ts'
import { chat } from './conversations/chat.ts'
import { presence } from './conversations/presence.ts'
import { query } from './conversations/query.ts'
import { room } from './conversations/room.ts'
import { OURS, USERS, conferenceOf, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const DOMAIN = 'bücher.example'
const A_LABEL = 'xn--bcher-kva.example'

export interface InternationalOptions {
  readonly name: string
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
}

/** Runs the conversations with a partner of such a name. */
export function testInternational(o: InternationalOptions): void {
  test(o.name, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const { partner: address } = places(o.number)
    const world = await buildWorld(t, {
      number: o.number,
      core: o.core,
      outside: { [A_LABEL]: address },
      partners: { [A_LABEL]: { status: 'allowed', alsoKnownAs: [conferenceOf(A_LABEL)] } },
    })
    const { gateway, core, publicCa, at } = world
    const partner = await o.partner(t, {
      address,
      dns: at.outerDns,
      anchors: [publicCa],
      hosts: [
        {
          domain: DOMAIN,
          conference: conferenceOf(DOMAIN),
          certificate: await issue({ ca: publicCa, names: [A_LABEL, conferenceOf(A_LABEL)] }),
          users: USERS,
        },
      ],
    })
    const sides = { ours: side(core, OURS), theirs: side(partner, DOMAIN) }
    for (const conversation of [...chat, ...presence, ...query, ...room]) {
      await t.test(conversation.name, async (one) => {
        try {
          await conversation.run(one, sides)
        } catch (error) {
          one.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
          throw error
        }
      })
    }
  })
}
