// One-to-one chat: what users write arrives as they wrote it.

import assert from 'node:assert/strict'
import { xml } from '../../support/client.ts'
import { bothWays, freshId, isFrom, isMessage } from './conversation.ts'
import type { Conversation } from './conversation.ts'

const RECEIPTS = 'urn:xmpp:receipts'
const CHAT_STATES = 'http://jabber.org/protocol/chatstates'

export const chat: readonly Conversation[] = [
  // XEP-0184
  ...bothWays('a chat message arrives and its receipt comes back', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    const id = freshId()
    await alice.send(
      xml('message', { to: bob.jid, type: 'chat', id }, xml('body', {}, 'Hello'), xml('request', { xmlns: RECEIPTS })),
    )
    const got = await bob.expect('the message', isMessage(alice.jid, 'Hello'))
    assert.equal(got.attrs['id'], id)
    assert.equal(got.attrs['type'], 'chat')
    assert.ok(got.getChild('request', RECEIPTS))
    await bob.send(xml('message', { to: alice.jid, id: freshId() }, xml('received', { xmlns: RECEIPTS, id })))
    await alice.expect('the receipt', (s) => isFrom(s, bob.jid) && s.getChild('received', RECEIPTS)?.attrs['id'] === id)
  }),

  ...bothWays('a message to a bare address reaches an available user', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    await bob.appear()
    await alice.send(xml('message', { to: bob.bare, type: 'chat', id: freshId() }, xml('body', {}, 'Are you there?')))
    await bob.expect('the message', isMessage(alice.jid, 'Are you there?'))
  }),

  // XEP-0085
  ...bothWays('chat states arrive in their order', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    const states = ['active', 'composing', 'paused', 'inactive', 'gone']
    for (const state of states) {
      await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml(state, { xmlns: CHAT_STATES })))
    }
    const seen: string[] = []
    while (seen.length < states.length) {
      const got = await bob.expect('a chat state', (s) => s.name === 'message' && isFrom(s, alice.jid))
      seen.push(
        ...got
          .getChildElements()
          .filter((e) => e.getNS() === CHAT_STATES)
          .map((e) => e.name),
      )
    }
    assert.deepEqual(seen, states)
  }),

  // RFC 6121 §5.2.3
  ...bothWays('a message in two languages keeps both bodies and their languages', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    await alice.send(
      xml(
        'message',
        { to: bob.jid, type: 'chat', id: freshId(), 'xml:lang': 'en' },
        xml('body', {}, 'Good morning'),
        xml('body', { 'xml:lang': 'de' }, 'Guten Morgen, schöne Grüße'),
      ),
    )
    const got = await bob.expect('the message', isMessage(alice.jid, 'Good morning'))
    assert.equal(got.attrs['xml:lang'], 'en')
    const bodies = got.getChildren('body').map((body) => [body.attrs['xml:lang'], body.getText()])
    assert.deepEqual(bodies, [
      [undefined, 'Good morning'],
      ['de', 'Guten Morgen, schöne Grüße'],
    ])
  }),

  ...bothWays('emoji and every other script arrive unchanged', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    const text = '👩🏽‍🚀🏳️‍🌈 ☕️ 日本語 العربية עברית Ελληνικά 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 é e\u0301 <&>"\' ]]&gt; \t\n end'
    await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
    await bob.expect('the message', isMessage(alice.jid, text))
  }),

  // COMPAT: Prosody 0.12 and ejabberd 23.01 prepare names by RFC 6122, which allows symbols; RFC 7622 does not.
  ...bothWays('a user has a symbol in the name', async (t, from, to) => {
    const [alice, heart] = [await from.login(t, 'alice'), await to.login(t, 'i♥xmpp')]
    await heart.appear()
    await alice.send(xml('message', { to: heart.bare, type: 'chat', id: freshId() }, xml('body', {}, 'Nice name')))
    await heart.expect('the message', isMessage(alice.jid, 'Nice name'))
    await heart.send(xml('message', { to: alice.jid, type: 'chat', id: freshId() }, xml('body', {}, 'Thank you')))
    await alice.expect('the answer', isMessage(heart.jid, 'Thank you'))
  }),

  ...bothWays('a body of 60 KB arrives whole', async (t, from, to) => {
    const [alice, bob] = [await from.login(t, 'alice'), await to.login(t, 'bob')]
    const text = Array.from({ length: 60_000 / 20 }, (_, n) => `line ${String(n).padStart(6)} 🚲 ok\n`).join('')
    assert.ok(Buffer.byteLength(text) >= 60_000)
    await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
    await bob.expect('the message', isMessage(alice.jid, text))
  }),
]
