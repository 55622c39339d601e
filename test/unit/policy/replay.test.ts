// What was recorded, judged again by how domains behaved then: the sender's, and of those whose words a stanza carries.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../../src/policy/checkpoint.ts'
import type { ConductState } from '../../../src/policy/conduct/conduct.ts'
import type { Facts } from '../../../src/policy/facts.ts'
import type { Partner } from '../../../src/policy/partner.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { rejudge, type Under } from '../../../src/policy/replay.ts'
import { Whom } from '../../../src/policy/whom/whom.ts'
import { facts, OURS, partner } from './people.ts'

const UNRULY = 'unruly.example'
const PARTNER = partner('partner.example')
const FORWARDS = { payloads: [{ namespace: 'urn:xmpp:forward:0', name: 'forwarded' }] }

const again = (seen: Facts, entries: readonly Partner[], conduct: ConductState, more: Partial<Under> = {}): string => {
  const kept = JSON.parse(JSON.stringify(seen)) as Facts
  const under: Under = {
    ...{
      partners: new PartnerList(entries),
      whom: new Whom({ walls: [], policies: {} }, {}),
      mode: 'open',
      ours: OURS,
    },
    ...{ conduct: () => conduct, ...more },
  }
  const decision = rejudge(kept, under)
  return decision.verdict === 'pass' ? 'pass' : decision.reason
}

test('words of a domain that was blocked for its conduct are refused again, whatever it does now', () => {
  const blocked = facts('inbound', FORWARDS, {
    authors: () => [`x@${UNRULY}`],
    conduct: (domain) => (domain === UNRULY ? 'blocked' : 'normal'),
  })
  assert.equal(decide(blocked).verdict, 'refuse')
  for (const now of ['blocked', 'normal'] as const) assert.equal(again(blocked, [PARTNER], now), 'SP-146')
  const listed = [PARTNER, partner(UNRULY)]
  assert.equal(again(blocked, listed, 'normal'), 'pass', 'with an entry nothing follows from what it did by itself')
  assert.equal(again(blocked, listed, 'blocked'), 'SP-146', 'and what somebody has said does')
})

test('words of a domain with an entry are judged by how it was met then', () => {
  const entries = [PARTNER, partner(UNRULY)]
  const seen = (state: ConductState) =>
    facts('inbound', FORWARDS, { partners: entries, authors: () => [`x@${UNRULY}`], conduct: () => state })
  const [held, good] = [seen('blocked'), seen('normal')]
  for (const now of ['blocked', 'normal'] as const) {
    assert.equal(again({ ...held, conduct: undefined }, entries, now), 'SP-146')
    assert.equal(again(good, entries, now), 'pass')
  }
})

test('a domain that was blocked for its conduct is met by what counts of it, where the other files have an entry', () => {
  const stranger = facts('inbound', {}, { partners: [], mode: 'open', conduct: () => 'blocked' })
  assert.equal(again(stranger, [], 'normal'), 'SP-162', 'as it was then')
  assert.equal(again(stranger, [PARTNER], 'normal'), 'pass')
  assert.equal(again(stranger, [PARTNER], 'blocked'), 'SP-162')
  const partnerThen = facts('inbound', {}, { conduct: () => 'normal' })
  assert.equal(again(partnerThen, [], 'blocked'), 'SP-162', 'and where they have none')
})

test('who has a decorated name is judged as whom they would be by the other files', () => {
  const [via, there] = ['partner.example', 'anna\\40example.org@partner.example/r']
  const [serving, plain] = [[partner(via, { decorates: ['example.org'] })], [PARTNER]]
  const served = facts('inbound', { from: 'anna@example.org/r' }, { via, partners: serving })
  const own = facts('inbound', { from: there }, { partners: plain })
  assert.equal(again(served, serving, 'normal'), 'pass')
  assert.equal(again(served, plain, 'normal'), 'pass', 'as one of the provider’s own')
  assert.equal(again(own, serving, 'normal'), 'pass')
  for (const seen of [served, own])
    assert.equal(again(seen, [partner(via, { decorates: ['other.example'] })], 'normal'), 'SP-167')
  const blocked = [...serving, partner('example.org', { status: 'blocked' })]
  assert.equal(again(own, blocked, 'normal'), 'SP-167')
  const like = facts('inbound', { from: 'anna\\40example.org.@partner.example' }, { via, partners: serving })
  assert.equal(again(like, serving, 'normal'), 'SP-167')
  assert.equal(again(like, plain, 'normal'), 'pass')
  for (const to of [there, 'example.org'])
    assert.equal(again(facts('outbound', { to }, { partners: serving }), serving, 'normal'), 'SP-168', to)
  assert.equal(again(facts('outbound', { to: there }, { partners: serving }), plain, 'normal'), 'pass')
})
