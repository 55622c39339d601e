// The registers of the automaton that reads XML, and its states: what the next byte is read as. `lexer.ts` has the
// transitions that every stanza goes through, `markup.ts` the rarer ones.

import { isUtf8 } from 'node:buffer'
import { CDATA, BRACKET_CLOSE, KIND } from './bytes.ts'
import { Elements } from './elements.ts'
import { type Fault, FAULTS } from './faults.ts'
import type { ScanLimits } from './limits.ts'
import { DONE, NOT_UTF8, STEP, wholeCharacters } from './utf8.ts'

/** Why the automaton stopped: for want of bytes, or because it found something. */
export type Outcome = 'more' | 'header' | 'frame' | 'footer' | 'fault'

export const TEXT = 0
/** After `<`. */
export const AFTER_LESS = 1
export const TAG_NAME = 2
export const VALUE = 3
export const ATTRIBUTE_NAME = 4
/** Inside a tag, directly after a name or a value: no attribute may begin. */
export const AFTER_VALUE = 5
/** Inside a tag, after white space. */
export const GAP = 6
/** After the `/` of `/>`. */
export const EMPTY = 7
export const END_NAME = 8
export const END_GAP = 9
/** Between first-level elements. */
export const BETWEEN = 10
/** After the name of an attribute, before `=`. */
export const AFTER_ATTRIBUTE = 11
/** After `=`. */
export const BEFORE_VALUE = 12

// From here on: `markup.ts`.
export const MULTIBYTE = 20
export const REFERENCE = 21
/** After `]`, and after `]]` or more, in text. */
export const TEXT_BRACKET = 22
export const TEXT_BRACKETS = 23
/** After `<!`, and after `<!-`. */
export const AFTER_BANG = 24
export const AFTER_BANG_DASH = 25
/** Within `CDATA[`. */
export const CDATA_OPEN = 26
export const CDATA_TEXT = 27
export const CDATA_BRACKET = 28
export const CDATA_BRACKETS = 29
/** Before the header. */
export const PROLOG = 30
export const DECLARATION = 31
/** The header was an empty-element tag. */
export const FOOTER_DUE = 32

/** Fewer bytes are looked at one by one. */
const WORTH_LEARNING = 96

const NOTHING = Buffer.alloc(0)
const VIEW_OF_NOTHING = new DataView(new ArrayBuffer(0))

export abstract class Automaton {
  outcome: Outcome = 'more'
  fault: Fault = FAULTS.markup
  /** Where what is open (element, header, declaration, footer) begins in the bytes; -1: nothing is. */
  start = -1
  /** How many bytes of it were left behind. */
  before = 0
  /** White space skipped between first-level elements. */
  whitespace = 0
  readonly elements: Elements
  /** What is read, and the same four bytes at a time. */
  protected bytes: Buffer = NOTHING
  protected view: DataView = VIEW_OF_NOTHING
  /** How far the bytes are known to be UTF-8, of whole characters. */
  protected utf8Until = 0
  /** They are not UTF-8 somewhere, which the automaton will find. */
  #broken = false
  protected limits: ScanLimits
  protected state = PROLOG
  /** The state to go back to after a reference or a character of several bytes. */
  protected back = TEXT
  /** Where the name, value or word being read begins. */
  protected mark = 0
  /** Where the colon of the name being read is; -1: it has none so far. */
  protected colon = -1
  /** Where the reference being read begins, after `&`. */
  protected reference = 0
  /** State of the character of several bytes being read. */
  protected utf8 = DONE
  /** An XML declaration may still come. */
  protected mayDeclare = true
  protected restarted = false
  /** A new header is due, and before it there may still be elements of the stream before. */
  protected trailing = false

  constructor(limits: ScanLimits) {
    this.limits = limits
    this.elements = new Elements(limits)
  }

  /** Reads these bytes from now on, of which nothing is known, be it the same memory. */
  turnTo(bytes: Buffer): void {
    this.utf8Until = 0
    this.#broken = false
    if (bytes === this.bytes) return
    this.bytes = bytes
    this.view = bytes.length === 0 ? VIEW_OF_NOTHING : new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.elements.view = this.view
  }

  /** New limits; the count of all elements starts anew. */
  limit(limits: ScanLimits): void {
    this.limits = limits
    this.elements.limits = limits
    this.elements.total = 0
  }

  /** A new header is due. RFC 6120 §4.3.3. `trailing`: between first-level elements, of which there may be more before it. */
  restart(trailing: boolean): void {
    this.trailing = trailing
    this.utf8 = DONE
    this.mayDeclare = true
    this.restarted = true
    this.start = -1
    this.before = 0
    if (trailing) return
    this.state = PROLOG
    this.elements.reset()
  }

  /** Elements follow, and no header comes before them. */
  enter(): void {
    this.state = BETWEEN
    this.elements.enter()
  }

  /** What begins here belongs to the new stream. */
  protected begin(): void {
    this.trailing = false
    this.elements.reset()
  }

  /** Is it in the midst of text, so that nothing that it has read is needed in one piece? */
  get betweenMarks(): boolean {
    return this.state === TEXT || this.state === CDATA_TEXT
  }

  /** All bytes up to `at` are left behind: what is open goes on in others, from `next` on. */
  leave(at: number, next: number): void {
    this.elements.leave(at - next)
    this.before += at - this.start
    this.start = next
  }

  /** The bytes have moved towards the front by `by`. */
  rebase(by: number): void {
    this.start -= by
    this.mark -= by
    this.reference -= by
    if (this.colon >= 0) this.colon -= by
    this.elements.rebase(by)
  }

  /** Learns, by far the fastest way, that what begins with the character at `at` is UTF-8; false: not worth it, or it is not. */
  protected learn(at: number, end: number): boolean {
    if (end - at < WORTH_LEARNING || this.#broken) return false
    const until = wholeCharacters(this.bytes, end)
    if (isUtf8(this.bytes.subarray(at, until))) this.utf8Until = until
    else this.#broken = true
    return !this.#broken
  }

  /** There is an outcome: this run is over. */
  protected get stopped(): boolean {
    return this.outcome !== 'more'
  }

  protected fail(fault: Fault, at: number): number {
    this.outcome = 'fault'
    this.fault = fault
    return at
  }

  protected found(outcome: Outcome, state: number): number {
    this.outcome = outcome
    this.state = state
    return state
  }

  /** The most bytes that what is open may have. */
  protected get allowed(): number {
    return (this.elements.depth === 0 ? this.limits.headerBytes : this.limits.stanzaBytes) - this.before
  }

  /** How far to read: not beyond what is allowed. A limit may be infinite; what comes out is still a small integer. */
  protected endWithin(to: number): number {
    if (this.start < 0) return to
    const { allowed } = this
    return to - this.start > allowed ? this.start + allowed : to
  }
}

/** What is wrong with a byte that cannot stand where it does: the byte itself, or only its place. */
export function stray(byte: number, otherwise: Fault): Fault {
  if (byte >= 0x80) return STEP[byte] === NOT_UTF8 ? FAULTS.encoding : otherwise
  return (KIND[byte]! & CDATA) !== 0 || byte === BRACKET_CLOSE ? otherwise : FAULTS.illegalCharacter
}
