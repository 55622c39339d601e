// The start tag that is being read: where its name and its attributes' names lie in the bytes, and that no attribute
// comes twice. XML 1.0 §3.1 (unique attributes), Namespaces in XML 1.0 §6.3 (unique expanded names).
//
// Rule 1: positions only; a name becomes a string when somebody asks for it.
// Rule 2: positions are into the bytes the scanner works on; `rebase` follows when it moves them.
// Rule 3: an attribute whose kind has one name is known by its kind; only the others' names are kept and compared.

import { OTHER, XMLNS_PREFIX } from './attribute.ts'
import { type Fault, FAULTS } from './faults.ts'
import { intern } from './intern.ts'
import type { Namespaces } from './namespaces.ts'
import { same } from './words.ts'

/** Start, end and colon of each name that is kept. */
const STRIDE = 3
/** Room for so many at first: so small, it lies in the object itself and not in memory of its own (64 bytes). */
const FIRST = 5
/** Beyond so many names, they are found by their hashes. */
const FEW = 16
const NO_SLOTS = new Int32Array(0)

export class Tag {
  nameStart = 0
  nameEnd = 0
  /** Where the colon of the name is; -1: it has no prefix. */
  colon = -1
  /** How many attributes there are. */
  count = 0
  /** How many of them have a prefix other than `xml` and `xmlns`. */
  prefixed = 0
  /** Comparisons made, for the proof that work is linear. */
  work = 0
  /** The kinds that have one name and came, a bit for each. */
  #kinds = 0
  /** How many names are kept. */
  #kept = 0
  #names = new Int32Array(FIRST * STRIDE)
  /** By hash, which name is kept there, from 1 on; 0: none. Only where there are more than FEW. */
  #slots = NO_SLOTS

  begin(start: number, end: number, colon: number): void {
    this.nameStart = start
    this.nameEnd = end
    this.colon = colon
    this.count = 0
    this.prefixed = 0
    this.#kinds = 0
    this.#kept = 0
  }

  /** Notes the name of an attribute of this kind. */
  add(view: DataView, kind: number, start: number, end: number, colon: number, limit: number): Fault | undefined {
    if (this.count >= limit) return FAULTS.attributes
    this.count++
    if (kind === OTHER || kind === XMLNS_PREFIX) return this.#keep(view, start, end, colon)
    const bit = 1 << kind
    if ((this.#kinds & bit) !== 0) return FAULTS.attributeTwice
    this.#kinds |= bit
    return undefined
  }

  /**
   * Resolves the prefixes of the attributes: a fault if one is unbound or two attributes have the same expanded name,
   * otherwise whether only the first `fromHeader` declarations bind one of them.
   */
  resolve(view: DataView, namespaces: Namespaces): Fault | boolean {
    const seen: { place: number; start: number; end: number }[] = []
    const many = this.prefixed > FEW ? new Map<string, Set<string>>() : undefined
    let usesHeader = false
    for (let at = 0; at < this.#kept * STRIDE; at += STRIDE) {
      const colon = this.#names[at + 2]!
      if (colon < 0) continue
      const prefix = intern(view, this.#names[at]!, colon)
      if (prefix === 'xmlns' || prefix === 'xml') continue
      const place = namespaces.find(prefix)
      if (place < 0) return FAULTS.prefix
      usesHeader ||= place < namespaces.fromHeader
      const start = colon + 1
      const end = this.#names[at + 1]!
      if (many !== undefined) {
        if (!isNew(many, namespaces.at(place), intern(view, start, end))) return FAULTS.attributeTwice
        continue
      }
      for (const other of seen) {
        if (!this.#same(view, other.start, other.end, start, end)) continue
        if (namespaces.at(other.place) === namespaces.at(place)) return FAULTS.attributeTwice
      }
      seen.push({ place, start, end })
    }
    return usesHeader
  }

  /** The bytes have moved towards the front by `by`. */
  rebase(by: number): void {
    this.nameStart -= by
    this.nameEnd -= by
    if (this.colon >= 0) this.colon -= by
    for (let at = 0; at < this.#kept * STRIDE; at += STRIDE) {
      this.#names[at]! -= by
      this.#names[at + 1]! -= by
      if (this.#names[at + 2]! >= 0) this.#names[at + 2]! -= by
    }
  }

  #keep(view: DataView, start: number, end: number, colon: number): Fault | undefined {
    const at = this.#kept * STRIDE
    if (this.#kept >= FEW) {
      if (this.#find(view, start, end)) return FAULTS.attributeTwice
    } else {
      for (let other = 0; other < at; other += STRIDE) {
        if (this.#same(view, this.#names[other]!, this.#names[other + 1]!, start, end)) return FAULTS.attributeTwice
      }
    }
    if (at === this.#names.length) this.#grow()
    this.#names[at] = start
    this.#names[at + 1] = end
    this.#names[at + 2] = colon
    this.#kept++
    return undefined
  }

  /** Is this name kept already? If not, its place is taken for it. */
  #find(view: DataView, start: number, end: number): boolean {
    if (this.#kept === FEW || 2 * this.#kept >= this.#slots.length) this.#spread(view)
    const last = this.#slots.length - 1
    let slot = this.#hash(view, start, end) & last
    for (let other = this.#slots[slot]!; other !== 0; other = this.#slots[slot]!) {
      const at = (other - 1) * STRIDE
      if (this.#same(view, this.#names[at]!, this.#names[at + 1]!, start, end)) return true
      slot = (slot + 1) & last
    }
    this.#slots[slot] = this.#kept + 1
    return false
  }

  /** Puts the names that are kept into slots, of which there are enough. */
  #spread(view: DataView): void {
    if (2 * this.#kept < this.#slots.length) this.#slots.fill(0)
    else this.#slots = new Int32Array(Math.max(4 * FEW, 2 * this.#slots.length))
    const last = this.#slots.length - 1
    for (let kept = 0; kept < this.#kept; kept++) {
      let slot = this.#hash(view, this.#names[kept * STRIDE]!, this.#names[kept * STRIDE + 1]!) & last
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last
      this.#slots[slot] = kept + 1
    }
  }

  #hash(view: DataView, start: number, end: number): number {
    this.work += end - start
    // FNV-1a, and what MurmurHash3 ends with, so that every bit counts for the lowest.
    let hash = -2_128_831_035
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 16_777_619)
    hash = Math.imul(hash ^ (hash >>> 16), -2_048_144_789)
    hash = Math.imul(hash ^ (hash >>> 13), -1_028_477_387)
    return hash ^ (hash >>> 16)
  }

  #same(view: DataView, start: number, end: number, otherStart: number, otherEnd: number): boolean {
    this.work++
    const length = end - start
    if (length !== otherEnd - otherStart) return false
    this.work += length
    return same(view, start, otherStart, length)
  }

  #grow(): void {
    const larger = new Int32Array(this.#names.length * 2)
    larger.set(this.#names)
    this.#names = larger
  }
}

/** Notes an expanded name; false: it was there before. */
function isNew(known: Map<string, Set<string>>, namespace: string, name: string): boolean {
  const names = known.get(namespace)
  if (names === undefined) known.set(namespace, new Set([name]))
  else if (names.has(name)) return false
  else names.add(name)
  return true
}
