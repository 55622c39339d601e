// The control topology: core and partner federate directly, with the same DNS, certificates and conversations as behind
// the gateway. What fails here is not the gateway's fault.

import { test } from 'node:test'
import { trustForClients } from '../support/client.ts'
import { dns } from '../support/dns.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import type { StartServer } from '../support/server.ts'
import { CONVERSATIONS } from './conversations/all.ts'
import { floodThatConnects } from './conversations/flood.ts'
import { OURS, THEIRS, USERS, conferenceOf, places, side } from './places.ts'

export interface DirectOptions {
  readonly name: string
  /** Of the /24 of loopback that it has to itself. */
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
}

/** Runs every conversation between two servers that have nothing between them. */
export function testDirectly(o: DirectOptions): void {
  test(`${o.name}, with nothing between them`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const at = places(o.number)
    const ca = await makeCa()
    trustForClients(ca)
    await dns(t, {
      address: at.outerDns,
      hosts: { [`xmpp.${OURS}`]: at.core, [`xmpp.${THEIRS}`]: at.partner },
      federation: Object.fromEntries(
        [OURS, THEIRS].flatMap((domain) =>
          [domain, conferenceOf(domain)].map((name) => [name, { host: `xmpp.${domain}` }]),
        ),
      ),
    })
    const start = async (server: StartServer, address: string, domain: string) =>
      server(t, {
        address,
        dns: at.outerDns,
        anchors: [ca],
        hosts: [
          {
            domain,
            conference: conferenceOf(domain),
            certificate: await issue({ ca, names: [domain, conferenceOf(domain)] }),
            users: USERS,
          },
        ],
      })
    const [core, partner] = await Promise.all([start(o.core, at.core, OURS), start(o.partner, at.partner, THEIRS)])
    const sides = { ours: side(core, OURS), theirs: side(partner, THEIRS) }
    for (const conversation of [...floodThatConnects({ coreStreamIsUp: false }), ...CONVERSATIONS]) {
      await t.test(conversation.name, async (one) => {
        try {
          await conversation.run(one, sides)
        } catch (error) {
          one.diagnostic(`${core.log.tail()}\n${partner.log.tail()}`)
          throw error
        }
      })
    }
  })
}
