// Nothing crosses from somebody of an unverified public partner to whom ours have said nothing, whatever it is, whatever was
// said before, and by which way it is judged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decide } from '../../../src/policy/checkpoint.ts'
import { type Crossing, gatherFacts } from '../../../src/policy/facts.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { Passages } from '../../../src/policy/passages.ts'
import { rejudge } from '../../../src/policy/replay.ts'
import { actOf } from '../../../src/policy/relations/acts.ts'
import type { Relations } from '../../../src/policy/relations/relations.ts'
import { Whom } from '../../../src/policy/whom/whom.ts'
import { facts, frame, NOW, OURS, partner } from './people.ts'
import { relations } from './relations/hash.ts'

const ENTRIES = [
  partner('partner.example', { class: 'public-unverified' }),
  partner('public.example', { class: 'public-verified' }),
  partner('own.example', { class: 'coalition' }),
]

const crossing = (direction: Crossing['direction'], ledger?: Relations): Crossing => ({
  direction,
  provenTowards: () => ['partner.example', 'public.example', 'corp.example'],
  partners: new PartnerList(ENTRIES),
  mode: 'closed',
  ours: OURS,
  relations: ledger,
})

test('who may begin, by the class of their partner', async (t) => {
  const table: readonly (readonly [string, boolean, string | undefined])[] = [
    ['federated', false, undefined],
    ['public-verified', false, undefined],
    ['coalition', false, undefined],
    ['public-unverified', false, 'SP-147'],
    ['public-unverified', true, undefined],
  ]
  for (const [name, known, reason] of table)
    for (const kind of ['message', 'presence', 'iq'])
      await t.test(`${name}, ${known ? 'known' : 'a stranger'}: ${kind}`, () => {
        const ledger = relations()
        if (known) ledger.add('alice@corp.example', 'bob@partner.example', 1, NOW)
        const type = kind === 'iq' ? 'get' : kind === 'presence' ? 'subscribe' : 'chat'
        const partners = [partner('partner.example', { class: name })]
        const judged = (direction: 'inbound' | 'outbound'): string | undefined => {
          const decision = decide(facts(direction, { name: kind, type }, { partners, relations: ledger }))
          return decision.verdict === 'pass' ? undefined : decision.reason
        }
        assert.equal(judged('inbound'), reason)
        assert.equal(judged('outbound'), undefined)
      })
})

const [ALICE, THEIRS] = ['alice@corp.example', 'bob@partner.example']

test('who may begin that is in no entry, or misbehaves', async (t) => {
  type Row = readonly [
    what: string,
    isListed: boolean,
    over: Pick<Partial<Crossing>, 'mode' | 'conduct'>,
    refused: boolean,
  ]
  const table: readonly Row[] = [
    ['in no entry, mode limited', false, { mode: 'limited' }, true],
    ['in no entry, mode open', false, { mode: 'open' }, false],
    ['with an entry, mode limited', true, { mode: 'limited' }, false],
    ['in no entry, mode open, limited for its conduct', false, { mode: 'open', conduct: () => 'limited' }, false],
    ['in no entry, mode open, watched for its conduct', false, { mode: 'open', conduct: () => 'watch' }, true],
    ['with an entry, and watched, as somebody has said', true, { conduct: () => 'watch' }, true],
  ]
  for (const [what, isListed, over, refused] of table) {
    await t.test(what, () => {
      const ledger = relations()
      const partners = new PartnerList(isListed ? [partner('partner.example')] : [])
      const judged = (direction: 'inbound' | 'outbound'): string => {
        const world = { ...crossing(direction, ledger), ...over, partners }
        const inbound = direction === 'inbound'
        const [from, to] = inbound ? [THEIRS, ALICE] : [ALICE, THEIRS]
        const stanza = frame({ name: 'message', type: 'chat', from, to })
        const judgement = gatherFacts(stanza, world, NOW)
        const decision = decide(judgement)
        const long = decision.verdict === 'pass' ? 'passes' : decision.reason
        const passages = new Passages(world)
        passages.open(judgement)
        const isShort = passages.find(stanza, NOW) !== undefined
        assert.equal(isShort, long === 'passes', 'by the short way as by the long one')
        return long
      }
      assert.equal(judged('inbound'), refused ? 'SP-147' : 'passes')
      assert.equal(judged('outbound'), 'passes')
      ledger.add(ALICE, THEIRS, 1, NOW)
      assert.equal(judged('inbound'), 'passes', 'who is known')
    })
  }
})

test('without a ledger nobody is known', () => {
  const decision = decide(facts('inbound', { type: 'chat' }, { partners: ENTRIES }))
  assert.equal(decision.verdict, 'refuse')
})

test('the answer is the same for who is there, who is not, and what a wall says', () => {
  const answers = ['alice@corp.example', 'nobody@corp.example', 'corp.example', 'room@conference.corp.example/nick']
    .map((to) => decide(facts('inbound', { to, type: 'chat' }, { partners: ENTRIES, relations: relations() })))
    .map((decision) => (decision.verdict === 'refuse' ? [decision.condition, decision.type, decision.silent] : []))
  for (const answer of answers) assert.deepEqual(answer, ['not-allowed', 'cancel', undefined])
})

const ours = fc.constantFrom('alice@corp.example', 'ALICE@corp.example/desk', 'ben@corp.example', 'corp.example')
const theirs = fc.constantFrom('bob@partner.example', 'Bob@Partner.example/x', 'eve@partner.example', 'partner.example')
const said = fc.record({
  inbound: fc.boolean(),
  user: ours,
  contact: theirs,
  name: fc.constantFrom('message', 'presence', 'presence', 'iq'),
  type: fc.constantFrom(
    ...[undefined, 'chat', 'groupchat', 'error', 'get', 'set', 'result', 'unavailable', 'probe'],
    ...['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'],
  ),
})
const bare = (text: string): string => text.toLowerCase().replace(/\/.*/, '')

test('no stanza of a stranger crosses before ours have added or written to them', () => {
  const reached = { strangers: 0, known: 0, short: 0, parted: 0 }
  fc.assert(
    fc.property(fc.array(said, { minLength: 30, maxLength: 60 }), (all) => {
      const ledger = relations()
      const ways = {
        inbound: new Passages(crossing('inbound', ledger)),
        outbound: new Passages(crossing('outbound', ledger)),
      }
      /** Told in another way: marks of each two, by plain addresses. */
      const model = new Map<string, number>()
      for (const { inbound, user, contact, name, type } of all) {
        const [from, to] = inbound ? [contact, user] : [user, contact]
        const stanza = frame({ name, type, from, to })
        const passages = inbound ? ways.inbound : ways.outbound
        const isShort = passages.find(stanza, NOW) !== undefined
        const judged = gatherFacts(stanza, passages.crossing, NOW)
        const decision = decide(judged)
        const crosses = isShort || decision.verdict === 'pass'
        if (crosses && !isShort) passages.open(judged)
        const pair = `${bare(user)} ${bare(contact)}`
        if (inbound) {
          const isKnown = (model.get(pair) ?? 0) !== 0
          reached[isKnown ? 'known' : 'strangers'] += 1
          if (isShort) reached.short += 1
          if (!isKnown) assert.ok(!crosses, `${name}/${type} from ${contact} to ${user}`)
          assert.equal(judged.acquainted, isKnown)
        } else if (crosses) {
          ledger.learn(stanza, NOW)
          const { makes = 0, ends = 0, onlyIfSet = false } = actOf(stanza)
          const before = model.get(pair) ?? 0
          const left = (before | makes) & ~ends
          const parts = ends !== 0 && (left & 3) === 0 && !(onlyIfSet && left === before)
          if (parts && before !== 0) reached.parted += 1
          model.set(pair, parts ? 0 : left)
        }
      }
    }),
    { numRuns: 700 },
  )
  for (const [state, times] of Object.entries(reached)) assert.ok(times > 100, `${state}: ${times}`)
})

test('what was recorded is judged again by what was known then, and by what is known now where nobody asked', () => {
  const stranger = facts('inbound', { type: 'chat' }, { partners: ENTRIES, relations: relations() })
  const unasked = facts('inbound', { type: 'chat' })
  const known = relations()
  known.add('alice@corp.example', 'bob@partner.example', 1, NOW)
  const under = {
    partners: new PartnerList(ENTRIES),
    whom: new Whom({ walls: [], policies: {} }, {}),
    mode: 'closed',
    ours: OURS,
  } as const
  const verdicts = [
    rejudge(stranger, { ...under, relations: known }),
    rejudge(unasked, { ...under, relations: known }),
    rejudge(unasked, { ...under, relations: relations() }),
    rejudge(stranger, { ...under, partners: new PartnerList([partner('partner.example')]) }),
  ].map(({ verdict }) => verdict)
  assert.deepEqual(verdicts, ['refuse', 'pass', 'refuse', 'pass'])
})
