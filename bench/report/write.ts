// `npm run bench:report`: the results of the last whole run as pictures in `bench/charts/` and as the part of README.md
// between `<!-- bench:begin -->` and `<!-- bench:end -->`; and those about trust, from the whole run or from one of their own,
// as the part between `<!-- bench-trust:begin -->` and `<!-- bench-trust:end -->`. With the name of a file, what would be
// written there goes to the terminal instead, with the goals, and no picture is drawn.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Results } from '../results.ts'
import { isAboutTrust } from '../workloads/workload.ts'
import { chartsOf } from './charts.ts'
import { judge } from './goals.ts'
import { goalsTable, summary } from './summary.ts'

const ROOT = resolve(import.meta.dirname, '../..')

type Part = 'bench' | 'bench-trust'

/** The text with the part between its markers written anew. @throws Error where there are none */
export function withBench(text: string, written: string, part: Part = 'bench'): string {
  const [begin, end] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`no ${begin} and ${end} in README.md`)
  return `${text.slice(0, from + begin.length)}\n\n${written}\n\n${text.slice(to)}`
}

/** What stands in README.md for these results. */
export function benchSection(results: Results): string {
  const charts = chartsOf(results)
  return summary(
    results,
    charts.map(({ name, title }) => ({ file: `bench/charts/${name}.svg`, title })),
  )
}

/** What stands there for the workloads about trust, of the whole run where it has them, else of their own. */
export function trustSection(whole: Results, own: Results): string {
  const of = (results: Results) => results.workloads.filter(({ name }) => isAboutTrust(name))
  const source = of(whole).length > 0 ? whole : own
  const results = { ...source, workloads: of(source) }
  const judged = judge(results).filter(({ value }) => value !== undefined)
  return `${summary(results, [])}\n\n${goalsTable(judged)}`
}

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
  const readme = join(ROOT, 'README.md')
  const trust = trustSection(results, readResults(join(ROOT, 'bench/results-trust.json')))
  const written = withBench(readFileSync(readme, 'utf8'), benchSection(results))
  writeFileSync(readme, withBench(written, trust, 'bench-trust'))
}

if (import.meta.main) main(process.argv[2])
