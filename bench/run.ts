// `npm run bench`: every workload through every contestant, one after the other, into one file of results.
//
//   npm run bench                                       everything; some fifteen minutes
//   npm run bench -- bulk-in many                       the workloads with these words in their names
//   npm run bench -- --only sallyport,pipe bulk-in      these contestants
//   npm run bench -- --only sallyport bulk-in --runs 1 --cpu-prof /tmp/profile
//
// What a contestant needs and this machine lacks is installed first (`install.sh`, as root or by sudo); with --no-install,
// or where that does not work, the contestant is absent from the results, and they say so.
//
// Rule 1: the results are written after every workload, so that whoever stops the run keeps what is there. A run of
// everything writes `bench/results.json`, any other only the file of `--out`.
// Rule 2: a lost stanza, a contestant that dies, a stream that breaks: exit code 1, and no figure.

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { CONTESTANTS } from './contestants/all.ts'
import type { Contestant } from './contestants/contestant.ts'
import { installPrograms, missingPrograms } from './programs.ts'
import { ratiosOf, type ContestantResult, type Entry, type Results, type WorkloadResult } from './results.ts'
import { WORKLOADS } from './workloads/all.ts'
import type { MeasureOptions, Workload } from './workloads/workload.ts'

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

const asked = {
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

async function measure(workload: Workload, contestant: Contestant): Promise<Entry> {
  const { name } = contestant
  const missing = missingPrograms(contestant.programs)
  if (missing.length > 0) {
    const why = `${missing.join(', ')} not installed`
    say(styleText(['bold', 'yellow'], `  ${name}: ${why} (bench/install.sh)`))
    return { contestant: name, outcome: 'absent', why }
  }
  const refusal = workload.refuses(contestant)
  if (refusal !== undefined) {
    say(`  ${name}: ${styleText('gray', refusal)}`)
    return { contestant: name, outcome: 'refused', why: refusal }
  }
  say(`  ${name}`)
  const options: MeasureOptions = {
    ...asked,
    profileFolder: values['cpu-prof'],
    tell: (line) => say(styleText('gray', `    ${line}`)),
  }
  const figures = await workload.measure(contestant, options)
  for (const { about, unit, better, median } of Object.values(figures)) {
    if (better !== 'neither') say(`    ${about.padEnd(42)} ${round(median).padStart(14)} ${unit}`)
  }
  return { contestant: name, outcome: 'measured', figures }
}

const round = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3))

function tellRatios({ entries, ratios }: WorkloadResult): void {
  const measured = entries.find((entry) => entry.outcome === 'measured' && entry.contestant === 'sallyport')
  if (measured?.outcome !== 'measured') return
  for (const [name, by] of Object.entries(ratios)) {
    const { about = name, better = 'neither' } = measured.figures[name] ?? {}
    const told = Object.entries(by).map(([contestant, ratio]) => `${ratio.toPrecision(3)} × ${contestant}`)
    if (better !== 'neither' && told.length > 0) say(`  sallyport, ${about}: ${told.join(', ')}`)
  }
}

async function main(): Promise<void> {
  const contestants = choose(CONTESTANTS, values.only?.split(',') ?? [])
  const workloads = choose(WORKLOADS, positionals)
  const isWhole = contestants.length === CONTESTANTS.length && workloads.length === WORKLOADS.length
  const out = values.out ?? (isWhole ? resolve(import.meta.dirname, 'results.json') : undefined)
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
  const done: WorkloadResult[] = []
  const begun = new Date().toISOString()
  const processor = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch
  const machine = { processor, cores: cpus().length, memoryBytes: totalmem(), system: `${type()} ${release()}` }
  for (const workload of workloads) {
    say(styleText('bold', `${workload.name}: ${workload.about}`))
    const entries: Entry[] = []
    for (const contestant of contestants) entries.push(await measure(workload, contestant))
    const result = { name: workload.name, about: workload.about, entries, ratios: ratiosOf(entries) }
    tellRatios(result)
    done.push(result)
    const results: Results = { format: 1, begun, machine, asked, contestants: about, workloads: done }
    if (out !== undefined) writeFileSync(out, `${JSON.stringify(results, undefined, 2)}\n`)
  }
  if (out !== undefined) say(`Written: ${out}`)
}

await main().catch((error: unknown) => {
  for (let one = error; one instanceof Error; one = one.cause) process.stderr.write(`${one.message}\n`)
  process.exit(1)
})
