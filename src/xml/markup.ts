// The rarer part of the automaton: what comes before the header, characters of several bytes, references, CDATA
// sections, and the markup that RFC 6120 §11.1 forbids.

import * as A from './automaton.ts'
import * as B from './bytes.ts'
import { checkDeclaration } from './declaration.ts'
import { FAULTS } from './faults.ts'
import { isNameCharacter } from './names.ts'
import { checkReference } from './references.ts'
import { codePointBefore, DONE, NOT_UTF8, NOT_XML, STEP } from './utf8.ts'

const CDATA_WORD = Buffer.from('CDATA[')
const XML_WORD = Buffer.from('<?xml')
const { stray } = A

export abstract class Markup extends A.Automaton {
  /** Reads on in `this.state`, at least one byte or to another state; says how far it came. */
  protected readMarkup(at: number, end: number): number {
    const { bytes } = this
    const byte = bytes[at]!
    switch (this.state) {
      case A.MULTIBYTE:
        return this.#multibyte(at, end)

      case A.REFERENCE: {
        let next = at
        while (next < end && ((B.KIND[bytes[next]!]! & B.NAME) !== 0 || bytes[next] === B.HASH)) next++
        if (next === end) return next
        if (bytes[next] !== B.SEMICOLON) return this.fail(stray(bytes[next]!, FAULTS.reference), next)
        const fault = checkReference(bytes, this.reference, next)
        if (fault !== undefined) return this.fail(fault, next)
        this.state = this.back
        return next + 1
      }

      case A.TEXT_BRACKET:
        this.state = byte === B.BRACKET_CLOSE ? A.TEXT_BRACKETS : A.TEXT
        return byte === B.BRACKET_CLOSE ? at + 1 : at

      case A.TEXT_BRACKETS:
        if (byte === B.GREATER) return this.fail(FAULTS.cdataClose, at)
        if (byte === B.BRACKET_CLOSE) return at + 1
        this.state = A.TEXT
        return at

      case A.AFTER_BANG:
        if (byte === B.DASH) this.state = A.AFTER_BANG_DASH
        else if (byte === B.BRACKET) this.state = A.CDATA_OPEN
        else if ((B.KIND[byte]! & B.NAME_START) !== 0) return this.fail(FAULTS.dtd, at)
        else return this.fail(stray(byte, FAULTS.markup), at)
        this.mark = at + 1
        return at + 1

      case A.AFTER_BANG_DASH:
        return this.fail(byte === B.DASH ? FAULTS.comment : stray(byte, FAULTS.markup), at)

      case A.CDATA_OPEN:
        if (byte !== CDATA_WORD[at - this.mark]) return this.fail(stray(byte, FAULTS.markup), at)
        if (at + 1 - this.mark < CDATA_WORD.length) return at + 1
        if (this.elements.depth === 0) return this.fail(FAULTS.cdataBeforeHeader, at)
        if (this.elements.depth === 1) return this.fail(FAULTS.textBetween, at)
        this.state = A.CDATA_TEXT
        return at + 1

      case A.CDATA_TEXT: {
        let next = at
        while (next < end && (B.KIND[bytes[next]!]! & B.CDATA) !== 0) next++
        if (next === end) return next
        if (bytes[next]! >= 0x80) {
          this.back = A.CDATA_TEXT
          this.state = A.MULTIBYTE
          return next
        }
        if (bytes[next] !== B.BRACKET_CLOSE) return this.fail(FAULTS.illegalCharacter, next)
        this.state = A.CDATA_BRACKET
        return next + 1
      }

      case A.CDATA_BRACKET:
        this.state = byte === B.BRACKET_CLOSE ? A.CDATA_BRACKETS : A.CDATA_TEXT
        return byte === B.BRACKET_CLOSE ? at + 1 : at

      case A.CDATA_BRACKETS:
        if (byte === B.BRACKET_CLOSE) return at + 1
        this.state = byte === B.GREATER ? A.TEXT : A.CDATA_TEXT
        return byte === B.GREATER ? at + 1 : at

      case A.DECLARATION:
        return this.#declaration(at)

      default:
        return this.#prolog(byte, at)
    }
  }

  /** Characters beyond ASCII, within text, a value or a name: as many as follow each other and are not known to be good. */
  #multibyte(from: number, end: number): number {
    const { back, bytes } = this
    const known = back === A.TEXT ? this.utf8Until : 0
    const inName = back === A.TAG_NAME || back === A.ATTRIBUTE_NAME
    let { utf8 } = this
    let at = from
    while (at < end) {
      const byte = bytes[at]!
      if (utf8 === DONE && (byte < 0x80 || (at > from && at < known))) break
      utf8 = STEP[(utf8 << 8) | byte]!
      if (utf8 === NOT_UTF8) return this.fail(FAULTS.encoding, at)
      if (utf8 === NOT_XML) return this.fail(FAULTS.illegalCharacter, at)
      at++
      if (inName && utf8 === DONE && !isNameCharacter(codePointBefore(bytes, at))) return this.fail(FAULTS.name, at)
    }
    this.utf8 = utf8
    if (utf8 === DONE) this.state = back
    return at
  }

  #prolog(byte: number, at: number): number {
    if (byte === B.LESS) {
      this.start = at
      this.state = A.AFTER_LESS
    } else if ((B.KIND[byte]! & B.SPACE) === 0) {
      return this.fail(stray(byte, FAULTS.textBeforeHeader), at)
    } else if (!this.restarted) {
      // After a restart it may still belong to the stream before. XML 1.0 §2.8 has nothing before a declaration.
      this.mayDeclare = false
    }
    return at + 1
  }

  #declaration(at: number): number {
    const { bytes } = this
    const byte = bytes[at]!
    const place = at - this.start
    const fits = place < XML_WORD.length ? byte === XML_WORD[place] : (B.KIND[byte]! & B.SPACE) !== 0
    if (place <= XML_WORD.length && !fits) return this.fail(stray(byte, FAULTS.processingInstruction), at)
    if (byte >= 0x80 || byte === B.LESS || (B.KIND[byte]! & B.CDATA) === 0) {
      return this.fail(stray(byte, FAULTS.declaration), at)
    }
    if (byte !== B.GREATER || bytes[at - 1] !== B.QUESTION) return at + 1
    const fault = checkDeclaration(bytes, this.start, at + 1)
    if (fault !== undefined) return this.fail(fault, at)
    this.mayDeclare = false
    this.restarted = false
    this.start = -1
    this.state = A.PROLOG
    return at + 1
  }
}
