// `npm run fuzz -- --minutes N [--seed S]`: tries streams on the scanner for so long. A stream on which it differs from the
// oracle, or which reaches something new, is made as small as it can be and written to `corpus/`. Ends with a line that says
// what came of it. Then the readers of DER have their turn (`der.test.ts`), with the same seed and as many rounds as take about a
// quarter of that time. The exit code is 1 if there was a difference, or if one of those failed.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { corpus, hostile, keep, transcripts } from './corpus.ts'
import type { Difference } from './judge.ts'
import { Explorer, firstLine, type Outcome } from './explore.ts'
import { groups } from './expected.ts'
import type { Case } from './reading.ts'

const PROGRESS_MS = 10_000
/** So many rounds of DER take about a quarter of a minute. */
const DER_ROUNDS = 15_000
/** So often longer than that they may take, on a slow machine, and in all a minute more. */
const DER_PATIENCE = 4
/** Enough to mend something first. */
const MOST_DIFFERENCES = 20

const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Found {
  readonly differences: Map<string, string>
  kept: number
}

function main(minutes: number, seed: number): number {
  const explorer = new Explorer(seed)
  const found: Found = { differences: new Map(), kept: 0 }
  const known = corpus()
  for (const stream of [...known, ...hostile(), ...transcripts()]) {
    const { difference } = explorer.try(stream)
    if (difference !== undefined) differs(explorer, stream, difference, found)
  }
  const begun = performance.now()
  const end = begun + minutes * 60_000
  let told = begun
  for (let now = begun; now < end && found.differences.size < MOST_DIFFERENCES; now = performance.now()) {
    const outcome = explorer.next()
    if (outcome.difference !== undefined) differs(explorer, outcome.stream, outcome.difference, found)
    else if (outcome.news.length > 0) found.kept += keepNews(explorer, outcome)
    if (now - told < PROGRESS_MS) continue
    told = now
    say(
      `${seconds(now - begun)}: ${progress(explorer, now - begun)}, corpus ${known.length + found.kept} (${found.kept} new), ${reachOf(explorer)}, ${found.differences.size} differences`,
    )
  }
  const took = performance.now() - begun
  say(`\n${explorer.tally.table(groups())}\n`)
  for (const [message, file] of found.differences) say(`DIFFERENCE ${message}: test/fuzz/corpus/${file}`)
  say(
    `${found.differences.size} differences in ${progress(explorer, took)} over ${seconds(took)} from seed ${seed}; corpus ${corpus().length} (${found.kept} new), ${reachOf(explorer)}`,
  )
  return found.differences.size === 0 ? 0 : 1
}

/** Certificates, CRLs and answers, broken: in a process of its own. */
function fuzzDer(minutes: number, seed: number): number {
  const rounds = Math.max(Math.round(minutes * DER_ROUNDS), 1000)
  say(`\n${rounds} rounds of DER from seed ${seed}`)
  const { status, error } = spawnSync(process.execPath, ['--test', join(import.meta.dirname, 'der.test.ts')], {
    env: { ...process.env, FUZZ_ROUNDS: `${rounds}`, FUZZ_SEED: `${seed}` },
    stdio: 'inherit',
    timeout: minutes * 15_000 * DER_PATIENCE + 60_000,
  })
  if (error) say(`DIFFERENCE none told: ${error.message}`)
  return status === 0 ? 0 : 1
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
const progress = ({ rounds }: Explorer, ms: number): string =>
  `${rounds} streams (${Math.round((rounds / ms) * 1000)}/s)`

function reachOf({ tally, steps }: Explorer): string {
  const expected = [...groups().values()].flat()
  return `reached ${expected.length - tally.missing(expected).length} of ${expected.length}, ${steps.size} steps`
}

function differs(explorer: Explorer, stream: Case, difference: Difference, found: Found): void {
  const message = firstLine(difference.message)
  if (found.differences.has(message)) return
  const file = keep(explorer.leastDifferent(stream, difference), 'found')
  found.differences.set(message, file)
  say(`DIFFERENCE ${message}: test/fuzz/corpus/${file}`)
}

/** Writes down the least streams that take the new steps between them. */
function keepNews(explorer: Explorer, { stream, news }: Outcome): number {
  const left = new Set(news)
  let kept = 0
  for (const step of news) {
    if (!left.has(step)) continue
    const least = explorer.leastReaching(stream, step)
    const outcome = explorer.try(least)
    for (const reached of explorer.stepsOf(least)) left.delete(reached)
    left.delete(step)
    if (outcome.difference === undefined) keep(least, 'reach')
    kept++
  }
  return kept
}

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('npm run fuzz -- --minutes N [--seed S]\n')
  process.exitCode = 2
} else process.exitCode = Math.max(main(minutes, seed), fuzzDer(minutes, seed))
