// What a link is for, what it may use, and whom it tells.

import type { DialResult } from '../net/dial.ts'
import type { Stream, StreamEnd, StreamHandler } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import type { Frame } from '../xml/frame.ts'
import type { Bounce } from './bounce.ts'
import type { Budget } from './budget.ts'
import type { Leg } from './control.ts'
import type { Parcel, ParcelLimits } from './parcels.ts'

export interface LinkLimits extends ParcelLimits {
  /** How long a parcel may wait before it is bounced. */
  readonly queueWaitMs: number
  /** After a failure, how long further parcels are bounced with the same reason before the next attempt. */
  readonly holdMs: number
}

export interface LinkOptions {
  readonly leg: Leg
  readonly pair: Pair
  readonly limits: LinkLimits
  readonly budget: Budget
  /** Until when there may be a connection of an earlier link for the same pair. */
  readonly after?: Promise<void> | undefined
  open(handler: (stream: Stream) => StreamHandler, signal: AbortSignal): Promise<DialResult>
  bounce(parcel: Parcel, why: Bounce): void
  /** A stream became ready, or the one that was ready ended. */
  opened(stream: Stream): void
  ended(stream: Stream, end: StreamEnd): void
  /** A first-level element that arrived on our outgoing stream, where the peer may not send any. */
  unexpected(stream: Stream, frame: Frame): void
  /** Something threw that must not. */
  bug(error: unknown, reference: string): void
  reference(): string
  now(): number
}
