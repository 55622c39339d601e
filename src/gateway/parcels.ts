// What waits for a link, first in, first out, within limits of its own and shared allowances.

import type { Frame } from '../xml/frame.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Budget } from './budget.ts'
import type { Question } from './questions.ts'
import type { Source } from './source.ts'

/** One stanza on its way. */
export interface Parcel {
  /** As it goes out: already re-scoped for the stream it will travel on. */
  readonly bytes: Buffer
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

interface Waiting {
  readonly parcel: Parcel
  /** Since when, in ms. */
  readonly at: number
}

/** From so many taken places on, and when they are half of the list, the list is cut. */
const CUT = 1024

export class Parcels {
  readonly #limits: ParcelLimits
  readonly #budget: Budget
  readonly #waiting: Waiting[] = []
  #head = 0
  #bytes = 0

  constructor(limits: ParcelLimits, budget: Budget) {
    this.#limits = limits
    this.#budget = budget
  }

  get length(): number {
    return this.#waiting.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Half of any limit is reached: what sources still have in flight fits into the other half. */
  get halfFull(): boolean {
    const { queueStanzas, queueBytes } = this.#limits
    return this.length * 2 >= queueStanzas || this.#bytes * 2 >= queueBytes || this.#budget.halfUsed
  }

  /** Takes a parcel to the end; when it does not fit, says why, and nothing has changed. */
  add(parcel: Parcel, at: number): ReasonId | undefined {
    const bytes = parcel.bytes.length
    const fits = this.length < this.#limits.queueStanzas && this.#bytes + bytes <= this.#limits.queueBytes
    if (parcel.owed) this.#budget.owe(bytes)
    else {
      const objection = fits ? this.#budget.take(bytes) : 'SP-621'
      if (objection) return objection
    }
    this.#waiting.push({ parcel, at })
    this.#bytes += bytes
    return undefined
  }

  /** Takes back what was taken before what waits now, in its order; within no limit, for it had been let in already. */
  putBack(parcels: readonly Parcel[], now: number): void {
    const at = this.#waiting[this.#head]?.at ?? now
    this.#waiting.splice(0, this.#head, ...parcels.map((parcel) => ({ parcel, at })))
    this.#head = 0
    for (const { bytes } of parcels) {
      this.#bytes += bytes.length
      this.#budget.owe(bytes.length)
    }
  }

  /** Everything, out of the queue. */
  takeAll(): readonly Parcel[] {
    const all: Parcel[] = []
    for (let parcel = this.take(); parcel; parcel = this.take()) all.push(parcel)
    return all
  }

  /** The first parcel, out of the queue; undefined when nothing waits. */
  take(): Parcel | undefined {
    const parcel = this.#waiting[this.#head]?.parcel
    if (!parcel) return undefined
    this.#head += 1
    if (this.length === 0 || (this.#head >= CUT && this.#head * 2 >= this.#waiting.length)) {
      this.#waiting.splice(0, this.#head)
      this.#head = 0
    }
    this.#bytes -= parcel.bytes.length
    this.#budget.give(parcel.bytes.length)
    return parcel
  }

  /** The first parcel, out of the queue, if it has waited since before `time` (ms). */
  takeOlderThan(time: number): Parcel | undefined {
    const first = this.#waiting[this.#head]
    return first && first.at < time ? this.take() : undefined
  }
}
