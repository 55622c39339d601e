// The worked examples in the lab, as an administrator tries them: the gateway as a process under the names of the example, and the
// demonstration that plays its cases.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test, type TestContext } from 'node:test'
import { casesOf, readExample } from '../../src/cli/example.ts'
import { makeExample } from '../../src/lab/example.ts'
import { Program, run } from '../support/program.ts'
import { run as sallyport, type Said } from '../unit/cli/run.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

async function directory(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  return root
}

/** The set-up of an example on an address of its own, and its gateway. */
async function start(t: TestContext, name: string, host: string): Promise<string> {
  const root = await directory(t)
  await makeExample(root, await readExample(name), Date.now(), host)
  await Program.start(t, {
    name: 'sallyport',
    command: process.execPath,
    args: [MAIN, 'start', '--example', name, '--directory', root],
    logFile: join(root, 'log'),
    ready: /"gateway\.started"/,
    signal: 'SIGKILL', // How it ends is asked elsewhere.
  })
  return root
}

interface Played {
  readonly fine: boolean
  readonly scenes: readonly {
    readonly title: string
    readonly results: readonly { readonly fine: boolean; readonly words: string; readonly reference?: string }[]
  }[]
  readonly left?: readonly { readonly name: string; readonly why: string }[]
}

const demo = (root: string, ...words: readonly string[]): Promise<Said> =>
  sallyport(root, ['demo', ...words], { now: Date.now })

const EXAMPLES = [
  ['ministry', '127.0.7.141'],
  ['coalition', '127.0.7.142'],
] as const

/** Plays the cases of the example, which end as they say. */
async function goesAsItsCasesSay(root: string, name: string): Promise<void> {
  const { code, out, err } = await demo(root, '--json')
  const { fine, scenes, left = [] } = JSON.parse(out) as Played
  assert.equal(code, 0, out + err)
  assert.ok(fine)

  const cases = await casesOf(name)
  const timed = cases.filter(({ at }) => at !== undefined)
  assert.deepEqual(
    left.map((one) => one.name),
    timed.map((one) => one.name),
  )
  const played = cases.filter((one) => !timed.includes(one))
  assert.deepEqual(
    scenes.map(({ title }) => title),
    played.map((one) => one.name),
  )
  for (const [index, { expect, reason = '', rule = '' }] of played.entries()) {
    const [result, ...more] = scenes[index]!.results
    assert.deepEqual(more, [])
    assert.ok(result)
    if (expect === 'pass') assert.match(result.words, /^crossed \(\d+ ms\)$/)
    else assert.ok(result.words.includes(reason) && result.words.includes(rule), result.words)
    assert.equal(result.reference === undefined, expect === 'pass', result.words)
  }
}

for (const [name, host] of EXAMPLES) {
  test(`the lab runs the example ${name}: who gets through and who does not is as its cases say`, async (t) => {
    await goesAsItsCasesSay(await start(t, name, host), name)
  })
}

test('it runs the example company, and where a scene ends otherwise than its case says, that is told with exit code 1', async (t) => {
  const root = await start(t, 'company', '127.0.7.143')
  await goesAsItsCasesSay(root, 'company')
  const blocked = await sallyport(root, ['partner', 'block', 'steel.example', '--yes'], { now: Date.now })
  assert.equal(blocked.code, 0, blocked.err)
  const { code, out } = await demo(root)
  assert.equal(code, 1, out)
  assert.match(
    out,
    /✘ Key suppliers may call\n +stream closed with policy-violation — SP-102 .*\(expected: pass by default\/key-suppliers\)\n/,
  )
  assert.match(out, /✔ Sales may write to customers\n +crossed/)
  assert.match(out, /\n1 of 10 scenes not as they should be\.\n/)
})

test('an example is not put over another configuration, and one that is not there has a name that is near', async (t) => {
  const root = await directory(t)
  await makeExample(root, await readExample('company'), Date.now(), '127.0.7.145')
  const words = (name: string): readonly string[] => [MAIN, 'start', '--example', name, '--directory', root]
  const other = await run(process.execPath, words('ministry'))
  assert.notEqual(other.code, 0)
  assert.match(other.stderr, /there is another configuration in .*\/federation-config/)
  assert.match(other.stderr, /npm start -- --example ministry --directory var\/ministry/)
  const unknown = await run(process.execPath, words('minstry'))
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /there is no example "minstry"; did you mean "ministry"\?/)
})
