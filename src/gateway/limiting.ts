// Everything that holds what is sent against limits: what has been sent, which outlives settings, and what waits.

import type { Limits as HouseLimits } from '../config/limits.ts'
import { onTheClock } from '../net/dial.ts'
import type { Delay } from '../net/race.ts'
import { Arrivals } from '../policy/limits/arrivals.ts'
import { Held } from '../policy/limits/held.ts'
import { Meters } from '../policy/limits/meters.ts'
import { type KeptRequest, type RequestChanges, Requests } from '../policy/limits/requests.ts'
import { endsRequest, type Limits } from '../policy/limits/sentry.ts'
import type { Frame } from '../xml/frame.ts'
import type { SendingStatus } from './control.ts'
import type { Leg } from './leg.ts'
import { Doorman } from './doorman.ts'
import { Entrance, type EntranceParts } from './entrance.ts'
import type { House } from './house.ts'
import type { Source } from './links/source.ts'

/** Who keeps the requests that wait over restarts. */
export interface RequestKeeper {
  recall(): readonly KeptRequest[]
  /** False where they could not be written. */
  keep(changes: RequestChanges): boolean
}

/** So many changes are written at a time, since each write stops traffic while it lasts. */
const BATCH = 500
/** From one attempt to the next, where they could not be written. */
const PAUSE_MS = 10_000

export interface LimitingParts {
  readonly requestKeeper?: RequestKeeper | undefined
  house(): House
  /** Are we being taken out of service? Then nothing waits. */
  leaving(): boolean
  readonly delay: Delay
  now(): number
  /** The same by a clock that nobody sets. */
  steady(): number
  /** From 0 to 1, as `Math.random`. */
  random(): number
}

export class Limiting {
  readonly meters: Meters
  readonly requests: Requests
  readonly doorman: Doorman
  /** New connections of partners. */
  readonly arrivals: Arrivals
  readonly #parts: LimitingParts
  readonly #waiting = new Set<Entrance>()
  #pausedUntil = Number.NEGATIVE_INFINITY
  /** What was held back of whom. */
  readonly held = new Held()

  constructor(parts: LimitingParts) {
    this.#parts = parts
    const key = Math.floor(parts.random() * 0x1_0000_0000)
    const limits = (): HouseLimits => parts.house().settings.limits
    this.meters = new Meters(key, () => {
      const { meteredSenders: senders, meteredRecipients: recipients } = limits()
      return { senders, recipients }
    })
    this.requests = new Requests(key, limits)
    if (parts.requestKeeper) this.requests.restore(parts.requestKeeper.recall(), parts.now())
    this.doorman = new Doorman(parts.house)
    this.arrivals = new Arrivals(() => {
      const { partnerConnections, partnerConnectionsPerNetwork, partnerPlaces } = limits()
      return { perAddress: partnerConnections, perNetwork: partnerConnectionsPerNetwork, places: partnerPlaces }
    })
  }

  /** Counts a new connection of a partner in, or says that it is one too many. A clock that is set back keeps nobody out. */
  mayCome(address: string): boolean {
    return this.arrivals.enter(address, this.#parts.steady())
  }

  /** Once a second: has a little of what has changed written. */
  tick(): void {
    const now = this.#parts.now()
    if (now >= this.#pausedUntil && !this.#write(BATCH)) this.#pausedUntil = now + PAUSE_MS
  }

  /** Has all of it written. */
  flush(): void {
    this.#write(Infinity)
  }

  #write(most: number): boolean {
    const { requestKeeper: keeper, now } = this.#parts
    return this.requests.flush((changes) => keeper?.keep(changes) ?? true, now(), most)
  }

  /** What holds in a house. */
  limitsOf(house: House): Limits {
    return { meters: this.meters, requests: this.requests, terms: (domain) => house.terms(domain) }
  }

  /** A stanza that had crossed comes back, by this leg: a request that has not arrived waits for nobody. */
  returned({ name, type, from, to }: Frame, leg: Leg): void {
    if (leg === 'core' && type === 'subscribe')
      endsRequest(this.requests, { name, type: 'unsubscribe', from, to }, 'inbound')
  }

  /** Where the stanzas of a stream may have to wait; `again`: the time of one has come. */
  entrance(source: Source, again: EntranceParts['again']): Entrance {
    const { house, leaving, delay, now } = this.#parts
    const smoothingMs = (): number => (leaving() ? 0 : house().settings.limits.smoothingMs)
    return new Entrance({
      source,
      smoothingMs,
      delay,
      now,
      again,
      smoothed: ({ group }) => this.held.waits(group),
      all: this.#waiting,
    })
  }

  get status(): SendingStatus {
    this.requests.sweep(this.#parts.now())
    return { ...this.meters.used, requests: this.requests.size, waiting: this.waiting, smoothed: this.held.smoothed }
  }

  /** Streams that are not read for a limit, and their stanzas that wait. */
  get waiting(): SendingStatus['waiting'] {
    let stanzas = 0
    for (const entrance of this.#waiting) stanzas += entrance.waiting
    return { streams: this.#waiting.size, stanzas }
  }

  /** Lets go of all that waits. */
  letGo(): void {
    for (const entrance of [...this.#waiting]) entrance.letGo()
  }
}

/** What of it is an option of a gateway; without a clock that nobody sets there is the other one. */
type OfGateway = Pick<LimitingParts, 'now' | 'random' | 'requestKeeper'> & Partial<Pick<LimitingParts, 'steady'>>

/** Of a gateway. */
export const limitingOf = (
  gateway: { readonly house: House; readonly draining: { readonly refuses: unknown } },
  { now, steady = now, random, requestKeeper }: OfGateway,
): Limiting =>
  new Limiting({
    house: () => gateway.house,
    leaving: () => gateway.draining.refuses !== undefined,
    delay: onTheClock,
    now,
    steady,
    random,
    requestKeeper,
  })
