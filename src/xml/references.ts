// Character and entity references, and the values that contain them. XML 1.0 §3.3.3, §4.1, §4.6; RFC 6120 §11.1 allows
// only the five predefined entities and character references.

import { HASH } from './bytes.ts'
import { type Fault, FAULTS } from './faults.ts'

const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const LONGEST_PREDEFINED = 4

/** Whether `&…;` may stand, given the bytes between `&` and `;` (ASCII name characters and `#`); linear in their number. */
export function checkReference(bytes: Buffer, start: number, end: number): Fault | undefined {
  if (end === start) return FAULTS.reference
  if (bytes[start] === HASH) return checkCharacterReference(bytes, start + 1, end)
  for (let at = start; at < end; at++) if (bytes[at] === HASH) return FAULTS.reference
  if (!isLetter(bytes[start]!)) return FAULTS.reference
  if (end - start > LONGEST_PREDEFINED) return FAULTS.entity
  return Object.hasOwn(PREDEFINED, bytes.toString('latin1', start, end)) ? undefined : FAULTS.entity
}

/** The text of raw character data or CDATA-free content: references resolved, line ends normalised (XML 1.0 §2.11). */
export function decodeText(raw: string): string {
  return resolve(raw.includes('\r') ? normaliseLineEnds(raw) : raw)
}

/** The value of a raw attribute value: references resolved, literal white space made spaces (XML 1.0 §3.3.3). */
export function decodeAttribute(raw: string): string {
  return resolve(normaliseLineEnds(raw).replaceAll('\n', ' ').replaceAll('\t', ' '))
}

/** XML 1.0 §2.11: CR LF and CR are LF. */
export function normaliseLineEnds(raw: string): string {
  return raw.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
}

/** XML 1.0 §2.2, production Char. */
export function isXmlCharacter(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d
  return (
    codePoint <= 0xd7ff ||
    (codePoint >= 0xe000 && codePoint <= 0xfffd) ||
    (codePoint >= 0x10000 && codePoint <= 0x10ffff)
  )
}

function checkCharacterReference(bytes: Buffer, start: number, end: number): Fault | undefined {
  const hexadecimal = bytes[start] === 0x78
  const base = hexadecimal ? 16 : 10
  const first = hexadecimal ? start + 1 : start
  if (first === end) return FAULTS.reference
  let codePoint = 0
  for (let at = first; at < end; at++) {
    const digit = digitOf(bytes[at]!)
    if (digit >= base) return FAULTS.reference
    // Any number of leading zeros is well-formed; the sum must not overflow on the way.
    codePoint = Math.min(codePoint * base + digit, 0x110000)
  }
  return isXmlCharacter(codePoint) ? undefined : FAULTS.characterReference
}

function resolve(raw: string): string {
  let at = raw.indexOf('&')
  if (at < 0) return raw
  let text = ''
  let done = 0
  while (at >= 0) {
    const end = raw.indexOf(';', at)
    if (end < 0) break
    text += raw.slice(done, at) + valueOf(raw.slice(at + 1, end))
    done = end + 1
    at = raw.indexOf('&', done)
  }
  return text + raw.slice(done)
}

function valueOf(reference: string): string {
  if (!reference.startsWith('#')) return PREDEFINED[reference] ?? ''
  const digits = reference.startsWith('#x')
    ? Number.parseInt(reference.slice(2), 16)
    : Number.parseInt(reference.slice(1), 10)
  return String.fromCodePoint(digits)
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57
  return 16
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f
}
