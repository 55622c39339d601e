// How many different names came in a day of UTC. Exact up to a limit, and it is the limit that bounds the memory: what is beyond
// it is not let in. Names are kept as keyed hashes of 32 bits, so that nobody outside can choose two that fall together.

import { hash } from '../keyed-hash.ts'

const DAY_MS = 86_400_000

/** Does a day begin by this one? A clock that is a little back must not make a count begin again; one that was far ahead would end no day. */
export const isOtherDay = (day: number, counted: number): boolean => day > counted || day < counted - 1

/** The number of the day of UTC at this time (ms). */
export const dayOf = (now: number): number => Math.floor(now / DAY_MS)

export class DistinctPerDay {
  readonly #key: number
  readonly #names = new Set<number>()
  #day = 0

  /** @param key unguessable */
  constructor(key: number) {
    this.#key = key
  }

  /** Different names so far on the day of this time (ms). */
  count(now: number): number {
    this.#turn(now)
    return this.#names.size
  }

  /** Is there room for this name, because it came before or fewer than `most` did? */
  fits(name: string, most: number, now: number): boolean {
    this.#turn(now)
    return this.#names.size < most || this.has(name, now)
  }

  /** Did it come before on this day? */
  has(name: string, now: number): boolean {
    this.#turn(now)
    return this.#names.has(hash(name, this.#key))
  }

  /** It came. */
  add(name: string, now: number): void {
    this.#turn(now)
    this.#names.add(hash(name, this.#key))
  }

  /** Names that are kept, those of a day that is over among them until it is asked for the next one. */
  get size(): number {
    return this.#names.size
  }

  #turn(now: number): void {
    const day = dayOf(now)
    if (!isOtherDay(day, this.#day)) return
    this.#day = day
    this.#names.clear()
  }
}
