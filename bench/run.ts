// `npm run bench`: workloads through contestants, one after the other, into one file of results.
//
//   npm run bench                                       everything but remote and policy; about 35 minutes, and nothing else may run meanwhile
//   npm run bench -- trust                              what is about certificates; some five minutes
//   npm run bench -- remote                             what remote users cost; some seven minutes
//   npm run bench -- policy                             what partners, rules and relations cost; some six minutes
//   npm run bench -- bulk-in many                       the workloads with these words in their names
//   npm run bench -- --only sallyport,pipe bulk-in      these contestants
//   npm run bench -- --only sallyport bulk-in --runs 1 --cpu-prof /tmp/profile
//
// What a contestant needs and this machine lacks is installed first (`install.sh`, as root or by sudo); with --no-install,
// or where that does not work, the contestant is absent from the results, and they say so.
//
// Rule 1: the results are written after every workload, so that whoever stops the run keeps what is there. One without
// words writes `bench/results.json`, one of all that is about trust `bench/results-trust.json`, or about remote users
// `bench/results-remote.json`, or about policy `bench/results-policy.json`, any other only the file of `--out`.
// Rule 2: a lost stanza, a contestant that dies, a stream that breaks: no figure, the results say why, the others are
// measured all the same, and the exit code is 1.

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { CONTESTANTS } from './contestants/all.ts'
import { thisMachine } from './machine.ts'
import { installPrograms, missingPrograms } from './programs.ts'
import { minutes } from './progress.ts'
import { goalLines } from './report/goals.ts'
import type { ContestantResult, Results } from './results.ts'
import { expectedSeconds, goRound } from './rounds.ts'
import { ON_REQUEST, WORKLOADS } from './workloads/all.ts'
import { isOf, PARTS, type Pace } from './workloads/workload.ts'

const say = (line = ''): void => void process.stdout.write(`${line}\n`)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '3' },
    out: { type: 'string' },
    'cpu-prof': { type: 'string' },
    'no-install': { type: 'boolean', default: false },
  },
})

const pace: Pace = {
  runs: positive('runs', values.runs),
  seconds: positive('seconds', values.seconds),
  warmUpSeconds: positive('warm-up', values['warm-up']),
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) fail(`--${name} takes a number`)
  return value
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}

/** Those that a word names, or whose names have it in them; all without words. A word that none has ends the run. */
function choose<T extends { readonly name: string }>(all: readonly T[], words: readonly string[]): readonly T[] {
  const unknown = words.find((word) => !all.some(({ name }) => name.includes(word)))
  if (unknown !== undefined) fail(`nothing is called ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`)
  const chosenBy = (word: string): readonly T[] => {
    const named = all.filter(({ name }) => name === word)
    return named.length > 0 ? named : all.filter(({ name }) => name.includes(word))
  }
  const chosen = new Set(words.flatMap(chosenBy))
  return words.length === 0 ? all : all.filter((one) => chosen.has(one))
}

const contestants = choose(CONTESTANTS, values.only?.split(',') ?? [])
const ALL = [...WORKLOADS, ...ON_REQUEST]
const workloads = positionals.length === 0 ? WORKLOADS : choose(ALL, positionals)
const out = values.out ?? usualFile()

/** Where the results of a run of all contestants go. */
function usualFile(): string | undefined {
  if (contestants.length < CONTESTANTS.length) return undefined
  const names = (those: typeof WORKLOADS): string => those.map(({ name }) => name).join()
  if (names(workloads) === names(WORKLOADS)) return resolve(import.meta.dirname, 'results.json')
  const part = PARTS.find((one) => names(workloads) === names(ALL.filter(({ name }) => isOf(one, name))))
  return part === undefined ? undefined : resolve(import.meta.dirname, `results-${part}.json`)
}

const missing = missingPrograms(contestants.flatMap(({ programs }) => programs))
if (missing.length > 0 && !values['no-install']) {
  say(`Not here yet: ${missing.join(', ')}. bench/install.sh installs them.`)
  const why = installPrograms()
  if (why !== undefined) say(styleText(['bold', 'yellow'], `Not installed: ${why}`))
}
const about: Record<string, ContestantResult> = {}
for (const one of contestants) {
  const version = missingPrograms(one.programs).length > 0 ? 'not installed' : await one.version()
  about[one.name] = { about: one.about, kind: one.kind, version }
}
const head = { format: 1, begun: new Date().toISOString(), machine: thisMachine(), asked: pace } as const
const resultsOf = (done: Results['workloads']): Results => ({ ...head, contestants: about, workloads: done })
const rounds = {
  workloads,
  contestants,
  pace,
  profileFolder: values['cpu-prof'],
  say,
  keep(done: Results['workloads']): void {
    if (out !== undefined) writeFileSync(out, `${JSON.stringify(resultsOf(done), undefined, 2)}\n`)
  },
}
const expected = expectedSeconds(rounds)
const whole = minutes(expected.reduce((sum, one) => sum + one, 0))
say(`${expected.length} measurements, about ${whole}. Let nothing else run on this machine meanwhile.`)

// What was started ends with this process, and its folders are removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(2))
const done = await goRound(rounds)
for (const line of goalLines(resultsOf(done))) say(line)
if (out !== undefined) say(`Written: ${out}`)
const failed = done.flatMap(({ name, entries }) =>
  entries.flatMap((entry) => (entry.outcome === 'failed' ? [`${name}, ${entry.contestant}: ${entry.why}`] : [])),
)
for (const line of failed) say(styleText(['bold', 'red'], `failed: ${line}`))
process.exit(failed.length > 0 ? 1 : 0)
