// The `policy` commands: the worked examples hold what their cases say, and cases that do not hold are named.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { formatFinding } from '../../../src/config/finding.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { configuration } from '../config/folder.ts'
import { run } from './run.ts'

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
function installation(t: TestContext, cases: string): readonly [root: string, folder: string] {
  const files = { 'policy.yaml': POLICY, 'partners/partner.example.yaml': PARTNER, '../cases/a.yaml': cases }
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

test('rules are listed with where they are written and what they say', async (t) => {
  const [root] = installation(t, 'cases: []\n')
  const { code, out } = await run(root, ['policy', 'rules', '--json'])
  assert.equal(code, 0)
  const { rules } = JSON.parse(out) as { rules: { name: string; place: string; about: string; asked: number }[] }
  assert.deepEqual(
    rules.map(({ name, place, about, asked }) => [name, place.replace(/^.*\//, ''), about, asked]),
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
