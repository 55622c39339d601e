// The counts of XEP-0198 through a gateway that answers in the core's place: what the core does not hear of is handled all
// the same, and what we say ourselves the core has not sent. Both sides' `h` are translated, also when a session is resumed.
//
// Rule 1: a refused stanza counts as handled when all that the client sent before it is.
// Rule 2: what is remembered of refusals lasts until it is acknowledged, and is bounded.
// Inside, counts only grow; on the wire they are modulo 2^32 (XEP-0198 §4).

const WRAP = 2 ** 32

/** Refusals, and answers of ours, that may wait for an acknowledgement. */
export const MOST_UNSETTLED = 500
/** A longer answer of ours is not said again when a session is resumed, nor is what comes when there is so much of them. */
const LONGEST_KEPT = 2048
const MOST_KEPT_BYTES = 32_768

interface Gap {
  /** Passed before it. */
  readonly after: number
  count: number
}

interface Said {
  /** Its number among all that the client got. */
  readonly at: number
  /** It answers a stanza before which so many had passed. */
  readonly after: number
  readonly bytes: Buffer | undefined
}

/** The number behind `h`, which counts modulo 2^32 and is not far from the last one. */
export function unwrapped(h: number, last: number): number {
  const ahead = (((h - last) % WRAP) + WRAP) % WRAP
  return ahead < WRAP / 2 ? last + ahead : last + ahead - WRAP
}

export class Counts {
  // From the client: passed on to the core, and by how much that differs from what the core's word covers.
  #passed = 0
  #settledPassed = 0
  #settledRefused = 0
  #gaps: Gap[] = []
  // To the client: all it got, and of that what the core knows nothing of.
  #given = 0
  #settledGiven = 0
  #settledSaid = 0
  #said: Said[] = []
  #saidBytes = 0

  /** How much is remembered. */
  get unsettled(): number {
    return this.#gaps.length + this.#said.length
  }

  /** Bytes of the answers that are remembered. */
  get keptBytes(): number {
    return this.#saidBytes
  }

  /** How many stanzas the client got, modulo 2^32. */
  get sent(): number {
    return this.#given % WRAP
  }

  /** A stanza of the client goes to the core. */
  passed(): void {
    this.#passed += 1
  }

  /** A stanza of the client goes no further. False: more than can be remembered. */
  refused(): boolean {
    const last = this.#gaps.at(-1)
    if (last?.after === this.#passed) last.count += 1
    else this.#gaps.push({ after: this.#passed, count: 1 })
    return this.unsettled <= MOST_UNSETTLED
  }

  /** A stanza of the core goes to the client. */
  given(): void {
    this.#given += 1
  }

  /** A stanza of ours goes to the client. False: more than can be remembered. */
  said(bytes: Buffer): boolean {
    this.#given += 1
    const isKept = bytes.length <= LONGEST_KEPT && this.#saidBytes + bytes.length <= MOST_KEPT_BYTES
    this.#said.push({ at: this.#given, after: this.#passed, bytes: isKept ? bytes : undefined })
    if (isKept) this.#saidBytes += bytes.length
    return this.unsettled <= MOST_UNSETTLED
  }

  /** What the core has handled → what the client is told; undefined: the core speaks of what it never got. */
  handled(h: number): number | undefined {
    const passed = unwrapped(h, this.#settledPassed)
    if (passed > this.#passed || passed < this.#settledPassed) return undefined
    this.#settledPassed = passed
    while (this.#gaps[0] && this.#gaps[0].after <= passed) this.#settledRefused += this.#gaps.shift()!.count
    return (passed + this.#settledRefused) % WRAP
  }

  /** What the client has handled → what the core is told; undefined: the client speaks of what it never got. */
  received(h: number): number | undefined {
    const given = unwrapped(h, this.#settledGiven)
    if (given > this.#given || given < this.#settledGiven) return undefined
    this.#settledGiven = given
    while (this.#said[0] && this.#said[0].at <= given) {
      this.#saidBytes -= this.#said.shift()?.bytes?.length ?? 0
      this.#settledSaid += 1
    }
    return (given - this.#settledSaid) % WRAP
  }

  /**
   * The session goes on over other connections: both sides send again what was not acknowledged. Call it once `received`
   * and `handled` have been told the words of both. Gives back what of ours the client has not got, and will not get for
   * a stanza that it sends again.
   */
  resumed(): readonly Buffer[] {
    const again = this.#said.flatMap(({ after, bytes }) => (after <= this.#settledPassed && bytes ? [bytes] : []))
    this.#passed = this.#settledPassed
    this.#gaps = []
    this.#given = this.#settledGiven
    this.#said = []
    this.#saidBytes = 0
    return again
  }
}
