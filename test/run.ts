// `npm test`: runs every test file under test/ and says loudly what was not tested. `npm test -- unit net` runs some
// folders, `npm test -- scanner` what has the word in its path. With `--write`, the tables that tests made go into the pages in docs/.
//
// Rule 1: two files at a time. Those below APART use fixed addresses: they come later, each in a network of its own, or one
//         after the other where that cannot be; WHOLE need the machine for themselves, and come last.
// Rule 2: with REQUIRE_PEERS=1 a skipped test is a failure: CI tests everything or says so.
// Rule 3: as root, everything runs in a network of its own (`isolation.ts`).
// Rule 4: the last line is `N passed, N failed, N skipped`; the exit code is 0 only when nothing failed.

import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { runApart } from './apart.ts'
import { isIsolated, runIsolated } from './isolation.ts'
import { runFile, type Outcome } from './run-file.ts'
import { documents, ROOT } from './style/sources.ts'
import { recordIn, tables, writeTables } from './tables.ts'

/** In this order: no long one is left for the end. */
const APART = ['foul/', 'peers/']
/** The bench measures, though briefly; a browser takes whatever processor there is, and its pages have deadlines of their own. */
const WHOLE = new Set(['peers/bench.test.ts', 'peers/converse.test.ts'])
const AT_ONCE = 2
const DEADLINE_MS = { apart: 25 * 60_000, other: 5 * 60_000 }

const requirePeers = process.env['REQUIRE_PEERS'] === '1'
const say = (line = ''): void => void process.stdout.write(`${line}\n`)
const loud = (line: string): void => say(styleText(['bold', 'yellow'], line))
const bad = (line: string): void => say(styleText(['bold', 'red'], line))

/** Test files that the words choose; `unknown` are words that choose none. */
function choose(words: readonly string[]): { readonly files: readonly string[]; readonly unknown: readonly string[] } {
  const all = globSync('**/*.test.ts', { cwd: import.meta.dirname }).toSorted()
  const plain = words.map((word) => word.replace(/^(?:\.\/)?test\//, '').replace(/\/$/, ''))
  const chosenBy = (word: string) => (file: string) => file.startsWith(`${word}/`) || file.includes(word)
  return {
    files: words.length === 0 ? all : all.filter((file) => plain.some((word) => chosenBy(word)(file))),
    unknown: plain.filter((word) => !all.some(chosenBy(word))),
  }
}

async function runAll(files: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome)
    say(summary(outcome, `${outcomes.length}/${files.length}`))
    for (const failure of outcome.failures) tellFailure(failure)
  }
  const runSlow = async (file: string): Promise<void> => {
    say(styleText('gray', `          … ${file}`))
    tell(await (isIsolated() ? runApart : runFile)(file, DEADLINE_MS.apart))
  }
  const slow = APART.flatMap((folder) => files.filter((file) => file.startsWith(folder)))
  const quick = files.filter((file) => !slow.includes(file))
  await sideBySide(AT_ONCE, quick, async (file) => tell(await runFile(file, DEADLINE_MS.other)))
  const [whole, apart] = [slow.filter((file) => WHOLE.has(file)), slow.filter((file) => !WHOLE.has(file))]
  await sideBySide(isIsolated() ? AT_ONCE : 1, apart, runSlow)
  await sideBySide(1, whole, runSlow)
  return outcomes
}

/** Does something with all of them, in their order, with so many side by side. */
async function sideBySide(
  atOnce: number,
  files: readonly string[],
  doIt: (file: string) => Promise<void>,
): Promise<void> {
  const waiting = [...files]
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await doIt(file)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

function summary({ file, passed, failures, skips, seconds }: Outcome, progress: string): string {
  const counts = [`${passed} passed`]
  if (failures.length > 0) counts.push(`${failures.length} FAILED`)
  if (skips.length > 0) counts.push(`${skips.length} SKIPPED`)
  const mark =
    failures.length > 0 ? styleText('red', '✗') : skips.length > 0 ? styleText('yellow', '!') : styleText('green', '✓')
  return `${progress.padStart(9)} ${mark} ${file}: ${counts.join(', ')} ${styleText('gray', `${seconds.toFixed(1)} s`)}`
}

function tellFailure({ test, error, place }: Outcome['failures'][number]): void {
  bad(`            ${test}`)
  say(`            ${styleText('gray', place)}`)
  for (const text of error.split('\n')) say(`              ${text}`)
}

/** What was not tested, by its reason. */
function tellSkips(outcomes: readonly Outcome[]): void {
  const byReason = new Map<string, string[]>()
  for (const { file, skips } of outcomes) {
    for (const { test, why } of skips) byReason.set(why, [...(byReason.get(why) ?? []), `${file}: ${test}`])
  }
  for (const [why, tests] of byReason) {
    say()
    loud(`NOT TESTED (${tests.length}), because ${why}`)
    for (const test of tests) say(`    ${test}`)
  }
}

/** Runs the tests; `write`: their tables are written down when all is well. */
async function main(words: readonly string[], write: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tables-'))
  const records = join(folder, 'rows')
  recordIn(records)
  try {
    const code = await runChosen(words, records)
    if (write && code === 0) writeTables(records, documents(), ROOT)
    return code
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runChosen(words: readonly string[], records: string): Promise<number> {
  const { files, unknown } = choose(words)
  if (unknown.length > 0 || files.length === 0) {
    bad(`no test file under test/ has ${unknown.map((word) => `"${word}"`).join(' or ') || 'a test'} in its path`)
    return 2
  }
  const outcomes = await runAll(files)
  const sum = (count: (outcome: Outcome) => number): number => outcomes.reduce((total, one) => total + count(one), 0)
  const failed = sum((outcome) => outcome.failures.length)
  const skipped = sum((outcome) => outcome.skips.length)
  tellSkips(outcomes)
  for (const [name, table] of tables(records)) say(`\n${name}:\n\n${table}`)
  say()
  if (failed > 0) {
    bad('FAILED:')
    for (const { file, failures } of outcomes) for (const { test } of failures) say(`    ${file}: ${test}`)
    say()
  }
  if (skipped > 0 && requirePeers) bad('REQUIRE_PEERS=1: what is skipped counts as a failure')
  say(`${sum((outcome) => outcome.passed)} passed, ${failed} failed, ${skipped} skipped`)
  return failed > 0 || (skipped > 0 && requirePeers) ? 1 : 0
}

const args = process.argv.slice(2)
const words = args.filter((arg) => arg !== '--write')
process.exitCode = runIsolated([import.meta.filename, ...args]) ?? (await main(words, args.length > words.length))
