// Cuts one direction of one stream into its header, its first-level elements (frames) and its footer. RFC 6120 §4.
// The caller pushes chunks as they come and pulls events until there is none, so that it can stop after any of them.
//
// Rule 1: the events do not depend on how the bytes were cut into chunks.
// Rule 2: a frame that lies whole in a chunk shares its memory. Of any other, what is small is copied together, what is
//         large stays where it is until the frame is whole (`#pieces`), and then it is put together once.
// Rule 3: a byte is looked at once, so the work is linear in the bytes (`work` counts it).
// Rule 4: an error is the last event; what comes after it is dropped unseen.

import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { NO_ID } from './elements.ts'
import { FAULTS } from './faults.ts'
import { Frame, type Scope, type StreamHeader } from './frame.ts'
import { Lexer } from './lexer.ts'
import type { ScanLimits } from './limits.ts'
import { Stretch } from './stretch.ts'

export type ScanEvent =
  | { readonly kind: 'header'; readonly header: StreamHeader }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'footer' }
  /** Terminal. `detail` is for us, the condition for the peer. */
  | {
      readonly kind: 'error'
      readonly condition: StreamCondition
      readonly reason: ReasonId
      readonly detail: string
    }

const NOTHING: Buffer = Buffer.alloc(0)
const NO_SCOPE: Scope = { defaultNamespace: '', prefixes: new Map(), lang: undefined }
/** The least that is copied at once for an element that lies in several chunks. */
const PIECE = 512
/** From so many bytes on, an element's part stays where it is, if nothing that matters is cut in two. */
const LARGE_PIECE = 4096

export class Scanner {
  #limits: ScanLimits
  readonly #lexer: Lexer
  #scope = NO_SCOPE
  #ended = false
  /** Bytes looked at since the limits were set. */
  #spent = 0
  #looked = 0
  #copied = 0

  #chunk: Buffer = NOTHING
  /** The next byte of the chunk to look at, or to copy. */
  #at = 0
  #queue: Buffer[] = []
  #queuedBytes = 0

  /** The open element's beginning that needs no more reading, and its length. */
  #pieces: Buffer[] = []
  #piecesBytes = 0
  /** Its rest, or all of it, from its first byte on, where it lies in several chunks. */
  #held: Buffer | undefined
  #heldLength = 0
  /** The next held byte to look at. */
  #heldAt = 0

  constructor(limits: ScanLimits) {
    this.#limits = limits
    this.#lexer = new Lexer(limits)
  }

  /** Takes bytes as they came; keeps a reference until they are consumed. */
  push(chunk: Buffer): void {
    if (this.#ended || chunk.length === 0) return
    if (this.#at === this.#chunk.length && this.#queue.length === 0) {
      this.#turnTo(chunk)
    } else {
      this.#queue.push(chunk)
      this.#queuedBytes += chunk.length
    }
  }

  /** The next event; undefined: it needs more bytes, or the stream has ended. */
  next(): ScanEvent | undefined {
    while (!this.#ended) {
      const more = this.#held === undefined ? this.#readChunk() : this.#readHeld()
      if (this.#lexer.outcome !== 'more') return this.#event()
      if (!more) return undefined
    }
    return undefined
  }

  /** Bytes pushed, but no part of an event so far (white space between elements that was skipped not counted). */
  get pending(): number {
    const held = this.#held === undefined ? 0 : this.#heldLength - this.#lexer.start
    return this.#piecesBytes + held + this.#chunk.length - this.#at + this.#queuedBytes
  }

  /** Bytes of the element that is open: what has come of it so far. */
  get openBytes(): number {
    return this.#piecesBytes + (this.#held === undefined ? 0 : this.#heldAt - this.#lexer.start)
  }

  /** How many bytes of white space between elements were skipped since the last call. RFC 6120 §4.6.1. */
  takeWhitespace(): number {
    const { whitespace } = this.#lexer
    this.#lexer.whitespace = 0
    return whitespace
  }

  /**
   * Expects a new header now: a stream restart. RFC 6120 §4.3.3. What is pending belongs to the new stream, unless
   * `trailing`: then elements of the stream before may still come before the header.
   */
  restart(trailing = false): void {
    this.#held = undefined
    this.#forgetPieces()
    if (!trailing) this.#scope = NO_SCOPE
    this.#lexer.restart(trailing)
  }

  /**
   * Expects elements at once, each of which stands alone: no header, nothing that one declares for another, and no footer
   * (RFC 7395 §3.3.3). Their frames say that they lie in `scope`.
   */
  enter(scope: Scope): void {
    this.restart()
    this.#scope = scope
    this.#lexer.enter()
  }

  /** New limits from here on; the totals start anew. */
  setLimits(limits: ScanLimits): void {
    this.#limits = limits
    this.#lexer.limit(limits)
    this.#spent = 0
  }

  /** What of the totals is spent. */
  get spent(): Pick<ScanLimits, 'totalBytes' | 'totalElements'> {
    return { totalBytes: this.#spent, totalElements: this.#lexer.elements.total }
  }

  /** Units of work so far: bytes looked at, bytes copied, names compared. For the proof that it is linear. */
  get work(): number {
    const { tag, namespaces, work } = this.#lexer.elements
    return this.#looked + this.#copied + tag.work + namespaces.work + work
  }

  /** Looks at the chunk; false when nothing is left to look at. */
  #readChunk(): boolean {
    if (this.#at === this.#chunk.length && !this.#nextChunk()) {
      this.#lexer.run(0, 0)
      return false
    }
    const chunk = this.#chunk
    this.#at = this.#look(this.#at, chunk.length)
    if (this.#lexer.outcome === 'more' && this.#lexer.start >= 0) this.#keep(chunk)
    return true
  }

  /** Looks at what is held, fetching more of it; false when nothing is left to look at. */
  #readHeld(): boolean {
    if (this.#heldAt === this.#heldLength && !this.#holdMore()) {
      this.#lexer.outcome = 'more'
      return false
    }
    this.#heldAt = this.#look(this.#heldAt, this.#heldLength)
    // A declaration may end between two elements: what was copied beyond it is read where it came from.
    if (this.#lexer.start < 0) this.#letGo()
    else if (this.#lexer.outcome === 'more' && this.#heldAt === this.#heldLength) this.#shelve()
    return true
  }

  #look(from: number, to: number): number {
    const left = this.#limits.totalBytes - this.#spent
    const end = left < to - from ? from + left : to
    const at = this.#lexer.run(from, end)
    this.#spent += at - from
    this.#looked += at - from
    if (this.#lexer.outcome === 'more' && end < to) {
      this.#lexer.outcome = 'fault'
      this.#lexer.fault = FAULTS.totalBytes
    }
    return at
  }

  #nextChunk(): boolean {
    const chunk = this.#queue.shift()
    this.#turnTo(chunk ?? NOTHING)
    this.#queuedBytes -= this.#chunk.length
    return chunk !== undefined
  }

  #turnTo(chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
    if (this.#held === undefined) this.#lexer.turnTo(chunk)
  }

  /** The chunk ends within an element: leaves what is large where it is, copies what is small. */
  #keep(chunk: Buffer): void {
    const length = chunk.length - this.#lexer.start
    if (length < LARGE_PIECE || 2 * length < chunk.length || !this.#lexer.betweenMarks) return this.#hold(chunk)
    this.#leave(chunk.subarray(this.#lexer.start), chunk.length, 0)
  }

  /** What is held has become large: leaves it where it is, and goes on in the chunk it was copied from. */
  #shelve(): void {
    const { start } = this.#lexer
    if (this.#heldLength - start < LARGE_PIECE || !this.#lexer.betweenMarks) return
    const next = this.#at === this.#chunk.length ? 0 : this.#at
    this.#leave(this.#held!.subarray(start, this.#heldLength), this.#heldLength, next)
    this.#held = undefined
    this.#lexer.turnTo(this.#chunk)
  }

  #leave(piece: Buffer, end: number, next: number): void {
    this.#pieces.push(piece)
    this.#piecesBytes += piece.length
    this.#lexer.leave(end, next)
  }

  #forgetPieces(): void {
    this.#lexer.before = 0
    if (this.#piecesBytes === 0) return
    this.#pieces = []
    this.#piecesBytes = 0
  }

  /** Copies the open element's bytes. */
  #hold(chunk: Buffer): void {
    const { start } = this.#lexer
    const length = chunk.length - start
    this.#held = Buffer.allocUnsafe(Math.max(2 * length, PIECE))
    chunk.copy(this.#held, 0, start)
    this.#copied += length
    this.#heldLength = length
    this.#heldAt = length
    this.#lexer.turnTo(this.#held)
    this.#lexer.rebase(start)
  }

  /** Copies on from the chunk: no more than as much again as is held, since the element may end soon. */
  #holdMore(): boolean {
    if (this.#at === this.#chunk.length && !this.#nextChunk()) return false
    const held = this.#held!
    const length = Math.min(this.#chunk.length - this.#at, Math.max(PIECE, this.#heldLength))
    if (this.#heldLength + length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * held.length, this.#heldLength + length))
      held.copy(larger, 0, 0, this.#heldLength)
      this.#copied += this.#heldLength
      this.#held = larger
    }
    this.#chunk.copy(this.#held!, this.#heldLength, this.#at, this.#at + length)
    this.#copied += length
    this.#heldLength += length
    this.#at += length
    this.#lexer.turnTo(this.#held!)
    return true
  }

  /** Nothing is open any more: goes back to the chunk, to the first byte not looked at. */
  #letGo(): void {
    this.#at -= this.#heldLength - this.#heldAt
    this.#held = undefined
    this.#lexer.turnTo(this.#chunk)
  }

  #event(): ScanEvent {
    const lexer = this.#lexer
    if (lexer.outcome === 'frame') return { kind: 'frame', frame: this.#frame() }
    if (lexer.outcome === 'header') {
      this.#taken()
      const { to, from, id, version, lang } = lexer.elements
      this.#scope = lexer.elements.scope()
      return { kind: 'header', header: { to, from, id, version, lang, scope: this.#scope } }
    }
    this.#end()
    if (lexer.outcome === 'footer') return { kind: 'footer' }
    const { condition, reason, detail } = lexer.fault
    return { kind: 'error', condition, reason, detail }
  }

  #frame(): Frame {
    const { elements, start } = this.#lexer
    const last =
      this.#held === undefined
        ? new Stretch(this.#chunk, start, this.#at)
        : new Stretch(this.#held, start, this.#heldAt)
    const bytes = this.#piecesBytes === 0 ? last : this.#together(last.buffer)
    const { idStart, idEnd } = elements
    const first = start - this.#piecesBytes
    const frame = new Frame(bytes, elements, this.#scope, idStart === NO_ID ? -1 : idStart - first, idEnd - first)
    this.#taken()
    return frame
  }

  #together(last: Buffer): Buffer {
    const bytes = Buffer.concat([...this.#pieces, last], this.#piecesBytes + last.length)
    this.#copied += bytes.length
    return bytes
  }

  #taken(): void {
    this.#lexer.start = -1
    this.#forgetPieces()
    if (this.#held !== undefined) this.#letGo()
  }

  #end(): void {
    this.#ended = true
    this.#held = undefined
    this.#forgetPieces()
    this.#turnTo(NOTHING)
    this.#queue = []
    this.#queuedBytes = 0
  }
}
