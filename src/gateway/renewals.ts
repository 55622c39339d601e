// Partners that proved their names long ago prove them anew: after `reauthenticate`, and before the certificate ends that
// proved a name, since they may have a new one by then. The old streams end in good order, so that nothing is lost.
//
// Rule 1: a stream of ours is replaced by a new one in good time, so that failures can be tried again (`links/succession.ts`).
// Rule 2: a stream of the peer's is the peer's to replace. One that it has not replaced ends shortly before its time is over,
//         with `<reset/>`, and when nothing comes on it if there is such a moment: what is under way to us when a peer hears
//         of the end is not acknowledged any more, and comes back to its senders or is lost, as that peer does.
// Rule 3: what has not happened in time happens: the stream ends. The end of a certificate is others' to see to.

import { onTheClock } from '../net/dial.ts'
import type { Stream } from '../net/stream.ts'
import type { Bounce } from './bounce.ts'
import { outsideOf, legOf } from './leg.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import type { Link } from './links/link.ts'
import type { Links } from './links/links.ts'
import type { Renewed } from './links/succession.ts'
import type { Streams } from './streams.ts'

export interface RenewalsOptions {
  house(): House
  readonly links: Pick<Links, 'known'>
  readonly streams: Pick<Streams, 'receiving'>
  readonly journal: Pick<Journal, 'renewed' | 'bug'>
  reference(): string
  now(): number
  /** From 0 to 1, as `Math.random`. */
  random(): number
}

interface Plan {
  /** When the time began to run, in ms, and how long it was then. */
  from: number
  intervalMs: number | undefined
  /** From 0 to 1: where in its span the first attempt is, so that many streams of one moment have theirs one after another. */
  readonly turn: number
  busy: boolean
  /** No other attempt before then, in ms. */
  notBefore: number
  failure: Bounce | undefined
}

/** From when on something is done, and when it has to be done, in ms. */
interface Due {
  readonly from: number
  readonly until: number
  /** What is to be done about a stream that is still there then. */
  readonly overdue: boolean
}

/** Of its time, a stream of ours serves from this part to that. */
const EARLIEST = 0.5
const LATEST = 0.65
/** A stream of the peer's ends in the last part of its time, and so long before its end is looked for a good moment, at most. */
const LAST = 0.1
const LAST_MS = 60_000
/** So long before the end of a certificate it is looked whether there is a new one. */
const BEFORE_END_MS = 600_000
/** An attempt that failed leaves this part of the time until the next one. */
const AGAIN = 0.2
const SOONEST_MS = 1000
/** Of many streams whose time has come, so many are replaced at once. */
const MOST_AT_ONCE = 16
/** Nothing comes on a stream that is quiet for so long; as its time runs out, less is enough. */
const QUIET_MS = 1000
const LOOK_MS = 20
const TICK_MS = 1000

export class Renewals implements Disposable {
  readonly #o: RenewalsOptions
  readonly #plans = new Map<Stream, Plan>()
  readonly #timers = new Set<() => void>()
  /** New streams that are being opened in place of others. */
  #opening = 0
  #closed = false

  constructor(o: RenewalsOptions) {
    this.#o = o
  }

  opened(stream: Stream): void {
    if (stream.info.leg !== 'partner') return
    const { info } = stream
    const [turn, intervalMs] = [this.#o.random(), this.#intervalOf(stream)]
    this.#plans.set(stream, { from: info.since, intervalMs, turn, busy: false, notBefore: 0, failure: undefined })
  }

  ended(stream: Stream): void {
    this.#plans.delete(stream)
  }

  /** When the peer of a stream has to prove its name anew at the latest, in ms; undefined: never. */
  provenUntil(stream: Stream): number | undefined {
    const plan = this.#plans.get(stream)
    return plan?.intervalMs === undefined ? undefined : plan.from + plan.intervalMs
  }

  /** Once a second: sees to all whose time comes within the next one. */
  tick(): void {
    const now = this.#o.now()
    for (const [stream, plan] of this.#plans) {
      this.#follow(stream, plan, now)
      const due = dueOf(stream, plan)
      if (!due || !stream.open || this.#isHeir(stream)) continue
      const at = Math.max(due.from, plan.notBefore)
      if (!plan.busy && at < Math.min(now + TICK_MS, due.until))
        this.#later(at - now, () => this.#begin(stream, plan, due))
      if (due.overdue && due.until < now + TICK_MS) this.#later(due.until - now, () => this.#overdue(stream, plan))
    }
  }

  /** Does it wait for its turn, as the one before it is not rid of everything? */
  #isHeir(stream: Stream): boolean {
    const { role, pair } = stream.info
    const link = role === 'initiating' ? this.#o.links.known('partner', pair) : undefined
    return link !== undefined && link.stream !== stream
  }

  /** The settings may have changed: a time that is shorter now begins to run out, and is not over at once. */
  #follow(stream: Stream, plan: Plan, now: number): void {
    const intervalMs = this.#intervalOf(stream)
    if (intervalMs === plan.intervalMs) return
    plan.intervalMs = intervalMs
    plan.from = intervalMs === undefined ? plan.from : Math.max(stream.info.since, now - intervalMs * EARLIEST)
  }

  #intervalOf({ proven, info }: Stream): number | undefined {
    const times = proven.map(({ pair }) => this.#o.house().reauthenticateMs(outsideOf(legOf(info.leg), pair)))
    const set = times.filter((ms) => ms !== undefined)
    return set.length > 0 ? Math.min(...set) : undefined
  }

  #later(ms: number, act: () => void): void {
    if (ms <= 0) return act()
    const callOff = onTheClock(ms, () => {
      this.#timers.delete(callOff)
      act()
    })
    this.#timers.add(callOff)
  }

  #begin(stream: Stream, plan: Plan, due: Due): void {
    if (plan.busy || this.#closed || !stream.open) return
    const isOurs = stream.info.role === 'initiating'
    const mayWait = isOurs || this.#o.now() + TICK_MS < due.until
    if (this.#isFull && mayWait && (isOurs || this.#carries(stream))) return
    plan.busy = true
    const done = isOurs ? this.#replace(stream, plan, due) : this.#tell(stream, due)
    done.catch((error: unknown) => this.#o.journal.bug(error, this.#o.reference())).finally(() => (plan.busy = false))
  }

  get #isFull(): boolean {
    return this.#opening >= MOST_AT_ONCE
  }

  /** The link that what we have for the peer goes by, if it goes on this stream. */
  #carries(stream: Stream): Link | undefined {
    const link = this.#o.links.known('partner', stream.info.pair)
    return link?.stream === stream ? link : undefined
  }

  async #renew(link: Link, until: number): Promise<Renewed> {
    this.#opening += 1
    try {
      return await link.renew(until)
    } finally {
      this.#opening -= 1
    }
  }

  /** Ours: another one takes its place, unless nothing has used it. */
  async #replace(stream: Stream, plan: Plan, { until }: Due): Promise<void> {
    const { journal, now } = this.#o
    const { counters } = stream.info
    const link = this.#carries(stream)
    if (counters.stanzasIn + counters.stanzasOut === 0 || !link) {
      stream.close('SP-482', { detail: 'nothing used it' })
      return journal.renewed(stream, 'unused')
    }
    const outcome = await this.#renew(link, until)
    if (outcome === 'renewed') return journal.renewed(stream, 'renewed')
    plan.notBefore = now() + Math.max((until - now()) * AGAIN, SOONEST_MS)
    if (outcome === 'gone') return // if the old one is still there, the new one was gone at once
    plan.failure = outcome
    if (outcome.reason === 'SP-484') journal.renewed(stream, 'overdue')
    else if (stream.open) journal.renewed(stream, 'failed')
  }

  /** The peer's: what we have for the peer goes another way, and then the stream ends. */
  async #tell(stream: Stream, { until }: Due): Promise<void> {
    const { journal } = this.#o
    const { pair, since } = stream.info
    const link = this.#carries(stream)
    if (link && !this.#isFull) await this.#renew(link, until)
    await this.#quiet(stream, until)
    if (!stream.open || this.#closed) return
    const detail = `${pair.remote} has proven its name at ${new Date(since).toISOString()}`
    stream.close('SP-483', { detail, reference: this.#o.reference() })
    journal.renewed(stream, 'told')
  }

  /** Resolves when nothing comes on a stream, or at the end of its time; then only, when the peer has replaced it already. */
  async #quiet(stream: Stream, until: number): Promise<void> {
    const { now, streams } = this.#o
    const begun = now()
    const { counters, pair, since } = stream.info
    let { stanzasIn } = counters
    let quietSince = begun
    while (stream.open && !this.#closed && now() < until) {
      const heirs = [...streams.receiving('partner', pair)].some(({ info }) => info.since > since)
      const enough = Math.min(QUIET_MS, until - begun) * ((until - now()) / (until - begun))
      if (!heirs && now() - quietSince >= enough) return
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#later(LOOK_MS, resolve)
      await promise
      if (counters.stanzasIn !== stanzasIn) quietSince = now()
      ;({ stanzasIn } = counters)
    }
  }

  #overdue(stream: Stream, { failure, busy }: Plan): void {
    if (!stream.open || this.#closed || busy) return // The last attempt fails in a moment, or there is a new stream.
    const why = failure ? `${failure.reason}: ${failure.detail} (${failure.reference})` : 'there was no time for it'
    stream.close('SP-484', { detail: why, reference: this.#o.reference() })
    this.#o.journal.renewed(stream, 'overdue')
  }

  [Symbol.dispose](): void {
    this.#closed = true
    for (const callOff of this.#timers) callOff()
    this.#timers.clear()
  }
}

/** By the time that it may be up, or by the end of the certificate that proved its name, whichever is sooner. */
function dueOf({ info }: Stream, { from, intervalMs, turn }: Plan): Due | undefined {
  const isOurs = info.role === 'initiating'
  const byTime = intervalMs !== undefined && {
    from: from + (isOurs ? oursAfter(intervalMs, turn) : theirsAfter(intervalMs, turn)),
    until: from + intervalMs,
    overdue: isOurs,
  }
  const ends = info.certificate && Date.parse(info.certificate.notAfter)
  // One that began shortly before has shown that there is no new certificate.
  const byEnd = ends !== undefined &&
    ends - info.since > 2 * BEFORE_END_MS && { from: ends - BEFORE_END_MS, until: ends - SOONEST_MS, overdue: false }
  if (!byTime) return byEnd || undefined
  return byEnd && byEnd.from < byTime.from ? byEnd : byTime
}

const oursAfter = (intervalMs: number, turn: number): number => intervalMs * (EARLIEST + (LATEST - EARLIEST) * turn)

function theirsAfter(intervalMs: number, turn: number): number {
  const last = intervalMs * LAST
  return intervalMs - last + (last - Math.min(last / 2, LAST_MS)) * turn
}
