// The runner behind `npm test` itself: nothing that goes wrong in a test file may look like success.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { runFile, type Outcome } from '../run-file.ts'

const HANGS = 'a file that never ends'

/** A file's text, and what its run comes to. */
const CASES: readonly [name: string, text: string, passed: number, skipped: number, failures: readonly RegExp[]][] = [
  ['two tests that pass', `test('a', () => {}); test('b', () => {})`, 2, 0, []],
  ['a test that fails', `test('a', () => { throw new Error('broken') })`, 0, 0, [/^a: Error: broken/]],
  [
    'a failure inside a suite is told once',
    `describe('s', () => { test('a', () => { throw new Error('broken') }) })`,
    0,
    0,
    [/^a: /],
  ],
  [
    'a failure inside a test is told once',
    `test('s', (t) => t.test('a', () => { throw new Error('broken') }))`,
    0,
    0,
    [/^a: /],
  ],
  ['skipped and todo prove nothing', `test('a', { skip: 'no peer' }, () => {}); test.todo('b')`, 0, 2, []],
  ['no test at all', `console.log('nothing')`, 0, 0, [/holds no test/]],
  ['an error while loading', `throw new Error('at load')`, 0, 0, [/at load/]],
  [
    'a process that ends badly',
    `test('a', () => {}); process.on('exit', () => { process.exitCode = 3 })`,
    1,
    0,
    [/ended with an error/],
  ],
  [
    'an error after the test',
    `test('a', () => { setTimeout(() => { throw new Error('late') }, 5) })`,
    1,
    0,
    [/ended with an error/],
  ],
  [HANGS, `test('a', () => {}); setInterval(() => {}, 1000)`, 1, 0, [/still running after [\d.]+ s/]],
  [
    'a connection to the outside',
    `test('a', (t, done) => { try { net.connect(80, '192.0.2.1') } catch {} done() })`,
    1,
    0,
    [/connection to 192\.0\.2\.1/],
  ],
  [
    'a question to a foreign name server',
    `test('a', async () => { const r = new dns.promises.Resolver(); r.setServers(['192.0.2.53']); try { await r.resolve4('x.example') } catch {} })`,
    1,
    0,
    [/asked of 192\.0\.2\.53/],
  ],
  [
    'a look-up by the system',
    `test('a', async () => { try { await dns.promises.lookup('x.example') } catch {} })`,
    1,
    0,
    [/lookup of x\.example/],
  ],
  [
    'a connection to a name',
    `test('a', (t, done) => { const s = net.connect(80, 'x.example'); s.on('error', () => done()) })`,
    0,
    0,
    [/lookup of x\.example/],
  ],
  [
    'loopback is free',
    `test('a', async () => { const s = net.createServer().listen(0, '127.0.0.1'); await once(s, 'listening'); const c = net.connect(s.address().port, 'localhost'); c.on('error', () => {}); await once(c, 'connect'); c.destroy(); s.close() })`,
    1,
    0,
    [],
  ],
]

/** A busy machine may need long to begin; only a hang would need all of it. */
const PATIENCE_MS = 60_000

/** The outcome of a file that never ends, which would need all patience: as soon as it shows that its test has run. */
async function outcomeOfHanging(file: string): Promise<Outcome> {
  for (let deadlineMs = 1500; ; deadlineMs *= 2) {
    const outcome = await runFile(file, deadlineMs)
    if (outcome.passed > 0 || deadlineMs > PATIENCE_MS) return outcome
  }
}

// Node refuses a run inside a run by this variable.
before(() => delete process.env['NODE_TEST_CONTEXT'])

const IMPORTS = `import { test, describe } from 'node:test'
import dns from 'node:dns'; import net from 'node:net'; import { once } from 'node:events'
`

for (const [name, text, passed, skipped, failures] of CASES) {
  test(name, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'run-file-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'case.test.mjs')
    writeFileSync(file, IMPORTS + text)
    const outcome = await (name === HANGS ? outcomeOfHanging(file) : runFile(file, PATIENCE_MS))
    const told = outcome.failures.map((failure) => `${failure.test}: ${failure.error}`)
    assert.equal(told.length, failures.length, told.join('\n'))
    for (const [i, pattern] of failures.entries()) assert.match(told[i] ?? '', pattern)
    assert.deepEqual([outcome.passed, outcome.skips.length], [passed, skipped])
  })
}
