// How fast something may come from a place: buckets that fill up again with time (token buckets).
//
// Rule 1: bounded. A bucket that is full again says nothing and is forgotten. While there are as many as allowed that are
// not, all further places share one: a flood from everywhere meets the bound of a single place.

interface Bucket {
  left: number
  at: number
}

const SHARED = ''

export class Rates {
  readonly #most: () => number
  readonly #perMinute: () => number
  /** Least recently used first. */
  readonly #buckets = new Map<string, Bucket>()

  /** `perMinute`: what a bucket holds, and what comes to it in a minute. `most`: places. */
  constructor({ most, perMinute }: { most: () => number; perMinute: () => number }) {
    this.#most = most
    this.#perMinute = perMinute
  }

  get kept(): number {
    return this.#buckets.size
  }

  /** Has the place so much left? `now`: ms of a clock that nobody sets, since buckets fill up by it. */
  has(place: string, now: number, cost = 1): boolean {
    return this.#level(this.#buckets.get(this.#name(place, now)), now) >= cost
  }

  /** Takes so much from the place, at most all of it. */
  take(place: string, now: number, cost = 1): void {
    const name = this.#name(place, now)
    const left = Math.max(0, this.#level(this.#buckets.get(name), now) - cost)
    this.#buckets.delete(name)
    this.#buckets.set(name, { left, at: now })
  }

  /** Fills the bucket of a place. */
  forget(place: string): void {
    this.#buckets.delete(place)
  }

  #level(bucket: Bucket | undefined, now: number): number {
    const full = this.#perMinute()
    return bucket === undefined ? full : Math.min(full, bucket.left + (Math.max(0, now - bucket.at) * full) / 60_000)
  }

  /** The bucket that a place has, or shares. */
  #name(place: string, now: number): string {
    if (this.#buckets.has(place)) return place
    let looks = 2
    for (const [name, bucket] of this.#buckets) {
      if (looks-- === 0 || this.#level(bucket, now) < this.#perMinute()) break
      this.#buckets.delete(name)
    }
    return this.#buckets.size < this.#most() ? place : SHARED
  }
}
