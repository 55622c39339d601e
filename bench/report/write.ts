// `npm run bench:report`: the results of the last whole run as pictures in `bench/charts/` and as parts of docs/benchmarks.md and
// README.md, each between `<!-- bench:begin -->` and `<!-- bench:end -->`: the figures that people ask for first as `bench-front`;
// those about trust, about remote users and about policy, from the whole run or from one of their own, as `bench-trust` and so on.
// With the name of a file, what would be written there goes to the terminal instead, with the goals, and no picture is drawn.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Results } from '../results.ts'
import { isOf, PARTS, type Part } from '../workloads/workload.ts'
import { chartsOf } from './charts.ts'
import { judge } from './goals.ts'
import { front, goalsTable, summary } from './summary.ts'

const ROOT = resolve(import.meta.dirname, '../..')

type Place = 'bench' | 'bench-front' | `bench-${Part}`

/** The text with the part between its markers written anew. @throws Error where there are none */
export function withBench(text: string, written: string, place: Place = 'bench'): string {
  const [begin, end] = [`<!-- ${place}:begin -->`, `<!-- ${place}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`no ${begin} and ${end} in this page`)
  return `${text.slice(0, from + begin.length)}\n\n${written}\n\n${text.slice(to)}`
}

/** What stands in docs/benchmarks.md for these results. */
export function benchSection(results: Results): string {
  const charts = chartsOf(results)
  return summary(
    results,
    charts.map(({ name, title }) => ({ file: `../bench/charts/${name}.svg`, title })),
  )
}

/** What stands there for the workloads of a part, of the whole run where it has them, else of their own. */
export function partSection(part: Part, whole: Results, own: Results): string {
  const of = (results: Results) => results.workloads.filter(({ name }) => isOf(part, name))
  const source = of(whole).length > 0 ? whole : own
  const results = { ...source, workloads: of(source) }
  const judged = judge(results).filter(({ value }) => value !== undefined)
  return `${summary(results, [])}\n\n${goalsTable(judged)}`
}

export const trustSection = (whole: Results, own: Results): string => partSection('trust', whole, own)

/** The text with all parts written anew, from the files in `bench/`; a part that nobody has measured yet has none. */
export function withAllParts(text: string): string {
  const whole = readResults(join(ROOT, 'bench/results.json'))
  const file = (part: Part): string => join(ROOT, `bench/results-${part}.json`)
  const written = withBench(text, benchSection(whole))
  return PARTS.filter((part) => existsSync(file(part))).reduce(
    (more, part) => withBench(more, partSection(part, whole, readResults(file(part))), `bench-${part}`),
    written,
  )
}

/** The front page with its few figures written anew. */
export const withFront = (text: string): string =>
  withBench(text, front(readResults(join(ROOT, 'bench/results.json'))), 'bench-front')

export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results
  if (results.format !== 1) throw new Error(`${file} is of format ${String(results.format)}, which is not known here`)
  return results
}

function main(file: string | undefined): void {
  if (file !== undefined) {
    const told = readResults(file)
    return void process.stdout.write(`${summary(told, [])}\n\n${goalsTable(judge(told))}\n`)
  }
  const results = readResults(join(ROOT, 'bench/results.json'))
  const folder = join(ROOT, 'bench/charts')
  mkdirSync(folder, { recursive: true })
  for (const { name, svg } of chartsOf(results)) writeFileSync(join(folder, `${name}.svg`), svg)
  const page = join(ROOT, 'docs/benchmarks.md')
  writeFileSync(page, withAllParts(readFileSync(page, 'utf8')))
  const readme = join(ROOT, 'README.md')
  writeFileSync(readme, withFront(readFileSync(readme, 'utf8')))
}

if (import.meta.main) main(process.argv[2])
