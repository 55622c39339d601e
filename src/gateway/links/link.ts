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

import type { Stream, StreamEnd } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import { type Bounce, inDoubt, isFinal } from '../bounce.ts'
import { adopted, attempt, type Fate } from './attempt.ts'
import type { Budget } from './budget.ts'
import { Condition } from './condition.ts'
import { cross } from './crossing.ts'
import type { LinkStatus } from '../control.ts'
import type { Leg } from '../leg.ts'
import { Failures } from './failures.ts'
import type { LinkOptions } from './link-options.ts'
import { ADOPTED, type LinkState } from './link-state.ts'
import { linkStatus } from './link-status.ts'
import { type Parcel, Parcels } from './parcels.ts'
import { Returns } from './returns.ts'
import { Held } from './source.ts'
import { type Renewed, Succession } from './succession.ts'

export class Link {
  readonly pair: Pair
  readonly leg: Leg
  readonly budget: Budget
  readonly #options: LinkOptions
  readonly #queue: Parcels
  readonly #returns: Returns
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
  readonly #fate: Fate = {
    taken: (stanzas) => this.#taken(stanzas),
    drained: () => this.#drained(),
    closed: (end, stream) => this.#closed(end, stream),
    left: (end, stream) => this.#left(end, stream),
    gone: (doubtful, stream) => this.#gone(doubtful, stream),
  }
  readonly #whenQuiet = new Condition(() => this.quiet)
  readonly #succession: Succession

  constructor(options: LinkOptions) {
    this.#options = options
    this.pair = options.pair
    this.leg = options.leg
    this.budget = options.budget
    this.#after = options.after
    this.#queue = new Parcels(options.limits, options.budget, options.leg)
    this.#returns = new Returns(this.#queue, this.#held, options)
    this.#failures = new Failures(options)
    const [state, handed] = [() => this.#state, () => this.#queue.handed]
    this.#succession = new Succession({ state, handed, become: (s) => this.#become(s) }, options, this.#fate)
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
      const kept = this.#queue.hand(parcel, at)
      return typeof kept === 'string' ? this.#returns.full(parcel, kept) : this.#write(state.stream, kept)
    }
    const { last } = this.#failures
    if (state.phase === 'idle' && last && this.#failures.until(this.#usedAt) !== undefined) {
      return this.#options.bounce(parcel, last)
    }
    if (!this.#enqueue(parcel)) return
    if (state.phase === 'idle') this.#open()
  }

  /** The peer has opened a stream that goes both ways: an attempt that is under way is for nothing, and one before it may end. */
  offered(): void {
    const state = this.#state
    if (state.phase === 'connecting') return cross(this.pair, state.abort, () => this.#state === state && this.#adopt())
    if (state.phase !== 'ready' || !this.#succession.mayLeave(state.stream)) return
    const next = this.#adoptable()
    if (next) this.#succession.follow(next).catch((error: unknown) => this.#broken(error))
  }

  /** Goes on with another stream in place of the one it is up on, opened until then (ms), with all that this proves. */
  renew(until: number): Promise<Renewed> {
    return this.#succession.renew(until)
  }

  /** The stream this link is up on, if it is. */
  get stream(): Stream | undefined {
    return this.#state.phase === 'ready' || this.#state.phase === 'yielding' ? this.#state.stream : undefined
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
    this.#returns.stanzas(why)
    this.#check()
  }

  /** Gives up an attempt that nothing waits for. */
  forgo(): void {
    if (this.#state.phase === 'connecting' && this.waiting === 0) this.#state.abort.abort()
  }

  /** Ends the stream or the attempt and bounces what waits, all for one reason. A closed link bounces what comes later. */
  close(why: Bounce): void {
    const state = this.#state
    if (state.phase === 'closed') return
    const stream = 'stream' in state ? state.stream : undefined
    this.#state = { phase: 'closed', why, stream, gone: state.phase === 'idle' }
    if (state.phase === 'connecting') state.abort.abort()
    this.#succession.abandon()
    const next = 'next' in state ? state.next : undefined
    for (const one of [stream, next]) one?.close(why.reason, { reference: why.reference, detail: why.detail })
    // What the stream still has is bounced first, when its connection is gone.
    if (this.#queue.handed === 0) this.#returns.all(why)
    this.#check()
  }

  /** Bounces what has waited too long. */
  expire(): void {
    this.#returns.late()
    this.#eased()
  }

  status(): LinkStatus {
    return linkStatus(this, this.#state.phase, this.#queue, this.#failures, this.#options.now())
  }

  #write(stream: Stream, parcel: Parcel): void {
    if (!stream.send(parcel.bytes)) this.#pipeFull = true
    if (this.#pipeFull || this.budget.halfUsed) this.#held.add(parcel.source)
  }

  /** Something is off our hands: sources that were held go on unless more waits, or what they gave takes too much still. */
  #eased(): void {
    const crowded = this.#queue.handed > 0 && this.budget.halfUsed
    if (!this.#pipeFull && this.waiting === 0 && !crowded) this.#held.release()
    this.#check()
  }

  #check(): void {
    this.#whenQuiet.check()
    this.#succession.check()
  }

  /** False when the parcel did not fit and was bounced. */
  #enqueue(parcel: Parcel): boolean {
    const full = this.#queue.add(parcel, this.#usedAt)
    if (full) this.#returns.full(parcel, full)
    else if (this.#queue.halfFull || this.#pipeFull) this.#held.add(parcel.source)
    return full === undefined
  }

  /** Goes on with a stream of the peer's, if there is one. */
  #adopt(): boolean {
    const stream = this.#adoptable()
    if (!stream) return false
    this.#goOn(stream)
    return true
  }

  /** A stream of the peer's that is this link's from now on; none before the connection of an earlier link is gone. */
  #adoptable(): Stream | undefined {
    return this.#after ? undefined : adopted(this.#options, this.#fate)
  }

  /** Up on this stream from now on. */
  #goOn(stream: Stream): void {
    this.#failures.mended()
    this.#become({ phase: 'ready', stream, since: this.#options.now() })
  }

  #become(state: LinkState): void {
    this.#state = state
    this.#pipeFull = false
    this.#flush()
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
    const { result, release } = await attempt(this.#options, this.#fate, signal, false)
    if (signal.reason === ADOPTED) return result.ok ? result.stream.close('SP-431') : undefined
    const state = this.#state
    if (state.phase === 'closed') {
      if (!result.ok) return this.#gone(0, undefined)
      result.stream.close(state.why.reason, state.why)
      release()
    } else if (result.ok) {
      this.#failures.mended()
      this.#state = { phase: 'ready', stream: result.stream, since: this.#options.now() }
      try {
        this.#options.opened(result.stream)
      } finally {
        release(result.stream)
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
      else if (state.phase === 'closed') this.#gone(0, state.stream)
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
      const parcel = this.#queue.handNext(this.#options.now())
      if (!parcel) break
      this.#write(this.#state.stream, parcel)
    }
    this.#eased()
  }

  #closed(end: StreamEnd, stream: Stream | undefined): void {
    if (stream) this.#options.ended(stream, end)
    this.#left(end, stream)
  }

  #left(end: StreamEnd, stream: Stream | undefined): void {
    const state = this.#state
    if ('next' in state && stream === state.next) return this.#succession.forsaken()
    if ((state.phase !== 'ready' && state.phase !== 'yielding') || stream !== state.stream) return
    if (state.phase === 'yielding') return void (this.#state = { phase: 'leaving', stream, end, next: state.next })
    this.#failures.lived(this.#options.now() - state.since)
    this.#state = { phase: 'leaving', stream, end }
  }

  /** The connection is gone. What of it was never given away goes first on the next one, or is bounced with the rest. */
  #gone(doubtful: number, stream: Stream | undefined): void {
    const state = this.#state
    if ((state.phase !== 'leaving' && state.phase !== 'closed') || state.stream !== stream) return
    const why = state.phase === 'leaving' ? state.end : state.why
    const lost = this.#queue.takeBack(doubtful, this.#options.now())
    this.#pipeFull = false
    try {
      for (const parcel of lost) this.#options.bounce(parcel, inDoubt(why))
    } finally {
      this.#state = state.phase === 'closed' ? { ...state, gone: true } : { phase: 'idle' }
      if (state.phase === 'closed') this.#returns.all(why)
      else if (state.next?.open) this.#goOn(state.next)
      else this.#again(state.end)
      this.#check()
    }
  }

  /** After the end of a stream: another one, if anything waits and there is hope. */
  #again(end: StreamEnd): void {
    if (this.#stopping) this.#returns.stanzas(this.#stopping)
    const spoilt = isFinal(end) || this.#failures.lastWasShort
    if (this.waiting === 0 && !(this.#options.keptUp && spoilt)) return this.#held.release()
    if (isFinal(end) || this.#failures.hopeless) this.#fail(end)
    else if (!this.#adopt()) this.#open()
  }

  #fail(why: Bounce): void {
    this.#state = { phase: 'idle' }
    this.#returns.all(this.#failures.failed(why, this.#options.now()))
    this.#check()
  }
}
