// UTF-8 as XML allows it, as a small automaton that can stop after any byte (RFC 3629 §4, XML 1.0 §2.2).
//
// Rule 1: overlong forms, surrogates and code points beyond U+10FFFF end in NOT_UTF8 at the first impossible byte.
// Rule 2: U+FFFE and U+FFFF are good UTF-8 but no XML character: they end in NOT_XML.

/** States: done, or how many continuation bytes are still needed and which of them may come next. */
export const DONE = 0
const ONE = 1
const TWO = 2
const THREE = 3
const AFTER_E0 = 4
const AFTER_ED = 5
const AFTER_EF = 6
const AFTER_EF_BF = 7
const AFTER_F0 = 8
const AFTER_F4 = 9
export const NOT_UTF8 = 10
export const NOT_XML = 11

/** Next state: `STEP[(state << 8) | byte]`. ASCII is for the caller: in DONE it stays, elsewhere it is NOT_UTF8. */
export const STEP: Uint8Array = table()

function table(): Uint8Array {
  const step = new Uint8Array(12 << 8).fill(NOT_UTF8)
  const set = (state: number, first: number, last: number, next: number): void => {
    step.fill(next, (state << 8) | first, ((state << 8) | last) + 1)
  }
  set(DONE, 0x00, 0x7f, DONE)
  set(DONE, 0xc2, 0xdf, ONE)
  set(DONE, 0xe0, 0xe0, AFTER_E0)
  set(DONE, 0xe1, 0xec, TWO)
  set(DONE, 0xed, 0xed, AFTER_ED)
  set(DONE, 0xee, 0xee, TWO)
  set(DONE, 0xef, 0xef, AFTER_EF)
  set(DONE, 0xf0, 0xf0, AFTER_F0)
  set(DONE, 0xf1, 0xf3, THREE)
  set(DONE, 0xf4, 0xf4, AFTER_F4)
  set(ONE, 0x80, 0xbf, DONE)
  set(TWO, 0x80, 0xbf, ONE)
  set(THREE, 0x80, 0xbf, TWO)
  set(AFTER_E0, 0xa0, 0xbf, ONE)
  set(AFTER_ED, 0x80, 0x9f, ONE)
  set(AFTER_EF, 0x80, 0xbe, ONE)
  set(AFTER_EF, 0xbf, 0xbf, AFTER_EF_BF)
  set(AFTER_EF_BF, 0x80, 0xbd, DONE)
  set(AFTER_EF_BF, 0xbe, 0xbf, NOT_XML)
  set(AFTER_F0, 0x90, 0xbf, TWO)
  set(AFTER_F4, 0x80, 0x8f, TWO)
  return step
}

/** The code point that starts at `at`, in bytes already known to be UTF-8. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return lead
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | (bytes[at + 1]! & 0x3f)
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)
  return (
    ((lead & 0x07) << 18) | ((bytes[at + 1]! & 0x3f) << 12) | ((bytes[at + 2]! & 0x3f) << 6) | (bytes[at + 3]! & 0x3f)
  )
}

/** The code point that ends just before `end`, in bytes already known to be UTF-8. */
export function codePointBefore(bytes: Uint8Array, end: number): number {
  let at = end - 1
  while ((bytes[at]! & 0xc0) === 0x80) at--
  return codePointAt(bytes, at)
}

/** Where the last whole character before `end` ends, in bytes that are UTF-8 but for being cut there. */
export function wholeCharacters(bytes: Uint8Array, end: number): number {
  let lead = end - 1
  while (lead > end - 4 && (bytes[lead]! & 0xc0) === 0x80) lead--
  const byte = bytes[lead]!
  const length = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
  return byte >= 0xc0 && lead + length > end ? lead : end
}
