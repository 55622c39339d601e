import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DEFAULT_LIMITS, type Limits } from '../../../src/config/limits.ts'
import { Budgets } from '../../../src/gateway/budgets.ts'
import { Source } from '../../../src/gateway/source.ts'
import { bench } from './link-bench.ts'

const SMALL = { partnerQueueStanzas: 4, partnerQueueBytes: 100, queuesStanzas: 6, queuesBytes: 150 }

const budgets = (limits: Partial<Limits> = SMALL): Budgets => new Budgets(() => ({ ...DEFAULT_LIMITS, ...limits }))

test('what does not fit says whose allowance is used up, and takes nothing', () => {
  for (const [what, before, bytes, expected] of [
    ['a fifth stanza of one partner', { a: [1, 1, 1, 1] }, 1, 'SP-627'],
    ['the byte beyond those of one partner', { a: [99] }, 2, 'SP-627'],
    ['the last byte of one partner', { a: [99] }, 1, undefined],
    ['a seventh stanza of all', { a: [1, 1], b: [1, 1, 1, 1] }, 1, 'SP-628'],
    ['the byte beyond those of all', { a: [1], b: [99], c: [49] }, 2, 'SP-628'],
    ['a stanza that fits nowhere', { a: [100], b: [50] }, 1, 'SP-627'],
  ] as const) {
    const all = budgets()
    for (const [partner, sizes] of Object.entries(before)) {
      for (const size of sizes) assert.equal(all.of(partner).take(size), undefined, what)
    }
    const [one, sum] = [all.of('a').used, all.all.used]
    assert.equal(all.of('a').take(bytes), expected, what)
    if (expected === undefined) continue
    assert.deepEqual([all.of('a').used, all.all.used], [one, sum], what)
  }
})

test('a partner whose room is used up takes none of the others', () => {
  const all = budgets()
  for (let i = 0; i < 10; i++) all.of('flood').take(1)
  assert.equal(all.of('quiet').take(1), undefined)
  assert.deepEqual(all.use, [
    { partner: 'flood', stanzas: 4, bytes: 4 },
    { partner: 'quiet', stanzas: 1, bytes: 1 },
  ])
})

test('whatever is taken, owed and given back, the whole is the sum of its parts and ends at nothing', () => {
  let refused = 0
  fc.assert(
    fc.property(
      fc.array(fc.record({ who: fc.constantFrom('a', 'b', 'c'), bytes: fc.nat(60), how: fc.nat(5) })),
      (acts) => {
        const all = budgets()
        const held: { who: string; bytes: number }[] = []
        for (const { who, bytes, how } of acts) {
          const budget = all.of(who)
          if (how < 3) {
            if (budget.take(bytes)) refused += 1
            else held.push({ who, bytes })
          } else if (how === 3) {
            budget.owe(bytes)
            held.push({ who, bytes })
          } else {
            const back = held.shift()
            if (back) all.of(back.who).give(back.bytes)
          }
          const parts = ['a', 'b', 'c'].map((name) => all.of(name).used)
          assert.equal(
            all.all.used.bytes,
            parts.reduce((sum, part) => sum + part.bytes, 0),
          )
          assert.equal(all.all.used.stanzas, held.length)
        }
        for (const { who, bytes } of held) all.of(who).give(bytes)
        assert.deepEqual(all.all.used, { stanzas: 0, bytes: 0 })
      },
    ),
    { numRuns: 500 },
  )
  assert.ok(refused > 20, `only ${refused} did not fit`)
})

test('a partner without links and without anything waiting is forgotten', () => {
  const all = budgets()
  const [linked, waiting] = [all.of('linked'), all.of('waiting')]
  all.of('gone')
  waiting.take(5)
  all.sweep(new Set([linked]))
  assert.equal(all.of('linked'), linked)
  assert.equal(all.of('waiting'), waiting)
  waiting.give(5)
  all.sweep(new Set())
  assert.notEqual(all.of('linked'), linked)
})

test('two links of one partner share its room: at half of it both hold their sources, beyond it they bounce', () => {
  const all = budgets()
  const [one, two] = [bench({}, { budget: all.of('a') }), bench({}, { budget: all.of('a') })]
  const other = bench({}, { budget: all.of('b') })
  const held: string[] = []
  const source = (name: string): Source =>
    new Source({ pause: () => held.push(name), resume: () => held.push(`${name} reads`) })
  one.link.send(one.parcel('1', source('one')))
  two.link.send(two.parcel('2', source('two')))
  assert.deepEqual(held, ['two'])
  one.link.send(one.parcel('3'))
  one.link.send(one.parcel('4'))
  two.link.send(two.parcel('5'))
  assert.deepEqual(
    two.bounced.map(({ text, why }) => [text, why.reason]),
    [['5', 'SP-627']],
  )
  for (const text of ['6', '7', '8']) other.link.send(other.parcel(text))
  assert.deepEqual(
    other.bounced.map(({ text, why }) => [text, why.reason]),
    [['8', 'SP-628']],
  )
  assert.deepEqual(all.all.used, { stanzas: 6, bytes: 6 })
})
