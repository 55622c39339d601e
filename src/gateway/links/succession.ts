// How a link goes on with another stream while the one before is up, so that no stanza is lost, doubled or reordered.
//
// Rule 1: the old stream serves until the new one is ready.
// Rule 2: then nothing more is written to it, and what it was given has to be off our hands: acknowledged (XEP-0198), or
//         taken by the operating system.
// Rule 3: one that is ours then closes in good order, and the new one is used when its connection is gone: the footer in
//         answer says that the peer has read all. RFC 6120 §4.4
// Rule 4: one of the peer's is the peer's to close, and is left only where everything is acknowledged.
// Rule 5: all this has its time: until there is a new stream that which is asked for, and from then on, as the peer has proven its
//         name, half of what a stanza may wait. After it the old stream ends with `<reset/>`, and what is left is in doubt.

import { onTheClock } from '../../net/dial.ts'
import type { Delay } from '../../net/race.ts'
import type { Stream } from '../../net/stream.ts'
import type { Bounce } from '../bounce.ts'
import { attempt, type Fate } from './attempt.ts'
import { Condition } from './condition.ts'
import type { LinkOptions } from './link-options.ts'
import type { LinkState } from './link-state.ts'

/** How often it is looked whether a peer has left a stream, and for how long it must say nothing for that. */
const LOOK_MS = 20
const SILENCE_MS = 250

/** What came of it. `'gone'`: there is nothing to take the place of any more. */
export type Renewed = 'renewed' | 'gone' | Bounce

/** The link that goes from one stream to another. */
export interface Mover {
  state(): LinkState
  become(state: LinkState): void
  /** How many stanzas its stream is not rid of. */
  handed(): number
}

type Options = Pick<LinkOptions, 'open' | 'reader' | 'opened' | 'now' | 'reference' | 'limits'>

export class Succession {
  readonly #link: Mover
  readonly #options: Options
  readonly #fate: Fate
  readonly #rid = new Condition(() => this.#link.handed() === 0 || this.#link.state().phase !== 'yielding')
  readonly #moved = new Condition(() => !('next' in this.#link.state()))
  #attempt: AbortController | undefined

  constructor(link: Mover, options: Options, fate: Fate) {
    this.#link = link
    this.#options = options
    this.#fate = fate
  }

  /** Opens another stream until then (ms), with all that this proves, and goes on with it. */
  async renew(until: number): Promise<Renewed> {
    const old = this.#up
    if (!old || this.#attempt || !(isOurs(old) || this.mayLeave(old))) return 'gone'
    const abort = new AbortController()
    this.#attempt = abort
    const callOff = onTheClock(until - this.#options.now(), () => abort.abort())
    const { result, release } = await attempt(this.#options, this.#fate, abort.signal, true)
    callOff()
    this.#attempt = undefined
    if (!result.ok) return result.failure
    const { stream: next } = result
    try {
      this.#options.opened(next)
    } finally {
      release(next)
    }
    const { now, limits } = this.#options
    if (old.info.bidi && isOurs(old)) await left(old, next, Math.min((until - now()) / 2, limits.queueWaitMs / 2))
    if (this.#up === old && next.open) return this.follow(next)
    next.close('SP-482', { detail: 'the stream that it was to follow has ended' })
    return 'gone'
  }

  /** May the link go on elsewhere while its stream goes on? */
  mayLeave(stream: Stream): boolean {
    return !isOurs(stream) && stream.acks !== undefined
  }

  /** Goes to another stream that is up already, within the time that a stanza may wait. */
  async follow(next: Stream): Promise<Renewed> {
    const { reference, now, limits } = this.#options
    const until = now() + limits.queueWaitMs / 2
    const [link, state] = [this.#link, this.#link.state()]
    if (state.phase !== 'ready') return 'gone'
    const { stream: old } = state
    link.become({ ...state, phase: 'yielding', next })
    await within(until - now(), this.#rid.met())
    const ended = link.state().phase !== 'yielding' // one of the two has, by itself
    const isRid = link.handed() === 0
    const detail = `not rid of ${link.handed()} stanzas in time`
    const late: Bounce = { reason: 'SP-484', detail, reference: reference() }
    if (!ended && !isOurs(old)) link.become({ ...state, stream: isRid ? next : old })
    else if (!ended && isRid) old.close('SP-482', { patienceMs: until - now() })
    else if (!ended) old.close(late.reason, late)
    await this.#moved.met()
    if (!ended && !isRid) return late
    return this.#up === next ? 'renewed' : 'gone'
  }

  /** The next stream is gone before its turn: the old one goes on, or is followed by whatever comes when it has ended. */
  forsaken(): void {
    const state = this.#link.state()
    if (state.phase === 'yielding') {
      this.#link.become({ phase: 'ready', stream: state.stream, since: state.since })
    } else if (state.phase === 'leaving') {
      this.#link.become({ phase: 'leaving', stream: state.stream, end: state.end })
    }
  }

  /** Something of the link is not as it was. */
  check(): void {
    this.#rid.check()
    this.#moved.check()
  }

  /** The link is to close. */
  abandon(): void {
    this.#attempt?.abort()
  }

  get #up(): Stream | undefined {
    const state = this.#link.state()
    return state.phase === 'ready' ? state.stream : undefined
  }
}

const isOurs = ({ info }: Stream): boolean => info.role === 'initiating'

/** Resolves after so long, or with the promise. */
async function within(ms: number, promise: Promise<unknown>, delay: Delay = onTheClock): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const callOff = delay(ms, resolve)
  await Promise.race([promise, over])
  callOff()
}

type Heard = { readonly info: { readonly counters: Pick<Stream['info']['counters'], 'stanzasIn'> } }

/**
 * Resolves when the peer of a stream that goes both ways sends on its successor, or nothing more on the old one: what it had
 * on the way when we say goodbye could not be acknowledged any more. After `ms` it resolves all the same.
 */
export async function left(old: Heard, next: Heard, ms: number, delay: Delay = onTheClock): Promise<void> {
  let { stanzasIn } = old.info.counters
  let silentMs = 0
  for (let waited = 0; waited < ms && silentMs < SILENCE_MS; waited += LOOK_MS) {
    if (next.info.counters.stanzasIn > 0) return
    await within(LOOK_MS, new Promise(() => {}), delay)
    silentMs = old.info.counters.stanzasIn === stanzasIn ? silentMs + LOOK_MS : 0
    stanzasIn = old.info.counters.stanzasIn
  }
}
