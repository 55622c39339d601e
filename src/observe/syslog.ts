// A line of the log as a message of syslog (RFC 5424), framed for TLS (RFC 5425): what log servers are sent.
//
// Rule: a message is ASCII. What is beyond it is written as JSON escapes, so that no mark of UTF-8 has to stand before it
//       (RFC 5424 §6.4), at which readers of JSON would stumble.
//
// SECURITY: a receiver that is sent more than it takes may read the rest as another message, and what stands there can be a
//           peer's words. So no frame is longer than common receivers take (RFC 5425 §4.3.1: 8192 octets).

import { cutTo } from './fields.ts'
import { jsonLine, type Level, type Line } from './line.ts'

/** `log audit`. RFC 5424 §6.2.1 */
const FACILITY = 13
/** RFC 5424 §6.2.1 */
const SEVERITIES: Readonly<Record<Level, number>> = { error: 3, warn: 4, info: 6, debug: 7 }
const APP_NAME = 'sallyport'
const LONGEST_HOST = 255
const LONGEST_MESSAGE_ID = 32
/** With its length before it. */
export const LONGEST_FRAME = 8000
/** Longest texts and lists of a line that has to be cut, the first that fits. */
const CUTS = [256, 64, 16]
/** What is left of a line where none of them does. */
const KEPT = ['ip', 'reason', 'reference']

/** Where messages come from. */
export interface Origin {
  readonly host: string
  readonly process: number
}

/**
 * The message with its length before it (RFC 5425 §4.3). One that would be too long is made of fields that are cut, and says
 * `cut: true`.
 *
 * @param json the line as `jsonLine` makes it
 */
export function syslogFrame(line: Line, json: string, from: Origin): Buffer {
  let frame = frameOf(line, json, from)
  for (const longest of CUTS) {
    if (frame.length <= LONGEST_FRAME) return frame
    frame = frameOf(line, jsonLine({ ...line, fields: { ...cutTo(line.fields, longest), cut: true } }), from)
  }
  if (frame.length <= LONGEST_FRAME) return frame
  const kept = Object.fromEntries(KEPT.map((name) => [name, line.fields[name]]))
  return frameOf(line, jsonLine({ ...line, fields: { ...cutTo(kept, CUTS.at(-1)!), cut: true } }), from)
}

function frameOf({ time, level, event }: Line, json: string, from: Origin): Buffer {
  const priority = FACILITY * 8 + SEVERITIES[level]
  const head = [`<${priority}>1`, time, word(from.host, LONGEST_HOST), APP_NAME, from.process]
  const message = `${head.join(' ')} ${word(event, LONGEST_MESSAGE_ID)} - ${ascii(json)}`
  return Buffer.from(`${message.length} ${message}`, 'latin1')
}

/** PRINTUSASCII of RFC 5424 §6, or that there is none. */
const word = (text: string, longest: number): string => text.replaceAll(/[^!-~]/g, '').slice(0, longest) || '-'

const ascii = (json: string): string =>
  json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
