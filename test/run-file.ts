// Runs one test file in a process of its own, with Node's own runner, and boils its events down to an outcome.
//
// Rule 1: a file that hangs is stopped at its deadline and is a failure; so is a file that holds no test.
// Rule 2: `todo` counts as skipped: nothing was proven.

import { run } from 'node:test'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import * as z from 'zod'

const Failure = z.object({
  test: z.string(),
  error: z.string(),
  /** `file:line` of the test. */
  place: z.string(),
})

const Skip = z.object({ test: z.string(), why: z.string() })

export const Outcome = z
  .object({
    file: z.string(),
    passed: z.number(),
    failures: z.array(Failure).readonly(),
    skips: z.array(Skip).readonly(),
    seconds: z.number(),
  })
  .readonly()
export type Outcome = z.infer<typeof Outcome>

/** Keeps a test on this machine; see the file. */
const OFFLINE = resolve(import.meta.dirname, 'offline.ts')

/** @param file below test/ @param deadlineMs for the whole file */
export async function runFile(file: string, deadlineMs: number): Promise<Outcome> {
  const path = resolve(import.meta.dirname, file)
  const begun = performance.now()
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deadlineMs)
  const failures: z.infer<typeof Failure>[] = []
  const skips: z.infer<typeof Skip>[] = []
  const output: string[] = []
  let passed = 0
  const events = run({
    files: [path],
    isolation: 'process',
    concurrency: false,
    signal: deadline.signal,
    execArgv: ['--import', OFFLINE],
  })
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') output.push(data.message)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const place = `test/${file}:${data.line ?? 1}`
    const skipped = [data.skip, data.todo].find((why) => why !== undefined && why !== false)
    if (data.name === path) {
      // The runner's own word on the file as a whole matters where no test has told the same.
      const said = output.join('').trim()
      const wrong = deadline.signal.aborted
        ? `still running after ${deadlineMs / 1000} s, so it was stopped\n${said}`
        : said || `its process ended with an error; more says: node --test test/${file}`
      if (type === 'test:pass') failures.push({ test: '(the whole file)', error: 'it holds no test', place })
      else if (failures.length === 0) failures.push({ test: '(the whole file)', error: wrong, place })
    } else if (skipped !== undefined) {
      skips.push({ test: data.name, why: typeof skipped === 'string' ? skipped : 'no reason given' })
    } else if (type === 'test:pass') {
      if (data.details.type !== 'suite') passed += 1
    } else if (tellsOfItself(data.details.error)) {
      failures.push({ test: data.name, error: words(data.details.error), place })
    }
  }
  clearTimeout(timer)
  return { file, passed, failures, skips, seconds: (performance.now() - begun) / 1000 }
}

/** Not a test that failed only because a test inside it did, which is in the list already. */
function tellsOfItself(error: { readonly failureType?: unknown }): boolean {
  return error.failureType !== 'subtestsFailed'
}

function words(error: { readonly cause?: unknown; readonly message: string }): string {
  const { cause } = error
  if (cause instanceof Error) return cause.stack ?? cause.message
  return typeof cause === 'string' ? cause : inspect(cause ?? error.message)
}
