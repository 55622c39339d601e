// What kinds of thing stanzas are: each row is allowed by just these kinds, and by nothing less.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Kind } from '../../../../src/policy/whom/kinds.ts'
import { notAllowed, type Sort } from '../../../../src/policy/whom/kinds.ts'
import { ABOUT_KINDS } from '../../../../src/config/whom-schema.ts'

const ALL = Object.keys(ABOUT_KINDS) as readonly Kind[]
const body = 'jabber:server'
const MUC = 'http://jabber.org/protocol/muc'
const JINGLE = 'urn:xmpp:jingle:1'
const FILES = 'urn:xmpp:jingle:apps:file-transfer:5'
const CALLS = 'urn:xmpp:jingle:apps:rtp:1'

type Row = readonly [
  name: string,
  stanza: string,
  payloads: readonly string[],
  needs: readonly Kind[],
  described?: readonly string[],
]

const TABLE: readonly Row[] = [
  ['a chat', 'message chat', [body], ['messages']],
  ['an empty message', 'message', [], ['messages']],
  ['a receipt', 'message', ['urn:xmpp:receipts'], ['messages']],
  ['a message that was delayed', 'message chat', ['urn:xmpp:delay'], ['messages']],
  ['a link to a file with words', 'message chat', [body, 'jabber:x:oob'], ['messages', 'files']],
  ['a file that is shared and nothing else', 'message', ['urn:xmpp:sfs:0', 'urn:xmpp:hints'], ['files']],
  ['a proposal of a call', 'message chat', ['urn:xmpp:jingle-message:0', 'urn:xmpp:hints'], ['calls']],
  ['an invitation to a room', 'message', [`${MUC}#user`], ['rooms']],
  ['an invitation to a room with words', 'message', ['jabber:x:conference', body], ['rooms', 'messages']],
  ['words in private through a room', 'message chat', [body, `${MUC}#user`], ['messages', 'rooms']],
  ['words in a room', 'message groupchat', [body], ['rooms']],
  ['a file in a room', 'message groupchat', [body, 'jabber:x:oob'], ['rooms', 'files']],
  ['what somebody publishes', 'message headline', ['http://jabber.org/protocol/pubsub#event'], ['presence']],
  ['the same with words', 'message', ['http://jabber.org/protocol/pubsub#event', body], ['presence', 'messages']],
  ['an error of a message', 'message error', [body], []],
  ['presence', 'presence', [], ['presence']],
  [
    'presence with a status and what a client can do',
    'presence',
    [body, 'http://jabber.org/protocol/caps'],
    ['presence'],
  ],
  ['presence that carries something of files', 'presence', ['jabber:x:oob'], ['presence']],
  ['a probe', 'presence probe', [], ['presence']],
  ['presence into a room', 'presence', [MUC], ['rooms']],
  ['presence from a room', 'presence', [`${MUC}#user`, 'http://jabber.org/protocol/caps'], ['rooms']],
  ['taking leave', 'presence unavailable', [], []],
  ['taking leave of a room', 'presence unavailable', [`${MUC}#user`], []],
  ['asking to see presence', 'presence subscribe', [], ['subscriptions']],
  ['the same as if for a room', 'presence subscribe', [MUC], ['subscriptions']],
  ['letting see it', 'presence subscribed', [], ['subscriptions']],
  ['giving it up', 'presence unsubscribe', [], []],
  ['no longer letting see it', 'presence unsubscribed', [], []],
  ['a question', 'iq get', ['http://jabber.org/protocol/disco#info'], ['queries']],
  ['a vCard', 'iq get', ['vcard-temp'], ['queries']],
  ['throwing somebody out of a room', 'iq set', [`${MUC}#admin`], ['rooms']],
  ['setting up a room', 'iq set', [`${MUC}#owner`], ['room-setup']],
  ['subscribing to a room, which makes it', 'iq set', ['urn:xmpp:mucsub:0'], ['room-setup']],
  ['asking to what rooms one has subscribed', 'iq get', ['urn:xmpp:mucsub:0'], ['room-setup']],
  ['a place for a file', 'iq get', ['urn:xmpp:http:upload:0'], ['files']],
  ['a piece of a file', 'iq set', ['http://jabber.org/protocol/ibb'], ['files']],
  ['a way for a file', 'iq set', ['http://jabber.org/protocol/bytestreams'], ['files']],
  ['an offer of a file, in the old way', 'iq set', ['http://jabber.org/protocol/si'], ['files']],
  ['a small picture', 'iq get', ['urn:xmpp:bob'], ['files']],
  ['a file by Jingle', 'iq set', [JINGLE], ['files'], [FILES]],
  ['a file by Jingle of another version', 'iq set', [JINGLE], ['files'], ['urn:xmpp:jingle:apps:file-transfer:3']],
  ['a call by Jingle', 'iq set', [JINGLE], ['calls'], [CALLS]],
  ['a call with a file', 'iq set', [JINGLE], ['calls', 'files'], [CALLS, FILES]],
  ['an answer', 'iq result', ['vcard-temp'], []],
  ['an error of a question', 'iq error', [JINGLE], []],
]

function sort([, stanza, payloads, , described]: Row): Sort {
  const [kind, type] = stanza.split(' ') as [Sort['kind'], string | undefined]
  return { kind, type, payloads: payloads.map((namespace) => ({ namespace, name: 'x' })), described }
}

for (const row of TABLE) {
  test(`${row[0]} needs leave for ${row[3].join(' and ') || 'nothing'}`, () => {
    const [, , , needs] = row
    assert.equal(notAllowed(sort(row), needs), undefined, 'enough')
    for (const kind of ALL) {
      const without = ALL.filter((one) => one !== kind)
      assert.equal(notAllowed(sort(row), without), needs.includes(kind) ? kind : undefined, `without ${kind}`)
    }
  })
}

test('what goes on in a session of Jingle needs leave for files or for calls', () => {
  const stanza: Sort = { kind: 'iq', type: 'set', payloads: [{ namespace: JINGLE, name: 'jingle' }], described: [] }
  assert.equal(notAllowed(stanza, ['files']), undefined)
  assert.equal(notAllowed(stanza, ['calls']), undefined)
  assert.equal(notAllowed(stanza, ['messages', 'queries']), 'calls')
})
