// Results that people want to see as a table, on a page in docs/ too. A test records cells while it runs; `run.ts` prints what was
// recorded, and with `--write` puts it there between `<!-- name:begin -->` and `<!-- name:end -->`.
//
// Rule: a cell says what was seen in this run; whether it is as it should be is for the test that records it.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import * as z from 'zod'

/** The tables there are: what names a row, and what is told of it, in order. */
export const TABLES = {
  topologies: { key: ['core', 'partner', 'how the core is spoken to'], columns: ['IPv4', 'IPv6 only'] },
  proofs: {
    key: ['partner', 'how it proves itself'],
    columns: ['STARTTLS', 'direct TLS'],
  },
  'our-certificate': {
    key: ['our certificate'],
    columns: ['Prosody, we connect', 'Prosody connects', 'ejabberd, we connect', 'ejabberd connects'],
  },
  'foul-weather': {
    key: ['to whom', 'what happens'],
    columns: ['sent', 'arrived once', 'came back', 'in doubt', 'gone with it', 'lost', 'twice', 'out of order'],
  },
} as const satisfies Readonly<Record<string, Shape>>

interface Shape {
  readonly key: readonly string[]
  readonly columns: readonly string[]
}

export type TableName = keyof typeof TABLES

/** Where rows are recorded: a file of JSON lines, named by whoever runs the tests. */
const RECORDS = 'SALLYPORT_TEST_TABLES'

const Line = z.object({
  table: z.string(),
  key: z.array(z.string()),
  cells: z.record(z.string(), z.string()),
})

/** From now on, in this process and those it starts, rows are recorded in this file. */
export function recordIn(file: string): void {
  process.env[RECORDS] = file
}

/** Records some cells of a row; nothing where nobody wants a table. */
export function record(
  table: TableName,
  key: readonly string[],
  cells: Readonly<Record<string, string | number>>,
): void {
  const file = process.env[RECORDS]
  if (file === undefined) return
  const text = Object.entries(cells).map(([column, cell]) => [column, String(cell)] as const)
  appendFileSync(file, `${JSON.stringify({ table, key, cells: Object.fromEntries(text) })}\n`)
}

/** The tables that were recorded in a file, as Markdown. */
export function tables(file: string): ReadonlyMap<string, string> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const recorded = lines.filter((line) => line !== '').map((line) => Line.parse(JSON.parse(line)))
  const written = new Map<string, string>()
  for (const [name, shape] of Object.entries(TABLES)) {
    const rows = new Map<string, { key: readonly string[]; cells: Record<string, string> }>()
    for (const { table, key, cells } of recorded) {
      if (table !== name) continue
      const id = JSON.stringify(key)
      rows.set(id, { key, cells: { ...rows.get(id)?.cells, ...cells } })
    }
    if (rows.size > 0) written.set(name, markdown(shape, [...rows.values()]))
  }
  return written
}

function markdown(
  { key, columns }: Shape,
  rows: readonly { readonly key: readonly string[]; readonly cells: Readonly<Record<string, string>> }[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line([...key, ...columns]),
    line([...key.map(() => '---'), ...columns.map(() => '---')]),
    ...rows.map((row) => line([...row.key, ...columns.map((column) => row.cells[column] ?? '')])),
  ].join('\n')
}

/** A page, by its path from the root of the repository. */
interface Page {
  readonly path: string
  readonly text: string
}

/** The pages as they are with the tables, each between its markers. @throws Error where no page has markers for one */
export function withTables(pages: readonly Page[], written: ReadonlyMap<string, string>): readonly Page[] {
  return [...written].reduce((result, [name, table]) => {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
    const place = ({ text }: Page): boolean => text.includes(begin) && text.indexOf(end) > text.indexOf(begin)
    if (!result.some(place)) throw new Error(`no place for the table ${name}`)
    return result.map((page) => {
      if (!place(page)) return page
      const [head, tail] = [page.text.indexOf(begin) + begin.length, page.text.indexOf(end)]
      return { ...page, text: `${page.text.slice(0, head)}\n\n${table}\n\n${page.text.slice(tail)}` }
    })
  }, pages)
}

/** Puts the recorded tables into the pages below a folder. */
export function writeTables(records: string, pages: readonly Page[], root: string): void {
  for (const { path, text } of withTables(pages, tables(records))) writeFileSync(join(root, path), text)
}
