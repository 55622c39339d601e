// A link is our way to one domain on behalf of another: at most one stream, opened when something has to cross, and a
// bounded queue for what arrives meanwhile.
//
// Rule 1: order holds. Whatever is queued goes before whatever comes later, and a bounce answers in the same order. So a
//         new connection waits until the old one is gone.
// Rule 2: a parcel ends in exactly one way: taken, or bounced with a truthful reason. Taken is what the peer acknowledges
//         (XEP-0198), or else what the operating system took: what of that the peer never read is lost. One that was given
//         away and not taken when the connection broke may have arrived: it is bounced, told so, and never sent twice, for
//         only its sender knows whether twice does harm. One that was never given away goes on the next connection.
// Rule 3: before it opens a stream, it looks for one of the peer's that goes both ways (XEP-0288). One that it adopts is
//         like its own, but for the telling of its beginning and its end, which is not the link's.
// Rule 4: a full queue holds the streams that feed it long before it has to bounce.

import type { Stream, StreamEnd, StreamHandler } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { type Bounce, inDoubt, isFinal, letIn } from '../bounce.ts'
import type { Budget } from './budget.ts'
import { Condition } from './condition.ts'
import type { Leg, LinkStatus } from '../control.ts'
import { Failures } from './failures.ts'
import { holdBack } from './hold-back.ts'
import type { LinkOptions } from './link-options.ts'
import { ADOPTED, type LinkState } from './link-state.ts'
import { type Parcel, Parcels } from './parcels.ts'
import { Held } from './source.ts'

export class Link {
  readonly pair: Pair
  readonly leg: Leg
  readonly budget: Budget
  readonly #options: LinkOptions
  readonly #queue: Parcels
  readonly #held = new Held()
  #state: LinkState = { phase: 'idle' }
  #pipeFull = false
  readonly #failures: Failures
  #usedAt: number
  /** Until when there may be a connection of an earlier link. */
  #after: Promise<void> | undefined
  /** Why only answers are still carried. */
  #stopping: Bounce | undefined
  /** What becomes of what a stream was given. */
  readonly #fate = {
    taken: (stanzas: number) => this.#taken(stanzas),
    drained: () => this.#drained(),
    gone: (doubtful: number) => this.#gone(doubtful),
  }
  readonly #whenQuiet = new Condition(() => this.quiet)

  constructor(options: LinkOptions) {
    this.#options = options
    this.pair = options.pair
    this.leg = options.leg
    this.budget = options.budget
    this.#after = options.after
    this.#queue = new Parcels(options.limits, options.budget)
    this.#failures = new Failures(options)
    this.#usedAt = options.now()
  }

  /** Delivers a parcel, now (`at`, in ms) or in its turn; a parcel that cannot be delivered is bounced. */
  send(parcel: Parcel, at = this.#options.now()): void {
    this.#usedAt = at
    if (this.#state.phase === 'idle') this.#adopt()
    const state = this.#state
    if (state.phase === 'closed' && this.#queue.handed === 0) return this.#options.bounce(parcel, state.why)
    if (this.#stopping && parcel.frame) return this.#options.bounce(parcel, this.#stopping)
    if (state.phase === 'ready' && state.stream.open && !this.#pipeFull && this.waiting === 0) {
      const full = this.#queue.hand(parcel)
      return full ? this.#overflow(parcel, full) : this.#write(state.stream, parcel)
    }
    const { last } = this.#failures
    if (state.phase === 'idle' && last && this.#failures.until(this.#usedAt) !== undefined) {
      return this.#options.bounce(parcel, last)
    }
    if (!this.#enqueue(parcel)) return
    if (state.phase === 'idle') this.#open()
  }

  /** The peer has opened a stream that goes both ways: an attempt that is under way is for nothing. */
  offered(): void {
    const state = this.#state
    if (state.phase === 'connecting' && this.#adopt()) state.abort.abort(ADOPTED)
  }

  /** The stream this link is up on, if it is. */
  get stream(): Stream | undefined {
    return this.#state.phase === 'ready' ? this.#state.stream : undefined
  }

  /** Nothing waits and nothing is under way: closing the link now would lose nothing. A closed one has no connection left. */
  get quiet(): boolean {
    const state = this.#state
    const settled = state.phase === 'idle' || state.phase === 'ready' || (state.phase === 'closed' && state.gone)
    return settled && this.waiting === 0 && this.#queue.handed === 0
  }

  /** Resolves when the link is quiet. */
  quieted(): Promise<void> {
    return this.#whenQuiet.met()
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

  /** Forgets the last failure: the next parcel makes an attempt at once. False: it would have done so anyway. */
  retry(): boolean {
    const held = this.#state.phase === 'idle' && this.#failures.until(this.#options.now()) !== undefined
    this.#failures.forget()
    return held
  }

  /** Opens a stream although nothing waits, but not too soon after a failure. */
  wake(): void {
    if (this.#state.phase !== 'idle' || this.#stopping) return
    if (this.#failures.until(this.#options.now()) === undefined) this.#open()
  }

  /** From now on only answers of ours are carried: everything else that waits or comes is bounced. */
  stop(why: Bounce): void {
    this.#stopping = why
    this.#giveBack(why)
    this.#whenQuiet.check()
  }

  /** Gives up an attempt that nothing waits for. */
  forgo(): void {
    if (this.#state.phase === 'connecting' && this.waiting === 0) this.#state.abort.abort()
  }

  /** Ends the stream or the attempt and bounces what waits, all for one reason. A closed link bounces what comes later. */
  close(why: Bounce): void {
    const state = this.#state
    if (state.phase === 'closed') return
    const stream = state.phase === 'ready' ? state.stream : undefined
    this.#state = { phase: 'closed', why, stream, gone: state.phase === 'idle' }
    if (state.phase === 'connecting') state.abort.abort()
    stream?.close(why.reason, { reference: why.reference, detail: why.detail })
    // What the stream still has is bounced first, when its connection is gone.
    if (this.#queue.handed === 0) this.#bounceAll(why)
    this.#whenQuiet.check()
  }

  /** Bounces what has waited too long. */
  expire(): void {
    const { limits, now, bounce, reference } = this.#options
    const detail = `waited ${Math.round(limits.queueWaitMs / 1000)} s for ${this.pair.remote}`
    for (const late of this.#queue.takeOlderThan(now() - limits.queueWaitMs)) {
      bounce(late, letIn({ reason: 'SP-623', detail, reference: reference() }))
    }
    this.#eased()
  }

  status(): LinkStatus {
    const [failure, { phase }] = [this.#failures.last, this.#state]
    const until = phase === 'idle' ? this.#failures.until(this.#options.now()) : undefined
    return {
      leg: this.leg,
      local: this.pair.local,
      remote: this.pair.remote,
      state: phase === 'closed' || phase === 'leaving' ? 'idle' : phase,
      queuedStanzas: this.waiting,
      queuedBytes: this.#queue.bytes,
      lastFailure: failure && { ...failure, at: new Date(failure.at).toISOString() },
      nextAttempt: until === undefined ? undefined : new Date(until).toISOString(),
    }
  }

  #write(stream: Stream, parcel: Parcel): void {
    if (!stream.send(parcel.bytes)) this.#pipeFull = true
    if (this.#pipeFull || this.budget.halfUsed) this.#held.add(parcel.source)
  }

  /** Something is off our hands: sources that were held go on unless more waits, or what they gave takes too much still. */
  #eased(): void {
    const crowded = this.#queue.handed > 0 && this.budget.halfUsed
    if (!this.#pipeFull && this.waiting === 0 && !crowded) this.#held.release()
    this.#whenQuiet.check()
  }

  /** False when the parcel did not fit and was bounced. */
  #enqueue(parcel: Parcel): boolean {
    const full = this.#queue.add(parcel, this.#usedAt)
    if (full) this.#overflow(parcel, full)
    else if (this.#queue.halfFull || this.#pipeFull) this.#held.add(parcel.source)
    return full === undefined
  }

  #overflow(parcel: Parcel, reason: ReasonId): void {
    const detail = `${this.waiting} stanzas and ${this.#queue.bytes} bytes wait for ${this.pair.remote}`
    this.#options.bounce(parcel, { reason, detail, reference: this.#options.reference() })
  }

  /** Goes on with a stream of the peer's, if there is one. */
  #adopt(): boolean {
    if (this.#after) return false
    const stream = this.#options.adopt?.({ ...this.#fate, frame() {}, closed: (end) => this.#left(end) })
    if (!stream) return false
    this.#failures.mended()
    this.#state = { phase: 'ready', stream, since: this.#options.now() }
    this.#flush()
    return true
  }

  #open(): void {
    const abort = new AbortController()
    this.#state = { phase: 'connecting', abort }
    this.#connect(abort.signal).catch((error: unknown) => this.#broken(error))
  }

  async #connect(signal: AbortSignal): Promise<void> {
    if (this.#after) {
      await this.#after
      this.#after = undefined
      if (this.#state.phase === 'connecting' && this.#adopt()) return
    }
    let read: (frame: Frame) => void = () => {}
    const { handler, release } = holdBack({
      ...this.#fate,
      frame: (frame) => read(frame),
      closed: (end) => this.#closed(end),
    })
    const made = (stream: Stream): StreamHandler => {
      read = this.#options.reader(stream)
      return handler
    }
    const result = await this.#options.open(made, signal)
    if (signal.reason === ADOPTED) return result.ok ? result.stream.close('SP-431') : undefined
    const state = this.#state
    if (state.phase === 'closed') {
      if (!result.ok) return this.#gone(0)
      result.stream.close(state.why.reason, state.why)
      release()
    } else if (result.ok) {
      this.#failures.mended()
      this.#state = { phase: 'ready', stream: result.stream, since: this.#options.now() }
      try {
        this.#options.opened(result.stream)
      } finally {
        release()
      }
      this.#flush()
    } else if (!this.#adopt()) this.#fail(result.failure)
  }

  /** A bug in what follows an attempt: the link gives up what it has, and is as good as before. */
  #broken(error: unknown): void {
    const { bug, reference } = this.#options
    const why: Bounce = { reason: 'SP-491', detail: String(error), reference: reference() }
    bug(error, why.reference)
    try {
      const state = this.#state
      if (state.phase === 'ready') state.stream.close(why.reason, why)
      else if (state.phase === 'closed') this.#gone(0)
      else if (state.phase === 'connecting') this.#fail(why)
    } catch (second) {
      bug(second, why.reference)
    }
  }

  #drained(): void {
    this.#pipeFull = false
    this.#flush()
  }

  #taken(stanzas: number): void {
    this.#queue.carried(stanzas)
    this.#eased()
  }

  #flush(): void {
    // A stream that is being closed takes nothing more; when it is gone, the next one takes the rest.
    while (this.#state.phase === 'ready' && this.#state.stream.open && !this.#pipeFull) {
      const parcel = this.#queue.handNext()
      if (!parcel) break
      this.#write(this.#state.stream, parcel)
    }
    this.#eased()
  }

  #closed(end: StreamEnd): void {
    const state = this.#state
    if ((state.phase === 'closed' || state.phase === 'ready') && state.stream) this.#options.ended(state.stream, end)
    this.#left(end)
  }

  #left(end: StreamEnd): void {
    const state = this.#state
    if (state.phase !== 'ready') return
    this.#failures.lived(this.#options.now() - state.since)
    this.#state = { phase: 'leaving', end }
  }

  /** The connection is gone. What of it was never given away goes first on the next one, or is bounced with the rest. */
  #gone(doubtful: number): void {
    const state = this.#state
    if (state.phase !== 'leaving' && state.phase !== 'closed') return
    const why = state.phase === 'leaving' ? state.end : state.why
    const lost = this.#queue.takeBack(doubtful, this.#options.now())
    this.#pipeFull = false
    try {
      for (const parcel of lost) this.#options.bounce(parcel, inDoubt(why))
    } finally {
      this.#state = state.phase === 'closed' ? { ...state, gone: true } : { phase: 'idle' }
      if (state.phase === 'closed') this.#bounceAll(why)
      else this.#again(state.end)
      this.#whenQuiet.check()
    }
  }

  /** After the end of a stream: another one, if anything waits and there is hope. */
  #again(end: StreamEnd): void {
    if (this.#stopping) this.#giveBack(this.#stopping)
    const spoilt = isFinal(end) || this.#failures.lastWasShort
    if (this.waiting === 0 && !(this.#options.keptUp && spoilt)) return this.#held.release()
    if (isFinal(end) || this.#failures.hopeless) this.#fail(end)
    else if (!this.#adopt()) this.#open()
  }

  #fail(why: Bounce): void {
    this.#state = { phase: 'idle' }
    this.#bounceAll(this.#failures.failed(why, this.#options.now()))
    this.#whenQuiet.check()
  }

  #giveBack(why: Bounce): void {
    const stanzas = this.#queue.takeWhere(({ frame }) => frame !== undefined)
    for (const parcel of stanzas) this.#options.bounce(parcel, letIn(why))
    this.#held.release()
  }

  #bounceAll(why: Bounce): void {
    for (let parcel = this.#queue.take(); parcel; parcel = this.#queue.take()) this.#options.bounce(parcel, letIn(why))
    this.#held.release()
  }
}
