// A link is our way to one domain on behalf of another: at most one stream, opened when something has to cross, and a
// bounded queue for what arrives meanwhile.
//
// Rule 1: order holds. Whatever is queued goes before whatever comes later, and a bounce answers in the same order.
// Rule 2: a parcel ends in exactly one way: handed to the stream, or bounced with a truthful reason.
// Rule 3: a full queue holds the streams that feed it long before it has to bounce.

import type { DialResult } from '../net/dial.ts'
import type { Stream, StreamEnd, StreamHandler } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import type { Frame } from '../xml/frame.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Budget } from './budget.ts'
import type { Leg, LinkStatus } from './control.ts'
import { Parcels, type Parcel, type ParcelLimits } from './parcels.ts'
import type { Source } from './source.ts'

/** Why a parcel could not be delivered. */
export interface Bounce {
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
}

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
  open(handler: (stream: Stream) => StreamHandler, signal: AbortSignal): Promise<DialResult>
  bounce(parcel: Parcel, why: Bounce): void
  /** A stream became ready, or the one that was ready ended. */
  opened(stream: Stream): void
  ended(stream: Stream, end: StreamEnd): void
  /** A first-level element that arrived on our outgoing stream, where the peer may not send any. */
  unexpected(stream: Stream, frame: Frame): void
  reference(): string
  now(): number
}

type State =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting'; readonly abort: AbortController }
  | { readonly phase: 'ready'; readonly stream: Stream; readonly since: number }
  /** `stream`: the one that was up, until it has ended. */
  | { readonly phase: 'closed'; readonly why: Bounce; readonly stream: Stream | undefined }

/** A stream that ends within this time of becoming ready counts as a failed attempt, so that nothing spins. */
const SHORT_LIVED_MS = 1000
/** How many short-lived streams in a row before the queue is given up. */
const SHORT_LIVED_LIMIT = 3

export class Link {
  readonly pair: Pair
  readonly leg: Leg
  readonly #options: LinkOptions
  readonly #queue: Parcels
  readonly #held = new Set<Source>()
  #state: State = { phase: 'idle' }
  #pipeFull = false
  #shortLived = 0
  #lastFailure: (Bounce & { readonly at: number }) | undefined
  #usedAt: number

  constructor(options: LinkOptions) {
    this.#options = options
    this.pair = options.pair
    this.leg = options.leg
    this.#queue = new Parcels(options.limits, options.budget)
    this.#usedAt = options.now()
  }

  /** Delivers a parcel, now or in its turn; a parcel that cannot be delivered is bounced. */
  send(parcel: Parcel): void {
    this.#usedAt = this.#options.now()
    const state = this.#state
    if (state.phase === 'closed') return this.#options.bounce(parcel, state.why)
    if (state.phase === 'ready' && state.stream.open && !this.#pipeFull && this.waiting === 0) {
      return this.#write(state.stream, parcel)
    }
    if (state.phase === 'idle') {
      const failure = this.#lastFailure
      if (failure && this.#usedAt - failure.at < this.#options.limits.holdMs) {
        return this.#options.bounce(parcel, failure)
      }
    }
    if (!this.#enqueue(parcel)) return
    if (state.phase === 'idle') void this.#connect()
  }

  /** The stream this link is up on, if it is. */
  get stream(): Stream | undefined {
    return this.#state.phase === 'ready' ? this.#state.stream : undefined
  }

  /** Nothing waits and nothing is under way: closing the link now would lose nothing. */
  get quiet(): boolean {
    return this.#state.phase !== 'connecting' && this.waiting === 0 && !this.#pipeFull
  }

  /** Quiet, and no stream is open: the link may be forgotten. */
  get idle(): boolean {
    return this.#state.phase === 'idle' && this.waiting === 0
  }

  /** How many stanzas wait. */
  get waiting(): number {
    return this.#queue.length
  }

  /** When the link last had something to carry, in ms. */
  get usedAt(): number {
    return this.#usedAt
  }

  /** Forgets the last failure: the next parcel makes an attempt at once. */
  retry(): void {
    this.#lastFailure = undefined
  }

  /** Ends the stream or the attempt and bounces what waits, all for one reason. A closed link bounces what comes later. */
  close(why: Bounce): void {
    const state = this.#state
    if (state.phase === 'closed') return
    this.#state = { phase: 'closed', why, stream: state.phase === 'ready' ? state.stream : undefined }
    if (state.phase === 'connecting') state.abort.abort()
    if (state.phase === 'ready') state.stream.close(why.reason, { reference: why.reference, detail: why.detail })
    this.#bounceAll(why)
  }

  /** Bounces what has waited too long. */
  expire(): void {
    const { limits, now, bounce, reference } = this.#options
    const oldest = now() - limits.queueWaitMs
    const detail = `waited ${Math.round(limits.queueWaitMs / 1000)} s for ${this.pair.remote}`
    for (let late = this.#queue.takeOlderThan(oldest); late; late = this.#queue.takeOlderThan(oldest)) {
      bounce(late, { reason: 'SP-623', detail, reference: reference() })
    }
    if (this.waiting === 0 && !this.#pipeFull) this.#releaseAll()
  }

  status(): LinkStatus {
    const failure = this.#lastFailure
    return {
      leg: this.leg,
      local: this.pair.local,
      remote: this.pair.remote,
      state: this.#state.phase === 'closed' ? 'idle' : this.#state.phase,
      queuedStanzas: this.waiting,
      queuedBytes: this.#queue.bytes,
      lastFailure: failure && { ...failure, at: new Date(failure.at).toISOString() },
    }
  }

  #write(stream: Stream, parcel: Parcel): void {
    if (stream.send(parcel.bytes)) return
    this.#pipeFull = true
    this.#hold(parcel.source)
  }

  /** False when the parcel did not fit and was bounced. */
  #enqueue(parcel: Parcel): boolean {
    if (!this.#queue.add(parcel, this.#usedAt)) {
      const detail = `${this.waiting} stanzas and ${this.#queue.bytes} bytes wait for ${this.pair.remote}`
      this.#options.bounce(parcel, { reason: 'SP-621', detail, reference: this.#options.reference() })
      return false
    }
    if (this.#queue.halfFull || this.#pipeFull) this.#hold(parcel.source)
    return true
  }

  async #connect(): Promise<void> {
    const abort = new AbortController()
    this.#state = { phase: 'connecting', abort }
    let ended: StreamEnd | undefined // Between being ready and our being told.
    const handler: StreamHandler = {
      frame: (frame) => {
        const stream = this.stream
        if (stream) this.#options.unexpected(stream, frame)
      },
      drained: () => this.#drained(),
      closed: (end) => {
        ended = end
        this.#closed(end)
      },
    }
    const result = await this.#options.open(() => handler, abort.signal)
    const state = this.#now()
    if (state.phase === 'closed') {
      if (result.ok) result.stream.close(state.why.reason, state.why)
      return
    }
    if (result.ok) {
      this.#lastFailure = undefined
      this.#state = { phase: 'ready', stream: result.stream, since: this.#options.now() }
      this.#options.opened(result.stream)
      if (ended) this.#closed(ended)
      else this.#flush()
    } else {
      const { reason, detail, reference } = result.failure
      this.#fail({ reason, detail, reference })
    }
  }

  /** The state as it is after a wait, whatever it was before. */
  #now(): State {
    return this.#state
  }

  #drained(): void {
    this.#pipeFull = false
    this.#flush()
  }

  #flush(): void {
    // A stream that is being closed takes nothing more; when it is gone, the next one takes the rest.
    while (this.#state.phase === 'ready' && this.#state.stream.open && !this.#pipeFull) {
      const parcel = this.#queue.take()
      if (!parcel) break
      this.#write(this.#state.stream, parcel)
    }
    if (!this.#pipeFull && this.waiting === 0) this.#releaseAll()
  }

  #closed(end: StreamEnd): void {
    const state = this.#state
    if (state.phase === 'closed' && state.stream) this.#options.ended(state.stream, end)
    if (state.phase !== 'ready') return
    this.#options.ended(state.stream, end)
    this.#pipeFull = false
    this.#state = { phase: 'idle' }
    const lived = this.#options.now() - state.since
    this.#shortLived = lived < SHORT_LIVED_MS ? this.#shortLived + 1 : 0
    if (this.waiting === 0) return this.#releaseAll()
    // A stream error is the peer's answer, and asking again at once would not change it; anything else is bad luck.
    const refused = end.by === 'peer' && end.condition !== undefined && end.condition !== 'system-shutdown'
    if (refused || this.#shortLived >= SHORT_LIVED_LIMIT) this.#fail(end)
    else void this.#connect()
  }

  #fail(why: Bounce): void {
    this.#lastFailure = { reason: why.reason, detail: why.detail, reference: why.reference, at: this.#options.now() }
    this.#state = { phase: 'idle' }
    this.#bounceAll(why)
  }

  #bounceAll(why: Bounce): void {
    for (let parcel = this.#queue.take(); parcel; parcel = this.#queue.take()) this.#options.bounce(parcel, why)
    this.#releaseAll()
  }

  #hold(source: Source | undefined): void {
    if (!source) return
    source.hold(this)
    this.#held.add(source)
  }

  #releaseAll(): void {
    for (const source of this.#held) {
      this.#held.delete(source)
      source.release(this)
    }
  }
}
