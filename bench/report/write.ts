// `npm run bench:report`: the results of the last whole run as pictures in `bench/charts/` and as the part of README.md
// between `<!-- bench:begin -->` and `<!-- bench:end -->`. With the name of a file, what would be written there goes to the
// terminal instead, with the goals, and no picture is drawn.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Results } from '../results.ts'
import { chartsOf } from './charts.ts'
import { judge } from './goals.ts'
import { goalsTable, summary } from './summary.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const [BEGIN, END] = ['<!-- bench:begin -->', '<!-- bench:end -->']

/** The text with the part between the markers written anew. @throws Error where there are none */
export function withBench(text: string, written: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from === -1 || to < from) throw new Error(`no ${BEGIN} and ${END} in README.md`)
  return `${text.slice(0, from + BEGIN.length)}\n\n${written}\n\n${text.slice(to)}`
}

/** What stands in README.md for these results. */
export function benchSection(results: Results): string {
  const charts = chartsOf(results)
  return summary(
    results,
    charts.map(({ name, title }) => ({ file: `bench/charts/${name}.svg`, title })),
  )
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
  writeFileSync(readme, withBench(readFileSync(readme, 'utf8'), benchSection(results)))
}

if (import.meta.main) main(process.argv[2])
