import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MARKS, marksOf } from '../../../../src/policy/relations/acts.ts'
import { dayOf } from '../../../../src/policy/relations/calendar.ts'
import type { Relations } from '../../../../src/policy/relations/relations.ts'
import { frame, NOW } from '../people.ts'
import { DAY_MS, relations } from './hash.ts'

const [ALICE, BOB] = ['alice@corp.example', 'bob@partner.example']

/** A stanza of ours, from Alice to Bob: `presence/subscribe`. */
function say(ledger: Relations, what: string, from = `${ALICE}/desk`, to = `${BOB}/phone`, at = NOW): void {
  const [name, type] = what.split('/')
  ledger.learn(frame({ name: name!, type, from, to }), at)
}

/** As it is kept. */
const row = (contact: string, used: number, marks = 4) => ({ user: ALICE, contact, marks, day: used })

test('what our user has to say for Bob to be known to her', async (t) => {
  const table: readonly (readonly [said: string, marks: string])[] = [
    ['', ''],
    ['message', 'wrote'],
    ['message/chat', 'wrote'],
    ['message/groupchat', 'wrote'],
    ['message/error', ''],
    ['iq/get', 'wrote'],
    ['iq/set', 'wrote'],
    ['iq/result', ''],
    ['iq/error', ''],
    ['presence', 'wrote'],
    ['presence/unavailable', ''],
    ['presence/error', ''],
    ['presence/probe', 'asked'],
    ['presence/subscribe', 'asked'],
    ['presence/subscribed', 'approved'],
    ['presence/unsubscribe', ''],
    ['presence/constructor', ''],
    ['presence/subscribe presence/subscribed message', 'asked, approved, wrote'],
    ['presence/subscribe presence/subscribed presence/unsubscribed', 'asked'],
    ['presence/subscribe presence/subscribed presence/unsubscribe', 'approved'],
    ['presence/subscribe presence/subscribed presence/unsubscribe presence/unsubscribed', ''],
    // Who takes leave has nothing to do with them any more, whatever was written.
    ['message presence/subscribe presence/unsubscribe', ''],
    ['message presence/subscribed presence/unsubscribed', ''],
    ['message presence/subscribed presence/unsubscribed message', 'wrote'],
    // So the core answers the probe of somebody who is not subscribed.
    ['presence/unsubscribed', ''],
    ['message presence/unsubscribed', 'wrote'],
    ['message presence/subscribe presence/unsubscribed', 'asked, wrote'],
    ['presence/subscribe presence/unavailable message/error', 'asked'],
  ]
  for (const [said, marks] of table)
    await t.test(`${said || 'nothing'}: ${marks || 'is a stranger'}`, () => {
      const ledger = relations()
      for (const what of said.split(' ').filter(Boolean)) say(ledger, what)
      assert.equal(marksOf(ledger.find(ALICE, BOB, NOW)?.marks ?? 0).join(', '), marks)
      assert.equal(ledger.knows(ALICE, BOB, NOW), marks !== '')
      assert.equal(ledger.knows(ALICE, BOB, NOW), marks !== '', 'asked again')
    })
})

test('who is known to one is a stranger to all others, and to nobody by the other way round', () => {
  const ledger = relations()
  say(ledger, 'message')
  assert.ok(ledger.knows(ALICE, BOB, NOW))
  assert.ok(!ledger.knows('carol@corp.example', BOB, NOW))
  assert.ok(!ledger.knows(ALICE, 'eve@partner.example', NOW))
  assert.ok(!ledger.knows(ALICE, 'partner.example', NOW))
  assert.ok(!ledger.knows('corp.example', BOB, NOW))
  assert.ok(!ledger.knows(BOB, ALICE, NOW))
})

test('ours are told apart as the core does, and those outside by the letter', () => {
  const ledger = relations()
  say(ledger, 'message', 'Roß@corp.example/x', 'Strauß@partner.example')
  for (const user of ['ross@corp.example', 'roß@CORP.example/y', 'ROSS@corp.example'])
    assert.ok(ledger.knows(user, 'STRAUß@partner.example/z', NOW), user)
  assert.ok(!ledger.knows('ross@corp.example', 'strauss@partner.example', NOW))
})

test('what is no address is nobody, and known to nobody', () => {
  const ledger = relations()
  say(ledger, 'message', 'a b@corp.example')
  say(ledger, 'message', ALICE, '@')
  assert.deepEqual([ledger.figures.known, ledger.knows('a b@corp.example', BOB, NOW)], [0, false])
  assert.equal(ledger.add('@', BOB, 1, NOW), false)
  assert.equal(ledger.forget('@', BOB), false)
})

test('it is forgotten after so many days without use, and what comes from outside is a use', () => {
  const ledger = relations(1000, 30)
  const day = (n: number): number => NOW + n * DAY_MS
  say(ledger, 'message')
  assert.ok(ledger.knows(ALICE, BOB, day(20)))
  assert.ok(ledger.knows(ALICE, BOB, day(49)), 'used 29 days ago')
  assert.ok(!ledger.knows(ALICE, BOB, day(80)))
  assert.equal(ledger.figures.known, 1, 'until somebody looks for old ones')
  for (let n = 0; n < 256; n++) ledger.tick(day(80))
  assert.deepEqual([ledger.figures.known, ledger.figures.unused], [0, 1])
})

test('who stands in an imported roster stays known when the core turns down their probe', () => {
  const ledger = relations()
  ledger.add(ALICE, BOB, MARKS.listed, NOW)
  say(ledger, 'presence/unsubscribed')
  assert.ok(ledger.knows(ALICE, BOB, NOW))
})

test('what clients answer by themselves makes nobody known, and is a use where somebody is', async (t) => {
  const [thread, hint] = [
    { namespace: 'jabber:server', name: 'thread' },
    { namespace: 'urn:xmpp:hints', name: 'store' },
  ]
  const receipt = { namespace: 'urn:xmpp:receipts', name: 'received' }
  const marker = { namespace: 'urn:xmpp:chat-markers:0', name: 'displayed' }
  const state = { namespace: 'http://jabber.org/protocol/chatstates', name: 'composing' }
  const body = { namespace: 'jabber:server', name: 'body' }
  const table = [
    [[receipt], false],
    [[marker], false],
    [[state], false],
    [[receipt, marker, hint], false],
    [[thread, state, { namespace: 'urn:xmpp:sid:0', name: 'origin-id' }], false],
    [[state, body], true],
    [[body, { namespace: 'urn:xmpp:receipts', name: 'request' }], true],
    [[{ namespace: 'urn:xmpp:receipts', name: 'request' }], true],
    [[receipt, { namespace: 'jabber:x:oob', name: 'x' }], true],
    [[hint], true],
  ] as const
  for (const [payloads, makes] of table)
    await t.test(`${payloads.map(({ name }) => name).join(', ')}: ${makes ? 'known' : 'a stranger'}`, () => {
      const ledger = relations(1000, 30)
      const answer = frame({ type: 'chat', from: `${ALICE}/desk`, to: `${BOB}/phone`, payloads })
      ledger.learn(answer, NOW)
      assert.equal(ledger.knows(ALICE, BOB, NOW), makes)
      say(ledger, 'message')
      ledger.learn(answer, NOW + 20 * DAY_MS)
      assert.ok(ledger.find(ALICE, BOB, NOW + 40 * DAY_MS), 'used 20 days ago')
    })
})

test('to look who is known is no use', () => {
  const ledger = relations(1000, 30)
  say(ledger, 'message')
  assert.ok(ledger.find(ALICE, BOB, NOW + 29 * DAY_MS))
  assert.ok(!ledger.knows(ALICE, BOB, NOW + 31 * DAY_MS))
})

test('where there is no room those go that were not used for longest, and never more than a few of one day', () => {
  const ledger = relations(1000)
  for (let n = 0; n < 1000; n++) say(ledger, 'message', ALICE, `u${n}@partner.example`, NOW + (n < 20 ? 0 : DAY_MS))
  say(ledger, 'message', ALICE, BOB, NOW + 2 * DAY_MS)
  const { known, displaced } = ledger.figures
  assert.ok(known <= 1000 && displaced > 0 && displaced <= 20, `${known} known, ${displaced} displaced`)
  assert.ok(ledger.knows(ALICE, BOB, NOW + 2 * DAY_MS))
  for (let n = 20; n < 1000; n++) assert.ok(ledger.knows(ALICE, `u${n}@partner.example`, NOW + 2 * DAY_MS), `u${n}`)
  for (let n = 0; n < 3000; n++) say(ledger, 'message', ALICE, `v${n}@partner.example`, NOW + 2 * DAY_MS)
  assert.ok(ledger.figures.known <= 1000 && ledger.figures.known > 900, `${ledger.figures.known} of one day`)
})

test('what is to be written is told once, the last of each, and again where it could not be', () => {
  const ledger = relations()
  say(ledger, 'message')
  say(ledger, 'presence/subscribe')
  say(ledger, 'message', ALICE, 'carol@partner.example')
  const day = dayOf(NOW)
  const bob = { user: ALICE, contact: BOB, marks: 5, day }
  const carol = { user: ALICE, contact: 'carol@partner.example', marks: 4, day }
  assert.deepEqual(ledger.changes(1), [bob])
  assert.deepEqual(ledger.changes(9), [carol])
  assert.deepEqual(ledger.changes(9), [])
  ledger.keepLater([bob, carol])
  say(ledger, 'presence/unsubscribe')
  assert.deepEqual(ledger.changes(9), [{ user: ALICE, contact: BOB, marks: 0, day: 0 }, carol])
  say(ledger, 'message', ALICE, 'carol@partner.example')
  assert.deepEqual(ledger.changes(9), [], 'the same again is no change')
})

test('changes that nobody writes do not fill the memory', () => {
  const ledger = relations(1_000_000)
  for (let n = 0; n < 100_010; n++) ledger.add(ALICE, `u${n}@partner.example`, 1, NOW)
  const { known, waiting, unsaved } = ledger.figures
  assert.deepEqual({ known, waiting, unsaved }, { known: 100_010, waiting: 100_000, unsaved: 10 })
})

test('what was kept is known again, but what is too old or over, and is no change', () => {
  const ledger = relations(1000, 30)
  const day = dayOf(NOW)
  ledger.restore([row(BOB, day - 30), row('old@partner.example', day - 31), row('over@partner.example', day, 0)], NOW)
  assert.ok(ledger.knows(ALICE, BOB, NOW))
  assert.equal(ledger.figures.known, 1)
  assert.ok(ledger.has({ user: ALICE, contact: BOB }) && !ledger.has({ user: ALICE, contact: 'old@partner.example' }))
})

test('a clock that is set ahead forgets no more than a day of uses in an hour, and one that is right again makes all known', () => {
  let steady = 0
  const ledger = relations(1000, 30, { steady: () => steady })
  const day = dayOf(NOW)
  ledger.restore([row('old@partner.example', day - 29), row(BOB, day)], NOW)
  const pass = (ms: number, now: number): void => {
    steady += ms
    // Each part is looked at once.
    for (let part = 0; part < 256; part++) ledger.tick(now)
  }
  const knows = (contact: string, at: number): boolean => ledger.knows(ALICE, contact, at)
  const wrong = NOW + 400 * DAY_MS
  pass(26_000, wrong)
  assert.deepEqual([knows('old@partner.example', wrong), knows(BOB, wrong), ledger.figures.known], [true, true, 2])
  say(ledger, 'message', ALICE, 'new@partner.example', wrong)
  assert.ok(
    (ledger.find(ALICE, 'new@partner.example', wrong)?.day ?? 0) <= day + 1,
    'a use is of no day that has not come',
  )
  pass(26_000, NOW)
  assert.ok(knows(BOB, NOW))
  // Whoever was really away so long is caught up with.
  for (let hour = 0; hour < 40; hour++) pass(HOUR_MS, wrong)
  assert.deepEqual([knows(BOB, wrong), ledger.figures.known], [false, 0])
})

test('what was kept is not forgotten by a clock that is ahead when the gateway starts', () => {
  const day = dayOf(NOW)
  const ledger = relations(1000, 30, { steady: () => 0 })
  ledger.restore([row('old@partner.example', day - 31), row(BOB, day)], NOW + 400 * DAY_MS)
  for (let part = 0; part < 256; part++) ledger.tick(NOW + 400 * DAY_MS)
  assert.deepEqual([ledger.knows(ALICE, BOB, NOW), ledger.figures.known], [true, 1])
})

const HOUR_MS = 3_600_000
