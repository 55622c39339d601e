// Four bytes at a time: how far a run of bytes goes that stand for themselves, and whether bytes are what they should be.
// What a single byte may be is `bytes.ts`; a run ends where that table says so, or a few bytes before it.
//
// Rule 1: a run stops at the first byte that may be special, and never later. What a word says of the bytes after that
//         one is not asked, so that borrows between them do no harm.
// Rule 2: nothing at or beyond `to` is looked at; the last one to three bytes before it are left to the caller.

const ONES = 0x01010101
const HIGH = -0x7f7f7f80 // 0x80808080
const BLANKS = 0x20202020
const LESS = 0x3c3c3c3c
const AMPERSANDS = 0x26262626
const BRACKETS = 0x5d5d5d5d
const DOUBLE_QUOTES = 0x22222222
/** `&` and `'` differ in one bit. */
const APOSTROPHES = 0x27272727
/** The first byte of U+FFFE and U+FFFF, which are no characters of XML, and of others that are. */
export const BYTE_EF = 0xef
const BYTES_EF = -0x10101011 // 0xefefefef

/** How far ASCII text goes from `from`: to `<`, `&`, `]`, a control character, a byte beyond ASCII, or nearly to `to`. */
export function asciiText(view: DataView, from: number, to: number): number {
  let at = from
  // Two words at a time: texts are long.
  for (const last = to - 8; at <= last; at += 8) {
    if (((specialInText(view.getInt32(at, true)) | specialInText(view.getInt32(at + 4, true))) & HIGH) !== 0) break
  }
  for (const last = to - 4; at <= last; at += 4) {
    const special = specialInText(view.getInt32(at, true)) & HIGH
    if (special !== 0) return at + firstOf(special)
  }
  return at
}

/** Marks, by its highest bit, the first byte of a word that is special in ASCII text. */
function specialInText(word: number): number {
  return (word - BLANKS) | ((word ^ LESS) - ONES) | ((word ^ AMPERSANDS) - ONES) | ((word ^ BRACKETS) - ONES) | word
}

/** The same in bytes known to be UTF-8, where it also goes over characters beyond ASCII, but for a byte 0xEF. */
export function utf8Text(view: DataView, from: number, to: number): number {
  let at = from
  for (const last = to - 4; at <= last; at += 4) {
    const word = view.getInt32(at, true)
    const ef = word ^ BYTES_EF
    const special =
      ((((word - BLANKS) | ((word ^ LESS) - ONES) | ((word ^ AMPERSANDS) - ONES) | ((word ^ BRACKETS) - ONES)) &
        ~word) |
        ((ef - ONES) & ~ef)) &
      HIGH
    if (special !== 0) return at + firstOf(special)
  }
  return at
}

/** How far an ASCII value goes: to a quote of either kind, `<`, `&`, a control character, a byte beyond ASCII, or nearly to `to`. */
export function asciiValue(view: DataView, from: number, to: number): number {
  let at = from
  for (const last = to - 4; at <= last; at += 4) {
    const word = view.getInt32(at, true)
    const special =
      ((word - BLANKS) |
        ((word ^ LESS) - ONES) |
        (((word | ONES) ^ APOSTROPHES) - ONES) |
        ((word ^ DOUBLE_QUOTES) - ONES) |
        word) &
      HIGH
    if (special !== 0) return at + firstOf(special)
  }
  return at
}

/** Are the bytes from `start` the same as those from `other`, so many? */
export function same(view: DataView, start: number, other: number, length: number): boolean {
  let at = 0
  for (const last = length - 4; at <= last; at += 4) {
    if (view.getInt32(start + at, true) !== view.getInt32(other + at, true)) return false
  }
  for (; at < length; at++) if (view.getUint8(start + at) !== view.getUint8(other + at)) return false
  return true
}

/** Up to four ASCII characters as the word that reading them gives. */
export function wordOf(text: string): number {
  let word = 0
  for (let at = 0; at < text.length; at++) word |= text.charCodeAt(at) << (8 * at)
  return word
}

/** The place in its word of the first byte that is marked by its highest bit. */
function firstOf(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3
}
