// The log: one line for each event through winston, as JSON or, for a person at a terminal, in columns.
// Winston is handed lines that were gathered: what it does for each entry costs more than a line does.
//
// Rule 1: a log that cannot be written never stops traffic.
// Rule 2: a flood is cut per event and second; what was cut is counted and told, so that it is never silent.

import type { Writable } from 'node:stream'
import winston from 'winston'
import { fit, type Fields } from './fields.ts'
import { Gathered } from './gathered.ts'
import { jsonLine, prettyLine, type Level, type Line } from './line.ts'

export interface LogOptions {
  readonly to: Writable
  /** Columns instead of JSON. */
  readonly pretty?: boolean
  readonly colour?: boolean
  /** The least important level that is written. */
  readonly level?: Level
  /** Most lines of one event in a second. */
  readonly linesPerSecond?: number
  /** Milliseconds since 1970. */
  now(): number
}

export interface Log {
  write(level: Level, event: string, fields: Fields): void
  /** From now on every line that is written is handed on as well, with its JSON. */
  also(take: (line: Line, json: string) => void): void
  /** Lines that were cut so far. */
  readonly cut: number
  /** Writes at once what waits, by other means where they are given. */
  flush(write?: (lines: string) => void): void
}

const LINES_PER_SECOND = 200
/** By importance, as winston counts it. */
const LEVELS: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 }

export function openLog(options: LogOptions): Log {
  const { to, pretty = false, colour = false, level = 'info', now, linesPerSecond = LINES_PER_SECOND } = options
  // A reader of a pipe may go away; the gateway stays.
  to.on('error', () => undefined)
  const logger = winston.createLogger({
    level,
    levels: LEVELS,
    format: winston.format.printf(({ message }) => (typeof message === 'string' ? message : '')),
    transports: [new winston.transports.Stream({ stream: to, eol: '' })],
    exitOnError: false,
  })
  const gathered = new Gathered((lines) => void logger.log(level, lines))
  const takers: ((line: Line, json: string) => void)[] = []
  const write = (lineLevel: Level, event: string, fields: Fields): void => {
    const line: Line = { time: new Date(now()).toISOString(), level: lineLevel, event, fields: fit(fields) }
    const json = pretty && takers.length === 0 ? '' : jsonLine(line)
    gathered.add(pretty ? prettyLine(line, colour) : json)
    for (const take of takers) take(line, json)
  }
  const flood = new Flood(linesPerSecond, now)
  return {
    write(lineLevel, event, fields) {
      if (LEVELS[lineLevel] > LEVELS[level]) return // Winston looks at all its transports for that.
      for (const [cutEvent, lines] of flood.ended()) write('warn', 'log.cut', { of: cutEvent, lines })
      if (flood.admits(event)) write(lineLevel, event, fields)
    },
    also: (take) => void takers.push(take),
    get cut() {
      return flood.cut
    },
    flush: (by) => gathered.flush(by),
  }
}

/** Counts the lines of each event within the running second. Event names are ours, so they are few. */
class Flood {
  cut = 0
  readonly #limit: number
  readonly #now: () => number
  #second = 0
  #lines = new Map<string, number>()

  constructor(limit: number, now: () => number) {
    this.#limit = limit
    this.#now = now
  }

  admits(event: string): boolean {
    const lines = (this.#lines.get(event) ?? 0) + 1
    this.#lines.set(event, lines)
    if (lines <= this.#limit) return true
    this.cut += 1
    return false
  }

  /** When a second is over: the events that were cut in it, with the number of lines. */
  ended(): readonly (readonly [event: string, lines: number])[] {
    const second = Math.floor(this.#now() / 1000)
    if (second === this.#second) return []
    const over = [...this.#lines].filter(([, lines]) => lines > this.#limit)
    this.#second = second
    this.#lines = new Map()
    return over.map(([event, lines]) => [event, lines - this.#limit])
  }
}
