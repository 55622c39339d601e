// What one sender has sent lately, held against what it may send.
//
// Rule 1: asking takes nothing. What crosses is taken from all that limit it, or it does not cross.
// Rule 2: what is not limited is not counted.

import { Bucket } from './bucket.ts'
import { DistinctPerDay } from './distinct.ts'
import { type Allowance, DAY_LIMITS, type DayLimit, type LimitName } from './terms.ts'

/** What of a stanza counts: its bytes, and the names that come with it, as `foldedAddress` gives them. */
export interface Load {
  readonly bytes: number
  /** Absent: it has no such name, or nobody counts them. */
  readonly names: Readonly<Partial<Record<DayLimit, string>>>
}

/** A limit that a stanza would exceed. */
export interface Excess {
  readonly limit: LimitName
  readonly most: number
  /** How long until it would not (ms); undefined: not today. */
  readonly waitMs: number | undefined
}

/** Of a rate: how much may be sent at once now, and at most. Of a day: how many names came, and how many may. */
export interface LimitStanding {
  readonly limit: LimitName
  readonly now: number
  readonly most: number
}

export class Meter {
  readonly #key: number
  readonly #stanzas = new Bucket()
  readonly #bytes = new Bucket()
  readonly #days: Partial<Record<DayLimit, DistinctPerDay>> = {}
  /** When its buckets are full again (ms). */
  #fullAt = 0

  /** @param key unguessable */
  constructor(key: number) {
    this.#key = key
  }

  /** What is exceeded by this; of several limits the one that lasts longest. */
  exceeded({ bytes, names }: Load, allowed: Allowance, burstMs: number, now: number): Excess | undefined {
    for (const limit of DAY_LIMITS) {
      const [most, name] = [allowed[limit], names[limit]]
      if (most !== undefined && name !== undefined && !this.#ofToday(limit).fits(name, most, now))
        return { limit, most, waitMs: undefined }
    }
    const { stanzasPerSecond, bytesPerSecond } = allowed
    const forBytes = waitFor(this.#bytes, bytes, bytesPerSecond, burstMs, now)
    const forStanzas = waitFor(this.#stanzas, 1, stanzasPerSecond, burstMs, now)
    if (forBytes > forStanzas) return { limit: 'bytesPerSecond', most: bytesPerSecond ?? 0, waitMs: forBytes }
    return forStanzas > 0 ? { limit: 'stanzasPerSecond', most: stanzasPerSecond ?? 0, waitMs: forStanzas } : undefined
  }

  /** It crosses. @returns how many more names are kept for it */
  take({ bytes, names }: Load, allowed: Allowance, burstMs: number, now: number): number {
    const { stanzasPerSecond, bytesPerSecond } = allowed
    this.#fullAt = Math.max(
      this.#fullAt,
      takeFrom(this.#stanzas, 1, stanzasPerSecond, burstMs, now),
      takeFrom(this.#bytes, bytes, bytesPerSecond, burstMs, now),
    )
    const before = this.names
    for (const limit of DAY_LIMITS) {
      const name = names[limit]
      if (name !== undefined && allowed[limit] !== undefined) this.#ofToday(limit).add(name, now)
    }
    return this.names - before
  }

  /** Would a name of these be kept that is not yet? The limit that counts it. */
  newName(names: Load['names'], allowed: Allowance, now: number): DayLimit | undefined {
    return DAY_LIMITS.find((limit) => {
      const name = names[limit]
      return name !== undefined && allowed[limit] !== undefined && this.#days[limit]?.has(name, now) !== true
    })
  }

  /** Different names so far on this day. */
  count(limit: DayLimit, now: number): number {
    return this.#days[limit]?.count(now) ?? 0
  }

  /** How it stands with each limit that there is. */
  standing(allowed: Allowance, burstMs: number, now: number): readonly LimitStanding[] {
    const paced = (limit: 'stanzasPerSecond' | 'bytesPerSecond', bucket: Bucket): readonly LimitStanding[] => {
      const perSecond = allowed[limit]
      if (perSecond === undefined) return []
      const { most } = flow(perSecond, burstMs)
      return [{ limit, most: Math.floor(most), now: Math.max(0, Math.floor(most - bucket.missing(perSecond, now))) }]
    }
    const counted = DAY_LIMITS.flatMap((limit): readonly LimitStanding[] => {
      const most = allowed[limit]
      return most === undefined ? [] : [{ limit, most, now: this.count(limit, now) }]
    })
    return [...paced('stanzasPerSecond', this.#stanzas), ...paced('bytesPerSecond', this.#bytes), ...counted]
  }

  /** Names that are kept. */
  get names(): number {
    let names = 0
    for (const limit of DAY_LIMITS) names += this.#days[limit]?.size ?? 0
    return names
  }

  /** Forgets the names of a day that is over. */
  turn(now: number): void {
    for (const limit of DAY_LIMITS) this.count(limit, now)
  }

  /** Does it say no more than a new one would? */
  isIdle(now: number): boolean {
    return now >= this.#fullAt && DAY_LIMITS.every((limit) => this.count(limit, now) === 0)
  }

  #ofToday(limit: DayLimit): DistinctPerDay {
    return (this.#days[limit] ??= new DistinctPerDay(this.#key))
  }
}

const flow = (perSecond: number, burstMs: number): { readonly perSecond: number; readonly most: number } => ({
  perSecond,
  most: Math.max(1, (perSecond * burstMs) / 1000),
})

const waitFor = (bucket: Bucket, cost: number, perSecond: number | undefined, burstMs: number, now: number): number =>
  perSecond === undefined ? 0 : bucket.wait(cost, flow(perSecond, burstMs), now)

/** @returns when the bucket is full again (ms) */
function takeFrom(bucket: Bucket, cost: number, perSecond: number | undefined, burstMs: number, now: number): number {
  if (perSecond === undefined) return 0
  bucket.take(cost, flow(perSecond, burstMs), now)
  return now + (bucket.missing(perSecond, now) * 1000) / perSecond
}
