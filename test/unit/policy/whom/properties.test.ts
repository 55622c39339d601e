// Held against the same rules told in another way: by plain sets, with nothing remembered. Whatever policies say, nothing
// crosses between a user and a partner whom they do not admit to each other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decide } from '../../../../src/policy/checkpoint.ts'
import { type Crossing, gatherFacts } from '../../../../src/policy/facts.ts'
import type { Groups, Names } from '../../../../src/policy/people.ts'
import { PartnerList } from '../../../../src/policy/partners.ts'
import { Passages } from '../../../../src/policy/passages.ts'
import type { Partners, WhomPolicy } from '../../../../src/policy/whom/policies.ts'
import { Whom } from '../../../../src/policy/whom/whom.ts'
import { frame, NOW, OURS, partner } from '../people.ts'

/** Users as the core knows them. */
const USERS = [
  'anna@corp.example',
  'ben@corp.example',
  'ross@corp.example',
  'μασ@corp.example',
  'room@conference.corp.example',
]
/** In which spellings the core takes an address for theirs: what Prosody 0.12 and ejabberd 23.01 make of them. */
const SPELT: Readonly<Record<string, readonly string[]>> = {
  'anna@corp.example': ['anna@corp.example', 'ANNA@corp.example', 'ａｎｎａ@corp.example'],
  'ross@corp.example': ['ross@corp.example', 'roß@corp.example', 'RO\u1E9E@corp.example', 'ro\u00ADſs@corp.example'],
  'μασ@corp.example': ['μασ@corp.example', 'μας@corp.example', 'ΜΑΣ@corp.example', 'µασ@corp.example'],
}
const spelt = (user: string): fc.Arbitrary<string> => fc.constantFrom(...(SPELT[user] ?? [user]))
const spelling = (all: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...all).chain(spelt)
const CORE = new Map(Object.entries(SPELT).flatMap(([user, all]) => all.map((text) => [text, user] as const)))
/** Whom the core means by an address. */
const atCore = (text: string): string => CORE.get(text) ?? text

const ENTRIES = [
  partner('alpha.example', { tags: ['red'] }),
  partner('beta.example', { tags: ['red', 'blue'], policy: 'strict' }),
  partner('gamma.example', { class: 'coalition', alsoKnownAs: ['rooms.gamma.example'] }),
]
const DOMAINS = ['alpha.example', 'beta.example', 'gamma.example', 'rooms.gamma.example']

const names: fc.Arbitrary<Names> = fc.oneof(
  fc.constant('everyone' as const),
  fc.uniqueArray(spelling([...USERS, 'red-team', 'blue-team', 'domain:conference.corp.example']), {
    minLength: 1,
    maxLength: 3,
  }),
)
const partners: fc.Arbitrary<Partners> = fc.oneof(
  fc.constant('everyone' as const),
  fc.uniqueArray(fc.constantFrom('alpha.example', 'beta.example', 'tag:red', 'tag:blue', 'class:coalition'), {
    minLength: 1,
    maxLength: 2,
  }),
)
const allow = fc.constantFrom('all' as const, 'none' as const, ['messages'] as const)
const rules = fc
  .array(fc.record({ who: names, partners, allow, report: fc.boolean() }), { maxLength: 5 })
  .map((all) =>
    all.map((rule, n) => ({ ...rule, name: `r${n}`, direction: 'both' as const, hours: undefined, place: undefined })),
  )
const named = (name: string) =>
  fc.record({ rules, otherwise: allow }).map((policy) => ({ ...policy, name, place: undefined }))
const side = fc.record({ who: fc.oneof(names, fc.constant([])), partners: fc.oneof(partners, fc.constant([])) })
const wall = fc.record({ sides: fc.array(side, { minLength: 2, maxLength: 3 }), report: fc.boolean() })
const policy: fc.Arbitrary<WhomPolicy> = fc.record({
  walls: fc
    .array(wall, { maxLength: 2 })
    .map((all) => all.map((one, n) => ({ ...one, name: `w${n}`, place: undefined }))),
  policies: fc.record({ default: named('default'), strict: named('strict') }),
})
const groups: fc.Arbitrary<Groups> = fc.record({
  'red-team': fc.uniqueArray(spelling(USERS), { maxLength: 3 }),
  'blue-team': fc.uniqueArray(spelling(USERS), { maxLength: 3 }),
})

const isOf = (list: Names, user: string, members: Groups): boolean =>
  list === 'everyone' ||
  list.some(
    (name) =>
      atCore(name) === user ||
      members[name]?.some((one) => atCore(one) === user) ||
      name === `domain:${user.split('@')[1]}`,
  )

function isWith(list: Partners, domain: string): boolean {
  const entry = ENTRIES.find((one) => one.domain === domain || one.alsoKnownAs.includes(domain))!
  return (
    list === 'everyone' ||
    [entry.domain, `class:${entry.class}`, ...entry.tags.map((tag) => `tag:${tag}`)].some((name) => list.includes(name))
  )
}

/** What the two may say to each other. */
function admitted(
  { walls, policies }: WhomPolicy,
  members: Groups,
  user: string,
  domain: string,
): 'all' | 'none' | 'messages' {
  for (const { sides, report } of walls)
    for (const [i, a] of sides.entries())
      for (const [j, b] of sides.entries())
        if (!report && i !== j && isOf(a.who, user, members) && isWith(b.partners, domain)) return 'none'
  const { rules: all, otherwise } = policies[domain === 'beta.example' ? 'strict' : 'default']!
  const rule = all.find((one) => !one.report && isOf(one.who, user, members) && isWith(one.partners, domain))
  const said = rule?.allow ?? otherwise
  return typeof said === 'string' ? said : 'messages'
}

const act = fc.record({
  user: spelling(USERS),
  resource: fc.constantFrom('', '/a', '/b'),
  domain: fc.constantFrom(...DOMAINS),
  name: fc.constantFrom('message', 'presence', 'iq'),
  type: fc.constantFrom(undefined, 'error', 'unavailable', 'result', 'get', 'subscribe', 'chat'),
})

test('nothing crosses between a user and a partner who are not admitted to each other, by the long way or the short', () => {
  const seen = { refused: 0, short: 0, passed: 0 }
  fc.assert(
    fc.property(
      policy,
      groups,
      fc.constantFrom('inbound', 'outbound'),
      fc.array(act, { minLength: 20, maxLength: 40 }),
      (text, members, direction, acts) => {
        const ways: Crossing = {
          ...{
            direction,
            mode: 'closed',
            ours: OURS,
            partners: new PartnerList(ENTRIES),
            whom: new Whom(text, members),
          },
          provenTowards: () => (direction === 'inbound' ? DOMAINS : OURS),
        }
        const passages = new Passages(ways)
        for (const { user, resource, domain, name, type } of acts) {
          const [inside, outside] = [`${user}${resource}`, `x@${domain}`]
          const one = frame({
            name,
            type,
            ...(direction === 'inbound' ? { from: outside, to: inside } : { from: inside, to: outside }),
          })
          const judged = gatherFacts(one, ways, NOW)
          const short = passages.find(one, NOW) !== undefined
          const decision = decide(judged)
          if (!short && decision.verdict === 'pass') passages.open(judged)
          const may = admitted(text, members, atCore(user), domain)
          const crosses = short || decision.verdict === 'pass'
          assert.ok(!crosses || may !== 'none', `${inside} and ${outside}`)
          if (may === 'all' && decision.verdict !== 'pass') assert.equal(decision.rule, 'stanza-type')
          if (name === 'message' && type === 'chat') assert.equal(crosses, may !== 'none')
          if (short) seen.short += 1
          else if (crosses) seen.passed += 1
          else seen.refused += 1
        }
      },
    ),
    { numRuns: 400 },
  )
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 1000, `${what}: ${times}`)
})

/** Policies that refuse for every reason there is. */
const hours = { zone: 'UTC', open: [{ days: [6], from: 0, to: 1 }] } // NOW is a Monday.
const manyRules = fc
  .array(
    fc.record({
      who: names,
      partners,
      allow: fc.constantFrom('all' as const, 'none' as const, ['presence'] as const),
      direction: fc.constantFrom('both' as const, 'outbound' as const),
      hours: fc.constantFrom(undefined, hours),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) => all.map((rule, n) => ({ ...rule, name: `r${n}`, report: false, place: undefined })))
const manyReasons: fc.Arbitrary<WhomPolicy> = fc
  .record({ whole: policy, rules: manyRules, otherwise: allow })
  .map(({ whole, rules: own, otherwise }) => ({
    ...whole,
    policies: { ...whole.policies, default: { name: 'default', rules: own, otherwise, place: undefined } },
  }))

test('whoever is refused outside hears the same of any two users, whatever is written of each, and of who is not there', () => {
  let seen = 0
  const reasons = new Set<string>()
  const someone = fc.oneof(spelling(USERS), fc.constant('nobody@corp.example'))
  fc.assert(
    fc.property(manyReasons, groups, act, someone, someone, (text, members, { domain, name, type }, one, other) => {
      const ways: Crossing = {
        ...{ direction: 'inbound', mode: 'closed', ours: OURS, partners: new PartnerList(ENTRIES) },
        whom: new Whom(text, members),
        provenTowards: () => DOMAINS,
      }
      const decisions = [one, other].map((to) =>
        decide(gatherFacts(frame({ name, type, from: `x@${domain}`, to }), ways, NOW)),
      )
      const heard = decisions.map((decision) => {
        if (decision.verdict !== 'refuse' || !/^SP-14[1-5]$/.test(decision.reason)) return undefined
        reasons.add(decision.reason)
        return `${decision.condition} ${decision.type} ${decision.silent}`
      })
      if (heard.includes(undefined)) return
      assert.equal(heard[0], heard[1])
      if (new Set(decisions.map((decision) => 'reason' in decision && decision.reason)).size > 1) seen += 1
    }),
    { numRuns: 4000 },
  )
  assert.ok(seen > 50, `${seen} times for two reasons`)
  assert.deepEqual([...reasons].toSorted(), ['SP-141', 'SP-142', 'SP-143', 'SP-144', 'SP-145'])
})
