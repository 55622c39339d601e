// What commands say. Everything that is shown goes through here, so that it is safe on a terminal (`text.ts`), coloured
// only where somebody looks, and one JSON document where a program reads (`--json`).

import { styleText } from 'node:util'
import { columns, pad, safeJson, visible, wrap } from './text.ts'

/** Where text goes: a terminal, a pipe, or a test. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a piece of text means; colours follow from it. */
export type Tone = 'plain' | 'good' | 'bad' | 'careful' | 'quiet' | 'strong'

const STYLES = { good: 'green', bad: 'red', careful: 'yellow', quiet: 'dim', strong: 'bold' } as const

/** Text with a meaning, in table cells and lines. */
export interface Toned {
  readonly tone: Tone
  readonly text: string
}

export type Cell = string | number | Toned | undefined

/** Marks text with what it means. */
export const tone = (meaning: Tone, text: string): Toned => ({ tone: meaning, text })

export interface OutputOptions {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly json: boolean
  /** On standard output, and on standard error. */
  readonly colours: { readonly stdout: boolean; readonly stderr: boolean }
}

/** The output of one command. */
export class Output {
  readonly json: boolean
  readonly #stdout: Sink
  readonly #options: OutputOptions

  constructor(options: OutputOptions) {
    this.json = options.json
    this.#stdout = options.stdout
    this.#options = options
  }

  /** Does somebody look while we work? Then a line beside the answer shows that we do. */
  get watched(): boolean {
    return !this.json && this.#options.stderr.isTTY === true
  }

  /** The same on standard error: for what a reader is told while standard output belongs to a program, such as the log. */
  get beside(): Output {
    const { stderr, colours, json } = this.#options
    return new Output({ stdout: stderr, stderr, json, colours: { stdout: colours.stderr, stderr: colours.stderr } })
  }

  /** One JSON document, or else what `write` says: whatever is said in words is in the document. */
  answer(document: unknown, write: () => void): void {
    if (this.json) this.#stdout.write(`${safeJson(document)}\n`)
    else write()
  }

  /** One of many documents, each on a line of its own. */
  record(document: unknown): void {
    this.#stdout.write(`${safeJson(document, 0)}\n`)
  }

  /** One line made of pieces. Line ends inside the pieces are data and are shown as such. */
  line(...pieces: readonly Cell[]): void {
    this.#stdout.write(`${pieces.map((piece) => this.#render(piece)).join('')}\n`)
  }

  /** A heading, with an empty line before it. */
  heading(text: string): void {
    this.#stdout.write(`\n${this.#render(tone('strong', text))}\n`)
  }

  /** A paragraph, broken at the width of the terminal. */
  paragraph(text: string, indent = ''): void {
    const width = Math.min(Math.max(this.#stdout.columns ?? 100, 40), 120) - columns(indent)
    for (const line of wrap(visible(text), width)) this.#stdout.write(`${indent}${line}\n`)
  }

  /** Lines of ours that people copy: as they are, indented. */
  block(text: string, indent = '    '): void {
    for (const line of text.replace(/\n$/, '').split('\n'))
      this.#stdout.write(line === '' ? '\n' : `${indent}${visible(line)}\n`)
  }

  /** A whole document for a program: as it is. Whoever calls knows that there is nothing in it that a terminal would obey. */
  document(text: string): void {
    this.#stdout.write(text)
  }

  /** Columns as wide as their widest cell; the last one is left as it is. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[], indent = '  '): void {
    const cells = [head, ...rows].map((row) => head.map((_, at) => visible(plain(row[at]))))
    const widths = head.map((_, at) => Math.max(...cells.map((row) => columns(row[at]!))))
    for (const [index, row] of cells.entries()) {
      const line = row.map((text, at) => {
        const meaning: Tone = index === 0 ? 'quiet' : toneOf(rows[index - 1]![at])
        return this.#style(meaning, text) + (at === head.length - 1 ? '' : ' '.repeat(widths[at]! - columns(text)))
      })
      this.#stdout.write(`${indent}${line.join('  ').trimEnd()}\n`)
    }
  }

  /** Names and values, the values aligned; absent ones are left out. */
  facts(pairs: readonly (readonly [name: string, value: Cell])[], indent = '  '): void {
    const present = pairs.filter(([, value]) => value !== undefined && plain(value) !== '')
    const width = Math.max(0, ...present.map(([name]) => columns(name)))
    for (const [name, value] of present)
      this.#stdout.write(`${indent}${this.#style('quiet', pad(name, width))}  ${this.#render(value)}\n`)
  }

  /** A line beside the answer, for a reader and not for a program. */
  note(...pieces: readonly Cell[]): void {
    this.beside.line(...pieces)
  }

  /** Something failed: as JSON on standard output, or in words on standard error. */
  failure({
    code,
    message,
    act,
  }: {
    readonly code: string
    readonly message: string
    readonly act?: string | undefined
  }): void {
    if (this.json) this.#stdout.write(`${safeJson({ error: { code, message, act } })}\n`)
    else {
      this.note(tone('bad', 'sallyport: '), message)
      if (act !== undefined) this.note('  ', act)
    }
  }

  #render(cell: Cell): string {
    return this.#style(toneOf(cell), visible(plain(cell)))
  }

  #style(meaning: Tone, text: string): string {
    return this.#options.colours.stdout && meaning !== 'plain' && text !== ''
      ? styleText(STYLES[meaning], text, { validateStream: false })
      : text
  }
}

function plain(cell: Cell): string {
  return typeof cell === 'object' ? cell.text : String(cell ?? '')
}

function toneOf(cell: Cell): Tone {
  return typeof cell === 'object' ? cell.tone : 'plain'
}
