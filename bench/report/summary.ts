// A run as Markdown: what was measured where, the goals, and a table for each workload.
//
// Rule 1: figures are medians as they stand in the results; nothing is left out because it is not flattering.
// Rule 2: servers are compared with the best of them, and limits with what they are the limit of.

import type { ContestantResult, Entry, FigureKind, Results, WorkloadResult } from '../results.ts'
import { judge, type Judged } from './goals.ts'
import { times, written } from './numbers.ts'
import { table } from './table.ts'

/** The whole of it, headings from the third level on. `charts`: names and texts of pictures beside, by workload. */
export function summary(
  results: Results,
  charts: readonly { readonly file: string; readonly title: string }[],
): string {
  return [
    machine(results),
    ...charts.map(({ file, title }) => `![${title}](${file})`),
    goalsTable(judge(results)),
    ...results.workloads.map((workload) => section(workload, results)),
  ].join('\n\n')
}

function machine({ machine: m, begun, asked, contestants, workloads }: Results): string {
  const memory = written(m.memoryBytes, 'bytes')
  const versions = Object.entries(contestants).map(([name, { version, about }]) => [name, version, about] as const)
  return [
    `Measured on ${begun.slice(0, 10)}: ${m.processor}, ${m.cores} cores, ${memory} of memory, ${m.system}; ${workloads.length} workloads, each figure the median of ${asked.runs} runs, after a warm-up.`,
    table(['contestant', 'version', 'what it is'], versions),
  ].join('\n\n')
}

/** The goals, what came of them, and whether that is enough. */
export function goalsTable(judged: readonly Judged[]): string {
  const rows = judged.map(({ goal, value, verdict }) => {
    const sign = goal.better === 'more' ? '≥' : '≤'
    const said = value === undefined ? '—' : goal.as(value)
    return [goal.text, said, `${sign} ${goal.as(goal.goal)}`, `${sign} ${goal.as(goal.floor)}`, MARKS[verdict]]
  })
  return table(['goal', 'measured', 'goal', 'floor', ''], rows)
}

const MARKS: Readonly<Record<Judged['verdict'], string>> = {
  reached: 'reached',
  'above the floor': '**above the floor only**',
  missed: '**missed**',
  'not measured': 'not measured',
}

function section(workload: WorkloadResult, { contestants }: Results): string {
  const { name, about, entries } = workload
  const kinds = kindsOf(entries)
  const head = ['', ...kinds.map(([, kind]) => kind.about)]
  const rows = entries.map((entry): readonly string[] => {
    if (entry.outcome !== 'measured') return [entry.contestant, ...kinds.map((_, n) => (n === 0 ? entry.why : ''))]
    return [
      entry.contestant,
      ...kinds.map(([figure, { unit }]) => {
        const value = entry.figures[figure]?.median
        return value === undefined ? '' : written(value, unit)
      }),
    ]
  })
  return [`### ${name}`, about, table(head, rows), comparison(workload, contestants, kinds)]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** The figures that compare, by name, as the first that were measured have them. */
function kindsOf(entries: readonly Entry[]): readonly (readonly [name: string, kind: FigureKind])[] {
  const known = new Map<string, FigureKind>()
  for (const entry of entries) {
    if (entry.outcome !== 'measured') continue
    for (const [name, kind] of Object.entries(entry.figures)) if (kind.better !== 'neither') known.set(name, kind)
  }
  return [...known]
}

/** Sallyport against the best server and against each limit, in words. */
function comparison(
  { ratios, entries }: WorkloadResult,
  contestants: Readonly<Record<string, ContestantResult>>,
  kinds: readonly (readonly [string, FigureKind])[],
): string {
  const told = kinds.flatMap(([figure, { about, better }]) => {
    const known = ratios[figure] ?? {}
    const servers = Object.entries(known).filter(([name]) => contestants[name]?.kind === 'server')
    const limits = Object.entries(known).filter(([name]) => contestants[name]?.kind === 'limit')
    // Against the best server our ratio is the worst.
    const sorted = servers.toSorted(([, a], [, b]) => (better === 'more' ? a - b : b - a))
    const best = sorted.slice(0, 1).map(([name, ratio]) => `${times(ratio)} the best server (${name})`)
    const parts = [...best, ...limits.map(([name, ratio]) => `${times(ratio)} ${name}`)]
    return parts.length === 0 ? [] : [`${about}: ${parts.join(', ')}`]
  })
  const isOurs = entries.some(({ contestant, outcome }) => contestant === 'sallyport' && outcome === 'measured')
  return isOurs && told.length > 0 ? `Sallyport: ${told.join('; ')}.` : ''
}
