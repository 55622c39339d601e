// The usual way through a tag, taken at one go where the bytes are at hand: names of ASCII, one blank before each
// attribute, values that stand for themselves. It is what the automaton would do, with fewer questions.
//
// Rule 1: whatever is not usual is left to the automaton, from the byte on where it begins: the state is set to that which
//         the automaton would be in there. So no byte is looked at twice, and no fault is found here but those of `elements`.
// Rule 2: nothing at or beyond `end` is looked at.

import * as A from './automaton.ts'
import { attributeOf, FROM, ID, TO, TYPE, XMLNS } from './attribute.ts'
import * as B from './bytes.ts'
import { Markup } from './markup.ts'
import { asciiValue, wordOf } from './words.ts'

// Constants of this module, because the engine folds those into the code; imported ones it loads each time.
const { AFTER_VALUE, ATTRIBUTE_NAME, BETWEEN, END_NAME, FOOTER_DUE, GAP, TAG_NAME, TEXT, VALUE } = A
const { APOSTROPHE, BLANK, COLON, EQUALS, GREATER, KIND, NAME, NAME_START, QUOTE, SLASH, VALUE: VALUE_BYTE } = B
const [TO_KIND, FROM_KIND, TYPE_KIND, ID_KIND, XMLNS_KIND] = [TO, FROM, TYPE, ID, XMLNS] as const

const TO_EQUALS = wordOf(' to=')
const ID_EQUALS = wordOf(' id=')
const FRO = wordOf(' fro')
const TYP = wordOf(' typ')
const XML = wordOf(' xml')
const M_EQUALS = wordOf('m=')
const E_EQUALS = wordOf('e=')
const NS_EQUALS = wordOf('ns=')
const THREE_BYTES = 0xffffff
/** More than the longest of the names above, with what stands around it. */
const ROOM = 10

export abstract class Straight extends Markup {
  protected quote = 0
  /** Whether the value being read stands for itself. */
  protected plain = true

  /** Reads a start tag from its name on, which begins with an ASCII letter. */
  protected startTag(from: number, end: number): number {
    const { view } = this
    let at = from + 1
    while (at < end && (KIND[view.getUint8(at)]! & NAME) !== 0) at++
    const stop = at < end ? view.getUint8(at) : COLON
    if (stop === COLON || stop >= 0x80 || at - from > this.limits.nameBytes)
      return this.#unusual(TAG_NAME, at, from, -1)
    this.elements.named(from, at, -1)
    return this.attributes(at, end)
  }

  /** Reads on after the name of the tag or the value of an attribute. */
  protected attributes(from: number, end: number): number {
    const { elements, view, limits } = this
    let at = from
    for (;;) {
      const left = end - at
      if (left > 0) {
        const byte = view.getUint8(at)
        if (byte === GREATER) return this.#opened(false, at + 1)
        if (left > 1 && byte === SLASH && view.getUint8(at + 1) === GREATER) return this.#opened(true, at + 2)
      }
      if (left < ROOM || view.getUint8(at) !== BLANK) {
        this.state = AFTER_VALUE
        return at
      }
      const start = at + 1
      // Where `=` is, if it is one of the names that nearly every stanza has.
      let equals = -1
      let kind = 0
      let colon = -1
      switch (view.getInt32(at, true)) {
        case TO_EQUALS:
          kind = TO_KIND
          equals = at + 3
          break
        case ID_EQUALS:
          kind = ID_KIND
          equals = at + 3
          break
        case FRO:
          kind = FROM_KIND
          if (view.getUint16(at + 4, true) === M_EQUALS) equals = at + 5
          break
        case TYP:
          kind = TYPE_KIND
          if (view.getUint16(at + 4, true) === E_EQUALS) equals = at + 5
          break
        case XML:
          kind = XMLNS_KIND
          if ((view.getInt32(at + 4, true) & THREE_BYTES) === NS_EQUALS) equals = at + 6
          break
        default:
      }
      if (equals < 0) {
        if ((KIND[view.getUint8(start)]! & NAME_START) === 0) {
          this.state = GAP
          return start
        }
        equals = start + 1
        for (; equals < end; equals++) {
          const byte = view.getUint8(equals)
          if ((KIND[byte]! & NAME) !== 0) continue
          if (byte !== COLON || colon >= 0) break
          if (equals + 1 === end || (KIND[view.getUint8(equals + 1)]! & NAME_START) === 0) break
          colon = equals
        }
        const usual = equals + 1 < end && view.getUint8(equals) === EQUALS && equals - start <= limits.nameBytes
        if (!usual) return this.#unusual(ATTRIBUTE_NAME, equals, start, colon)
        kind = attributeOf(view, start, equals, colon)
      }
      const quote = view.getUint8(equals + 1)
      if (quote !== APOSTROPHE && quote !== QUOTE) return this.#unusual(ATTRIBUTE_NAME, equals, start, colon)
      const fault = elements.attribute(kind, start, equals, colon)
      if (fault !== undefined) return this.fail(fault, equals)
      const value = equals + 2
      at = asciiValue(view, value, end)
      while (at < end && (KIND[view.getUint8(at)]! & VALUE_BYTE) !== 0) at++
      if (at === end || view.getUint8(at) !== quote) {
        this.quote = quote
        this.plain = true
        return this.#unusual(VALUE, at, value, -1)
      }
      const wrong = elements.value(value, at, true)
      at++
      if (wrong !== undefined) return this.fail(wrong, at)
    }
  }

  /** Reads an end tag from its name on. */
  protected endTag(from: number, end: number): number {
    const { elements, view } = this
    if (elements.depth > 1) {
      const stop = from + elements.openNameLength
      if (stop < end && view.getUint8(stop) === GREATER && elements.isOpenName(from)) {
        this.state = this.closed()
        return stop + 1
      }
    }
    return this.#unusual(END_NAME, from, from, -1)
  }

  /** A start tag is complete; says the next state. */
  protected opened(empty: boolean): number {
    const { elements } = this
    const fault = elements.open()
    if (fault !== undefined) {
      this.fail(fault, 0)
      return TEXT
    }
    if (elements.depth === 1) return this.found('header', empty ? FOOTER_DUE : BETWEEN)
    return empty ? this.closed() : TEXT
  }

  /** An element is complete; says the next state. */
  protected closed(): number {
    const { elements } = this
    if (elements.depth === 1) return this.found('footer', FOOTER_DUE)
    elements.close()
    if (elements.depth > 1) return TEXT
    return this.found('frame', BETWEEN)
  }

  #opened(empty: boolean, at: number): number {
    this.state = this.opened(empty)
    return at
  }

  /** Leaves the rest to the automaton, which is in this state at `at`, within what began at `mark`. */
  #unusual(state: number, at: number, mark: number, colon: number): number {
    this.state = state
    this.mark = mark
    this.colon = colon
    return at
  }
}
