// Every question gets one answer: from whom it asks, or from us.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Question, Questions } from '../../../src/gateway/ledgers/questions.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'

const PAIR = { local: 'corp.example', remote: 'partner.example' }
function frame(type: string, from: string, to: string, id: string): Frame {
  const read = parseFragment(`<iq type='${type}' from='${from}' to='${to}' id='${id}'/>`)
  assert.ok(read.ok)
  return read.frame
}

const ALICE = 'alice@corp.example/r'
const BOB = 'bob@partner.example/r'

function bench(limit = 200) {
  const questions = new Questions(
    () => limit,
    (domain) => domain.replace('conference.', ''),
  )
  const ask = (at = 0, from = ALICE, to = BOB, id = 'q'): Question | undefined => {
    const question = frame('get', from, to, id)
    return questions.asked(question, at, 'partner', PAIR)
  }
  const answer = (from = BOB, to = ALICE, id = 'q') => questions.answered(frame('result', from, to, id))
  return { questions, ask, answer }
}

test('an answer fits the question between the same two, in whatever spelling, and only once', () => {
  const { questions, ask, answer } = bench()
  assert.ok(ask(0, 'Alice@CORP.example/r'))
  assert.ok(ask(0, ALICE, 'carol@partner.example'))
  assert.equal(answer(BOB, 'alice@corp.example/other'), 'unknown')
  assert.equal(answer(BOB, ALICE, 'other'), 'unknown')
  assert.equal(answer('BOB@partner.example/r'), 'fits')
  assert.equal(answer(), 'unknown')
  assert.deepEqual(questions.figures, { open: 1, told: 0, untracked: 0 })
})

test('one that we have answered is not answered again: by us, or by whom it asks', () => {
  const { questions, ask, answer } = bench()
  const question = ask()
  assert.ok(question)
  assert.equal(questions.settle(question, 0), true)
  assert.equal(questions.settle(question, 0), false)
  assert.equal(answer(), 'late')
  assert.equal(answer(), 'unknown')
  assert.deepEqual(questions.figures, { open: 0, told: 0, untracked: 0 })
})

test('one that was answered is not answered by us', () => {
  const { questions, ask, answer } = bench()
  const question = ask()
  assert.ok(question)
  assert.equal(answer(), 'fits')
  assert.equal(questions.settle(question, 0), false)
})

test('the oldest are found first, by the time at which they crossed', () => {
  const { questions, ask } = bench()
  const asked = [1, 2, 3].map((at) => ask(at, ALICE, BOB, `q${at}`))
  assert.deepEqual([...questions.olderThan(2)], asked.slice(0, 2))
})

test('what is too much is counted, and crosses unknown', () => {
  const { questions, ask, answer } = bench(4) // half of which is the share of one partner
  const asked = ['a', 'b', 'c'].map((id) => ask(0, ALICE, BOB, id))
  assert.equal(asked[2], undefined)
  assert.deepEqual(questions.figures, { open: 2, told: 0, untracked: 1 })
  assert.equal(answer(BOB, ALICE, 'c'), 'unknown')
  // What was answered by us is bounded too, and the oldest goes first.
  for (const question of asked) if (question) questions.settle(question, 0)
  for (const id of ['d', 'e']) {
    const question = ask(0, ALICE, BOB, id)
    if (question) questions.settle(question, 0)
  }
  assert.equal(questions.figures.told, 2)
  assert.deepEqual(
    ['a', 'b', 'd', 'e'].map((id) => answer(BOB, ALICE, id)),
    ['unknown', 'unknown', 'late', 'late'],
  )
})

test('no partner takes more places than it leaves, open or answered by us, and one with nothing is forgotten', () => {
  const questions = new Questions(
    () => 16,
    (domain) => domain.replace('conference.', ''),
  )
  let number = 0
  const ask = (owner: string): Question | undefined => {
    const one = frame('get', ALICE, `bob@${owner}/r`, `q${number++}`)
    const remote = number % 2 === 0 ? owner : `conference.${owner}`
    return questions.asked(one, number, 'partner', { local: 'corp.example', remote })
  }
  const asked = ['a.example', 'b.example', 'c.example'].map((owner) =>
    Array.from({ length: 20 }, () => ask(owner)).filter((question) => question !== undefined),
  )
  assert.deepEqual(
    asked.map(({ length }) => length),
    [8, 4, 2],
  )
  assert.equal(questions.figures.untracked, 60 - 14)
  for (const question of asked.flat()) assert.ok(questions.settle(question, 0))
  assert.deepEqual(questions.figures, { open: 0, told: 14, untracked: 46 })
  // Whoever has many forgets its own first.
  const late = (question?: Question): unknown =>
    question && questions.answered(frame('result', question.to, question.from, question.id))
  for (let n = 0; n < 6; n++) {
    const more = ask('a.example')
    assert.ok(more && questions.settle(more, 0))
  }
  assert.deepEqual(
    [questions.figures.told <= 16, ...(asked[1] ?? []).map(late)],
    [true, 'late', 'late', 'late', 'late'],
  )
  assert.equal(late(asked[0]?.[0]), 'unknown')
  questions.sweep(3_600_000)
  assert.deepEqual([questions.figures.told, questions.figures.open], [0, 0])
  assert.equal(Array.from({ length: 20 }, () => ask('d.example')).filter(Boolean).length, 8)
})

test('with as many partners as places, the table is full at its limit and no more', () => {
  const questions = new Questions(
    () => 16,
    (domain) => domain.replace('conference.', ''),
  )
  for (let n = 0; n < 100; n++) {
    const one = frame('get', ALICE, `bob@p${n}.example/r`, 'q')
    const question = questions.asked(one, n, 'partner', {
      local: 'corp.example',
      remote: `p${n}.example`,
    })
    if (question) questions.settle(question, n)
    assert.ok(questions.figures.told <= 16)
  }
  assert.equal(questions.figures.told, 16)
})

test('what was answered by us an hour ago is forgotten', () => {
  const { questions, ask, answer } = bench()
  const question = ask()
  assert.ok(question)
  questions.settle(question, 1000)
  questions.sweep(3_600_999)
  assert.equal(questions.figures.told, 1)
  questions.sweep(3_601_000)
  assert.equal(questions.figures.told, 0)
  assert.equal(answer(), 'unknown')
})

test('whatever happens, whoever asks gets one answer for each question', () => {
  // Few askers and ids, so that ids are used again while they are in use.
  const act = fc.record({
    what: fc.constantFrom('ask', 'ask', 'answer', 'answer', 'time', 'bounce'),
    asker: fc.constantFrom(ALICE, 'carol@corp.example/r'),
    id: fc.constantFrom('1', '2'),
    which: fc.nat(5),
  })
  let [late, again, ours] = [0, 0, 0]
  fc.assert(
    fc.property(fc.array(act, { minLength: 15, maxLength: 60, size: 'max' }), (acts) => {
      const { questions, ask, answer } = bench()
      const answers = new Map<string, number>()
      const asked = new Map<string, number>()
      const count = (map: Map<string, number>, key: string): unknown => map.set(key, (map.get(key) ?? 0) + 1)
      /** What the asked have not answered yet, and what may still come back from a link. */
      const there: { asker: string; id: string }[] = []
      const underWay: Question[] = []
      const told = (question: Question): void => {
        if (questions.settle(question, 0)) {
          ours += 1
          count(answers, `${question.from} ${question.id}`)
        }
      }
      for (const { what, asker, id, which } of acts) {
        const key = `${asker} ${id}`
        if (what === 'ask') {
          if ((asked.get(key) ?? 0) > (answers.get(key) ?? 0)) again += 1
          const question = ask(0, asker, BOB, id)
          assert.ok(question)
          count(asked, key)
          there.push({ asker, id })
          underWay.push(question)
        } else if (what === 'answer') {
          const [one] = there.splice(which % Math.max(1, there.length), 1)
          if (!one) continue
          const fits = answer(BOB, one.asker, one.id)
          assert.notEqual(fits, 'unknown')
          if (fits === 'fits') count(answers, `${one.asker} ${one.id}`)
          else late += 1
        } else if (what === 'bounce') {
          const [one] = underWay.splice(which % Math.max(1, underWay.length), 1)
          if (one) told(one)
        } else for (const question of [...questions.olderThan(0)].slice(0, 1)) told(question)
        for (const [one, n] of answers) assert.ok(n <= (asked.get(one) ?? 0), `${one} was answered twice`)
      }
      for (const question of questions.olderThan(0)) told(question)
      assert.deepEqual(answers, new Map([...answers.keys()].map((key) => [key, asked.get(key)])))
      assert.equal(answers.size, asked.size)
    }),
    { numRuns: 500 },
  )
  assert.ok(late > 200 && again > 200 && ours > 200, `${late} late, ${again} under an id in use, ${ours} by us`)
})
