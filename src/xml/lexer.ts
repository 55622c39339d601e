// The automaton that goes over the bytes of a stream once and finds its tags. It can stop after any byte.
// XML 1.0 (fifth edition) and Namespaces in XML 1.0, without what RFC 6120 §11.1 forbids.
//
// Rule 1: every byte is looked at once, whatever the chunks; runs of harmless bytes are skipped four at a time. That text
//         beyond ASCII is UTF-8 is asked for all that is at hand at once, and only where that fails byte by byte.
// Rule 2: the bytes from `start` on stay in one piece while something is open, so that marks into them stay good;
//         whoever moves them calls `rebase`.
// Rule 3: the first fault ends the run; nothing is repaired.
// Rule 4: the usual way through a tag is taken at one go (`straight.ts`), and the usual run of text four bytes at a time;
//         what they skip are states that would have come to the same.

import * as A from './automaton.ts'
import * as B from './bytes.ts'
import { attributeOf } from './attribute.ts'
import { type Fault, FAULTS } from './faults.ts'
import { isQualifiedName } from './names.ts'
import { Straight } from './straight.ts'
import { DONE, NOT_UTF8, NOT_XML, STEP } from './utf8.ts'
import { asciiText, BYTE_EF, utf8Text } from './words.ts'

// Constants of this module, because the engine folds those into the code; imported ones it loads each time.
const {
  stray,
  AFTER_ATTRIBUTE,
  AFTER_BANG,
  AFTER_LESS,
  AFTER_VALUE,
  ATTRIBUTE_NAME,
  BEFORE_VALUE,
  BETWEEN,
  DECLARATION,
  EMPTY,
  END_GAP,
  END_NAME,
  FOOTER_DUE,
  GAP,
  MULTIBYTE,
  REFERENCE,
  TAG_NAME,
  TEXT,
  TEXT_BRACKET,
  VALUE,
} = A
const {
  AMPERSAND,
  APOSTROPHE,
  BANG,
  BLANK,
  BRACKET_CLOSE,
  COLON,
  EQUALS,
  GREATER,
  LESS,
  NAME: NAME_BYTE,
  NAME_START,
  QUESTION,
  QUOTE,
  SLASH,
  SPACE,
  TEXT: TEXT_BYTE,
  VALUE: VALUE_BYTE,
  KIND,
} = B

export class Lexer extends Straight {
  /** Reads the bytes from `from` up to `to` or the first event; says how far it came, and `outcome` why it stopped. */
  run(from: number, to: number): number {
    const { bytes, elements, view } = this
    let at = from
    let end = this.endWithin(to)
    let { state } = this
    this.outcome = 'more'
    if (state === FOOTER_DUE) {
      this.found('footer', state)
      return at
    }
    while (at < end) {
      const byte = bytes[at]!
      switch (state) {
        case TEXT: {
          const known = this.utf8Until
          at = at < known ? utf8Text(view, at, known < end ? known : end) : asciiText(view, at, end)
          if (at === end) break
          const stop = bytes[at]!
          if (stop >= 0x80) {
            if (at >= known && this.learn(at, end)) break
            if (at < known && stop !== BYTE_EF) {
              at++
              break
            }
            this.back = TEXT
            state = MULTIBYTE
            break
          }
          at++
          if ((KIND[stop]! & TEXT_BYTE) !== 0) break
          if (stop === LESS) state = AFTER_LESS
          else if (stop === AMPERSAND) {
            this.back = TEXT
            this.reference = at
            state = REFERENCE
          } else if (stop === BRACKET_CLOSE) state = TEXT_BRACKET
          else return this.fail(FAULTS.illegalCharacter, at)
          break
        }

        case AFTER_LESS:
          if ((KIND[byte]! & NAME_START) !== 0 && !this.trailing) {
            at = this.startTag(at, end)
            if (this.stopped) return at
            state = this.state
          } else if ((KIND[byte]! & NAME_START) !== 0 || byte >= 0x80) {
            this.mark = at
            this.colon = -1
            state = TAG_NAME
          } else if (byte === SLASH) {
            if (elements.depth === 0) return this.fail(FAULTS.rootClosedEarly, at)
            at = this.endTag(at + 1, end)
            if (this.stopped) return at
            state = this.state
          } else if (byte === BANG) {
            at++
            state = AFTER_BANG
          } else if (byte === QUESTION) {
            if (this.trailing && elements.depth === 1) {
              this.begin()
              end = this.endWithin(to)
            }
            if (elements.depth > 0 || !this.mayDeclare) return this.fail(FAULTS.processingInstruction, at)
            at++
            state = DECLARATION
          } else {
            return this.fail(stray(byte, FAULTS.tagStart), at)
          }
          break

        case TAG_NAME:
        case ATTRIBUTE_NAME: {
          while ((KIND[bytes[at]!]! & NAME_BYTE) !== 0 && ++at < end);
          if (at === end) break
          const stop = bytes[at]!
          if (stop >= 0x80) {
            this.back = state
            state = MULTIBYTE
            break
          }
          const { colon } = this
          if (stop === COLON) {
            if (colon >= 0) return this.fail(FAULTS.qualifiedName, at)
            this.colon = at++
            break
          }
          const plain = colon < 0 && bytes[this.mark]! < 0x80 && at - this.mark <= this.limits.nameBytes
          if (!plain && !this.#isName(at)) return at
          if (state === TAG_NAME) {
            if (this.trailing && elements.depth === 1 && this.#isRoot(at)) {
              this.begin()
              end = this.endWithin(to)
            }
            elements.named(this.mark, at, colon)
            state = AFTER_VALUE
            break
          }
          const fault = elements.attribute(attributeOf(view, this.mark, at, colon), this.mark, at, colon)
          if (fault !== undefined) return this.fail(fault, at)
          state = AFTER_ATTRIBUTE
          if (stop !== EQUALS) break
          state = BEFORE_VALUE
          if (++at < end && (bytes[at] === APOSTROPHE || bytes[at] === QUOTE)) state = this.#beginValue(at++)
          break
        }

        case VALUE: {
          while ((KIND[bytes[at]!]! & VALUE_BYTE) !== 0 && ++at < end);
          if (at === end) break
          const stop = bytes[at]!
          if (stop >= 0x80) {
            this.back = VALUE
            state = MULTIBYTE
            break
          }
          at++
          if (stop === this.quote) {
            const fault = elements.value(this.mark, at - 1, this.plain)
            if (fault !== undefined) return this.fail(fault, at)
            state = AFTER_VALUE
          } else if (stop === AMPERSAND) {
            this.plain = false
            this.back = VALUE
            this.reference = at
            state = REFERENCE
          } else if ((KIND[stop]! & SPACE) !== 0) {
            this.plain = false
          } else if (stop === LESS) {
            return this.fail(FAULTS.attributeLess, at)
          } else if (stop !== APOSTROPHE && stop !== QUOTE) {
            return this.fail(FAULTS.illegalCharacter, at)
          }
          break
        }

        case AFTER_VALUE:
        case GAP:
          if (byte === BLANK && state === AFTER_VALUE) {
            const before = at
            at = this.attributes(at, end)
            if (this.stopped) return at
            state = this.state
            if (at > before) break
          }
          if (byte === GREATER) {
            state = this.opened(false)
            at++
            if (this.stopped) return at
          } else if (byte === SLASH) {
            at++
            state = EMPTY
          } else if ((KIND[byte]! & SPACE) !== 0) {
            at++
            state = GAP
          } else if (state === GAP && ((KIND[byte]! & NAME_START) !== 0 || byte >= 0x80)) {
            this.mark = at
            this.colon = -1
            state = ATTRIBUTE_NAME
          } else {
            return this.fail(stray(byte, state === GAP ? FAULTS.attributeStart : FAULTS.attributeSpace), at)
          }
          break

        case EMPTY:
          if (byte !== GREATER) return this.fail(stray(byte, FAULTS.tagEnd), at)
          state = this.opened(true)
          at++
          if (this.stopped) return at
          break

        case END_NAME: {
          at = this.#matchEndName(at, end)
          if (at === end) break
          if (this.stopped) return at
          state = END_GAP
          break
        }

        case END_GAP:
          at++
          if (byte === GREATER) {
            state = this.closed()
            if (this.stopped) return at
          } else if ((KIND[byte]! & SPACE) === 0) {
            return this.fail(stray(byte, FAULTS.endTag), at)
          }
          break

        case BETWEEN:
          if (byte === LESS) {
            this.start = at
            if (end - at > this.limits.stanzaBytes) end = at + this.limits.stanzaBytes
            state = AFTER_LESS
          } else if ((KIND[byte]! & SPACE) !== 0) {
            this.whitespace++
          } else {
            return this.fail(stray(byte, FAULTS.textBetween), at)
          }
          at++
          break

        case AFTER_ATTRIBUTE:
          if (byte === EQUALS) state = BEFORE_VALUE
          else if ((KIND[byte]! & SPACE) === 0) return this.fail(stray(byte, FAULTS.attributeEquals), at)
          at++
          break

        case BEFORE_VALUE:
          if (byte === APOSTROPHE || byte === QUOTE) state = this.#beginValue(at)
          else if ((KIND[byte]! & SPACE) === 0) return this.fail(stray(byte, FAULTS.attributeQuote), at)
          at++
          break

        default:
          this.state = state
          at = this.readMarkup(at, end)
          if (this.stopped) return at
          state = this.state
          end = this.endWithin(to)
      }
    }
    this.state = state
    if (this.start >= 0 && at - this.start >= this.allowed) {
      return this.fail(elements.depth === 0 ? FAULTS.headerBytes : FAULTS.stanzaBytes, at)
    }
    return at
  }

  /** Whether the bytes from the mark to `at` are a name within the limit. */
  #isName(at: number): boolean {
    const { bytes, mark, colon } = this
    if (at - mark > this.limits.nameBytes) this.fail(FAULTS.nameBytes, at)
    else if ((colon >= 0 || bytes[mark]! >= 0x80) && !isQualifiedName(bytes, mark, at, colon)) {
      this.fail(colon >= 0 ? FAULTS.qualifiedName : FAULTS.name, at)
    }
    return !this.stopped
  }

  /** Whether the name from the mark to `at` is that of a stream's root, whatever its prefix. */
  #isRoot(at: number): boolean {
    return this.bytes.toString('latin1', this.colon < 0 ? this.mark : this.colon + 1, at) === 'stream'
  }

  #beginValue(at: number): number {
    this.quote = this.bytes[at]!
    this.mark = at + 1
    this.plain = true
    return VALUE
  }

  /** Compares the name of an end tag with that of its start tag, as far as there are bytes; says how far it came. */
  #matchEndName(from: number, end: number): number {
    const { bytes, elements, mark } = this
    const inner = elements.depth > 1
    const stop = mark + (inner ? elements.openNameLength : elements.rootName.length)
    let at = from
    while (at < stop && at < end) {
      const place = at - mark
      if (bytes[at] !== (inner ? elements.openNameByte(place) : elements.rootName[place])) break
      at++
    }
    return at < stop && at < end ? this.fail(this.#mismatch(bytes, at), at) : at
  }

  /** What is wrong with the byte at `at`, which is not that of the name: it may not even be one of a character. */
  #mismatch(bytes: Buffer, at: number): Fault {
    let start = at
    while (start > this.mark && (bytes[start - 1]! & 0xc0) === 0x80) start--
    if (start > this.mark && bytes[start - 1]! >= 0xc0) start--
    let state = DONE
    while (start <= at) state = STEP[(state << 8) | bytes[start++]!]!
    if (state === NOT_UTF8) return FAULTS.encoding
    return state === NOT_XML
      ? FAULTS.illegalCharacter
      : bytes[at]! < 0x80
        ? stray(bytes[at]!, FAULTS.endTag)
        : FAULTS.endTag
  }
}
