// The stanzas of ours on one stream that are not known to have arrived: what was written, what the operating system took,
// what the peer has acknowledged (XEP-0198 §4). Numbers only; who is told and what is said is `acks.ts`.
//
// Rule 1: a stanza of the stream's owner is settled once: by the operating system until counting begins, then by the peer.
// Rule 2: what others say in between (`interject`) is a stanza to the peer all the same, and counts with the others.

/** The count on the wire starts again after this many. XEP-0198 §4 */
const MODULUS = 2 ** 32

/** How many stanzas may be unacknowledged, and how many bytes, before the pipe counts as full. */
export interface AckWindow {
  readonly stanzas: number
  readonly bytes: number
}

/** A question that the peer has not answered: what had been written when it was asked, since counting began. */
interface Asked {
  readonly stanzas: number
  readonly bytes: number
}

export type Heard =
  /** So many more stanzas of the owner are settled. */
  | { readonly ok: true; readonly settled: number }
  /** The peer says less than before, or more than was sent. */
  | { readonly ok: false; readonly fault: 'less' | 'more'; readonly sent: number }

export class Unacknowledged {
  #counting = false
  /** Of the owner, written and not taken by the operating system: before counting began, and since. */
  #before = 0
  #waiting = 0
  /** Of the owner, since counting began: taken by the operating system, and acknowledged. */
  #left = 0
  #settled = 0
  /** Of anybody, since counting began. */
  #written: number
  #writtenBytes = 0
  #acknowledged: number
  #acknowledgedBytes = 0
  /** The sizes of what is not acknowledged, from `#head` on. */
  readonly #sizes: number[] = []
  #head = 0
  /** Which of them, by number since counting began, are not the owner's. */
  readonly #interjected: number[] = []
  readonly #asked: Asked[] = []
  /** How many stanzas had been written at the last question. */
  #askedAt: number

  /** @param start how many were sent and acknowledged already */
  constructor(start = 0) {
    this.#written = this.#acknowledged = this.#askedAt = start
  }

  /** Is the peer's word awaited for each stanza? */
  get counting(): boolean {
    return this.#counting
  }

  get stanzas(): number {
    return this.#written - this.#acknowledged
  }

  get bytes(): number {
    return this.#writtenBytes - this.#acknowledgedBytes
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  isFull({ stanzas, bytes }: AckWindow): boolean {
    return this.stanzas >= stanzas || this.bytes >= bytes
  }

  /** What is written from now on is counted. */
  begin(): void {
    this.#counting = true
    this.#before = this.#waiting
    this.#waiting = 0
  }

  /** The peer will not acknowledge. @returns how many of the owner's the operating system has taken meanwhile */
  giveUp(): number {
    const settled = this.#left - this.#settled
    this.#counting = false
    this.#waiting += this.#before
    this.#before = this.#left = this.#settled = 0
    this.#written = this.#writtenBytes = this.#acknowledged = this.#acknowledgedBytes = this.#head = this.#askedAt = 0
    for (const list of [this.#sizes, this.#interjected, this.#asked]) list.length = 0
    return settled
  }

  /** A stanza was written. */
  wrote(bytes: number, by: 'owner' | 'other'): void {
    if (by === 'owner') this.#waiting += 1
    if (!this.#counting) return
    this.#written += 1
    this.#writtenBytes += bytes
    this.#sizes.push(bytes)
    if (by === 'other') this.#interjected.push(this.#written)
  }

  /** The operating system took so many more of the owner's. @returns how many of them that settles */
  took(stanzas: number): number {
    const uncounted = this.#counting ? Math.min(stanzas, this.#before) : stanzas
    if (this.#counting) this.#before -= uncounted
    else this.#waiting -= uncounted
    this.#left += stanzas - uncounted
    this.#waiting -= stanzas - uncounted
    return uncounted
  }

  /**
   * The peer has handled so many since counting began, modulo 2^32.
   *
   * @param flight how many of the owner's are on their way into the operating system, and may have arrived already
   */
  heard(handled: number, flight: number): Heard {
    const more = (handled - (this.#acknowledged % MODULUS) + MODULUS) % MODULUS
    if (more > this.stanzas) return this.#fault(more > MODULUS / 2 ? 'less' : 'more')
    const until = this.#acknowledged + more
    let settled = more
    while (this.#interjected[0] !== undefined && this.#interjected[0] <= until) {
      this.#interjected.shift()
      settled -= 1
    }
    if (this.#settled + settled > this.#left + Math.max(0, flight - this.#before)) return this.#fault('more')
    this.#acknowledged = until
    this.#settled += settled
    for (let n = 0; n < more; n++) this.#acknowledgedBytes += this.#sizes[this.#head++] ?? 0
    this.#compact()
    // An answer that tells of less than it was asked for is an answer too.
    this.#asked.shift()
    while (this.#asked[0] !== undefined && this.#asked[0].stanzas <= until) this.#asked.shift()
    return { ok: true, settled }
  }

  /** The peer was asked. */
  asks(): void {
    this.#asked.push({ stanzas: this.#written, bytes: this.#writtenBytes })
    this.#askedAt = this.#written
  }

  /** Is there a question that the peer has not answered? */
  get asking(): boolean {
    return this.#asked.length > 0
  }

  /** How many stanzas were written since the last question. */
  get unasked(): number {
    return this.#written - this.#askedAt
  }

  /** The bytes that the peer has to read before it meets the oldest question it has not answered. */
  get bytesAhead(): number {
    const [oldest] = this.#asked
    return oldest ? Math.max(0, oldest.bytes - this.#acknowledgedBytes) : 0
  }

  /** Of the owner's that are not settled: how many, from the first on, may have arrived. `flight`: see `heard`. */
  doubtful(flight: number): number {
    return this.#left - this.#settled + flight
  }

  #fault(fault: 'less' | 'more'): Heard {
    return { ok: false, fault, sent: this.#written % MODULUS }
  }

  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#sizes.length) return
    this.#sizes.splice(0, this.#head)
    this.#head = 0
  }
}
