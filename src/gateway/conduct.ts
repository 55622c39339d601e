// How domains outside behave, watched: what crosses and what does not is counted (`policy/conduct/`), and what follows from it is told
// and put in force.
//
// Rule 1: nobody is judged by what they have not proven to have sent.
// Rule 2: a state is told when it changes, with a reference that `why` knows.

import type { Stream } from '../net/stream.ts'
import {
  type ConductState,
  goodConduct,
  type Held,
  type Points,
  pointsAt,
  stateOf,
  sumOf,
} from '../policy/conduct/conduct.ts'
import {
  type ConductBounds,
  type ConductChanges,
  type ConductMove,
  type Conducts,
  type Moment,
  type KnownConduct,
  WHILE_MS,
} from '../policy/conduct/conducts.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import type { Tally } from '../policy/conduct/tally.ts'
import { type Facts, provenSender } from '../policy/facts.ts'
import { LIMITS, type LimitName, REASON_OF } from '../policy/limits/terms.ts'
import type { Passage } from '../policy/passages.ts'
import type { Frame } from '../xml/frame.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { type Cut, cutsOf } from './cuts.ts'
import type { House } from './house.ts'
import type { Journal, Refusal } from './journal.ts'

/** Who keeps it over restarts. */
export interface ConductKeeper {
  recall(): readonly KnownConduct[]
  /** False: not now. */
  keep(changes: ConductChanges): boolean
}

/** How a domain behaves, or what was said of it. Times are ISO 8601, UTC. */
export interface ConductStatus {
  /** Of all that is kept under this name (`policy/conduct/standing.ts`); `held`: said of it and all names below it. */
  readonly domain: string
  /** What counts, or would if it had no entry. */
  readonly state: ConductState
  /** False: it has an entry, so it is only told. */
  readonly counts: boolean
  /** What the automaton finds, and since when. */
  readonly found: ConductState
  readonly since: string
  /** As they are now, all and by what they are for. */
  readonly sum: number
  readonly points: Points
  readonly held:
    | { readonly at: string; readonly until: string | undefined; readonly by: string; readonly why: string | undefined }
    | undefined
}

/** What an administrator says. */
export interface ConductSaying {
  readonly domain: string
  /** Undefined: what the automaton finds. */
  readonly state: ConductState | undefined
  readonly forMs: number | undefined
  readonly by: string
  readonly why: string | undefined
}

/** What may be asked of the conduct of domains, and said of it. */
export interface ConductControl {
  /** What is known and was said that counts for that domain; undefined: all there is, the worst first. */
  list(domain?: string): readonly ConductStatus[]
  /** The streams of partners that would end if this were said. */
  cuts(saying: ConductSaying): readonly Cut[]
  /** Puts in force what an administrator says; undefined: there is no room for more of that. */
  say(saying: ConductSaying): ConductStatus | undefined
}

export interface ConductOptions {
  house(): House
  readonly conductKeeper?: ConductKeeper
  readonly journal: Pick<Journal, 'moved'>
  /** A state that counts has changed. */
  enforce(): void
  streams(): Iterable<Stream>
  reference(): string
  now(): number
  /** The same by a clock that nobody sets (ms); absent: as `now`. */
  steady?(): number
}

/** What is no failure of a stanza, but an offence. */
const VIOLATIONS: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-121', 'SP-122', 'SP-123'])

/** Whom of ours one of its users may reach, or see, or that an answer is late, tells nothing of a domain; nor does its own state. */
const NO_FAILURES: ReadonlySet<ReasonId> = new Set<ReasonId>([
  ...(['SP-141', 'SP-142', 'SP-143', 'SP-144', 'SP-145'] as const),
  ...(['SP-146', 'SP-147', 'SP-162', 'SP-166', 'SP-169', 'SP-170', 'SP-523'] as const),
  ...(['SP-158', 'SP-159', 'SP-160'] as const),
])

/** For which a request for presence still counts as one. */
const REQUESTS: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-147', 'SP-158', 'SP-159', 'SP-160'])

/** More than may be sent. */
const TOO_MUCH: ReadonlyMap<ReasonId, LimitName> = new Map(LIMITS.map((limit) => [REASON_OF[limit], limit]))

export class Conduct implements ConductControl {
  readonly #o: ConductOptions

  /** @throws StoreError */
  constructor(options: ConductOptions) {
    this.#o = options
    if (options.conductKeeper) this.#conducts.recall(options.conductKeeper.recall(), options.now())
  }

  get #conducts(): Conducts {
    return this.#o.house().conducts
  }

  get #bounds(): ConductBounds {
    const { settings, partners } = this.#o.house()
    const { conductHalfLifeMs: halfLifeMs, conducts: most } = settings.limits
    const isListed = (domain: string): boolean => partners.find(domain) !== undefined
    return { halfLifeMs, most, isListed, standing: (domain) => this.#standing(domain) }
  }

  /** A stanza crosses. */
  passed({ name, type }: Frame, { direction, standing }: Pick<Passage, 'direction' | 'standing'>): void {
    if (direction === 'inbound') {
      const tally = this.#conducts.tally(standing)
      tally.passed += 1
      if (name === 'presence' && type === 'subscribe') tally.subscriptions += 1
      // An answer of ours that what they sent came to nothing. That questions do is ordinary.
    } else if (type === 'error' && name !== 'iq') this.#conducts.tally(standing).failed += 1
  }

  /** A stanza is refused, or ends its stream. */
  refused(facts: Facts, { info }: Stream, { reason, ofUser }: Pick<Refusal, 'reason' | 'ofUser'>): void {
    const { direction, kind, type } = facts
    if (direction !== 'inbound') return
    const domain = provenSender(facts) ?? info.pair.remote
    const tally = this.#conducts.tally(this.#standing(domain))
    const limit = TOO_MUCH.get(reason)
    const asks = kind === 'presence' && type === 'subscribe'
    if (VIOLATIONS.has(reason)) tally.violations += 1
    else if (limit !== undefined) this.#exceeded(tally, domain, limit, { asks, ofUser: ofUser === true })
    else if (!NO_FAILURES.has(reason)) tally.failed += 1
    // Whoever is on watch is met so whoever they ask, and what waits unanswered are requests.
    else if (asks && REQUESTS.has(reason)) tally.subscriptions += 1
  }

  #exceeded(
    tally: Tally,
    domain: string,
    limit: LimitName,
    { asks, ofUser }: { readonly asks: boolean; readonly ofUser: boolean },
  ): void {
    const house = this.#o.house()
    const { partner: usual, burstMs } = house.terms(domain, 'normal')
    // Its state leaves each of its users what the administrator has written.
    if (ofUser || house.terms(domain).partner[limit] === usual[limit]) {
      if (limit === 'stanzasPerSecond' || limit === 'bytesPerSecond') tally.overRate += 1
      else tally.overRecipients += 1
      return
    }
    // Only for its conduct it may send no more. That it asks very many for their presence it does as before.
    if (asks) tally.subscriptions += 1
    if (limit !== 'stanzasPerSecond') return
    tally.slowed += 1
    tally.usual = ((usual[limit] ?? Infinity) * (WHILE_MS + burstMs)) / 1000
  }

  /** Once a second. */
  tick(): void {
    const now = this.#o.now()
    this.#tell(this.#conducts.turn(this.#moment(now), this.#bounds))
    this.flush()
  }

  flush(): void {
    const { conductKeeper: keeper } = this.#o
    if (keeper) this.#conducts.flush((changes) => keeper.keep(changes))
  }

  /** Not normal now, by state. */
  get figures(): { readonly states: Readonly<Record<ConductState, number>>; readonly pushedOut: number } {
    const states = { normal: 0, limited: 0, watch: 0, blocked: 0 }
    for (const state of this.#conducts.states()) states[state] += 1
    return { states, pushedOut: this.#conducts.pushedOut }
  }

  list(domain?: string): readonly ConductStatus[] {
    if (domain === undefined) return this.#conducts.all().map((one) => this.#status(one))
    const names = new Set([this.#conducts.holds.for(domain)?.name ?? domain, this.#standing(domain), domain])
    return [...names].flatMap((name) => this.#conducts.find(name) ?? []).map((one) => this.#status(one))
  }

  cuts(saying: ConductSaying): readonly Cut[] {
    const { house, streams, now } = this.#o
    const isBlocked = ({ pair }: Stream['proven'][number]): boolean => house().admission(pair.remote) === 'SP-162'
    return this.#conducts.supposing(saying.domain, heldBy(saying, now()), () => {
      const up = [...streams()].filter(({ info, open }) => info.leg === 'partner' && open)
      return cutsOf(up.filter(({ proven }) => proven.some(isBlocked)))
    })
  }

  say(saying: ConductSaying): ConductStatus | undefined {
    const now = this.#o.now()
    const { domain, by, why } = saying
    if (saying.state !== undefined && !this.#conducts.holds.hasRoomFor(domain)) return undefined
    this.#conducts.follow(this.#moment(now))
    this.#tell([this.#conducts.hold(domain, heldBy(saying, now), now, this.#bounds, { by, why })])
    this.flush()
    return this.#status(this.#conducts.find(domain) ?? { domain, ...goodConduct(now) })
  }

  #moment(now: number): Moment {
    return { now, steady: this.#o.steady?.() ?? now }
  }

  #tell(moves: readonly ConductMove[]): void {
    for (const move of moves) this.#o.journal.moved(move, this.#o.reference())
    if (moves.some(({ counts }) => counts)) this.#o.enforce()
  }

  #standing(domain: string): string {
    const { partners } = this.#o.house()
    return standingOf(domain, partners.terms(domain), partners)
  }

  #status(known: KnownConduct): ConductStatus {
    const { domain, state, since, held } = known
    const { halfLifeMs, isListed } = this.#bounds
    const points = pointsAt(known, this.#o.now(), halfLifeMs)
    return {
      domain,
      state: stateOf(known),
      counts: held !== undefined || !isListed(domain),
      found: state,
      since: iso(since),
      sum: sumOf(points),
      points,
      held: held && {
        at: iso(held.at),
        until: held.until === undefined ? undefined : iso(held.until),
        by: held.by,
        why: held.why,
      },
    }
  }
}

const heldBy = ({ state, forMs, by, why }: ConductSaying, now: number): Held | undefined =>
  state && { state, at: now, until: forMs === undefined ? undefined : now + forMs, by, why }

const iso = (ms: number): string => new Date(ms).toISOString()

/** The same journal; what it is told of stanzas is counted. */
export function conductJournal(journal: Journal, conduct: () => Conduct): Journal {
  return {
    ...journal,
    passed(frame, passage, stream, at) {
      journal.passed(frame, passage, stream, at)
      conduct().passed(frame, passage)
    },
    refused(facts, stream, refusal, answered) {
      journal.refused(facts, stream, refusal, answered)
      conduct().refused(facts, stream, refusal)
    },
    closing(facts, stream, refusal) {
      journal.closing(facts, stream, refusal)
      conduct().refused(facts, stream, refusal)
    },
  }
}
