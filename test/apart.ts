// Runs one test file in a network of its own, so that no other that runs meanwhile has the same addresses. A process cannot
// leave its network, so this program does it there, and tells the outcome as JSON.
//
// Rule 1: what does not tell an outcome is a failure.
// Rule 2: it dies with whoever started it.

import { spawn } from 'node:child_process'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { inNewNetwork } from './isolation.ts'
import { Outcome, runFile } from './run-file.ts'

/** Needs a network that is isolated already. @param file below test/ @param deadlineMs for the whole file */
export async function runApart(file: string, deadlineMs: number): Promise<Outcome> {
  const program = inNewNetwork(process.execPath, import.meta.filename, file, String(deadlineMs))
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...program], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [told, said] = await Promise.all([text(child.stdout), text(child.stderr)])
  try {
    return Outcome.parse(JSON.parse(told))
  } catch {
    const error = `it told no outcome: ${told}${said}`
    return {
      file,
      passed: 0,
      failures: [{ test: '(the whole file)', error, place: `test/${file}:1` }],
      skips: [],
      seconds: 0,
    }
  }
}

const [file, deadlineMs] = process.argv.slice(2)
if (import.meta.main && file !== undefined) {
  process.stdout.write(JSON.stringify(await runFile(file, Number(deadlineMs))))
}
