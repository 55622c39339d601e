// Everything that holds what is sent against limits: what has been sent, which outlives settings, and what waits.

import { onTheClock } from '../net/dial.ts'
import type { Delay } from '../net/race.ts'
import { Meters } from '../policy/limits/meters.ts'
import type { Limits } from '../policy/limits/sentry.ts'
import type { SendingStatus } from './control.ts'
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
  readonly #parts: LimitingParts
  readonly #waiting = new Set<Entrance>()
  #smoothed = 0

  constructor(parts: LimitingParts) {
    this.#parts = parts
    this.meters = new Meters(Math.floor(parts.random() * 0x1_0000_0000), () => {
      const { meteredSenders: senders, meteredRecipients: recipients } = parts.house().settings.limits
      return { senders, recipients }
    })
  }

  /** What holds in a house. */
  limitsOf(house: House): Limits {
    return { meters: this.meters, terms: (domain) => house.terms(domain) }
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
      smoothed: () => void (this.#smoothed += 1),
      all: this.#waiting,
    })
  }

  get status(): SendingStatus {
    return { ...this.meters.used, waiting: this.waiting, smoothed: this.#smoothed }
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
