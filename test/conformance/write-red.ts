// `npm run mutations`: tries every deliberately wrong gateway, two at a time, and writes which requirements have been seen
// red. Some minutes. With words, only the mutations of these names and those that turn these requirements red, and nothing is
// written. `--at-once N`: so many at a time.
//
// Its exit code is 0 only when every mutation was seen by all its cases, and, where all were tried, no requirement that has
// cases is without one.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations.ts'
import { redTable, rowsOf, unseen } from './red-table.ts'
import { tried, type Trial } from './trial.ts'

const LIMIT_MS = 6 * 60_000

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { 'at-once': { type: 'string', default: '2' } },
})
const atOnce = Number(values['at-once'])
if (!Number.isInteger(atOnce) || atOnce < 1) throw new Error('--at-once: a number from 1 on')
const unknown = words.filter((word) => !MUTATIONS.some((one) => one.id === word || rowsOf(one).includes(word)))
if (unknown.length > 0) throw new Error(`no mutation and no requirement with one: ${unknown.join(', ')}`)

const chosen = MUTATIONS.filter(
  (one) => words.length === 0 || words.includes(one.id) || rowsOf(one).some((row) => words.includes(row)),
)
const trials: Trial[] = []
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const began = performance.now()

function tell({ id, seconds, unseen: cases, trouble }: Trial): void {
  const minutes = new Date(performance.now() - began).toISOString().slice(14, 19)
  const verdict = trouble === undefined && cases.length === 0 ? 'seen' : 'NOT SEEN'
  say(`${trials.length}/${chosen.length} ${minutes} ${id}: ${verdict} (${seconds.toFixed(1)} s)`)
  if (trouble !== undefined) say(`    ${trouble}`)
  for (const one of cases) say(`    ${one.id}: ${one.outcome}`)
}

// A signal ends this program by `exit`, so that what it has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const waiting = [...chosen]
const worker = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const trial = await tried(next.id, LIMIT_MS)
    trials.push(trial)
    tell(trial)
  }
}
await Promise.all(Array.from({ length: atOnce }, worker))

const missed = trials.filter((one) => one.trouble !== undefined || one.unseen.length > 0)
if (missed.length > 0) say(`Not seen: ${missed.map(({ id }) => id).join(', ')}.`)
if (words.length === 0) {
  const none = unseen()
  if (missed.length === 0) {
    writeFileSync(join(import.meta.dirname, 'red.md'), redTable())
    say(redTable())
  } else if (none.length > 0) say(`Requirements without a mutation: ${none.join(', ')}.`)
  if (none.length > 0) process.exitCode = 1
}
if (missed.length > 0) process.exitCode = 1
