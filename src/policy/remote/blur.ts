// Counts of more names than there is room for, in fixed memory: a count-min sketch (Cormode, Muthukrishnan 2005) of two
// generations. What it says of a name may be more than was counted, never less: filling it up makes nobody's count
// smaller.
//
// The hash is keyed, so that nobody outside can choose names that fall together with another one.

import { hash } from '../keyed-hash.ts'

const ROWS = 4
const WIDTH = 65_536 // a power of two
const MOST = 255

export class Blur {
  readonly #key: number
  /** Undefined while there is nothing in it. */
  #current: Uint8Array | undefined
  #previous: Uint8Array | undefined
  #turnedAt = 0

  /** `key`: unguessable. */
  constructor(key: number) {
    this.#key = key
  }

  /** Is there anything in it? */
  get isEmpty(): boolean {
    return !this.#current && !this.#previous
  }

  /** Counts a name so many times more. What is counted holds for one to two windows. */
  add(name: string, times: number, now: number, windowMs: number): void {
    this.#turn(now, windowMs)
    if (this.isEmpty) this.#turnedAt = now
    const cells = (this.#current ??= new Uint8Array(ROWS * WIDTH))
    for (const cell of this.#cells(name)) cells[cell] = Math.min(MOST, (cells[cell] ?? 0) + times)
  }

  /** At least how often the name was counted in the last window. */
  count(name: string, now: number, windowMs: number): number {
    this.#turn(now, windowMs)
    if (this.isEmpty) return 0
    let least = Infinity
    for (const cell of this.#cells(name)) {
      least = Math.min(least, (this.#current?.[cell] ?? 0) + (this.#previous?.[cell] ?? 0))
    }
    return least
  }

  #turn(now: number, windowMs: number): void {
    if (this.isEmpty || now - this.#turnedAt < windowMs) return
    this.#previous = now - this.#turnedAt < 2 * windowMs ? this.#current : undefined
    this.#current = undefined
    this.#turnedAt = now
  }

  *#cells(name: string): Iterable<number> {
    for (let row = 0; row < ROWS; row++) yield row * WIDTH + (hash(name, this.#key + row) & (WIDTH - 1))
  }
}
