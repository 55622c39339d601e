// The run itself: every workload through every contestant that can do it, one after the other.
//
// Rule 1: one that fails ends its own measurement and nobody else's: it has no figures then, and the results say why.
// Rule 2: whoever watches knows at any time what is being measured, how far the run is and how long it will still take.

import { styleText } from 'node:util'
import type { Contestant } from './contestants/contestant.ts'
import { missingPrograms } from './programs.ts'
import { Progress } from './progress.ts'
import { ratiosOf, type Entry, type WorkloadResult } from './results.ts'
import type { MeasureOptions, Pace, Workload } from './workloads/workload.ts'

export interface Rounds {
  readonly workloads: readonly Workload[]
  readonly contestants: readonly Contestant[]
  readonly pace: Pace
  readonly profileFolder?: string | undefined
  /** Takes a line for the terminal. */
  say(line: string): void
  /** Takes what is there, after each workload. */
  keep(done: readonly WorkloadResult[]): void
}

/** Why it is not measured; undefined: it is. */
function leftOut(workload: Workload, contestant: Contestant): Entry | undefined {
  const { name, programs } = contestant
  const refusal = workload.refuses(contestant)
  if (refusal !== undefined) return { contestant: name, outcome: 'refused', why: refusal }
  const missing = missingPrograms(programs)
  return missing.length === 0
    ? undefined
    : { contestant: name, outcome: 'absent', why: `${missing.join(', ')} not installed` }
}

/** The seconds that each measurement is expected to take, in their order. */
export function expectedSeconds({ workloads, contestants, pace }: Rounds): readonly number[] {
  return workloads.flatMap((workload) =>
    contestants.filter((one) => leftOut(workload, one) === undefined).map(() => workload.seconds(pace)),
  )
}

/** Goes through all of them. */
export async function goRound(rounds: Rounds): Promise<readonly WorkloadResult[]> {
  const { workloads, contestants, say, keep } = rounds
  const progress = new Progress(expectedSeconds(rounds), performance.now())
  const done: WorkloadResult[] = []
  for (const workload of workloads) {
    const { name, about } = workload
    say(styleText('bold', `${name}: ${about}`))
    const entries: Entry[] = []
    for (const contestant of contestants) {
      const out = leftOut(workload, contestant)
      if (out?.outcome === 'refused') say(styleText('gray', `  ${out.contestant}: ${out.why}`))
      if (out?.outcome === 'absent') say(styleText('yellow', `  ${out.contestant}: ${out.why} (bench/install.sh)`))
      if (out === undefined) say(`  ${contestant.name} ${styleText('gray', `(${progress.tell(performance.now())})`)}`)
      entries.push(out ?? (await measure(rounds, workload, contestant)))
      if (out === undefined) progress.advance()
    }
    const result = { name, about, entries, ratios: ratiosOf(entries) }
    tellRatios(result, say)
    done.push(result)
    keep(done)
  }
  return done
}

async function measure(rounds: Rounds, workload: Workload, contestant: Contestant): Promise<Entry> {
  const { pace, profileFolder, say } = rounds
  const tell = (line: string): void => say(styleText('gray', `    ${line}`))
  const options: MeasureOptions = { ...pace, profileFolder, tell }
  try {
    const figures = await workload.measure(contestant, options)
    for (const { about, unit, better, median } of Object.values(figures)) {
      if (better !== 'neither') say(`    ${about.padEnd(42)} ${round(median).padStart(14)} ${unit}`)
    }
    return { contestant: contestant.name, outcome: 'measured', figures }
  } catch (error) {
    const told = chainOf(error)
    for (const line of told) say(styleText(['bold', 'red'], `    failed: ${line}`))
    return { contestant: contestant.name, outcome: 'failed', why: told.at(-1)?.split('\n')[0] ?? 'nobody knows why' }
  }
}

/** What an error says, and what is behind it: the last is the first cause. */
function chainOf(error: unknown): readonly string[] {
  return error instanceof Error ? [error.message, ...(error.cause ? chainOf(error.cause) : [])] : [String(error)]
}

const round = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3))

function tellRatios({ entries, ratios }: WorkloadResult, say: Rounds['say']): void {
  const ours = entries.find(({ contestant }) => contestant === 'sallyport')
  if (ours?.outcome !== 'measured') return
  for (const [name, by] of Object.entries(ratios)) {
    const { about = name, better = 'neither' } = ours.figures[name] ?? {}
    const told = Object.entries(by).map(([contestant, ratio]) => `${ratio.toPrecision(3)} × ${contestant}`)
    if (better !== 'neither' && told.length > 0) say(`  sallyport, ${about}: ${told.join(', ')}`)
  }
}
