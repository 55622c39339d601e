// What one sender has sent lately, held against what it may send.
//
// Rule 1: asking takes nothing. What crosses is taken from all that limit it, or it does not cross.
// Rule 2: what is not limited is not counted.

import { Bucket } from './bucket.ts'
import { DistinctPerDay } from './distinct.ts'
import type { Allowance, LimitName } from './terms.ts'

/** What of a stanza counts. */
export interface Load {
  readonly bytes: number
  /** To whom something is begun with it, as `foldedAddress` gives them; undefined: it answers something. */
  readonly recipient: string | undefined
}

/** A limit that a stanza would exceed. */
export interface Excess {
  readonly limit: LimitName
  readonly most: number
  /** How long until it would not (ms); undefined: not today. */
  readonly waitMs: number | undefined
}

export class Meter {
  readonly #key: number
  readonly #stanzas = new Bucket()
  readonly #bytes = new Bucket()
  #recipients: DistinctPerDay | undefined
  /** When its buckets are full again (ms). */
  #fullAt = 0

  /** @param key unguessable */
  constructor(key: number) {
    this.#key = key
  }

  /** What is exceeded by this; of several limits the one that lasts longest. */
  exceeded({ bytes, recipient }: Load, allowed: Allowance, burstMs: number, now: number): Excess | undefined {
    const { stanzasPerSecond, bytesPerSecond, recipientsPerDay: most } = allowed
    if (most !== undefined && recipient !== undefined && !this.#ofToday().fits(recipient, most, now))
      return { limit: 'recipientsPerDay', most, waitMs: undefined }
    const forBytes = waitFor(this.#bytes, bytes, bytesPerSecond, burstMs, now)
    const forStanzas = waitFor(this.#stanzas, 1, stanzasPerSecond, burstMs, now)
    if (forBytes > forStanzas) return { limit: 'bytesPerSecond', most: bytesPerSecond ?? 0, waitMs: forBytes }
    return forStanzas > 0 ? { limit: 'stanzasPerSecond', most: stanzasPerSecond ?? 0, waitMs: forStanzas } : undefined
  }

  /** It crosses. @returns how many more names are kept for it */
  take({ bytes, recipient }: Load, allowed: Allowance, burstMs: number, now: number): number {
    const { stanzasPerSecond, bytesPerSecond, recipientsPerDay } = allowed
    this.#fullAt = Math.max(
      this.#fullAt,
      takeFrom(this.#stanzas, 1, stanzasPerSecond, burstMs, now),
      takeFrom(this.#bytes, bytes, bytesPerSecond, burstMs, now),
    )
    if (recipientsPerDay === undefined || recipient === undefined) return 0
    const before = this.names
    this.#ofToday().add(recipient, now)
    return this.names - before
  }

  /** Different recipients so far on this day. */
  recipients(now: number): number {
    return this.#recipients?.count(now) ?? 0
  }

  /** Names that are kept. */
  get names(): number {
    return this.#recipients?.size ?? 0
  }

  /** Does it say no more than a new one would? */
  isIdle(now: number): boolean {
    return now >= this.#fullAt && this.recipients(now) === 0
  }

  #ofToday(): DistinctPerDay {
    return (this.#recipients ??= new DistinctPerDay(this.#key))
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
