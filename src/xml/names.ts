// Which code points make a name. XML 1.0 (fifth edition) §2.3, without the colon (Namespaces in XML 1.0 §4).

import { KIND, NAME, NAME_START } from './bytes.ts'
import { codePointAt } from './utf8.ts'

const START_RANGES = [
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x2ff],
  [0x370, 0x37d],
  [0x37f, 0x1fff],
  [0x200c, 0x200d],
  [0x2070, 0x218f],
  [0x2c00, 0x2fef],
  [0x3001, 0xd7ff],
  [0xf900, 0xfdcf],
  [0xfdf0, 0xfffd],
  [0x10000, 0xeffff],
] as const

const FURTHER_RANGES = [
  [0xb7, 0xb7],
  [0x300, 0x36f],
  [0x203f, 0x2040],
] as const

/** NameStartChar, the colon excepted. */
export function isNameStart(codePoint: number): boolean {
  if (codePoint < 0x80) return (KIND[codePoint]! & NAME_START) !== 0
  return within(START_RANGES, codePoint)
}

/** NameChar, the colon excepted. */
export function isNameCharacter(codePoint: number): boolean {
  if (codePoint < 0x80) return (KIND[codePoint]! & NAME) !== 0
  return within(START_RANGES, codePoint) || within(FURTHER_RANGES, codePoint)
}

/**
 * Whether the bytes from `start` to `end`, name characters with at most one colon at `colon` (-1: none), are a name:
 * QName of Namespaces in XML 1.0 §4.
 */
export function isQualifiedName(bytes: Uint8Array, start: number, end: number, colon: number): boolean {
  if (!isNameStart(codePointAt(bytes, start))) return false
  return colon < 0 || (colon > start && colon + 1 < end && isNameStart(codePointAt(bytes, colon + 1)))
}

function within(ranges: readonly (readonly [number, number])[], codePoint: number): boolean {
  for (const [first, last] of ranges) {
    if (codePoint <= last) return codePoint >= first
  }
  return false
}
