// Relations by the keyed hashes of their two addresses, with nothing else about whom they are: open addressing in typed arrays,
// 19 bytes a place. Cut into parts, so that one of them grows in less than a millisecond.
//
// Rule: a key is 128 bits of a keyed hash, compared whole. That two of a million relations have the same, or that a stranger has
//       that of a relation, has a chance of 1 in 10^26; and without the secret nobody can look for such a pair.

const PARTS = 256
const FEWEST = 16
/** A part that is fuller grows. */
const FULLEST = 0.75
const WORDS = 4

/** What is known of one relation: marks that say why, and the day (since 1970) of its last use. */
export interface Entry {
  readonly marks: number
  readonly day: number
}

export class RelationTable {
  readonly #parts = Array.from({ length: PARTS }, () => new Part(FEWEST))
  readonly #key = new Uint32Array(WORDS)

  get size(): number {
    return this.#parts.reduce((sum, { size }) => sum + size, 0)
  }

  /** How many parts there are, for whoever goes through them one at a time. */
  get parts(): number {
    return PARTS
  }

  /** @param hash at least 16 characters, each of them one octet */
  find(hash: string): Entry | undefined {
    const part = this.#part(hash)
    const place = part.find(this.#key)
    return place < 0 ? undefined : { marks: part.marks[place]!, day: part.days[place]! }
  }

  /** Puts it in place of what is known under the key; true where nothing was. */
  put(hash: string, { marks, day }: Entry): boolean {
    return this.#part(hash).put(this.#key, marks, day)
  }

  /** False where there is none. */
  delete(hash: string): boolean {
    return this.#part(hash).delete(this.#key)
  }

  /** Forgets what was last used before this day, in one part; gives how many. */
  forgetBefore(day: number, part: number): number {
    return this.#parts[part]!.forgetBefore(day)
  }

  /** A day before which at least so many were last used; undefined where there are fewer. */
  dayOfOldest(count: number): number | undefined {
    const byDay = new Map<number, number>()
    for (const part of this.#parts) part.countDays(byDay)
    let sum = 0
    for (const [day, used] of [...byDay].toSorted(([a], [b]) => a - b)) {
      sum += used
      if (sum >= count) return day + 1
    }
    return undefined
  }

  #part(hash: string): Part {
    for (let word = 0; word < WORDS; word++) {
      const at = 4 * word
      this.#key[word] =
        hash.charCodeAt(at) |
        (hash.charCodeAt(at + 1) << 8) |
        (hash.charCodeAt(at + 2) << 16) |
        (hash.charCodeAt(at + 3) << 24)
    }
    return this.#parts[this.#key[0]! % PARTS]!
  }
}

/** One part: places in a row, each with its key, marks (0: nobody's place) and day. */
class Part {
  size = 0
  marks: Uint8Array
  days: Uint16Array
  #keys: Uint32Array

  constructor(places: number) {
    this.marks = new Uint8Array(places)
    this.days = new Uint16Array(places)
    this.#keys = new Uint32Array(WORDS * places)
  }

  /** The place of a key; where it has none, the complement of the one it would get. */
  find(key: Uint32Array): number {
    const last = this.marks.length - 1
    for (let place = key[1]! & last; ; place = (place + 1) & last) {
      if (this.marks[place] === 0) return ~place
      if (this.#has(place, key)) return place
    }
  }

  put(key: Uint32Array, marks: number, day: number): boolean {
    let place = this.find(key)
    const isNew = place < 0
    if (isNew) {
      if (this.size + 1 > FULLEST * this.marks.length) {
        this.#remake(2 * this.marks.length, 0)
        place = this.find(key)
      }
      place = ~place
      this.size += 1
      this.#keys.set(key, WORDS * place)
    }
    this.marks[place] = marks
    this.days[place] = day
    return isNew
  }

  delete(key: Uint32Array): boolean {
    const place = this.find(key)
    if (place < 0) return false
    this.marks[place] = 0
    this.size -= 1
    this.#close(place)
    return true
  }

  forgetBefore(day: number): number {
    const before = this.size
    for (let place = 0; place < this.marks.length; place++)
      if (this.marks[place] !== 0 && this.days[place]! < day) {
        this.#remake(this.marks.length, day)
        break
      }
    return before - this.size
  }

  countDays(byDay: Map<number, number>): void {
    for (let place = 0; place < this.marks.length; place++) {
      if (this.marks[place] === 0) continue
      const day = this.days[place]!
      byDay.set(day, (byDay.get(day) ?? 0) + 1)
    }
  }

  #has(place: number, key: Uint32Array): boolean {
    const keys = this.#keys
    const at = WORDS * place
    return keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2] && keys[at + 3] === key[3]
  }

  /** Lets those behind a place that is nobody's now move up, so that each is found from where its search begins. */
  #close(free: number): void {
    const last = this.marks.length - 1
    let gap = free
    for (let place = (gap + 1) & last; this.marks[place] !== 0; place = (place + 1) & last) {
      const begin = this.#keys[WORDS * place + 1]! & last
      // May it stand in the gap? Not where its search begins behind it.
      if (((place - begin) & last) < ((place - gap) & last)) continue
      this.#keys.copyWithin(WORDS * gap, WORDS * place, WORDS * (place + 1))
      this.marks[gap] = this.marks[place]!
      this.days[gap] = this.days[place]!
      this.marks[place] = 0
      gap = place
    }
  }

  /** Makes the part anew with so many places, of what was used on this day or later. */
  #remake(places: number, since: number): void {
    const made = new Part(places)
    for (let place = 0; place < this.marks.length; place++) {
      const marks = this.marks[place]!
      if (marks === 0 || this.days[place]! < since) continue
      const at = WORDS * place
      made.put(this.#keys.subarray(at, at + WORDS), marks, this.days[place]!)
    }
    this.size = made.size
    this.marks = made.marks
    this.days = made.days
    this.#keys = made.#keys
  }
}
