// The short way past the checkpoint must come to what the long way comes to, whatever changes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decide } from '../../../src/policy/checkpoint.ts'
import { type Crossing, gatherFacts } from '../../../src/policy/facts.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { Passages } from '../../../src/policy/passages.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { frame, NOW, OURS, partner } from './people.ts'
import { whomOf } from './whom/policy.ts'

const MINUTE = 60_000

function crossing(changes: Partial<Crossing> = {}): Crossing {
  return {
    direction: 'inbound',
    provenTowards: () => ['partner.example', 'short.example', 'twice.example', 'shown.example'],
    partners: new PartnerList([
      partner('partner.example'),
      partner('short.example', { expires: '2026-06-15' }),
      partner('twice.example', { direction: 'outbound' }),
      partner('blocked.example', { status: 'blocked' }),
      partner('shown.example', { shown: { detail: 'none' } }),
    ]),
    mode: 'closed',
    ours: OURS,
    ...changes,
  }
}

/** What the gateway does with a stanza: `short` where the passage was known, else the verdict of all rules. */
function judge(passages: Passages, stanza: Frame, at: number): string {
  if (passages.find(stanza, at)) return 'short'
  const facts = gatherFacts(stanza, passages.crossing, at)
  const { verdict } = decide(facts)
  if (verdict === 'pass') passages.open(facts)
  return verdict
}

const chat = (from: string, to = 'alice@corp.example'): Frame => frame({ from, to, type: 'chat' })

test('what follows a stanza that has passed takes the short way, whoever of these domains it is from and to', () => {
  const passages = new Passages(crossing())
  const senders = ['bob@partner.example', 'bob@partner.example/x', 'Carol@PARTNER.example', 'partner.example']
  assert.deepEqual(
    senders.map((from) => judge(passages, chat(from), NOW)),
    ['pass', 'short', 'short', 'short'],
  )
  assert.equal(judge(passages, chat('bob@partner.example', 'room@conference.corp.example'), NOW), 'pass')
})

test('it ends in the moment in which the entry does', () => {
  const passages = new Passages(crossing())
  const midnight = Date.UTC(2026, 5, 16)
  assert.equal(judge(passages, chat('bob@short.example'), midnight - MINUTE), 'pass')
  assert.equal(judge(passages, chat('bob@short.example'), midnight - 1), 'short')
  assert.equal(judge(passages, chat('bob@short.example'), midnight), 'close')
})

test('the facts of a stanza that takes it are those of the long way', () => {
  const passages = new Passages(crossing())
  judge(passages, chat('bob@partner.example'), NOW)
  const stanza = chat('Bob@partner.example/x')
  const passage = passages.find(stanza, NOW)
  assert.ok(passage)
  assert.deepEqual(passage.facts(stanza, NOW), gatherFacts(stanza, crossing(), NOW))
})

test('words for a room are held each against who is in it, where nobody is shown', () => {
  let isIn = true
  const passages = new Passages(crossing({ inRoom: () => isIn }))
  const said = frame({ from: 'room@shown.example/Bob', to: 'alice@corp.example/desk', type: 'groupchat' })
  assert.deepEqual([judge(passages, said, NOW), judge(passages, said, NOW)], ['pass', 'short'])
  isIn = false
  assert.equal(judge(passages, said, NOW), 'refuse', 'she has left')
})

test('one stream cannot fill the memory', () => {
  const ways = crossing({ direction: 'outbound', provenTowards: () => ['corp.example'], mode: 'open' })
  const passages = new Passages(ways)
  for (let n = 0; n <= 10_000; n++)
    assert.equal(judge(passages, chat('alice@corp.example', `${n}.example`), NOW), 'pass')
  assert.equal(judge(passages, chat('alice@corp.example', '10000.example'), NOW), 'short')
  assert.equal(judge(passages, chat('alice@corp.example', '0.example'), NOW), 'pass', 'forgotten')
})

const address = (...domains: readonly string[]): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...domains.flatMap((name) => [name, `bob@${name}`, `BOB@${name}/ x`])) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, '', 'bob@', '@corp.example', 'b b@partner.example', 'x@/') },
  )
const stanza = fc.record({
  name: fc.constantFrom('message', 'message', 'presence', 'iq'),
  type: fc.constantFrom(
    undefined,
    undefined,
    'chat',
    'chat',
    'error',
    'get',
    'result',
    'subscribe',
    'subscribed',
    'unavailable',
    'odd',
  ),
  id: fc.constantFrom('a', undefined),
  payloads: fc.constantFrom(
    [],
    [{ namespace: 'http://jabber.org/protocol/muc', name: 'x' }],
    [{ namespace: 'vcard-temp', name: 'vCard' }],
  ),
  from: address(
    'partner.example',
    'partner.example',
    'short.example',
    'twice.example',
    'blocked.example',
    'shown.example',
    'corp.example',
  ),
  to: address('corp.example', 'corp.example', 'conference.corp.example', 'partner.example'),
})
const act = fc.record({
  stanza,
  later: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(6 * 3_600_000) }),
})

/** Rooms may not with all; everybody else within hours, and each kind of thing on terms of its own. */
const policies = `
walls:
  - { name: wall, sides: [{ who: ["domain:conference.corp.example"] }, { partners: [partner.example, twice.example] }] }
  - { name: told, report: true, sides: [{ who: [bob@corp.example] }, { partners: [short.example] }] }
policies:
  default:
    rules:
      - { name: bob, who: [bob@corp.example], partners: [partner.example], allow: [messages, rooms], hours: { zone: UTC, open: ["daily 06:00-20:00"] } }
      - { name: rooms, who: ["domain:conference.corp.example"], allow: [rooms] }
    otherwise: [messages, queries]
`

test('the short way lets through what the long way does, and nothing else', () => {
  let short = 0
  let refused = 0
  let reported = 0
  fc.assert(
    fc.property(
      fc.array(act, { minLength: 60, maxLength: 120 }),
      fc.constantFrom('inbound', 'outbound'),
      fc.constantFrom(undefined, policies),
      (acts, direction, text) => {
        const whom = text === undefined ? whomOf('{}') : whomOf(text)
        const ways = crossing({ direction, whom, ...(direction === 'outbound' ? { provenTowards: () => OURS } : {}) })
        const passages = new Passages(ways)
        let at = NOW
        for (const { stanza: changes, later } of acts) {
          at += later
          const { from, to } = changes
          const one = frame(direction === 'inbound' ? changes : { ...changes, from: to, to: from })
          const decision = decide(gatherFacts(one, ways, at))
          const { verdict } = decision
          const came = judge(passages, one, at)
          const isReported = decision.verdict === 'pass' && decision.reported.length > 0
          if (isReported) reported += 1
          assert.ok(!isReported || came !== 'short', 'what is to be reported is seen whole')
          assert.equal(came === 'short' ? 'pass' : came, verdict)
          if (came === 'short') short += 1
          else if (came !== 'pass') refused += 1
        }
      },
    ),
    { numRuns: 400 },
  )
  assert.ok(short > 1000, `${short} took the short way`)
  assert.ok(refused > 1000, `${refused} were refused`)
  assert.ok(reported > 100, `${reported} were reported`)
})
