// A small text that outlasts the process.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KeptText } from '../../../src/trust/kept-text.ts'

test('what was kept last is there again, whole, and for its owner alone', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'kept-'))
  t.after(() => rm(directory, { recursive: true }))
  const file = join(directory, 'one.json')
  const first = await KeptText.open(file)
  assert.equal(first.text, undefined)
  await Promise.all(Array.from({ length: 50 }, (_, n) => first.keep(`${n}`)))
  assert.equal((await KeptText.open(file)).text, '49')
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(directory), ['one.json'])
  await first.keep('x'.repeat(300_000))
  assert.equal((await KeptText.open(file)).text, undefined, 'too large to be ours')
})

test('where nothing can be written, nothing fails', async () => {
  const nowhere = await KeptText.open('/nonexistent/directory/one.json')
  await nowhere.keep('x')
  assert.equal(nowhere.text, undefined)
})
