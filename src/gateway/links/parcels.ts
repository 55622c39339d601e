// What is under way on a link, first in, first out: given to its stream, or waiting for one; within limits of its own and
// shared allowances.

import { Fifo } from '../../net/fifo.ts'
import type { Frame } from '../../xml/frame.ts'
import { bufferOf, type Bytes, Stretch } from '../../xml/stretch.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Leg } from '../leg.ts'
import type { Budget } from './budget.ts'
import { delayed, NOTICEABLE_MS } from './delayed.ts'
import type { Question } from '../ledgers/questions.ts'
import type { Source } from './source.ts'

/** One stanza on its way. */
export interface Parcel {
  /** As it goes out: already re-scoped for the stream it will travel on. */
  readonly bytes: Bytes
  /** As it came in, for the error that answers it; undefined for what the gateway says itself. */
  readonly frame: Frame | undefined
  /** The reference in what the gateway says itself. */
  readonly reference?: string
  /** It answers a stanza that had been let in and comes back: it takes that one's place, and so always has one. */
  readonly owed?: boolean
  /** The stream it came from, held while this link is full. */
  readonly source: Source | undefined
  /** The question in it, of which we know whether it was answered. */
  readonly question?: Question | undefined
  /** Where the gateway says something of its own accord: told when it could not be delivered, in place of a sender. */
  undelivered?(): void
}

export interface ParcelLimits {
  readonly queueStanzas: number
  readonly queueBytes: number
}

/** Bytes are small that are less than one of so many parts of the memory they lie in. */
const SMALL = 8

interface Waiting {
  readonly parcel: Parcel
  /** When it came, in ms: by this it is stamped, however many streams it is given to. */
  readonly at: number
  /** Since when it waits: it does so anew once a stream has given it back. */
  readonly since: number
}

export class Parcels {
  readonly #limits: ParcelLimits
  readonly #budget: Budget
  readonly #leg: Leg
  readonly #waiting = new Fifo<Waiting>()
  #waitingBytes = 0
  /** What a stream was given and is not rid of, in order: all of it before what waits. */
  readonly #handed = new Fifo<Waiting>()

  constructor(limits: ParcelLimits, budget: Budget, leg: Leg) {
    this.#limits = limits
    this.#leg = leg
    this.#budget = budget
  }

  /** How many wait, and their bytes. */
  get length(): number {
    return this.#waiting.length
  }

  get bytes(): number {
    return this.#waitingBytes
  }

  /** How many a stream was given and is not rid of. */
  get handed(): number {
    return this.#handed.length
  }

  /** Half of any limit is reached: what sources still have in flight fits into the other half. */
  get halfFull(): boolean {
    const { queueStanzas, queueBytes } = this.#limits
    return this.length * 2 >= queueStanzas || this.#waitingBytes * 2 >= queueBytes || this.#budget.halfUsed
  }

  /** A parcel waits, after all others; when it does not fit, says why, and nothing has changed. */
  add(parcel: Parcel, at: number): ReasonId | undefined {
    const bytes = parcel.bytes.length
    const fits = this.length < this.#limits.queueStanzas && this.#waitingBytes + bytes <= this.#limits.queueBytes
    if (parcel.owed) this.#budget.owe(bytes)
    else {
      const objection = fits ? this.#budget.take(bytes) : 'SP-621'
      if (objection) return objection
    }
    this.#waiting.push({ parcel: this.#kept(parcel), at, since: at })
    this.#waitingBytes += bytes
    return undefined
  }

  /** A parcel that comes `at` this time (ms) goes to a stream at once, where nothing waits: gives it as it is kept, or why it does not fit. */
  hand(parcel: Parcel, at: number): Parcel | ReasonId {
    const bytes = parcel.bytes.length
    if (parcel.owed) this.#budget.carryOwed(bytes)
    else {
      const objection = this.#budget.carry(bytes)
      if (objection) return objection
    }
    const kept = this.#kept(parcel)
    this.#handed.push({ parcel: kept, at, since: at })
    return kept
  }

  /** The first that waits goes to a stream, as it is to be written at `now`, in ms; undefined when none does. */
  handNext(now: number): Parcel | undefined {
    const first = this.#waiting.shift()
    if (!first) return undefined
    const { parcel, at } = first
    this.#waitingBytes -= parcel.bytes.length
    this.#budget.handOver(parcel.bytes.length)
    // What it weighs here stays what it was, and should it come back, it gets its stamp anew.
    this.#handed.push(first)
    if (now - at < NOTICEABLE_MS) return parcel
    return { ...parcel, bytes: delayed(parcel.bytes, parcel.frame, this.#leg, at) }
  }

  /** The stream is rid of so many. */
  carried(stanzas: number): void {
    let bytes = 0
    let count = 0
    for (; count < stanzas; count++) {
      const first = this.#handed.shift()
      if (!first) break
      bytes += first.parcel.bytes.length
    }
    this.#budget.carried(count, bytes)
  }

  /** The stream is gone. @returns the first `doubtful` of what it was given; the others wait again, before all others */
  takeBack(doubtful: number, now: number): readonly Parcel[] {
    const handed = this.#handed.takeAll()
    const lost = handed.splice(0, doubtful)
    for (const { parcel } of lost) this.#budget.carried(1, parcel.bytes.length)
    // They wait since no later than whoever waits behind them, which `takeOlderThan` relies on.
    const since = this.#waiting.first?.since ?? now
    this.#waiting.putBack(handed.map(({ parcel, at }) => ({ parcel, at, since })))
    for (const { parcel } of handed) {
      this.#waitingBytes += parcel.bytes.length
      this.#budget.handOver(parcel.bytes.length, -1)
    }
    return lost.map(({ parcel }) => parcel)
  }

  /** What waits and fits, out of the queue, in its order; the rest stays. */
  takeWhere(fits: (parcel: Parcel) => boolean): readonly Parcel[] {
    const all = this.#waiting.takeAll()
    const taken: Parcel[] = []
    for (const one of all) {
      if (fits(one.parcel)) taken.push(this.#left(one.parcel))
      else this.#waiting.push(one)
    }
    return taken
  }

  /** The first parcel that waits, out of the queue; undefined when none does. */
  take(): Parcel | undefined {
    const first = this.#waiting.shift()
    return first && this.#left(first.parcel)
  }

  /** Those that have waited since before `time` (ms), out of the queue one after another. */
  *takeOlderThan(time: number): Iterable<Parcel> {
    for (let { first } = this.#waiting; first && first.since < time; { first } = this.#waiting) {
      this.#waiting.shift()
      yield this.#left(first.parcel)
    }
  }

  #left(parcel: Parcel): Parcel {
    this.#waitingBytes -= parcel.bytes.length
    this.#budget.give(parcel.bytes.length)
    return parcel
  }

  /** What is kept in a crowd keeps nothing else: neither the chunk it came in nor others that came with it. */
  #kept(parcel: Parcel): Parcel {
    return this.#budget.crowded ? withoutChunk(parcel) : parcel
  }
}

/** A parcel much smaller than the memory it lies in, in memory of its own. */
function withoutChunk(parcel: Parcel): Parcel {
  const { bytes, frame } = parcel
  const own = ownMemory(bytes)
  if (frame === undefined) return own === bytes ? parcel : { ...parcel, bytes: own }
  const came = frame.raw === bytes ? own : ownMemory(frame.raw)
  return own === bytes && came === frame.raw
    ? parcel
    : { ...parcel, bytes: own, frame: came === frame.raw ? frame : frame.with({ bytes: came }) }
}

function ownMemory(bytes: Bytes): Bytes {
  const { chunk } = bytes instanceof Stretch ? bytes : { chunk: bytes }
  return bytes.length * SMALL < chunk.buffer.byteLength ? Buffer.from(bufferOf(bytes)) : bytes
}
