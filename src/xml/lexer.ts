// The automaton that goes over the bytes of a stream once and finds its tags. It can stop after any byte.
//
// Rule 1: every byte is looked at once, whatever the chunks; runs of harmless bytes are skipped by a table.
// Rule 2: the bytes from `start` on stay in one piece while something is open, so that marks into them stay good;
//         whoever moves them calls `rebase`.
// Rule 3: the first fault ends the run; nothing is repaired.
// XML 1.0 (fifth edition) and Namespaces in XML 1.0, without what RFC 6120 §11.1 forbids.

import * as B from './bytes.ts'
import { checkDeclaration } from './declaration.ts'
import { Elements } from './elements.ts'
import { type Fault, FAULTS } from './faults.ts'
import type { ScanLimits } from './limits.ts'
import { isNameCharacter, isQualifiedName } from './names.ts'
import { checkReference } from './references.ts'
import { codePointBefore, DONE, NOT_UTF8, NOT_XML, STEP } from './utf8.ts'

export type Outcome = 'more' | 'header' | 'frame' | 'footer' | 'fault'

// What the next byte is read as.
const TEXT = 0
const AFTER_LESS = 1
const TAG_NAME = 2
const AFTER_VALUE = 3
const GAP = 4
const ATTRIBUTE_NAME = 5
const AFTER_ATTRIBUTE = 6
const BEFORE_VALUE = 7
const VALUE = 8
const EMPTY = 9
const END_NAME = 10
const END_GAP = 11
const BETWEEN = 12
const MULTIBYTE = 13
const REFERENCE = 14
const TEXT_BRACKET = 15
const TEXT_BRACKETS = 16
const AFTER_BANG = 17
const AFTER_BANG_DASH = 18
const CDATA_OPEN = 19
const CDATA = 20
const CDATA_BRACKET = 21
const CDATA_BRACKETS = 22
const PROLOG = 23
const DECLARATION = 24
const FOOTER_DUE = 25

const CDATA_WORD = Buffer.from('CDATA[')
const XML_WORD = Buffer.from('<?xml')

export class Lexer {
  outcome: Outcome = 'more'
  fault: Fault = FAULTS.markup
  /** Where what is open (element, header, declaration, footer) begins in the bytes; -1: nothing is. */
  start = -1
  /** White space skipped between first-level elements. */
  whitespace = 0
  readonly elements: Elements
  #limits: ScanLimits
  #state = PROLOG
  /** The state to return to after a character of several bytes or a reference. */
  #return = TEXT
  /** Where the name, value or word being read begins. */
  #mark = 0
  #colon = -1
  #reference = 0
  #quote = 0
  /** Whether the value being read stands for itself. */
  #plain = true
  #utf8 = DONE
  #mayDeclare = true
  #restarted = false

  constructor(limits: ScanLimits) {
    this.#limits = limits
    this.elements = new Elements(limits)
  }

  set limits(limits: ScanLimits) {
    this.#limits = limits
    this.elements.limits = limits
    this.elements.total = 0
  }

  /** A new header is due. RFC 6120 §4.3.3. */
  restart(): void {
    this.#state = PROLOG
    this.#mayDeclare = true
    this.#restarted = true
    this.start = -1
    this.elements.reset()
  }

  /** The bytes have moved towards the front by `by`. */
  rebase(by: number): void {
    this.start -= by
    this.#mark -= by
    this.#reference -= by
    if (this.#colon >= 0) this.#colon -= by
    this.elements.rebase(by)
  }

  /** Reads `bytes` from `from` up to `to` or the first event; says how far it came, and `outcome` why it stopped. */
  run(bytes: Buffer, from: number, to: number): number {
    const { elements } = this
    let at = from
    let end = this.start < 0 ? to : Math.min(to, this.start + this.#limit())
    let state = this.#state
    let fault: Fault | undefined
    this.outcome = 'more'
    if (state === FOOTER_DUE) {
      this.outcome = 'footer'
      return at
    }
    while (at < end) {
      const byte = bytes[at]!
      switch (state) {
        case TEXT:
          while ((B.KIND[bytes[at]!]! & B.TEXT) !== 0 && ++at < end);
          if (at === end) break
          {
            const stop = bytes[at]!
            if (stop === B.LESS) {
              state = AFTER_LESS
            } else if (stop >= 0x80) {
              this.#return = TEXT
              state = MULTIBYTE
              break
            } else if (stop === B.AMPERSAND) {
              this.#return = TEXT
              this.#reference = at + 1
              state = REFERENCE
            } else if (stop === B.BRACKET_CLOSE) {
              state = TEXT_BRACKET
            } else {
              return this.#fail(FAULTS.illegalCharacter, at)
            }
          }
          at++
          break

        case AFTER_LESS:
          if ((B.KIND[byte]! & B.NAME_START) !== 0 || byte >= 0x80) {
            this.#mark = at
            this.#colon = -1
            state = TAG_NAME
            break
          }
          if (byte === B.SLASH) {
            if (elements.depth === 0) return this.#fail(FAULTS.rootClosedEarly, at)
            this.#mark = at + 1
            state = END_NAME
          } else if (byte === B.BANG) {
            state = AFTER_BANG
          } else if (byte === B.QUESTION) {
            if (elements.depth > 0 || !this.#mayDeclare) return this.#fail(FAULTS.processingInstruction, at)
            state = DECLARATION
          } else {
            return this.#fail(stray(byte, FAULTS.tagStart), at)
          }
          at++
          break

        case TAG_NAME:
        case ATTRIBUTE_NAME: {
          while ((B.KIND[bytes[at]!]! & B.NAME) !== 0 && ++at < end);
          if (at === end) break
          const stop = bytes[at]!
          if (stop >= 0x80) {
            this.#return = state
            state = MULTIBYTE
            break
          }
          if (stop === B.COLON) {
            if (this.#colon >= 0) return this.#fail(FAULTS.qualifiedName, at)
            this.#colon = at++
            break
          }
          const mark = this.#mark
          const colon = this.#colon
          if (at - mark > this.#limits.nameBytes) return this.#fail(FAULTS.nameBytes, at)
          if ((colon >= 0 || bytes[mark]! >= 0x80) && !isQualifiedName(bytes, mark, at, colon)) {
            return this.#fail(colon >= 0 ? FAULTS.qualifiedName : FAULTS.name, at)
          }
          if (state === TAG_NAME) {
            elements.named(mark, at, colon)
            state = AFTER_VALUE
          } else {
            fault = elements.attribute(bytes, mark, at, colon)
            if (fault !== undefined) return this.#fail(fault, at)
            state = AFTER_ATTRIBUTE
          }
          break
        }

        case AFTER_VALUE:
          if (byte === B.GREATER || byte === B.SLASH) {
            state = GAP
            break
          }
          if ((B.KIND[byte]! & B.SPACE) === 0) return this.#fail(stray(byte, FAULTS.attributeSpace), at)
          at++
          state = GAP
          break

        case GAP:
          if ((B.KIND[byte]! & B.NAME_START) !== 0 || byte >= 0x80) {
            this.#mark = at
            this.#colon = -1
            state = ATTRIBUTE_NAME
            break
          }
          at++
          if (byte === B.GREATER) {
            fault = elements.open(bytes)
            if (fault !== undefined) return this.#fail(fault, at)
            if (elements.depth === 1) return this.#found('header', BETWEEN, at)
            state = TEXT
          } else if (byte === B.SLASH) {
            state = EMPTY
          } else if ((B.KIND[byte]! & B.SPACE) === 0) {
            return this.#fail(stray(byte, FAULTS.attributeStart), at)
          }
          break

        case AFTER_ATTRIBUTE:
          if (byte === B.EQUALS) state = BEFORE_VALUE
          else if ((B.KIND[byte]! & B.SPACE) === 0) return this.#fail(stray(byte, FAULTS.attributeEquals), at)
          at++
          break

        case BEFORE_VALUE:
          at++
          if (byte === B.APOSTROPHE || byte === B.QUOTE) {
            this.#quote = byte
            this.#mark = at
            this.#plain = true
            state = VALUE
          } else if ((B.KIND[byte]! & B.SPACE) === 0) {
            return this.#fail(stray(byte, FAULTS.attributeQuote), at)
          }
          break

        case VALUE: {
          while ((B.KIND[bytes[at]!]! & B.VALUE) !== 0 && ++at < end);
          if (at === end) break
          const stop = bytes[at]!
          if (stop === this.#quote) {
            fault = elements.value(bytes, this.#mark, at, this.#plain)
            if (fault !== undefined) return this.#fail(fault, at)
            state = AFTER_VALUE
          } else if (stop >= 0x80) {
            this.#return = VALUE
            state = MULTIBYTE
            break
          } else if (stop === B.AMPERSAND) {
            this.#plain = false
            this.#return = VALUE
            this.#reference = at + 1
            state = REFERENCE
          } else if ((B.KIND[stop]! & B.SPACE) !== 0) {
            this.#plain = false
          } else if (stop === B.LESS) {
            return this.#fail(FAULTS.attributeLess, at)
          } else if (stop !== B.APOSTROPHE && stop !== B.QUOTE) {
            return this.#fail(FAULTS.illegalCharacter, at)
          }
          at++
          break
        }

        case EMPTY:
          if (byte !== B.GREATER) return this.#fail(stray(byte, FAULTS.tagEnd), at)
          at++
          fault = elements.open(bytes)
          if (fault !== undefined) return this.#fail(fault, at)
          if (elements.depth === 1) return this.#found('header', FOOTER_DUE, at)
          elements.close()
          if (elements.depth === 1) return this.#found('frame', BETWEEN, at)
          state = TEXT
          break

        case END_NAME: {
          const root = elements.depth === 1
          const name = root ? elements.rootName : bytes
          const nameAt = root ? 0 : elements.openNameStart
          const length = root ? name.length : elements.openNameLength
          let matched = at - this.#mark
          while (matched < length && at < end && bytes[at] === name[nameAt + matched]) {
            matched++
            at++
          }
          if (at === end) break
          if (matched < length) return this.#fail(FAULTS.endTag, at)
          state = END_GAP
          break
        }

        case END_GAP:
          at++
          if (byte === B.GREATER) {
            if (elements.depth === 1) return this.#found('footer', FOOTER_DUE, at)
            elements.close()
            if (elements.depth === 1) return this.#found('frame', BETWEEN, at)
            state = TEXT
          } else if ((B.KIND[byte]! & B.SPACE) === 0) {
            return this.#fail(FAULTS.endTag, at)
          }
          break

        case BETWEEN:
          if (byte === B.LESS) {
            this.start = at
            end = Math.min(end, at + this.#limits.stanzaBytes)
            state = AFTER_LESS
          } else if ((B.KIND[byte]! & B.SPACE) !== 0) {
            this.whitespace++
          } else {
            return this.#fail(stray(byte, FAULTS.textBetween), at)
          }
          at++
          break

        case MULTIBYTE: {
          const step = STEP[(this.#utf8 << 8) | byte]!
          if (step === NOT_UTF8) return this.#fail(FAULTS.encoding, at)
          if (step === NOT_XML) return this.#fail(FAULTS.illegalCharacter, at)
          this.#utf8 = step
          at++
          if (step !== DONE) break
          state = this.#return
          if ((state === TAG_NAME || state === ATTRIBUTE_NAME) && !isNameCharacter(codePointBefore(bytes, at))) {
            return this.#fail(FAULTS.name, at)
          }
          break
        }

        case REFERENCE:
          while (((B.KIND[bytes[at]!]! & B.NAME) !== 0 || bytes[at] === B.HASH) && ++at < end);
          if (at === end) break
          if (bytes[at] !== B.SEMICOLON) return this.#fail(stray(bytes[at]!, FAULTS.reference), at)
          fault = checkReference(bytes, this.#reference, at)
          if (fault !== undefined) return this.#fail(fault, at)
          at++
          state = this.#return
          break

        case TEXT_BRACKET:
          state = byte === B.BRACKET_CLOSE ? TEXT_BRACKETS : TEXT
          if (state === TEXT_BRACKETS) at++
          break

        case TEXT_BRACKETS:
          if (byte === B.GREATER) return this.#fail(FAULTS.cdataClose, at)
          if (byte === B.BRACKET_CLOSE) at++
          else state = TEXT
          break

        case AFTER_BANG:
          if (byte === B.DASH) state = AFTER_BANG_DASH
          else if (byte === B.BRACKET) state = CDATA_OPEN
          else if ((B.KIND[byte]! & B.NAME_START) !== 0) return this.#fail(FAULTS.dtd, at)
          else return this.#fail(stray(byte, FAULTS.markup), at)
          this.#mark = ++at
          break

        case AFTER_BANG_DASH:
          return this.#fail(byte === B.DASH ? FAULTS.comment : stray(byte, FAULTS.markup), at)

        case CDATA_OPEN:
          if (byte !== CDATA_WORD[at - this.#mark]) return this.#fail(stray(byte, FAULTS.markup), at)
          at++
          if (at - this.#mark < CDATA_WORD.length) break
          if (elements.depth === 0) return this.#fail(FAULTS.cdataBeforeHeader, at)
          if (elements.depth === 1) return this.#fail(FAULTS.textBetween, at)
          state = CDATA
          break

        case CDATA: {
          while ((B.KIND[bytes[at]!]! & B.CDATA) !== 0 && ++at < end);
          if (at === end) break
          const stop = bytes[at]!
          if (stop >= 0x80) {
            this.#return = CDATA
            state = MULTIBYTE
            break
          }
          if (stop !== B.BRACKET_CLOSE) return this.#fail(FAULTS.illegalCharacter, at)
          at++
          state = CDATA_BRACKET
          break
        }

        case CDATA_BRACKET:
          state = byte === B.BRACKET_CLOSE ? CDATA_BRACKETS : CDATA
          if (state === CDATA_BRACKETS) at++
          break

        case CDATA_BRACKETS:
          if (byte === B.BRACKET_CLOSE) at++
          else if (byte === B.GREATER) {
            at++
            state = TEXT
          } else state = CDATA
          break

        case PROLOG:
          if (byte === B.LESS) {
            this.start = at
            end = Math.min(end, at + this.#limits.headerBytes)
            state = AFTER_LESS
          } else if ((B.KIND[byte]! & B.SPACE) === 0) {
            return this.#fail(stray(byte, FAULTS.textBeforeHeader), at)
          } else if (!this.#restarted) {
            // After a restart it may still belong to the stream before. XML 1.0 §2.8 has nothing before a declaration.
            this.#mayDeclare = false
          }
          at++
          break

        default: {
          // DECLARATION
          const place = at - this.start
          if (
            place < XML_WORD.length
              ? byte !== XML_WORD[place]
              : place === XML_WORD.length && (B.KIND[byte]! & B.SPACE) === 0
          ) {
            return this.#fail(stray(byte, FAULTS.processingInstruction), at)
          }
          if (byte >= 0x80 || byte === B.LESS || (B.KIND[byte]! & B.CDATA) === 0) {
            return this.#fail(stray(byte, FAULTS.declaration), at)
          }
          at++
          if (byte !== B.GREATER || bytes[at - 2] !== B.QUESTION) break
          fault = checkDeclaration(bytes, this.start, at)
          if (fault !== undefined) return this.#fail(fault, at)
          this.#mayDeclare = false
          this.#restarted = false
          this.start = -1
          end = to
          state = PROLOG
        }
      }
    }
    this.#state = state
    if (this.start >= 0 && at - this.start >= this.#limit()) {
      return this.#fail(elements.depth === 0 ? FAULTS.headerBytes : FAULTS.stanzaBytes, at)
    }
    return at
  }

  #limit(): number {
    return this.elements.depth === 0 ? this.#limits.headerBytes : this.#limits.stanzaBytes
  }

  #found(outcome: Outcome, state: number, at: number): number {
    this.outcome = outcome
    this.#state = state
    return at
  }

  #fail(fault: Fault, at: number): number {
    this.outcome = 'fault'
    this.fault = fault
    return at
  }
}

/** What is wrong with a byte that cannot stand where it does: the byte itself, or only its place. */
function stray(byte: number, otherwise: Fault): Fault {
  if (byte >= 0x80) return STEP[byte] === NOT_UTF8 ? FAULTS.encoding : otherwise
  return (B.KIND[byte]! & B.CDATA) !== 0 || byte === B.BRACKET_CLOSE ? otherwise : FAULTS.illegalCharacter
}
