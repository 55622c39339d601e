import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Meters } from '../../../../src/policy/limits/meters.ts'
import { Requests } from '../../../../src/policy/limits/requests.ts'
import { endsRequest, type Limits, Sentry } from '../../../../src/policy/limits/sentry.ts'
import { type SendingPolicy, termsOf, UNLIMITED } from '../../../../src/policy/limits/terms.ts'
import { tooMuch } from '../../../../src/policy/limits/too-much.ts'
import type { Frame } from '../../../../src/xml/frame.ts'
import { frame, NOW } from '../people.ts'

const BOB = 'bob@partner.example'
const MUC = [{ namespace: 'http://jabber.org/protocol/muc', name: 'x' }]

function limits(all: Partial<SendingPolicy>): Limits {
  const meters = new Meters(7, () => ({ senders: 100, recipients: 100 }))
  const requests = new Requests(7, () => ({ pendingRequests: 100, requestsKeptMs: 1000 }))
  return { meters, requests, terms: () => termsOf(undefined, { ...UNLIMITED, ...all }, 1000) }
}

const say = (to: string, changes: Partial<Frame> = {}, from = `${BOB}/phone`): Frame => frame({ from, to, ...changes })

test('where nothing is limited in a direction, nobody stands there', () => {
  const ofOurs = limits({ insideUser: { stanzasPerSecond: 1 } })
  assert.equal(Sentry.at(ofOurs, 'partner.example', 'inbound'), undefined)
  assert.ok(Sentry.at(ofOurs, 'partner.example', 'outbound'))
  assert.ok(Sentry.at(limits({ outsideUser: { roomsPerDay: 1 } }), 'partner.example', 'inbound'))
})

const message = (to: string): Frame => say(to)
const ask = (to: string): Frame => say(to, { name: 'presence', type: 'subscribe' })
const enter = (to: string): Frame => say(to, { name: 'presence', payloads: MUC })
for (const [limit, about, first, second, isHeld] of [
  ['recipientsPerDay', 'a message to another', message('a@corp.example'), message('b@corp.example'), true],
  [
    'recipientsPerDay',
    'a question to another',
    message('a@corp.example'),
    say('b@corp.example', { name: 'iq', type: 'get' }),
    true,
  ],
  ['recipientsPerDay', 'another resource', message('a@corp.example/x'), message('a@corp.example/y'), false],
  ['recipientsPerDay', 'another spelling', message('ross@corp.example'), message('ROß@corp.example'), false],
  [
    'recipientsPerDay',
    'an answer',
    message('a@corp.example'),
    say('b@corp.example', { name: 'iq', type: 'result' }),
    false,
  ],
  ['recipientsPerDay', 'an error', message('a@corp.example'), say('b@corp.example', { type: 'error' }), false],
  ['recipientsPerDay', 'presence', message('a@corp.example'), say('b@corp.example', { name: 'presence' }), false],
  ['requestsPerDay', 'a request to another', ask('a@corp.example'), ask('b@corp.example'), true],
  ['requestsPerDay', 'a request again', ask('a@corp.example'), ask('a@corp.example'), false],
  ['requestsPerDay', 'a message', ask('a@corp.example'), message('b@corp.example'), false],
  ['requestsPerDay', 'a room', ask('a@corp.example'), enter('b@corp.example/bob'), false],
  ['roomsPerDay', 'another room', enter('a@corp.example/bob'), enter('b@corp.example/bob'), true],
  ['roomsPerDay', 'another nick', enter('a@corp.example/bob'), enter('a@corp.example/bobby'), false],
  ['roomsPerDay', 'a request', enter('a@corp.example/bob'), ask('b@corp.example'), false],
] as const) {
  test(`${limit}: ${about} ${isHeld ? 'counts' : 'does not count'}`, () => {
    for (const whose of ['partner', 'outsideUser'] as const) {
      const sentry = Sentry.at(limits({ [whose]: { [limit]: 1 } }), 'partner.example', 'inbound')
      assert.ok(sentry)
      assert.equal(sentry.take(first, NOW), undefined)
      const exceeded = sentry.take(second, NOW)
      assert.equal(exceeded && 'limit' in exceeded ? exceeded.limit : undefined, isHeld ? limit : undefined)
      if (exceeded) {
        const who = whose === 'partner' ? 'partner=partner.example' : `user=${BOB}`
        const { detail, ofUser } = tooMuch(exceeded)
        assert.deepEqual([detail, ofUser === true], [`${who}, ${limit}=1`, whose === 'outsideUser'])
      }
    }
  })
}

test('one of ours has one allowance for all partners, in every spelling and from every device', () => {
  const all = limits({ insideUser: { recipientsPerDay: 2 } })
  const write = (from: string, partner: string): boolean =>
    Sentry.at(all, partner, 'outbound')?.take(say(`x@${partner}`, {}, from), NOW) === undefined
  assert.ok(write('ross@corp.example/phone', 'a.example'))
  assert.ok(write('roß@corp.example/desk', 'b.example'))
  assert.equal(write('ROSS@corp.example', 'c.example'), false)
  assert.ok(write('anna@corp.example', 'c.example'), 'and others have theirs')
})

test('what an entry says stands over what is said for all, limit by limit', () => {
  const all = { partner: { stanzasPerSecond: 10, roomsPerDay: 5 }, outsideUser: { roomsPerDay: 1 }, insideUser: {} }
  assert.deepEqual(termsOf({ stanzasPerSecond: 50, eachUser: { requestsPerDay: 3 } }, all, 1), {
    partner: { stanzasPerSecond: 50, roomsPerDay: 5 },
    outsideUser: { roomsPerDay: 1, requestsPerDay: 3 },
    insideUser: {},
    burstMs: 1,
  })
})

const presence = (type: string, from: string, to: string): Frame => frame({ name: 'presence', type, from, to })

for (const [about, end, direction] of [
  ['an answer that grants it', presence('subscribed', 'anna@corp.example', BOB), 'outbound'],
  ['an answer that refuses it', presence('unsubscribed', 'anna@corp.example', BOB), 'outbound'],
  ['an error', presence('error', 'anna@corp.example', BOB), 'outbound'],
  ['its taking back', presence('unsubscribe', `${BOB}/desk`, 'ANNA@corp.example'), 'inbound'],
  ['nothing else of ours', presence('unsubscribe', 'anna@corp.example', BOB), 'outbound'],
  ['nothing else of theirs', presence('unsubscribed', BOB, 'anna@corp.example'), 'inbound'],
  ['no answer of another', presence('subscribed', 'ben@corp.example', BOB), 'outbound'],
] as const) {
  test(`a request for presence waits until it is answered: ${about}`, () => {
    for (const all of [{ partner: { pendingRequests: 1 } }, { insideUser: { pendingRequests: 1 } }]) {
      const held = limits(all)
      const sentry = Sentry.at(held, 'partner.example', 'inbound')
      assert.ok(sentry)
      const second = presence('subscribe', 'eve@partner.example', 'anna@corp.example')
      assert.equal(sentry.take(presence('subscribe', BOB, 'anna@corp.example'), NOW), undefined)
      assert.equal(sentry.take(presence('subscribe', BOB, 'Anna@corp.example'), NOW), undefined, 'it asks again')
      const refused = sentry.take(second, NOW)
      assert.ok(refused)
      const { condition, type, detail } = tooMuch(refused)
      assert.deepEqual([condition, type], ['not-allowed', 'cancel'], 'what those outside hear of every rule')
      assert.match(detail ?? '', /^(?:partner=partner\.example|user=anna@corp\.example), pendingRequests=1$/)
      assert.equal(sentry.take(say('anna@corp.example'), NOW), undefined, 'and nothing else is refused')
      endsRequest(held.requests, end, direction)
      const isOver = !about.startsWith('no')
      assert.equal(sentry.take(second, NOW) === undefined, isOver)
      assert.equal(held.requests.size, 1)
    }
  })
}

test('requests of ours for the presence of others are not held against what may wait for ours', () => {
  const held = limits({ insideUser: { pendingRequests: 1 }, partner: { pendingRequests: 1 } })
  assert.equal(Sentry.at(held, 'partner.example', 'outbound'), undefined)
})
