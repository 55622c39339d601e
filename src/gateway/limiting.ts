// Everything that holds what is sent against limits: what has been sent, which outlives settings, and what waits.

import type { Limits as HouseLimits } from '../config/limits.ts'
import { onTheClock } from '../net/dial.ts'
import type { Delay } from '../net/race.ts'
import { Held } from '../policy/limits/held.ts'
import { Meters } from '../policy/limits/meters.ts'
import { Requests } from '../policy/limits/requests.ts'
import { endsRequest, type Limits } from '../policy/limits/sentry.ts'
import type { Frame } from '../xml/frame.ts'
import type { Leg, SendingStatus } from './control.ts'
import { Doorman } from './doorman.ts'
import { Entrance, type EntranceParts } from './entrance.ts'
import type { House } from './house.ts'
import type { Source } from './links/source.ts'

export interface LimitingParts {
  house(): House
  /** Are we being taken out of service? Then nothing waits. */
  leaving(): boolean
  readonly delay: Delay
  now(): number
  /** From 0 to 1, as `Math.random`. */
  random(): number
}

export class Limiting {
  readonly meters: Meters
  readonly requests: Requests
  readonly doorman: Doorman
  readonly #parts: LimitingParts
  readonly #waiting = new Set<Entrance>()
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
    this.doorman = new Doorman(parts.house)
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

/** Of a gateway. */
export const limitingOf = (
  gateway: { readonly house: House; readonly draining: { readonly refuses: unknown } },
  { now, random }: Pick<LimitingParts, 'now' | 'random'>,
): Limiting =>
  new Limiting({
    house: () => gateway.house,
    leaving: () => gateway.draining.refuses !== undefined,
    delay: onTheClock,
    now,
    random,
  })
