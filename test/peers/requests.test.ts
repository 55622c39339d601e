// Requests for presence that nobody has answered, with real servers: how many may wait of a partner is no other number after the
// gateway was started anew, also after it was killed.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { xml, type Client } from '../support/client.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { eventually } from '../support/within.ts'
import { isPresence } from './conversations/conversation.ts'
import { OURS, places, side, THEIRS, USERS } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 244

test('no restart makes room for further requests of a partner', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const { core, publicCa, ...world } = await buildWorld(t, {
    ...{ number: NUMBER, core: prosody, outside: { [THEIRS]: at.partner } },
    partners: { [THEIRS]: { status: 'allowed', limits: { pendingRequests: 1 } } },
  })
  let { gateway } = world
  const partner = await prosody(t, {
    ...{ address: at.partner, dns: at.outerDns, anchors: [publicCa] },
    hosts: [{ domain: THEIRS, certificate: await issue({ ca: publicCa, names: [THEIRS] }), users: USERS }],
  })
  const alice = await side(core, OURS).login(t, 'alice')
  await alice.appear()
  const theirs = (user: string): Promise<Client> => side(partner, THEIRS).login(t, user)
  const [bob, carol, dave] = [await theirs('bob'), await theirs('carol'), await theirs('dave')]
  for (const one of [bob, carol, dave]) await one.appear()
  const asks = (one: Client): Promise<void> => one.send(xml('presence', { to: alice.bare, type: 'subscribe' }))
  const isRefused = async (one: Client): Promise<void> => {
    await asks(one)
    await eventually('the refusal', async () => {
      const all = await gateway.recent(THEIRS)
      return all.some(({ reason, from }) => reason === 'SP-158' && from === one.bare) ? true : undefined
    })
  }

  await asks(bob)
  await alice.expect('the request', isPresence(bob.bare, 'subscribe'))
  await isRefused(carol)
  assert.equal(await gateway.stop(), 0)
  gateway = await Gateway.serve(t, gateway.directory)
  await isRefused(dave)
  await alice.send(xml('presence', { to: bob.bare, type: 'subscribed' }))
  await bob.expect('the answer', isPresence(alice.bare, 'subscribed'))
  await asks(carol)
  await alice.expect('the request that has room now', isPresence(carol.bare, 'subscribe'))
  // Written within a second or two, also without a good end.
  await eventually('the request in the store', () => {
    using store = openSqliteStore(join(gateway.directory, 'var', 'sallyport.db'), { readOnly: true })
    return store.pendingRequests().some(({ contact }) => contact === carol.bare) || undefined
  })
  await gateway.stop('SIGKILL')
  gateway = await Gateway.serve(t, gateway.directory)
  const erin = await theirs('erin')
  await erin.appear()
  await isRefused(erin)
})
