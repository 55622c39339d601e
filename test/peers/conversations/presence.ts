// Presence between users of two organisations: RFC 6121 §3 (subscriptions) and §4 (exchange).

import assert from 'node:assert/strict'
import { xml } from '../../support/client.ts'
import type { Client } from '../../support/client.ts'
import { bothWays, isPresence } from './conversation.ts'
import type { Conversation } from './conversation.ts'

export const presence: readonly Conversation[] = [
  ...bothWays('presence is asked for, granted, seen, changed, gone and cancelled', async (t, from, to) => {
    const [carol, dave] = [await from.login(t, 'carol'), await to.login(t, 'dave')]
    await carol.appear()
    await dave.appear()
    await subscribe(carol, dave)

    await dave.send(xml('presence', {}, xml('show', {}, 'away'), xml('status', {}, 'At lunch 🍜')))
    const away = await carol.expect(
      'the change of presence',
      (s) => isPresence(dave.jid)(s) && s.getChildText('show') === 'away',
    )
    assert.equal(away.getChildText('status'), 'At lunch 🍜')

    await dave.send(xml('presence', { type: 'unavailable' }))
    await carol.expect('that dave is gone', isPresence(dave.jid, 'unavailable'))
    await dave.appear()
    await carol.expect('that dave is back', isPresence(dave.jid))

    await dave.send(xml('presence', { to: carol.bare, type: 'unsubscribed' }))
    await carol.expect('the cancellation', isPresence(dave.bare, 'unsubscribed'))
    await carol.expect('the last that is seen of dave', isPresence(dave.jid, 'unavailable'))
  }),

  ...bothWays('whoever was granted presence can give it up', async (t, from, to) => {
    const [grace, heidi] = [await from.login(t, 'grace'), await to.login(t, 'heidi')]
    await grace.appear()
    await heidi.appear()
    await subscribe(grace, heidi)
    await grace.send(xml('presence', { to: heidi.bare, type: 'unsubscribe' }))
    await heidi.expect('that grace no longer asks', isPresence(grace.bare, 'unsubscribe'))
    if (to.server === 'prosody') {
      // COMPAT: Prosody 0.12 says nothing, where RFC 6121 §3.3.3 wants unavailable presence sent.
      await grace.ask('get', to.domain, xml('ping', { xmlns: 'urn:xmpp:ping' }))
      assert.deepEqual(grace.untaken(isPresence(heidi.jid, 'unavailable')), [])
    } else {
      await grace.expect('the last that is seen of heidi', isPresence(heidi.jid, 'unavailable'))
    }
  }),

  ...bothWays('a request for presence can be declined', async (t, from, to) => {
    const [carol, dave] = [await from.login(t, 'carol'), await to.login(t, 'dave')]
    await carol.appear()
    await dave.appear()
    await carol.send(xml('presence', { to: dave.bare, type: 'subscribe' }))
    await dave.expect('the request', isPresence(carol.bare, 'subscribe'))
    await dave.send(xml('presence', { to: carol.bare, type: 'unsubscribed' }))
    await carol.expect('the refusal', isPresence(dave.bare, 'unsubscribed'))
  }),

  // RFC 6121 §4.3: her server probes on her behalf when she comes on line.
  ...bothWays('a user who comes on line learns by a probe who is there', async (t, from, to) => {
    const [erin, frank] = [await from.login(t, 'erin'), await to.login(t, 'frank')]
    await erin.appear()
    await frank.appear(xml('status', {}, 'in the office'))
    await subscribe(erin, frank)
    await erin.send(xml('presence', { type: 'unavailable' }))
    const later = await from.login(t, 'erin')
    await later.appear()
    const seen = await later.expect('the presence of frank', isPresence(frank.jid))
    assert.equal(seen.getChildText('status'), 'in the office')
  }),

  // RFC 6121 §4.6
  ...bothWays('presence can be shown to somebody who has no subscription', async (t, from, to) => {
    const [grace, heidi] = [await from.login(t, 'grace'), await to.login(t, 'heidi')]
    await grace.appear()
    await heidi.appear()
    await grace.send(xml('presence', { to: heidi.jid }, xml('status', {}, 'just for you')))
    await heidi.expect('the directed presence', isPresence(grace.jid))
    await grace.send(xml('presence', { to: heidi.jid, type: 'unavailable' }))
    await heidi.expect('its end', isPresence(grace.jid, 'unavailable'))
  }),
]

/** Asks, grants, and waits until the presence is seen. */
export async function subscribe(asking: Client, granting: Client): Promise<void> {
  await asking.send(xml('presence', { to: granting.bare, type: 'subscribe' }))
  await granting.expect('the request', isPresence(asking.bare, 'subscribe'))
  await granting.send(xml('presence', { to: asking.bare, type: 'subscribed' }))
  await asking.expect('the grant', isPresence(granting.bare, 'subscribed'))
  await asking.expect('the presence', isPresence(granting.jid))
}
