// One log line in either form: JSON for programs, columns for a person at a terminal.
//
// Rule 1: in JSON `time`, `level`, `event`, `ip` come first and in this order, so that a pattern anchored at the start of
// the line (fail2ban) cannot be fooled by what a later field quotes.

import { styleText } from 'node:util'
import type { Fields, Value } from './fields.ts'
import { plain, plainJson } from './plain.ts'

export type Level = 'error' | 'warn' | 'info' | 'debug'

export interface Line {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly level: Level
  readonly event: string
  readonly fields: Fields
}

export function jsonLine({ time, level, event, fields }: Line): string {
  return plainJson(JSON.stringify({ time, level, event, ip: fields['ip'], ...fields }))
}

const MARKS = {
  error: { text: 'ERROR', style: ['red', 'bold'] },
  warn: { text: 'warn', style: 'yellow' },
  info: { text: '', style: 'green' },
  debug: { text: 'debug', style: 'gray' },
} as const

/** `14:02:33 warn stream.failed  reason=SP-304 …`; with `colour` for terminals that have it. */
export function prettyLine({ time, level, event, fields }: Line, colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const mark = MARKS[level]
  const { reason, reasonName, ...rest } = fields
  const told = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${paint('gray', `${name}=`)}${prettyValue(value)}`)
  if (typeof reason === 'string')
    told.unshift(paint('cyan', typeof reasonName === 'string' ? `${reason} ${reasonName}` : reason))
  const head = [
    paint('gray', time.slice(11, 19)),
    paint(mark.style, mark.text.padEnd(5)),
    paint('bold', event.padEnd(20)),
  ]
  return `${head.join(' ')} ${told.join(' ')}`.trimEnd()
}

function prettyValue(value: Value): string {
  if (typeof value !== 'string') return typeof value === 'object' ? plainJson(JSON.stringify(value)) : String(value)
  const shown = plain(value)
  return shown === '' || /[\s"=]/.test(shown) ? `"${shown.replaceAll('"', '\\"')}"` : shown
}
