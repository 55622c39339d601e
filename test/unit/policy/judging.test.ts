// The checkpoint with its figures: it decides as the rules do, and counts what was asked of each.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide, RULES } from '../../../src/policy/checkpoint.ts'
import { gatherFacts, type Crossing } from '../../../src/policy/facts.ts'
import { EVERY, Judging } from '../../../src/policy/judging.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { Passages } from '../../../src/policy/passages.ts'
import { facts, frame, NOW, OURS, partner } from './people.ts'

/** A stopwatch that goes on by so much at each look. */
function stopwatch(step: bigint): () => bigint {
  let now = 0n
  return () => (now += step)
}

const of = (judging: Judging, id: string) => judging.figures().find(({ rule }) => rule.id === id)!

test('it decides what the rules decide, and counts for each how often it was asked and what it refused', () => {
  const judging = new Judging()
  const judged = [
    facts('inbound'),
    facts('outbound'),
    facts('inbound', { to: undefined }),
    facts('inbound', { from: 'bob@other.example' }),
    facts('inbound', { name: 'iq', type: 'odd' }),
    facts('inbound', {}, { partners: [partner('partner.example', { status: 'blocked' })] }),
  ]
  for (const one of judged) assert.deepEqual(judging.decide(one), decide(one))
  assert.deepEqual(
    judging.figures().map(({ rule, asked, refused, lastAt }) => [rule.id, asked, refused, lastAt]),
    [
      ['addressed', 6, 1, NOW],
      ['behind-provider', 5, 0, undefined],
      ['sender-proven', 5, 1, NOW],
      ['well-formed-addresses', 4, 0, undefined],
      ['no-relay', 4, 0, undefined],
      ['right-stream', 4, 0, undefined],
      ['partner-admitted', 4, 1, NOW],
      ['good-conduct', 3, 0, undefined],
      ['partner-direction', 3, 0, undefined],
      ['stanza-type', 3, 1, NOW],
      ['walls', 2, 0, undefined],
      ['who-with-whom', 2, 0, undefined],
      ['acquainted', 2, 0, undefined],
      ['presence-shown', 2, 0, undefined],
      ['authors-admitted', 2, 0, undefined],
    ],
  )
})

test('what takes the short way is counted where its rules are asked, and what they find there once', () => {
  const judging = new Judging()
  const crossing: Crossing = {
    direction: 'inbound',
    provenTowards: () => ['partner.example'],
    partners: new PartnerList([partner('partner.example')]),
    ...{ mode: 'closed', ours: OURS, judging },
  }
  const passages = new Passages(crossing)
  const send = (type: string, name = 'message'): boolean => {
    const stanza = frame({ name, type, from: 'bob@partner.example', to: 'alice@corp.example' })
    if (passages.find(stanza, NOW)) return true
    const judged = gatherFacts(stanza, crossing, NOW)
    if (judging.decide(judged).verdict !== 'pass') return false
    passages.open(judged)
    return true
  }
  assert.ok(send('chat')) // By all rules.
  const look = frame({ type: 'chat', from: 'bob@partner.example', to: 'alice@corp.example' })
  for (let n = 0; n < 10; n++) assert.ok(passages.find(look, NOW)) // By those about stanzas, and then it looks like the last.
  assert.ok(!send('odd', 'iq')) // By those about stanzas, and then by all.
  const counts = (id: string): readonly number[] => [of(judging, id).asked, of(judging, id).refused]
  assert.deepEqual(counts('addressed'), [2, 0])
  assert.deepEqual(counts('partner-direction'), [4, 0])
  assert.deepEqual(counts('stanza-type'), [4, 1])
  assert.deepEqual(counts('walls'), [2, 0])
})

test('one judgement in a thousand is timed, less what looking at the stopwatch takes, and decides the same', () => {
  let looks = 0
  const tick = stopwatch(500n)
  const judging = new Judging(() => {
    looks += 1
    return tick()
  })
  const passes = facts('inbound')
  for (let n = 1; n < EVERY; n++) judging.decide(passes)
  assert.equal(looks, 0)
  assert.ok(judging.figures().every(({ costNs }) => costNs === undefined))
  assert.deepEqual(judging.decide(passes), decide(passes))
  assert.equal(looks, 3 * RULES.length)
  assert.ok(judging.figures().every(({ costNs }) => costNs === 0))
  for (let n = 1; n < EVERY; n++) judging.decide(passes)
  assert.equal(looks, 3 * RULES.length)
  const refused = facts('inbound', { to: undefined })
  assert.deepEqual(judging.decide(refused), decide(refused))
  assert.equal(looks, 3 * RULES.length + 3, 'the rules behind the one that decides are not asked')
})
