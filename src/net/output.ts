// The writing half of a connection. What is written within one turn of the event loop goes out as one piece, and while
// a piece is on its way the next one gathers: under load the pieces grow by themselves.
//
// Rule 1: one piece is on its way at a time, and none is large, so that a peer that reads slowly still shows progress.
// Rule 2: what becomes of a stanza is told as far as it can be known: the operating system has taken it whole, or it was
//         in the piece on its way when the connection broke (it may have arrived), or it was never given away whole.
//         What the operating system took and the peer never read, only the peer can tell (`acks.ts`).

import type { Duplex } from 'node:stream'
import { bufferOf, type Bytes, lay } from '../xml/stretch.ts'

export interface OutputOwner {
  /** The operating system has taken so many more of the stanzas, in the order of writing. */
  taken(stanzas: number): void
  /** Called once each time `write` has said false and there is room again. */
  drained(): void
  /** What waits is more than the high-water mark in words alone; false: no longer. */
  choked?(is: boolean): void
}

/** The size of a piece. Within a minute, 1.1 kB/s get it across. */
const PIECE_BYTES = 65_536

/** Where pieces of several stanzas are put together: one for each that is on its way, and a few that are not. */
const TRAYS = 16
const trays: Buffer[] = []

export class Output {
  readonly #highWaterBytes: number
  readonly #owner: OutputOwner
  #socket: Duplex
  #waiting: Bytes[] = []
  #waitingBytes = 0
  /** What of `#waiting` is no stanza; undefined: nothing ever was. */
  #words: Set<Bytes> | undefined
  #wordBytes = 0
  #choked = false
  /** The first of `#waiting` is the rest of a stanza whose beginning has left. */
  #begun = false
  #flightBytes = 0
  /** How many stanzas end with the piece on its way. */
  #flightStanzas = 0
  /** What the piece lies on that is on its way. */
  #tray: Buffer | undefined
  #progressAt = 0
  #full = false
  #scheduled: NodeJS.Immediate | undefined
  #ended = false

  constructor(socket: Duplex, highWaterBytes: number, owner: OutputOwner) {
    this.#socket = socket
    this.#highWaterBytes = highWaterBytes
    this.#owner = owner
  }

  /** Bytes accepted that the operating system has not taken yet. */
  get bufferedBytes(): number {
    return this.#waitingBytes + this.#flightBytes
  }

  /** Since when the piece on its way is not taken, on the clock of `performance.now()`; undefined when there is none. */
  get stuckSince(): number | undefined {
    return this.#flightBytes > 0 ? this.#progressAt : undefined
  }

  /** Has `write` said false, and was `drained` not called since? */
  get full(): boolean {
    return this.#full
  }

  /** Of the stanzas not taken: how many, from the first on, may have arrived all the same if the connection is gone. */
  get doubtful(): number {
    return this.#flightStanzas
  }

  /** Takes bytes in any case; false when there are now more than the high-water mark. Nothing is taken after `end`. */
  write(bytes: Bytes): boolean {
    if (this.#ended) return false
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#flightBytes === 0) this.#scheduled ??= setImmediate(this.#flush)
    if (this.bufferedBytes <= this.#highWaterBytes) return true
    this.#full = true
    return false
  }

  /** Takes bytes that are no stanza: `taken` does not count them, and `cut` spares them. */
  say(words: Buffer): boolean {
    if (!this.#ended && !this.#words?.has(words)) {
      ;(this.#words ??= new Set()).add(words)
      this.#wordBytes += words.length
      this.#choke()
    }
    return this.write(words)
  }

  /** Resolves when everything written so far has left; never, when the connection breaks. */
  drained(): Promise<void> {
    if (this.bufferedBytes === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#socket.write(this.#take(this.#waiting.length), (error) => {
        if (!error) resolve()
      })
    })
  }

  /** Continues on another socket: the secured one. Nothing may be waiting. */
  moveTo(socket: Duplex): void {
    this.#socket = socket
  }

  /** Forgets the stanzas that wait. One that has begun to leave goes on, for without its end no word could follow. */
  cut(): void {
    this.#waiting = this.#waiting.filter((bytes, n) => (this.#begun && n === 0) || this.#words?.has(bytes))
    this.#waitingBytes = this.#waiting.reduce((sum, { length }) => sum + length, 0)
  }

  /** Writes what waits at once instead of at the end of this turn. */
  hasten(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#flush()
  }

  /** Writes what waits, then ends our half of the connection. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#flush()
  }

  /** Forgets what waits; for a connection that is gone. */
  discard(): void {
    this.#ended = true
    this.#take(this.#waiting.length)
  }

  /** The first so many of what waits, in one; a piece on a tray if it fits on one. */
  #take(count: number, tray?: Buffer): Buffer {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const all = count >= this.#waiting.length
    const taken = all ? this.#waiting : this.#waiting.splice(0, count)
    if (all) this.#waiting = []
    const piece = inOne(taken, tray)
    this.#waitingBytes -= piece.length
    this.#begun &&= count === 0
    if (this.#words && this.#words.size > 0)
      for (const bytes of taken) if (this.#words.delete(bytes)) this.#wordBytes -= bytes.length
    return piece
  }

  /** The next piece, with the number of stanzas that end in it. */
  #piece(): readonly [piece: Buffer, stanzas: number] {
    const [first] = this.#waiting
    if (first && first.length > PIECE_BYTES) {
      const whole = bufferOf(first)
      const rest = whole.subarray(PIECE_BYTES)
      this.#waiting[0] = rest
      this.#waitingBytes -= PIECE_BYTES
      if (this.#words?.delete(first)) {
        this.#words.add(rest)
        this.#wordBytes -= PIECE_BYTES
      }
      this.#begun = true
      return [whole.subarray(0, PIECE_BYTES), 0]
    }
    let count = 0
    let bytes = 0
    let words = 0
    for (const one of this.#waiting) {
      if (bytes + one.length > PIECE_BYTES) break
      bytes += one.length
      count += 1
      if (this.#words?.has(one)) words += 1
    }
    // Whoever takes little, and slowly, holds no tray.
    if (count > 1 && bytes * 2 > PIECE_BYTES) this.#tray = trays.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
    return [this.#take(count, this.#tray), count - words]
  }

  readonly #flush = (): void => {
    this.#scheduled = undefined
    if (this.#flightBytes > 0) return
    if (this.#waitingBytes === 0) {
      if (this.#ended) this.#socket.end()
      return
    }
    const [piece, stanzas] = this.#piece()
    this.#flightBytes = piece.length
    this.#flightStanzas = stanzas
    this.#progressAt = performance.now()
    this.#socket.write(piece, this.#written)
  }

  readonly #written = (error: Error | null | undefined): void => {
    if (error) return // the socket's own events tell the rest
    const stanzas = this.#flightStanzas
    this.#flightBytes = 0
    this.#flightStanzas = 0
    if (this.#tray && trays.length < TRAYS) trays.push(this.#tray)
    this.#tray = undefined
    if (stanzas > 0) this.#owner.taken(stanzas)
    this.#flush()
    this.#choke()
    if (!this.#full || this.bufferedBytes > this.#highWaterBytes) return
    this.#full = false
    this.#owner.drained()
  }
  #choke(): void {
    const is = this.#wordBytes > this.#highWaterBytes
    if (is === this.#choked) return
    this.#choked = is
    this.#owner.choked?.(is)
  }
}

/** All of it in one: on the tray, if there is one. */
function inOne(all: readonly Bytes[], tray: Buffer | undefined): Buffer {
  const [first] = all
  if (first && all.length === 1) return bufferOf(first)
  const target = tray ?? Buffer.allocUnsafe(all.reduce((sum, { length }) => sum + length, 0))
  return target.subarray(0, lay(target, all))
}
