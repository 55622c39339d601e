// Where a stream's stanzas are held against limits. What is too fast waits here, first come first, while the stream is not read:
// so it crosses a little later, and only what waiting does not mend is refused.
//
// Rule 1: a stream is held only so long at a time, and a tenth of the time; so whoever shares it with somebody who sends too much
//         loses no more.
// Rule 2: what waits is never lost: it goes on when its time has come, and at once when the gateway is taken out of service.
// Rule 3: nothing overtakes what waits. A stream that is ending is read all the same, and then so many may wait; what comes after
//         them is refused as the first one of them would be.

import type { Delay } from '../net/race.ts'
import { Bucket } from '../policy/limits/bucket.ts'
import type { Exceeded } from '../policy/limits/meters.ts'
import type { Frame } from '../xml/frame.ts'
import type { Source } from './links/source.ts'

/** Of a second a stream may be held, in the long run (ms). */
export const PATIENCE_PER_SECOND = 100
/** Stanzas of a stream that is ending. */
const MOST_WAITING = 64

export interface EntranceParts {
  readonly source: Pick<Source, 'hold' | 'release'>
  smoothingMs(): number
  readonly delay: Delay
  now(): number
  /** The time of a stanza has come: it is held against the limits again, and may have to wait again; not where it is `free`. */
  again(frame: Frame, free: boolean): void
  /** One stanza has to wait. */
  smoothed(exceeded: Exceeded): void
  /** Those at which something waits. */
  readonly all: Set<Entrance>
}

export class Entrance {
  readonly #parts: EntranceParts
  readonly #patience = new Bucket()
  /** The first one was here before; the others have come meanwhile. */
  readonly #waiting: Frame[] = []
  #callOff: (() => void) | undefined
  #waitsFor: Exceeded | undefined
  #going = false

  constructor(parts: EntranceParts) {
    this.#parts = parts
  }

  /** Does anything wait? Whatever comes then is to be queued. */
  get waits(): boolean {
    return this.#waiting.length > 0
  }

  /** What the first one exceeds. */
  get waitsFor(): Exceeded | undefined {
    return this.#waitsFor
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Holds the stream for as long as it takes, and gives the stanza again then; false where it may not be held that long. */
  hold(frame: Frame, exceeded: Exceeded): boolean {
    const { source, smoothingMs, delay, now, all } = this.#parts
    const patience = { perSecond: PATIENCE_PER_SECOND, most: smoothingMs() }
    const { waitMs = Infinity } = exceeded
    if (waitMs > patience.most || this.#patience.wait(waitMs, patience, now()) > 0) return false
    this.#waitsFor = exceeded
    this.#patience.take(waitMs, patience, now())
    this.#parts.smoothed(exceeded)
    this.#waiting.unshift(frame)
    source.hold(this)
    all.add(this)
    this.#callOff = delay(waitMs, () => this.#goOn())
    return true
  }

  /** Waits behind those that wait; false where there are too many, so that it is to be refused. */
  queue(frame: Frame): boolean {
    if (this.#waiting.length >= MOST_WAITING) return false
    this.#waiting.push(frame)
    return true
  }

  /** What waits goes on now, whatever limits say. */
  letGo(): void {
    this.#callOff?.()
    this.#goOn(true)
  }

  #goOn(free = false): void {
    if (this.#going) return
    this.#going = true
    this.#callOff = undefined
    for (let frame = this.#waiting.shift(); frame; frame = this.#waiting.shift()) {
      this.#parts.again(frame, free)
      if (this.#callOff) break
    }
    this.#going = false
    if (this.#callOff) return
    this.#parts.all.delete(this)
    this.#parts.source.release(this)
  }
}
