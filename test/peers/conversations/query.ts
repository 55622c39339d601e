// Questions and answers (iq): to servers, to users, to nobody.

import assert from 'node:assert/strict'
import { xml } from '../../support/client.ts'
import { bothWays, conditionOf, freshId, isFrom } from './conversation.ts'
import type { Conversation } from './conversation.ts'

const DISCO_INFO = 'http://jabber.org/protocol/disco#info'
const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items'

export const query: readonly Conversation[] = [
  // XEP-0030
  ...bothWays('a server tells what it is and what it has', async (t, from, to) => {
    const alice = await from.login(t, 'alice')
    const info = await alice.ask('get', to.domain, xml('query', { xmlns: DISCO_INFO }))
    assert.equal(info.attrs['type'], 'result')
    assert.equal(info.attrs['from'], to.domain)
    const identity = info
      .getChild('query', DISCO_INFO)
      ?.getChildren('identity')
      .map((e) => e.attrs['category'])
    assert.ok(identity?.includes('server'))
    const items = await alice.ask('get', to.domain, xml('query', { xmlns: DISCO_ITEMS }))
    const jids = items
      .getChild('query', DISCO_ITEMS)
      ?.getChildren('item')
      .map((e) => e.attrs['jid'])
    assert.ok(jids?.includes(to.conference))
    const rooms = await alice.ask('get', to.conference, xml('query', { xmlns: DISCO_INFO }))
    assert.equal(rooms.getChild('query', DISCO_INFO)?.getChild('identity')?.attrs['category'], 'conference')
  }),

  // XEP-0199
  ...bothWays('a server and a user answer a ping', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    await bob.appear()
    for (const whom of [to.domain, bob.jid]) {
      const pong = await alice.ask('get', whom, xml('ping', { xmlns: 'urn:xmpp:ping' }))
      assert.deepEqual([pong.attrs['type'], pong.attrs['from']], ['result', whom])
    }
  }),

  // XEP-0054
  ...bothWays('a user shows a vCard, picture included', async (t, from, to) => {
    const [alice, ivan] = [await from.login(t, 'alice'), await to.login(t, 'ivan')]
    const picture = Buffer.alloc(6_000, 'sallyport').toString('base64')
    const card = xml(
      'vCard',
      { xmlns: 'vcard-temp' },
      xml('FN', {}, 'Iván Ivanović Ωmega'),
      xml('PHOTO', {}, xml('TYPE', {}, 'image/png'), xml('BINVAL', {}, picture)),
    )
    const stored = await ivan.ask('set', undefined, card)
    assert.equal(stored.attrs['type'], 'result')
    const shown = await alice.ask('get', ivan.bare, xml('vCard', { xmlns: 'vcard-temp' }))
    assert.equal(shown.attrs['type'], 'result', String(shown))
    const vcard = shown.getChild('vCard', 'vcard-temp')
    assert.equal(vcard?.getChildText('FN'), 'Iván Ivanović Ωmega')
    assert.equal(vcard?.getChild('PHOTO')?.getChildText('BINVAL')?.replace(/\s/g, ''), picture)
  }),

  // RFC 6121 §8.5.1
  ...bothWays('a message or question to an unknown user is answered with an error', async (t, from, to) => {
    const alice = await from.login(t, 'alice')
    const nobody = `nobody@${to.domain}`
    const id = freshId()
    await alice.send(xml('message', { to: nobody, type: 'chat', id }, xml('body', {}, 'Anybody there?')))
    const error = await alice.expect('the error', (s) => s.name === 'message' && s.attrs['id'] === id)
    assert.ok(isFrom(error, nobody))
    assert.equal(error.attrs['type'], 'error')
    assert.equal(conditionOf(error), 'service-unavailable')
    const answer = await alice.ask('get', nobody, xml('query', { xmlns: 'jabber:iq:version' }))
    assert.equal(answer.attrs['type'], 'error')
    assert.equal(conditionOf(answer), 'service-unavailable')
  }),
]
