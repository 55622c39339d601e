// Files that use the same fixed addresses may run side by side: each has them for itself.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { runApart } from '../apart.ts'
import { needsPeer } from '../support/peers.ts'

const DEADLINE_MS = 60_000
const [ADDRESS, PORT] = ['127.0.99.1', 5269]

// Node refuses a run inside a run by this variable.
before(() => delete process.env['NODE_TEST_CONTEXT'])

function fileThat(t: { after(fn: () => void): void }, does: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'apart-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'case.test.mjs')
  writeFileSync(
    file,
    `import { test } from 'node:test'; import net from 'node:net'; import { once } from 'node:events'\n${does}`,
  )
  return file
}

test('an address that is taken here is free in the network of a file', needsPeer('isolation'), async (t) => {
  const taken = createServer().listen(PORT, ADDRESS)
  t.after(() => taken.close())
  await once(taken, 'listening')
  const file = fileThat(
    t,
    `test('a', async () => { const s = net.createServer().listen(${PORT}, '${ADDRESS}'); await once(s, 'listening'); s.close() })
     test('b', { skip: 'why' }, () => {}); test('c', () => { throw new Error('broken') })`,
  )
  const { seconds, ...outcome } = await runApart(file, DEADLINE_MS)
  assert.ok(seconds > 0)
  assert.deepEqual([outcome.file, outcome.passed, outcome.skips], [file, 1, [{ test: 'b', why: 'why' }]])
  assert.deepEqual(
    outcome.failures.map((failure) => [failure.test, failure.error.split('\n')[0]]),
    [['c', 'Error: broken']],
  )
})

test('a file whose process tells no outcome has failed', needsPeer('isolation'), async (t) => {
  const file = fileThat(t, `test('a', () => process.kill(process.ppid, 'SIGKILL'))`)
  const { passed, failures } = await runApart(file, DEADLINE_MS)
  assert.deepEqual([passed, failures.map(({ error }) => error)], [0, ['it told no outcome: ']])
})
