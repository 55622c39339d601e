// What a byte may be, as a table of flags: one load and one mask decide how far a run of bytes goes.
// Bytes of 0x80 and above have no flag; they go through `utf8.ts`.

export const NAME_START = 1
export const NAME = 2
export const SPACE = 4
/** Stands for itself in text: neither `<`, `&`, `]` nor forbidden. */
export const TEXT = 8
/** Stands for itself in an attribute value: neither a quote, `<`, `&`, white space to normalise, nor forbidden. */
export const VALUE = 16
/** Stands for itself in a CDATA section: neither `]` nor forbidden. */
export const CDATA = 32

/** Flags of each byte. XML 1.0 §2.2, §2.3; a colon is no part of these names (Namespaces in XML 1.0 §4). */
export const KIND: Uint8Array = table()

export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const BLANK = 0x20
export const BANG = 0x21
export const QUOTE = 0x22
export const HASH = 0x23
export const AMPERSAND = 0x26
export const APOSTROPHE = 0x27
export const DASH = 0x2d
export const SLASH = 0x2f
export const COLON = 0x3a
export const SEMICOLON = 0x3b
export const LESS = 0x3c
export const EQUALS = 0x3d
export const GREATER = 0x3e
export const QUESTION = 0x3f
export const BRACKET = 0x5b
export const BRACKET_CLOSE = 0x5d

function table(): Uint8Array {
  const kinds = new Uint8Array(256)
  const add = (characters: string, flags: number): void => {
    for (const character of characters) kinds[character.charCodeAt(0)]! |= flags
  }
  for (let byte = 0x20; byte < 0x80; byte++) kinds[byte] = TEXT | VALUE | CDATA
  add('\t\n\r', TEXT | CDATA | SPACE)
  add(' ', SPACE)
  add('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_', NAME | NAME_START)
  add('0123456789-.', NAME)
  for (const [flag, characters] of [
    [TEXT, '<&]'],
    [VALUE, '<&"\''],
    [CDATA, ']'],
  ] as const) {
    for (const character of characters) kinds[character.charCodeAt(0)]! &= ~flag
  }
  return kinds
}
