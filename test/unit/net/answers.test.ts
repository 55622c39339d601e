import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, Answers, type Keeping } from '../../../src/net/answers.ts'

const NONE: Answer<string> = { ok: false, absent: true, reason: 'SP-201', code: 'NXDOMAIN' }
const DOWN: Answer<string> = { ok: false, absent: false, reason: 'SP-203', code: 'ETIMEOUT' }
const found = (value: string, ttlMs?: number): Answer<string> => ({
  ok: true,
  value: [value],
  ...(ttlMs === undefined ? {} : { ttlMs }),
})

/** Answers by a clock in the test's hands, and a DNS that says what it is told to. */
class Bench {
  at = 0
  says: Answer<string> = found('one')
  asked = 0
  readonly answers: Answers<string>

  constructor(keeping: Partial<Keeping> = {}) {
    const all = { keepMs: 60_000, keepAbsentMs: 30_000, staleMs: 600_000, most: 10, ...keeping }
    this.answers = new Answers({ keeping: () => all, now: () => this.at })
  }

  get(question = 'A h.test'): Promise<Answer<string>> {
    return this.answers.get(question, () => {
      this.asked += 1
      return Promise.resolve(this.says)
    })
  }

  /** At each of these times: was DNS asked? */
  async asksAt(...times: readonly number[]): Promise<readonly boolean[]> {
    const asks: boolean[] = []
    for (const at of times) {
      this.at = at
      const before = this.asked
      await this.get()
      asks.push(this.asked > before)
    }
    return asks
  }
}

describe('an answer is kept', () => {
  const table: readonly (readonly [what: string, says: Answer<string>, times: readonly number[], asks: boolean[]])[] = [
    ['where no TTL is known, for the time of the settings', found('one'), [0, 59_999, 60_000], [true, false, true]],
    ['for its TTL', found('one', 5000), [0, 4999, 5000], [true, false, true]],
    [
      'no longer than the settings say, whatever its TTL',
      found('one', 86_400_000),
      [0, 59_999, 60_000],
      [true, false, true],
    ],
    ['not at all with a TTL of 0', found('one', 0), [0, 0, 1], [true, true, true]],
    ['that there is nothing, for a time of its own', NONE, [0, 29_999, 30_000], [true, false, true]],
    ['that there was no answer, for a moment', DOWN, [0, 999, 1000], [true, false, true]],
  ]
  for (const [what, says, times, asks] of table) {
    test(what, async () => {
      const bench = new Bench()
      bench.says = says
      deepEqual(await bench.asksAt(...times), asks)
    })
  }
})

describe('while DNS is down', () => {
  test('what was known serves, DNS is asked twice a minute, and a new answer counts at once', async () => {
    const bench = new Bench()
    await bench.get()
    bench.says = DOWN
    deepEqual(await bench.asksAt(60_000, 89_999, 90_000, 119_999), [true, false, true, false])
    deepEqual(await bench.get(), found('one'))
    bench.says = found('two')
    bench.at = 120_000
    deepEqual(await bench.get(), found('two'))
  })
  test('it serves no longer than the settings say', async () => {
    const bench = new Bench()
    await bench.get()
    bench.says = DOWN
    bench.at = 659_999
    deepEqual(await bench.get(), found('one'))
    bench.at = 700_000
    deepEqual(await bench.get(), DOWN)
  })
  test('that there is nothing is an answer, and nothing old comes after it', async () => {
    const bench = new Bench()
    await bench.get()
    bench.says = NONE
    bench.at = 60_000
    deepEqual(await bench.get(), NONE)
    bench.says = DOWN
    bench.at = 90_000
    deepEqual(await bench.get(), DOWN)
  })
})

describe('asked anew', () => {
  test('DNS is asked at once, and what was known serves if it is down', async () => {
    const bench = new Bench()
    await bench.get()
    bench.says = found('two')
    bench.answers.renew('A h.test')
    deepEqual(await bench.get(), found('two'))
    bench.says = DOWN
    bench.answers.renew('A h.test')
    deepEqual(await bench.get(), found('two'))
    equal(bench.asked, 3)
  })
  test('what was not there is forgotten', async () => {
    const bench = new Bench()
    bench.says = NONE
    await bench.get()
    bench.answers.renew('A h.test')
    bench.says = found('one')
    deepEqual(await bench.get(), found('one'))
  })
  test('an answer to the question of before is not kept', async () => {
    const { answers } = new Bench()
    const before = Promise.withResolvers<Answer<string>>()
    const first = answers.get('A h.test', () => before.promise)
    answers.renew('A h.test')
    const second = answers.get('A h.test', () => Promise.resolve(found('new')))
    before.resolve(found('old'))
    deepEqual([await first, await second], [found('old'), found('new')])
    deepEqual(answers.known('A h.test'), ['new'])
  })
})

test('who asks the same at the same time asks once', async () => {
  const bench = new Bench()
  deepEqual(await Promise.all([bench.get(), bench.get(), bench.get()]), [found('one'), found('one'), found('one')])
  equal(bench.asked, 1)
})

test('no more are kept than the bound, and the oldest go first', async () => {
  const bench = new Bench({ most: 2 })
  for (const question of ['A a.test', 'A b.test', 'A c.test']) await bench.get(question)
  equal(bench.answers.size, 2)
  await bench.get('A c.test')
  equal(bench.asked, 3)
  await bench.get('A a.test')
  equal(bench.asked, 4)
})
