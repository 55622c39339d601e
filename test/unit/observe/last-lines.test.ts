// What a process that ends at once still says: tried with one that does, and a real pipe.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { text } from 'node:stream/consumers'

const HERE = join(import.meta.dirname, '..', '..', '..', 'src', 'observe')
const LINES = 600

/** Writes so many long lines in one turn, and ends in the way that is given. */
const program = (ends: string): string => `
  import { openLog } from ${JSON.stringify(join(HERE, 'log.ts'))}
  import { writeLastLines } from ${JSON.stringify(join(HERE, 'last-lines.ts'))}
  const log = openLog({ to: process.stdout, now: Date.now, linesPerSecond: 1e6 })
  writeLastLines(log, process.stdout, 1)
  for (let n = 0; n < ${LINES}; n++) log.write('info', 'x', { n, words: 'x'.repeat(900) })
  ${ends}`

const argumentsOf = (ends: string): string[] => ['--input-type=module-typescript', '-e', program(ends)]

suite('all lines of the last turn are there, though they are more than the pipe takes at once', () => {
  const cases: readonly (readonly [what: string, ends: string, code: number])[] = [
    ['something is thrown', 'throw new Error("x")', 1],
    ['the process is ended', 'process.exit(3)', 3],
    ['there is nothing more to do', '', 0],
  ]
  for (const [what, ends, code] of cases)
    test(what, async () => {
      const words = '{ "$@" 2>/dev/null; echo "ended $?" >&2; } | cat'
      const child = spawn('sh', ['-c', words, 'sh', process.execPath, ...argumentsOf(ends)])
      const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
      assert.match(error, new RegExp(`^ended ${code}`))
      const numbers = out
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { n: number }).n)
      assert.deepEqual(
        numbers,
        Array.from({ length: LINES }, (_, n) => n),
      )
    })
})

test('whoever does not read does not keep the process from ending', async () => {
  const child = spawn(process.execPath, argumentsOf('throw new Error("x")'), { stdio: ['ignore', 'pipe', 'ignore'] })
  assert.deepEqual(await once(child, 'exit'), [1, null])
  child.stdout.destroy()
})
