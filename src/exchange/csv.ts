// Tables of values with commas, semicolons or tabs between them (RFC 4180), and what Export-Csv of PowerShell makes of that: a
// first line that says the type.
//
// SECURITY: spreadsheets take a cell that begins with = + - or @ for a formula and run it. Such a cell gets an apostrophe in
// front of it when it is written, and loses it when our own table is read again.

import { CsvError, parse } from 'csv-parse/sync'
import type { Items } from './item.ts'
import type { Problem } from './text.ts'

/** Reads a table whose first line names the columns. */
export function readCsv(text: string): Items | Problem {
  const [typeLine = '', type] = /^#TYPE ([^\r\n]*)\r?\n/.exec(text) ?? []
  const offset = typeLine === '' ? 0 : 1
  const rest = text.slice(typeLine.length)
  const records = recordsOf(rest, offset)
  if (!Array.isArray(records)) return records
  const [head, ...rows] = records
  if (head === undefined) return { problem: 'empty; the first line names the columns', line: 1 }
  const names = head.cells.map((name) => name.trim())
  const twin = names.find((name, index) => name === '' || names.indexOf(name) !== index)
  if (twin !== undefined) {
    const problem = twin === '' ? 'a column has no name; write one' : `the column ${twin} is there twice; keep one`
    return { problem, line: head.line }
  }
  const odd = rows.find(({ cells }) => cells.length !== names.length)
  if (odd !== undefined) {
    const problem = `${odd.cells.length} values for ${names.length} columns; put quotes around values with ${NAMES[separatorOf(rest)]} in them`
    return { problem, line: odd.line }
  }
  const items = rows.map(({ line, cells }) => ({
    place: `line ${line}`,
    values: Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])),
  }))
  return { items, type }
}

/** A table with these columns. */
export function writeCsv(columns: readonly string[], rows: Iterable<readonly string[]>): string {
  const lines = [columns, ...rows].map((cells) => `${cells.map((cell) => quoted(guarded(cell))).join(',')}\r\n`)
  return lines.join('')
}

/** What a spreadsheet would run, or what looks as if it had been guarded already. */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r\n]/u
const guarded = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell)

/** A cell of our own table as it was before it was written. */
export const unguarded = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell)

const quoted = (cell: string): string => (/[",;\r\n\t]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

interface Cells {
  readonly line: number
  readonly cells: readonly string[]
}

function recordsOf(text: string, offset: number): Cells[] | Problem {
  const records: Cells[] = []
  let ended = 0
  try {
    parse(text, {
      delimiter: separatorOf(text),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_CHARACTERS,
      on_record(cells: string[], { lines }: { readonly lines: number }) {
        // Where it ended, less the lines within its cells.
        ended = lines
        const within = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0)
        records.push({ line: lines - within + offset, cells })
        return undefined
      },
    })
    return records
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // A quote that is not closed takes in all that follows; where it was opened is in the row behind the last whole one.
    const line = error.code === 'CSV_QUOTE_NOT_CLOSED' ? ended + 1 : error['lines']
    const place = typeof line === 'number' ? line + offset : undefined
    return { problem: WORDS[error.code] ?? `no table (${error.message})`, line: place }
  }
}

const MAX_ROW_CHARACTERS = 1_000_000

const NAMES = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const
type Separator = keyof typeof NAMES

const WORDS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed; write quotes within quotes twice',
  CSV_INVALID_CLOSING_QUOTE: 'something stands behind a closing quote; write quotes within quotes twice',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a value; put quotes around all of it, and write it twice',
  CSV_MAX_RECORD_SIZE: 'a row is longer than any row of partners; a quote may be missing',
}

/** As the line with the names has it: Export-Csv -UseCulture and Excel write semicolons where commas are decimal points. */
function separatorOf(text: string): Separator {
  const [head = ''] = text.replaceAll(/"[^"]*"/g, '').split('\n', 1)
  const count = (one: string): number => head.split(one).length
  return count(';') > count(',') ? ';' : count('\t') > count(',') ? '\t' : ','
}
