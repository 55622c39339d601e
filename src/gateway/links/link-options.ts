// What a link is for, what it may use, and whom it tells.

import type { Limits } from '../../config/limits.ts'
import type { DialResult } from '../../net/dial.ts'
import type { Stream, StreamEnd, StreamHandler } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { BackOffLimits } from './back-off.ts'
import type { Bounce } from '../bounce.ts'
import type { Budget } from './budget.ts'
import type { Leg } from '../leg.ts'
import type { Parcel, ParcelLimits } from './parcels.ts'

export interface LinkLimits extends ParcelLimits, BackOffLimits {
  /** How long a parcel may wait before it is bounced. */
  readonly queueWaitMs: number
}

/** The longest time between attempts to reach the core: it is ours, and back within moments of a restart. */
const CORE_BACK_OFF_MS = 5000

/** What the settings allow a link, as they are whenever it asks. */
export function linkLimits(leg: Leg, current: () => Limits): LinkLimits {
  return {
    get queueStanzas() {
      return current().queueStanzas
    },
    get queueBytes() {
      return current().queueBytes
    },
    get queueWaitMs() {
      return current().queueWaitMs
    },
    get backOffMs() {
      const { backOffMs } = current()
      return leg === 'core' ? Math.min(backOffMs, CORE_BACK_OFF_MS) : backOffMs
    },
  }
}

export interface LinkOptions {
  readonly leg: Leg
  readonly pair: Pair
  readonly limits: LinkLimits
  readonly budget: Budget
  /** It is wanted also while nothing has to cross: whoever wakes it relies on its own patience after failures. */
  readonly keptUp?: boolean
  /** Until when there may be a connection of an earlier link for the same pair. */
  readonly after?: Promise<void> | undefined
  /** `instead`: of one that is up, which goes on if nothing comes of it. */
  open(handler: (stream: Stream) => StreamHandler, signal: AbortSignal, instead: boolean): Promise<DialResult>
  /** A stream that the peer opened for this pair and that we may send on: from now on it is this link's too. XEP-0288 */
  adopt?(handler: StreamHandler): Stream | undefined
  bounce(parcel: Parcel, why: Bounce): void
  /** A stream that the link opened became ready, or has ended. */
  opened(stream: Stream): void
  ended(stream: Stream, end: StreamEnd): void
  /** What to do with the stanzas that arrive on a stream that the link opened. */
  reader(stream: Stream): (frame: Frame) => void
  /** After a failure: until when nothing is tried, in ms. */
  waits?(until: number): void
  /** Something threw that must not. */
  bug(error: unknown, reference: string): void
  reference(): string
  now(): number
  /** From 0 to 1, as `Math.random`. */
  random(): number
}
