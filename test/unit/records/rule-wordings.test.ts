// What a wall or a rule said when it decided is told when it has long been written otherwise.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ruleThen } from '../../../src/admin/rule-then.ts'
import { rulesStatus } from '../../../src/gateway/rules-status.ts'
import { decide } from '../../../src/policy/checkpoint.ts'
import type { Facts } from '../../../src/policy/facts.ts'
import { Judging } from '../../../src/policy/judging.ts'
import { RuleWordings } from '../../../src/records/rule-wordings.ts'
import { withoutContents } from '../../../src/records/without-contents.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { StoreError, type DecisionRecord, type RuleWordingStore } from '../../../src/store/store.ts'
import { temporaryFolder } from '../../support/pki.ts'
import { facts, NOW } from '../policy/people.ts'
import { policyOf, whomOf } from '../policy/whom/policy.ts'

const POLICY = `
walls: [{ name: deal, sides: [{ who: [eve@corp.example] }, { partners: everyone }] }]
policies:
  default:
    rules:
      - name: quiet # Why is theirs to know.
        who: [alice@corp.example]
        allow: [presence]
    otherwise: none
`

async function kept(t: TestContext) {
  const store = openSqliteStore(join(await temporaryFolder(t), 'test.db'))
  t.after(() => store.close())
  const wordings = new RuleWordings({ store, failed: (reason) => assert.fail(reason) })
  let number = 0
  /** Writes a decision down as the gateway does, and reads it again. */
  const write = (judged: Facts, rule?: string): DecisionRecord => {
    const decision = decide(judged)
    const reference = `ref-${++number}`
    wordings.noticed(judged)
    const by = decision.verdict === 'pass' ? rule : decision.rule
    const record = { reference, at: NOW, event: 'stanza', verdict: 'refuse', rule: by, facts: judged } as const
    store.appendDecisions([withoutContents(record)])
    return store.decision(reference)!
  }
  const told = (record: DecisionRecord, text: string) => {
    const rules = () => rulesStatus(new Judging(), whomOf(text))
    return ruleThen({ rules, ruleWording: (version) => wordings.of(version) }, record)
  }
  return { store, write, told }
}

const QUIET = { name: 'default/quiet', place: 'policy.yaml:6' }
const QUIET_TEXT = '{ name: quiet, who: [ alice@corp.example ], allow: [ presence ] }'

test('the rule that decided is told as it was then, and what became of it', async (t) => {
  const { write, told } = await kept(t)
  const record = write(facts('outbound', {}, { whom: whomOf(POLICY) }))
  assert.equal(record.rule, 'who-with-whom')
  const same = { ...QUIET, text: QUIET_TEXT, now: 'same' }
  assert.deepEqual(told(record, POLICY), { ...same, nowPlace: 'policy.yaml:6' })
  assert.deepEqual(told(record, `# A line more.\n${POLICY}`), { ...same, nowPlace: 'policy.yaml:7' })
  assert.deepEqual(told(record, POLICY.replace('[presence]', '[presence, messages]')), {
    ...{ ...QUIET, text: QUIET_TEXT, now: 'changed', nowPlace: 'policy.yaml:6' },
    nowText: '{ name: quiet, who: [ alice@corp.example ], allow: [ presence, messages ] }',
  })
  assert.deepEqual(told(record, POLICY.replace('name: quiet', 'name: other')), {
    ...{ ...QUIET, text: QUIET_TEXT, now: 'gone' },
  })
})

test('so are walls, what holds for all others, and what only reports; of other decisions there is nothing to tell', async (t) => {
  const { write, told } = await kept(t)
  const whom = whomOf(POLICY)
  const of = (from: string, text = POLICY): unknown => {
    const then = told(write(facts('outbound', { from }, { whom })), text)
    return [then?.name, then?.text, then?.now]
  }
  const wall = '{ name: deal, sides: [ { who: [ eve@corp.example ] }, { partners: everyone } ] }'
  assert.deepEqual(of('eve@corp.example'), ['wall deal', wall, 'same'])
  assert.deepEqual(of('ben@corp.example'), ['default/otherwise', 'none', 'same'])
  const reports = whomOf(
    POLICY.replace('name: deal', 'name: deal, report: true').replace('otherwise: none', 'otherwise: all'),
  )
  const passed = write(facts('outbound', { from: 'eve@corp.example' }, { whom: reports }), 'wall deal')
  assert.equal(told(passed, POLICY)?.now, 'changed')
  assert.match(told(passed, POLICY)?.text ?? '', /report: true/)
  assert.equal(told(write(facts('inbound', { to: undefined }, { whom })), POLICY), undefined)
})

test('a wording is kept once, again after it went, and trouble of the store is told and tried again', () => {
  const calls: string[] = []
  let answer: boolean | StoreError = false
  const store: RuleWordingStore = {
    ruleWording: () => undefined,
    keepRuleWording({ name }) {
      calls.push(name)
      if (answer instanceof StoreError) throw answer
      return answer
    },
  }
  const failures: string[] = []
  const wordings = new RuleWordings({ store, failed: (reason) => failures.push(reason) })
  const judged = facts('outbound', {}, { whom: whomOf(POLICY) })
  for (let n = 0; n < 3; n++) wordings.noticed(judged)
  assert.deepEqual(calls, ['default/quiet'])
  answer = true
  wordings.noticed(facts('outbound', { from: 'ben@corp.example' }, { whom: whomOf(POLICY) }))
  wordings.noticed(judged)
  assert.deepEqual(calls, ['default/quiet', 'default/otherwise', 'default/quiet'], 'others went')
  answer = new StoreError('SP-701', 'test.db', 'is full')
  const other = facts('outbound', { from: 'eve@corp.example' }, { whom: whomOf(POLICY) })
  for (let n = 0; n < 2; n++) wordings.noticed(other)
  assert.deepEqual(calls.slice(3), ['wall deal', 'wall deal'])
  assert.deepEqual(failures, ['SP-701', 'SP-701'])
})

test('the store keeps no more wordings than it is told, the newest', async (t) => {
  const { store } = await kept(t)
  const keep = (n: number): boolean =>
    store.keepRuleWording({ version: `v${n}`, name: 'default/a', place: undefined, text: `text ${n}`, at: NOW }, 3)
  assert.deepEqual([1, 2, 3, 3, 4, 5].map(keep), [false, false, false, false, true, true])
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((n) => store.ruleWording(`v${n}`)?.text),
    [undefined, undefined, 'text 3', 'text 4', 'text 5'],
  )
})

test('a version is of all that is written, the text of the beginning of long lists', () => {
  const names = (last: string): string =>
    [...Array.from({ length: 60 }, (_, n) => `u${n}@corp.example`), last].join(', ')
  const saysOf = (last: string) =>
    policyOf(`policies: { default: { rules: [{ name: a, who: [${names(last)}], allow: none }], otherwise: all } }`).whom
      .policies['default']!.rules[0]!.says!
  const [one, other] = [saysOf('x@corp.example'), saysOf('y@corp.example')]
  assert.equal(one.text, other.text)
  assert.match(one.text, /u49@corp\.example, … 11 more \]/)
  assert.notEqual(one.version, other.version)
})
