// Octets that come piece by piece, put together as they come: nobody waits for many megabytes to be moved at the end.

/** What all that is coming at the same time may take. */
export interface Room {
  /** May so many more octets be held? Where they may, they are until they are given back. */
  take(octets: number): boolean
  give(octets: number): void
}

export function room(most: () => number): Room {
  let taken = 0
  return {
    take(octets) {
      if (taken + octets > most()) return false
      taken += octets
      return true
    },
    give(octets) {
      taken -= octets
    },
  }
}

const FIRST_BYTES = 16_384

export class Octets implements Disposable {
  readonly #most: number
  readonly #room: Room
  #buffer: Buffer = Buffer.alloc(0)
  #length = 0

  /** @param most more are not taken */
  constructor(most: number, shared: Room) {
    this.#most = most
    this.#room = shared
  }

  /** Takes a piece; says why not where it is too much. */
  add(piece: Buffer): 'too many' | 'no room' | undefined {
    const length = this.#length + piece.length
    if (length > this.#most) return 'too many'
    if (length > this.#buffer.length && !this.#grow(length)) return 'no room'
    piece.copy(this.#buffer, this.#length)
    this.#length = length
    return undefined
  }

  /** All of them. */
  get whole(): Buffer {
    const whole = this.#buffer.subarray(0, this.#length)
    if (this.#length * 2 >= this.#buffer.length) return whole
    // A short one must not keep a long buffer alive.
    const exact = Buffer.allocUnsafeSlow(this.#length)
    whole.copy(exact)
    return exact
  }

  [Symbol.dispose](): void {
    this.#room.give(this.#buffer.length)
    this.#buffer = Buffer.alloc(0)
  }

  #grow(least: number): boolean {
    const size = Math.min(this.#most, Math.max(least, FIRST_BYTES, this.#buffer.length * 2))
    if (!this.#room.take(size - this.#buffer.length)) return false
    // Not of the pool, which would keep others alive.
    const grown = Buffer.allocUnsafeSlow(size)
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
    return true
  }
}
