// Shared allowances: what may be under way for a partner, and for all of them together. A stanza is under way from its
// arrival at a link until a stream is rid of it, and must fit into each. So many stanzas may wait meanwhile; the bytes are
// those of all that is under way, with what each stanza costs us besides.
//
// Rule: a partner may use no more than what it leaves to all others. So however many of them are greedy, none is left
//       without room, and nobody has to be sent away for who comes next.

import type { ReasonId } from '../../xmpp/reasons.ts'

export interface Allowance {
  readonly stanzas: number
  readonly bytes: number
}

/** What a stanza under way takes besides its bytes: the objects that tell of it. */
export const STANZA_OVERHEAD = 512

/** From this part of the widest allowance on, things are crowded. */
const CROWDED = 1 / 32

export class Budget {
  readonly #allowed: Allowance
  /** Why something comes back that does not fit. */
  readonly exhausted: ReasonId
  readonly #above: Budget | undefined
  #waiting = 0
  #waitingBytes = 0
  #underWay = 0

  /**
   * @param allowed its owner may change what is in it, since settings change
   * @param above the wider allowance that this one is a part of
   */
  constructor(allowed: Allowance, exhausted: ReasonId, above?: Budget) {
    this.#allowed = allowed
    this.exhausted = exhausted
    this.#above = above
  }

  /** What waits. */
  get used(): Allowance {
    return { stanzas: this.#waiting, bytes: this.#waitingBytes }
  }

  /** Bytes under way, waiting or given to a stream, with what they cost besides. */
  get underWay(): number {
    return this.#underWay
  }

  /** Half of this allowance, or of one above it, is used: who feeds its queues should be held. */
  get halfUsed(): boolean {
    return this.#underWay * 2 >= this.#room() || this.#waiting * 2 >= this.#places()
  }

  /** So much is under way in all that what is kept should keep no other bytes from being forgotten. */
  get crowded(): boolean {
    const widest = this.#above ?? this
    return widest.#underWay >= widest.#allowed.bytes * CROWDED
  }

  /** A stanza wants to wait. It does if it still fits; otherwise says why not, and everything is as it was. */
  take(bytes: number): ReasonId | undefined {
    const full = this.#objection(bytes, 1)
    if (full === undefined) this.#count(1, bytes, bytes + STANZA_OVERHEAD)
    return full
  }

  /** A stanza waits whether it fits or not. */
  owe(bytes: number): void {
    this.#count(1, bytes, bytes + STANZA_OVERHEAD)
  }

  /** A stanza that waited comes back. */
  give(bytes: number): void {
    this.#count(-1, -bytes, -bytes - STANZA_OVERHEAD)
  }

  /** A stanza wants to go to a stream at once. As `take`. */
  carry(bytes: number): ReasonId | undefined {
    const full = this.#objection(bytes, 0)
    if (full === undefined) this.#count(0, 0, bytes + STANZA_OVERHEAD)
    return full
  }

  /** One does whether it fits or not. */
  carryOwed(bytes: number): void {
    this.#count(0, 0, bytes + STANZA_OVERHEAD)
  }

  /** A stanza that waited is given to a stream; or, with -1, what a stream had been given waits again. */
  handOver(bytes: number, way: 1 | -1 = 1): void {
    this.#count(-way, -way * bytes, 0)
  }

  /** A stream is rid of so many stanzas. */
  carried(stanzas: number, bytes: number): void {
    this.#count(0, 0, -bytes - stanzas * STANZA_OVERHEAD)
  }

  #room(): number {
    const { bytes } = this.#allowed
    return this.#above ? Math.min(bytes, this.#above.#allowed.bytes - this.#above.#underWay) : bytes
  }

  #places(): number {
    const { stanzas } = this.#allowed
    return this.#above ? Math.min(stanzas, this.#above.#allowed.stanzas - this.#above.#waiting) : stanzas
  }

  #objection(bytes: number, places: 0 | 1): ReasonId | undefined {
    const [underWay, waiting] = [this.#underWay + bytes + STANZA_OVERHEAD, this.#waiting + places]
    if (underWay > this.#allowed.bytes || waiting > this.#allowed.stanzas) return this.exhausted
    return underWay > this.#room() || waiting > this.#places() ? this.#above?.exhausted : undefined
  }

  /** So much more, or less, here and in all that is above. */
  #count(waiting: number, waitingBytes: number, underWay: number): void {
    this.#waiting += waiting
    this.#waitingBytes += waitingBytes
    this.#underWay += underWay
    if (this.#above) this.#above.#count(waiting, waitingBytes, underWay)
  }
}
