import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { ThreadReader } from '../../../src/config/thread-reader.ts'
import { emptyDirectory } from '../../support/installation.ts'

test('a thread that ends while nobody asks it is not asked again', { timeout: 20_000 }, async (t) => {
  const program = join(await emptyDirectory(t), 'thread.mjs')
  await writeFile(
    program,
    `import { parentPort } from 'node:worker_threads'
const policy = { yaml: undefined, policy: undefined, findings: [] }
parentPort.once('message', () => parentPort.postMessage({ policy }))
`,
  )
  await using reader = new ThreadReader(pathToFileURL(program))
  const place = { file: 'policy.yaml', root: '/' }
  assert.ok(await reader.policy('', place))
  // It ends by itself, since nothing listens any more; until then it may be asked in vain.
  for (let answers = 1; answers < 3;) {
    await pause(20)
    if (await Promise.race([reader.policy('', place), pause(1000)])) answers += 1
  }
})
