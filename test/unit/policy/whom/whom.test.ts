// Who of ours may talk to which partner: which wall or rule decides, and what it says of a stanza, both ways.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../../../src/policy/checkpoint.ts'
import type { Partner } from '../../../../src/policy/partner.ts'
import { RuleCounts } from '../../../../src/policy/whom/counts.ts'
import { Whom } from '../../../../src/policy/whom/whom.ts'
import { parseAddress } from '../../../../src/xmpp/address.ts'
import type { Frame } from '../../../../src/xml/frame.ts'
import { facts, NOW, partner } from '../people.ts'
import { policyOf, whomOf } from './policy.ts'

const HOUR = 3_600_000

/** What becomes of a stanza between two: `pass`, or reason, condition and type; `> rules` that reported. */
function verdict(
  whom: Whom,
  [user, other]: readonly [string, string],
  stanza: Partial<Frame> = {},
  { entry = {}, way = 'outbound' }: { readonly entry?: Partial<Partner>; readonly way?: 'inbound' | 'outbound' } = {},
): string {
  const [domain = '', inside = ''] = [other, user].map((text) => parseAddress(text)?.domain)
  const judged = facts(
    way,
    { ...(way === 'outbound' ? { from: user, to: other } : { from: other, to: user }), ...stanza },
    { whom, partners: [partner(domain, entry)], provenTowards: () => [way === 'outbound' ? inside : domain] },
  )
  const decision = decide(judged)
  if (decision.verdict !== 'pass') {
    const { reason, rule, condition } = decision
    return `${reason} ${rule} ${condition}${'type' in decision ? ` ${decision.type}` : ''} ${judged.whom?.decides.name}`
  }
  return ['pass', judged.whom?.decides.name, ...decision.reported.map(({ clause }) => `> ${clause.name}`)].join(' ')
}

const ANNA = ['anna@corp.example/desk', 'bob@partner.example/x'] as const
const BEN = ['ben@corp.example', 'bob@partner.example'] as const

const RULES = whomOf(`
groups:
  staff: [anna@corp.example, ben@corp.example, chief@corp.example]
  deal: [anna@corp.example]
walls:
  - { name: aurora, sides: [{ who: [deal] }, { partners: [tag:rival] }] }
  - name: two-teams
    sides:
      - { who: [deal], partners: [alpha.example] }
      - { who: [ben@corp.example], partners: [beta.example] }
policies:
  default:
    rules:
      - { name: chief, who: [chief@corp.example], allow: all }
      - { name: rooms, who: ["domain:conference.corp.example"], partners: [class:federated], allow: [rooms] }
      - { name: nobody-there, partners: [evil.example], allow: none }
      - { name: watched, who: [staff], partners: [tag:watched], allow: [messages], report: true }
      - { name: staff, who: [staff], partners: [partner.example, "tag:aurora"], allow: [messages, presence, rooms] }
      - { name: they-ask, who: [staff], partners: [asks.example], allow: all, direction: inbound }
    otherwise: none
  lax: { otherwise: [messages] }
`)

test('the first rule made out to the user and to the partner decides, and where none is, what holds for all others', () => {
  const chat = { type: 'chat' }
  assert.equal(verdict(RULES, ANNA, chat), 'pass default/staff')
  assert.equal(verdict(RULES, ['ANNA@Corp.example', 'bob@PARTNER.example'], chat), 'pass default/staff')
  assert.equal(verdict(RULES, ['chief@corp.example', 'x@evil.example']), 'pass default/chief')
  const refused = 'SP-142 who-with-whom not-allowed cancel'
  assert.equal(verdict(RULES, ['anna@corp.example', 'x@evil.example']), `${refused} default/nobody-there`)
  assert.equal(verdict(RULES, ['eve@corp.example', 'bob@partner.example']), `${refused} default/otherwise`)
  assert.equal(verdict(RULES, ['corp.example', 'partner.example']), `${refused} default/otherwise`)
  assert.equal(verdict(RULES, ANNA, chat, { way: 'inbound' }), 'pass default/staff')
  assert.equal(
    verdict(RULES, ['eve@corp.example', 'bob@partner.example'], {}, { way: 'inbound' }),
    `${refused} default/otherwise`,
  )
})

test('a partner is found by its entry, its tags and its class; a room by its domain', () => {
  const tagged = { entry: { tags: ['aurora'] } }
  assert.equal(verdict(RULES, ['anna@corp.example', 'x@other.example'], {}, tagged), 'pass default/staff')
  const room = ['board@conference.corp.example/nick', 'x@other.example'] as const
  const words = { type: 'groupchat' }
  assert.equal(verdict(RULES, room, words), 'pass default/rooms')
  assert.match(verdict(RULES, room, words, { entry: { class: 'coalition' } }), /^SP-142 .*default\/otherwise$/)
  assert.match(verdict(RULES, room, { type: 'chat' }), /^SP-144 who-with-whom policy-violation modify default\/rooms$/)
})

test('a partner has the policy that its entry names, and a policy that is not there lets nothing through', () => {
  const eve = ['eve@corp.example', 'bob@partner.example'] as const
  assert.equal(verdict(RULES, eve, {}, { entry: { policy: 'lax' } }), 'pass lax/otherwise')
  assert.match(verdict(RULES, ANNA, {}, { entry: { policy: 'gone' } }), /^SP-142 .*gone\/otherwise$/)
  assert.equal(verdict(whomOf('{}'), ANNA), 'pass ', 'where nothing is written, everything may cross')
})

test('a wall refuses whatever rules say, both ways, and whatever kind of thing it is', () => {
  const rival = { entry: { tags: ['rival', 'aurora'] } }
  const wall = 'SP-141 walls not-allowed cancel wall aurora'
  for (const way of ['inbound', 'outbound'] as const)
    for (const stanza of [
      {},
      { type: 'error' },
      { name: 'presence', type: 'unavailable' },
      { name: 'iq', type: 'result' },
    ])
      assert.equal(verdict(RULES, ANNA, stanza, { ...rival, way }), wall)
  assert.equal(verdict(RULES, BEN, {}, rival), 'pass default/staff')
  assert.match(verdict(RULES, ['anna@corp.example', 'x@alpha.example']), /default\/otherwise$/, 'on the same side')
  assert.match(verdict(RULES, ['anna@corp.example', 'x@beta.example']), /^SP-141 .*two-teams$/)
  assert.match(verdict(RULES, ['ben@corp.example', 'x@alpha.example']), /^SP-141 .*two-teams$/)
  assert.equal(verdict(RULES, ['chief@corp.example', 'x@alpha.example']), 'pass default/chief', 'on no side')
})

test('a user is whom the core takes them for, however an address is written, in a stanza or in the file', () => {
  const spellings = ['roß', 'ross', 'RO\u1E9E', 'ro\u00ADſs']
  for (const [written, ...all] of [
    ['ross', ...spellings],
    ['roß', ...spellings],
    ['μασ', 'μας', 'ΜΑΣ'],
    // With the iota below, which is a letter of its own there.
    ['αι', 'ᾳ', 'α\u0345'],
    ['αί', 'α\u0345\u0301'],
    ['άι', 'ᾴ'],
  ] as const)
    for (const who of [`[${written}@corp.example]`, '[team]']) {
      const text = `groups: { team: [${written}@corp.example] }`
      const wall = whomOf(`${text}\nwalls: [{ name: w, sides: [{ who: ${who} }, { partners: everyone }] }]`)
      const rule = whomOf(
        `${text}\npolicies: { default: { otherwise: none, rules: [{ name: r, who: ${who}, allow: all }] } }`,
      )
      for (const way of ['inbound', 'outbound'] as const)
        for (const local of [written, ...all]) {
          const pair = [`${local}@corp.example/x`, 'bob@partner.example'] as const
          assert.match(verdict(wall, pair, {}, { way }), /^SP-141/, `${local} ${written}`)
          assert.equal(verdict(rule, pair, {}, { way }), 'pass default/r', `${local} ${written}`)
        }
    }
  const dotless = whomOf('walls: [{ name: w, sides: [{ who: [rıta@corp.example] }, { partners: everyone }] }]')
  assert.equal(verdict(dotless, ['rita@corp.example', 'bob@partner.example']), 'pass none', 'somebody else')
})

test('a rule with a direction says who begins; the other side may answer, which a message never does', () => {
  const pair = ['anna@corp.example', 'x@asks.example'] as const
  assert.equal(verdict(RULES, pair, {}, { way: 'inbound' }), 'pass default/they-ask')
  assert.equal(verdict(RULES, pair), 'SP-143 who-with-whom not-allowed cancel default/they-ask')
  for (const stanza of [{ name: 'iq', type: 'result' }, { type: 'error' }, { name: 'presence' }])
    assert.equal(verdict(RULES, pair, stanza), 'pass default/they-ask')
  const chat = { name: 'message', type: 'chat' }
  assert.match(verdict(RULES, pair, chat), /^SP-143/, 'what is written back in a chat')
})

test('a rule that only reports is told of, and the question goes on', () => {
  const watched = { entry: { tags: ['watched'] } }
  assert.equal(verdict(RULES, ANNA, { type: 'chat' }, watched), 'pass default/staff')
  const presence = { name: 'presence' }
  assert.equal(verdict(RULES, ANNA, presence, watched), 'pass default/staff > default/watched')
  assert.match(
    verdict(RULES, ['anna@corp.example', 'x@evil.example'], presence, watched),
    /^SP-142/,
    'refused all the same',
  )
  const wall = whomOf('walls: [{ name: w, report: true, sides: [{ who: everyone }, { partners: everyone }] }]')
  assert.equal(verdict(wall, ANNA), 'pass none > wall w')
})

test('outside of its hours a rule lets only what ends or answers something cross', () => {
  // NOW is a Monday, 14:00 in Berlin.
  const whom = (open: string): Whom =>
    whomOf(
      `policies: { default: { otherwise: none, rules: [{ name: r, allow: all, hours: { zone: Europe/Berlin, open: ["${open}"] } }] } }`,
    )
  assert.equal(verdict(whom('mon-fri 08:00-16:00'), ANNA), 'pass default/r')
  const late = whom('mon-fri 08:00-13:00')
  assert.equal(verdict(late, ANNA), 'SP-145 who-with-whom policy-violation wait default/r')
  assert.equal(verdict(late, ANNA, { name: 'presence', type: 'unavailable' }), 'pass default/r')
  const towards = whom('mon 14:00-15:00').towards(undefined)!.of('anna@corp.example')!
  assert.deepEqual(
    [NOW, NOW + HOUR].map((at) => towards.at(at).decides.isOpen),
    [true, false],
    'what is remembered of a user is not whether it is time',
  )
})

test('what is remembered of who asked before changes nothing, and is bounded', () => {
  const whom = whomOf(
    `policies: { default: { otherwise: none, rules: [{ name: anna, who: [anna@corp.example], allow: all }] } }`,
  )
  const towards = whom.towards(undefined)!
  const asked = whom.counts.of('default/anna')
  const first = towards.of('anna@corp.example/0')
  for (let n = 1; n <= 100; n++) assert.equal(towards.of(`anna@corp.example/${n}`), first, 'whatever the resource')
  assert.equal(asked.asked, 1)
  for (let n = 1; n <= 50_000; n++)
    assert.equal(towards.of(`u${n}@corp.example`)!.at(NOW).decides.name, 'default/otherwise')
  const again = towards.of('anna@corp.example')
  assert.notEqual(again, first, 'forgotten')
  assert.equal(again!.at(NOW).decides.name, 'default/anna')
  for (let n = 1; n <= 2000; n++) towards.of(`${'u'.repeat(1000)}${n}@corp.example`)
  assert.equal(towards.of('anna@corp.example/0'), again)
  for (let n = 1; n <= 2000; n++) towards.of(`${'v'.repeat(1000)}${n}@corp.example`)
  assert.notEqual(towards.of('anna@corp.example/0'), again, 'long ones are fewer')
  assert.equal(towards.of('an na@corp.example'), undefined, 'no address')
})

test('each wall and each rule counts what it was asked and what came of it, over a change of the settings', () => {
  const text = `
walls: [{ name: w, sides: [{ who: [eve@corp.example] }, { partners: everyone }] }]
policies: { default: { otherwise: none, rules: [{ name: anna, who: [anna@corp.example], allow: [messages] }] } }`
  const whom = whomOf(text)
  const send = (user: string, kind: 'message' | 'presence' = 'message'): void => {
    const judged = facts('outbound', { name: kind, from: user }, { whom })
    whom.note(judged, decide(judged))
  }
  send('anna@corp.example')
  send('anna@corp.example', 'presence')
  send('eve@corp.example')
  send('ben@corp.example')
  const figures = (name: string): readonly unknown[] => {
    const { asked, matched, refused, lastAt } = whom.counts.of(name)
    return [asked, matched, refused, lastAt]
  }
  assert.deepEqual(figures('wall w'), [4, 1, 1, NOW])
  assert.deepEqual(figures('default/anna'), [3, 2, 1, NOW])
  assert.deepEqual(figures('default/otherwise'), [1, 1, 1, NOW])
  const { whom: next, groups } = policyOf(text.replace('name: anna', 'name: other'))
  const { counts } = new Whom(next, groups, { counts: whom.counts })
  assert.equal(counts.of('wall w').matched, 1, 'what is left of the rules keeps its figures')
  assert.equal(counts.of('default/anna').matched, 0)
})

test('what a wall or a rule costs is measured of one pair in eight, and handed on', () => {
  const text = `policies: { default: { otherwise: none, rules: [{ name: anna, who: [anna@corp.example], allow: all }] } }`
  let now = 0n
  const counts = new RuleCounts(() => (now += 250n))
  const { whom, groups } = policyOf(text)
  const ask = (settings: Whom, from: number, to: number): void => {
    for (let n = from; n <= to; n++) settings.towards(undefined)!.of(`u${n}@corp.example`)
  }
  ask(new Whom(whom, groups, { counts }), 1, 7)
  const { costNs, asked } = counts.of('default/anna')
  assert.deepEqual([costNs, asked, now], [undefined, 7, 0n])
  ask(new Whom(whom, groups, { counts }), 8, 16)
  assert.deepEqual([counts.of('default/anna').costNs, counts.of('default/anna').asked], [250, 16])
  assert.equal(now, 2n * 2n * 2n * 250n, 'two looks at each of two rules, of two pairs')
})
