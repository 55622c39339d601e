// The `policy` commands: the worked examples hold what their cases say, and cases that do not hold are named.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { formatFinding } from '../../../src/config/finding.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { stanzaRecord } from '../../../src/gateway/recording.ts'
import type { Stream } from '../../../src/net/stream.ts'
import { decide } from '../../../src/policy/checkpoint.ts'
import { Whom } from '../../../src/policy/whom/whom.ts'
import { withoutContents } from '../../../src/records/without-contents.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { RULES } from '../../../src/policy/checkpoint.ts'
import { configuration } from '../config/folder.ts'
import { facts } from '../policy/people.ts'
import { policyOf } from '../policy/whom/policy.ts'
import { NOW } from '../../support/fake-control.ts'
import { run } from './run.ts'

const HOUR = 3_600_000

const EXAMPLES = resolve(import.meta.dirname, '../../../federation-config/examples')

for (const name of readdirSync(EXAMPLES)) {
  test(`the example ${name} has no mistakes, and its policy says what its cases say`, async () => {
    const directory = join(EXAMPLES, name)
    const { findings } = await loadConfig(join(directory, 'federation-config'))
    assert.deepEqual(findings.map(formatFinding), [])
    const { code, out } = await run(directory, ['policy', 'test', join(directory, 'cases')])
    assert.match(out, /^\d\d cases as expected\n$/)
    assert.equal(code, 0)
  })
}

const POLICY = `
walls: [{ name: w, sides: [{ who: [eve@corp.example] }, { partners: [partner.example] }] }]
policies: { default: { rules: [{ name: anna, who: [anna@corp.example], allow: all }], otherwise: none } }
`
const PARTNER = 'domain: partner.example\nstatus: allowed\n'

/** An installation, and the folder of its cases. */
function installation(
  t: TestContext,
  cases: string,
  instead?: { readonly policy: string; readonly partner: string },
): readonly [root: string, folder: string] {
  const files = {
    'policy.yaml': instead?.policy ?? POLICY,
    'partners/partner.example.yaml': `${PARTNER}${instead?.partner ?? ''}`,
    '../cases/a.yaml': cases,
  }
  const root = dirname(configuration(t, files))
  return [root, join(root, 'cases')]
}

test('a case that does not hold is named with its line, what was expected and what it is; the exit code is 1', async (t) => {
  const [root, folder] = installation(
    t,
    `cases:
  - { name: Anna may, from: anna@corp.example, to: x@partner.example, expect: pass, rule: default/anna }
  - { name: Ben may, from: ben@corp.example, to: x@partner.example, expect: pass }
  - { name: The rule keeps Eve out, from: x@partner.example, to: eve@corp.example, expect: refuse, reason: SP-142 }
  - { name: Anna by another rule, from: anna@corp.example, to: x@partner.example, expect: pass, rule: default/otherwise }
`,
  )
  const { code, out } = await run(root, ['policy', 'test', folder])
  assert.equal(code, 1)
  assert.deepEqual(out.replaceAll(/not so: .*\/a\.yaml/g, 'a.yaml').split('\n'), [
    'a.yaml:3: Ben may: expected pass, and it is refuse SP-142 by default/otherwise',
    'a.yaml:4: The rule keeps Eve out: expected refuse SP-142, and it is refuse SP-141 by wall w',
    'a.yaml:5: Anna by another rule: expected pass by default/otherwise, and it is pass by default/anna',
    '1 case as expected, 3 not',
    '',
  ])
})

test('cases with mistakes are named with line and mend, and the exit code is 78', async (t) => {
  const [root, folder] = installation(t, 'cases:\n  - { name: x, from: a b@c, to: x@y.example, expct: pass }\n')
  const { code, out } = await run(root, ['policy', 'test', folder])
  assert.equal(code, 78)
  assert.match(out, /a\.yaml:2: cases\[0\]\.from: write an address/)
  assert.match(out, /expct: unknown key; did you mean "expect"\?/)
  assert.equal((await run(root, ['policy', 'test', join(root, 'federation-config', 'partners')])).code, 78)
  assert.equal((await run(root, ['policy', 'test', join(root, 'nowhere')])).code, 78)
})

test('rules are listed, those of the checkpoint first, with where they are written and what they say', async (t) => {
  const [root] = installation(t, 'cases: []\n')
  const { code, out } = await run(root, ['policy', 'rules', '--json'])
  assert.equal(code, 0)
  interface Listed {
    readonly is: string
    readonly name: string
    readonly place: string
    readonly about: string
    readonly asked: number
  }
  const { rules } = JSON.parse(out) as { rules: Listed[] }
  assert.deepEqual(
    rules.filter(({ is }) => is === 'built-in').map(({ name, about, asked }) => [name, about, asked]),
    RULES.map(({ id, about }) => [id, about, 0]),
  )
  const written = rules.filter(({ is }) => is !== 'built-in')
  assert.deepEqual(
    written.map(({ name, place, about, asked }) => [name, place.replace(/^.*\//, ''), about, asked]),
    [
      ['wall w', 'policy.yaml:2', 'Nothing crosses between its sides.', 0],
      ['default/anna', 'policy.yaml:3', 'Allows everything.', 0],
      ['default/otherwise', 'policy.yaml:3', 'Allows nothing.', 0],
    ],
  )
})

test('an explanation names every wall and rule that was asked, where it is written, and which one decides', async (t) => {
  const [root] = installation(t, 'cases: []\n')
  const { code, out } = await run(root, [
    'explain',
    '--from',
    'ben@corp.example',
    '--to',
    'x@partner.example',
    '--json',
  ])
  assert.equal(code, 1)
  const { trail } = JSON.parse(out) as { trail: { rule: string; note?: string; place?: string }[] }
  assert.deepEqual(
    trail.slice(-5).map(({ rule, note, place }) => [rule, note, place?.replace(/^.*\//, '')]),
    [
      ['wall w', 'our user is not on another side of it', 'policy.yaml:2'],
      ['walls', undefined, undefined],
      ['default/anna', 'not made out to this user', 'policy.yaml:3'],
      ['default/otherwise', 'decides', 'policy.yaml:3'],
      ['who-with-whom', undefined, undefined],
    ],
  )
})

test('an explanation without a gateway knows what one has left of the conduct of domains', async (t) => {
  const [root] = installation(t, 'cases: []\n')
  await mkdir(join(root, 'var'))
  const explain = async () => {
    const { out } = await run(root, ['explain', '--from', 'x@partner.example', '--to', 'anna@corp.example', '--json'])
    return (JSON.parse(out) as { reason?: { id: string } }).reason?.id
  }
  assert.equal(await explain(), undefined)
  const held = { state: 'blocked', at: NOW, until: undefined, by: 'anna', why: undefined } as const
  const store = openSqliteStore(join(root, 'var', 'sallyport.db'))
  const known = { domain: 'partner.example', state: 'normal', since: NOW, points: {}, at: NOW, held } as const
  store.keepConducts({ changed: [known], gone: [] })
  store.close()
  assert.equal(await explain(), 'SP-162')
})

test('what was recorded is judged again under other files, and what would go another way is listed by partner', async (t) => {
  const [root] = installation(t, 'cases: []\n')
  await mkdir(join(root, 'var'))
  const candidate = join(
    dirname(
      configuration(t, { 'policy.yaml': POLICY.replace('[anna', '[ben'), 'partners/partner.example.yaml': PARTNER }),
    ),
    'federation-config',
  )
  const { whom, groups } = policyOf(POLICY)
  const store = openSqliteStore(join(root, 'var', 'sallyport.db'))
  const stream = {
    info: { id: 's', pair: { local: 'corp.example', remote: 'partner.example' }, peerAddress: '192.0.2.1' },
  }
  const rows = (['anna', 'ben', 'eve', 'ben'] as const).map((user, number) => {
    const judged = {
      ...facts('outbound', { from: `${user}@corp.example` }, { whom: new Whom(whom, groups) }),
      at: NOW - number * HOUR,
    }
    const decision = decide(judged)
    const refusal =
      decision.verdict === 'pass' ? undefined : { ...decision, detail: decision.detail ?? '', reference: `r-${number}` }
    return withoutContents(
      stanzaRecord(judged, stream as unknown as Stream, decision.verdict === 'pass' ? 'pass' : 'refuse', refusal),
    )
  })
  store.appendDecisions(rows)
  store.close()
  const diff = (...more: string[]) => run(root, ['policy', 'diff', '--with', candidate, '--json', ...more])
  const { code, out } = await diff()
  assert.equal(code, 1)
  const { looked, changes } = JSON.parse(out) as { looked: number; changes: Record<string, unknown>[] }
  assert.equal(looked, 4)
  assert.deepEqual(
    changes.map(({ partner, was, would, reason, rule, stanzas }) => [partner, was, would, reason, rule, stanzas]),
    [
      ['partner.example', 'passed', 'refuse', 'SP-142', 'default/otherwise', 1],
      ['partner.example', 'refused', 'pass', 'SP-142', 'default/otherwise', 2],
    ],
  )
  assert.match((await diff('--since', '90m')).out, /"looked": 2/)
  const same = await run(root, ['policy', 'diff', '--with', join(root, 'federation-config')])
  const iso = (number: number): string => new Date(NOW - number * HOUR).toISOString()
  assert.equal(same.code, 0)
  assert.deepEqual(same.out.split('\n'), [
    '4 stanzas judged again; nothing would change',
    `only back to ${iso(0)} of what passed: there are no older records`,
    `only back to ${iso(1)} of what was refused: there are no older records`,
    '',
  ])
  assert.equal((await run(root, ['policy', 'diff', '--with', join(root, 'var')])).code, 78)
  assert.equal((await run(root, ['policy', 'diff'])).code, 2)
})

test('so many like it in such a time are held against limits, and the first that is refused decides', async (t) => {
  const case_ = (name: string, more: string): string =>
    `  - { name: ${name}, from: bob@partner.example, to: anna@corp.example, ${more} }\n`
  const [root, folder] = installation(
    t,
    `cases:
${case_('Fifty in ten seconds wait a little', 'times: 50, within: 10s, expect: pass')}${case_(
      'A hundred at once do not',
      'times: 100, expect: refuse, reason: SP-153',
    )}${case_('One may be written to often', 'times: 30, within: 1m, expect: pass')}${case_(
      'But not so many people',
      'times: 30, within: 1m, recipients: many, expect: refuse, reason: SP-155',
    )}${case_(
      'Nor may so many be asked',
      'times: 4, within: 1m, recipients: many, stanza: presence subscribe, expect: refuse, reason: SP-158',
    )}`,
    {
      policy: 'limits: { partner: { pendingRequests: 3 } }\n',
      partner: 'limits: { stanzasPerSecond: 4, recipientsPerDay: 20 }\n',
    },
  )
  const { code, out } = await run(root, ['policy', 'test', folder])
  assert.equal(out, '5 cases as expected\n')
  assert.equal(code, 0)
  const explained = await run(root, ['explain', '--from', 'bob@partner.example', '--to', 'anna@corp.example', '--json'])
  const { trail } = JSON.parse(explained.out) as { trail: { rule: string; note?: string }[] }
  assert.deepEqual(trail.at(-1)?.rule, 'limits')
  assert.equal(
    trail.at(-1)?.note,
    'partner: stanzasPerSecond 40 of 40 may go at once; partner: recipientsPerDay 0 of 20 today (as if nothing had been sent)',
  )
})

test('what was recorded is held against limits as it was sent, and what limits refused is not taken for admitted', async (t) => {
  const limits = { partner: 'limits: { recipientsPerDay: 3 }\n' }
  const [root] = installation(t, 'cases: []\n', { policy: '', partner: '' })
  await mkdir(join(root, 'var'))
  const [narrow] = installation(t, 'cases: []\n', { policy: '', ...limits })
  const stream = {
    info: { id: 's', pair: { local: 'corp.example', remote: 'partner.example' }, peerAddress: '192.0.2.1' },
  } as unknown as Stream
  const refusal = {
    rule: 'limits',
    reason: 'SP-155',
    detail: 'd',
    reference: 'r-1',
    condition: 'resource-constraint',
  } as const
  const store = openSqliteStore(join(root, 'var', 'sallyport.db'))
  store.appendDecisions(
    Array.from({ length: 6 }, (_, n) => {
      const judged = facts('inbound', { from: 'bob@partner.example', to: `anna@corp.example` })
      const sent = { ...judged, to: `u${n}@corp.example`, at: NOW - HOUR + n * 1000 }
      return withoutContents(
        n === 5 ? stanzaRecord(sent, stream, 'refuse', refusal) : stanzaRecord(sent, stream, 'pass', undefined),
      )
    }),
  )
  store.close()
  const changed = async (files: string) => {
    const { out } = await run(root, ['policy', 'diff', '--with', join(files, 'federation-config'), '--json'])
    const { changes } = JSON.parse(out) as { changes: Record<string, unknown>[] }
    return changes.map(({ was, would, reason, stanzas, example }) => [was, would, reason, stanzas, example])
  }
  const example = (n: number) => ({
    ...{ at: new Date(NOW - HOUR + n * 1000).toISOString(), from: 'bob@partner.example' },
    ...{ to: `u${n}@corp.example`, kind: 'message' },
  })
  assert.deepEqual(await changed(narrow), [['passed', 'refuse', 'SP-155', 2, example(3)]])
  assert.deepEqual(await changed(root), [['refused', 'pass', 'SP-155', 1, example(5)]])
})

test('all records since the time that was asked for are judged again, however many there are', async (t) => {
  const [root] = installation(t, 'cases: []\n')
  await mkdir(join(root, 'var'))
  const { whom, groups } = policyOf(POLICY)
  const store = openSqliteStore(join(root, 'var', 'sallyport.db'))
  const stream = {
    info: { id: 's', pair: { local: 'corp.example', remote: 'partner.example' }, peerAddress: '192.0.2.1' },
  }
  const judged = facts('outbound', { from: 'anna@corp.example' }, { whom: new Whom(whom, groups) })
  const row = withoutContents(
    stanzaRecord({ ...judged, at: NOW - HOUR }, stream as unknown as Stream, 'pass', undefined),
  )
  const many = 20_500
  store.appendDecisions([{ ...row, at: NOW - 48 * HOUR }, ...Array.from({ length: many }, () => row)])
  store.close()
  const { out } = await run(root, ['policy', 'diff', '--with', join(root, 'federation-config'), '--json'])
  assert.deepEqual(JSON.parse(out), {
    looked: many,
    changes: [],
    onlyBackTo: {},
    notJudged: { rooms: 0, limits: 0 },
  })
})

test('the entry of a partner gets a policy of policy.yaml by --policy, and certificate policies by another name', async (t) => {
  const files = {
    'policy.yaml': 'policies: { contractors: { otherwise: all }, default: { otherwise: none } }\n',
    'partners/partner.example.yaml': PARTNER,
  }
  const directory = configuration(t, files)
  const root = dirname(directory)
  const text = (): Promise<string> => readFile(join(directory, 'partners/partner.example.yaml'), 'utf8')
  const set = (...words: readonly string[]) => run(root, ['partner', 'set', 'partner.example', ...words])

  assert.equal((await set('--policy', 'contractors')).code, 0)
  assert.equal(await text(), `${PARTNER}policy: contractors\n`)
  assert.match((await run(root, ['partner', 'show', 'partner.example'])).out, /policy +contractors\n/)

  const unknown = await set('--policy', 'contrators')
  assert.equal(unknown.code, 2)
  assert.match(unknown.err + unknown.out, /there is no policy contrators; .*did you mean "contractors"\?/)
  assert.equal(await text(), `${PARTNER}policy: contractors\n`)

  assert.equal((await set('--unset', 'policy', '--certificate-policy', '2.16.840.1.101.3.2.1.48.1')).code, 0)
  assert.equal(await text(), `${PARTNER}certificatePolicies: [ 2.16.840.1.101.3.2.1.48.1 ]\n`)
})
