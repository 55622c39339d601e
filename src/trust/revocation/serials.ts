// The revoked certificates of a CRL, found by serial number without an object for each: the octets of the list as they
// came, and one number per entry, sorted. A list of 100,000 entries costs 0.8 MB beside its octets.
//
// Rule 1: every entry is looked at once, strictly; one that does not read is a DerError. What is critical in any of them and
//         not understood keeps the whole list from being believed: `unknownCritical`. RFC 5280 §5.3
// Rule 2: cost is bounded whatever is in the list: sorting does not depend on the numbers, and where a forger has found
//         many that share a hash, a look-up walks through those.

import { DerError, TAG, expectTag, readAll, readBoolean, readDer, readOid, readTime } from '../der.ts'
import { isPadding } from './pointers.ts'

/** An entry, by CRLReason; `at` in milliseconds since 1970, undefined where it is no time. */
export interface Revoked {
  readonly reason: number
  readonly at: number | undefined
}

/** CRLReason, RFC 5280 §5.3.1. */
export const REMOVED = 8
const WORDS: Readonly<Record<number, string>> = {
  1: 'its key was compromised',
  2: 'the CA was compromised',
  3: 'its owner changed affiliation',
  4: 'it was replaced',
  5: 'it is no longer used',
  6: 'it is on hold',
  8: 'it was taken off the list',
  9: 'its privileges were withdrawn',
  10: 'the authority was compromised',
}

/** When and why, for us. */
export function revokedText({ reason, at }: Revoked): string {
  const since = at === undefined ? 'revoked' : `revoked since ${new Date(at).toISOString()}`
  const why = WORDS[reason]
  return why === undefined ? since : `${since}, as ${why}`
}

/** Bits for the offset; a list is shorter than 2^24 octets. */
const OFFSETS = 2 ** 24
/** Hash and offset make up a whole number of 53 bits. */
const HASHES = 2 ** 29

/** The look-up table of a list, and the extension of an entry that keeps it from being believed. */
export interface SortedSerials {
  readonly keys: Float64Array<ArrayBuffer>
  readonly unknownCritical: string | undefined
}

export class Serials {
  /** The content of `revokedCertificates`. */
  readonly #octets: Buffer
  /** `hash * OFFSETS + offset` of each entry, ascending. */
  readonly #keys: Float64Array<ArrayBuffer>
  /** An extension of an entry that is critical and not understood. */
  readonly unknownCritical: string | undefined

  /** @param sorted what `sorted` of the same octets gave, perhaps on another thread @throws DerError */
  constructor(octets: Buffer, sorted?: SortedSerials) {
    if (octets.length >= OFFSETS) throw new DerError('a list of 16 MB or more')
    const { keys, unknownCritical } = sorted ?? scan(octets)
    this.#octets = octets
    this.#keys = sorted ? keys : keys.toSorted()
    this.unknownCritical = unknownCritical
  }

  /** What is costly to make of them; plain data. */
  get sorted(): SortedSerials {
    return { keys: this.#keys, unknownCritical: this.unknownCritical }
  }

  /** As they came. */
  get octets(): Buffer {
    return this.#octets
  }

  get size(): number {
    return this.#keys.length
  }

  /** The entry of a serial number (content octets, not padded); the last where there are several. */
  find(serial: Buffer): Revoked | undefined {
    const hash = hashOf(serial, 0, serial.length)
    let found: Revoked | undefined
    for (let i = this.#firstFrom(hash * OFFSETS); i < this.#keys.length; i++) {
      const key = this.#keys[i]!
      if (Math.floor(key / OFFSETS) !== hash) break
      const offset = key % OFFSETS
      const { start, end } = serialAt(this.#octets, offset)
      if (serial.compare(this.#octets, start, end) === 0) found = this.#entry(offset)
    }
    return found
  }

  /** The index of the first key that is not less. */
  #firstFrom(key: number): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  #entry(offset: number): Revoked {
    const end = headAt(this.#octets, offset).end
    const [, date, extensions] = readAll(readDer(this.#octets.subarray(offset, end), TAG.sequence).content)
    let at: number | undefined
    try {
      at = readTime(date)
    } catch {
      // Whenever it was, it was revoked.
    }
    const known = extensions && readAll(extensions.content).map((value) => readAll(value.content))
    const reason = known?.find(([id]) => readOid(id) === OID.reason)?.at(-1)
    return { reason: reason ? readDer(reason.content).content[0]! : 0, at }
  }
}

/** FNV-1a, folded to 29 bits. */
function hashOf(octets: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ octets[i]!, 0x01000193)
  return ((hash ^ (hash >>> 29)) >>> 0) % HASHES
}

function scan(octets: Buffer): SortedSerials {
  // No entry is shorter than two heads, a number and a time.
  const keys = new Float64Array(Math.ceil(octets.length / 20))
  let count = 0
  let unknownCritical: string | undefined
  for (let offset = 0; offset < octets.length;) {
    const entry = headAt(octets, offset)
    if (octets[offset] !== TAG.sequence) throw new DerError('an entry that is none')
    const serial = serialAt(octets, offset)
    const date = headAt(octets, serial.end)
    if (date.end < entry.end) unknownCritical ??= readExtensions(octets, date.end, entry.end)
    if (date.end > entry.end || (octets[serial.end] !== TAG.utcTime && octets[serial.end] !== TAG.generalizedTime))
      throw new DerError('an entry without a time')
    keys[count++] = hashOf(octets, serial.start, serial.end) * OFFSETS + offset
    offset = entry.end
  }
  return { keys: keys.slice(0, count), unknownCritical }
}

function serialAt(octets: Buffer, offset: number): { readonly start: number; readonly end: number } {
  const { start } = headAt(octets, offset)
  const serial = headAt(octets, start)
  if (octets[start] !== TAG.integer || serial.start === serial.end) throw new DerError('an entry without a number')
  if (serial.end - serial.start > 1 && isPadding(octets[serial.start]!, octets[serial.start + 1]!))
    throw new DerError('a padded integer')
  return serial
}

/** Where the content of the value at `offset` begins and ends. `readDer` would make three objects of it, 100,000 times. */
function headAt(octets: Buffer, offset: number): { readonly start: number; readonly end: number } {
  const first = octets[offset + 1]
  if (first === undefined) throw new DerError('cut short')
  let start = offset + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 3) throw new DerError('a length that is indefinite or too large')
    length = 0
    for (let i = 0; i < count; i++) length = (length << 8) | (octets[start + i] ?? 0)
    if (length < 0x80 || (count > 1 && length < 1 << (8 * (count - 1)))) throw new DerError('a padded length')
    start += count
  }
  if (start + length > octets.length) throw new DerError('cut short')
  return { start, end: start + length }
}

const OID = { reason: '2.5.29.21', invalidity: '2.5.29.24' } as const
const KNOWN: ReadonlySet<string> = new Set(Object.values(OID))

/** What nearly all entries say, but for its last octet: a CRLReason and nothing else. */
const ONLY_REASON = Buffer.from('300c300a0603551d1504030a01', 'hex')

/** Nobody says so much about one certificate. */
const LARGEST_EXTENSIONS_BYTES = 8192

/** The first that is critical and not understood. */
function readExtensions(octets: Buffer, start: number, end: number): string | undefined {
  if (end - start > LARGEST_EXTENSIONS_BYTES) throw new DerError('an entry that is too long')
  if (end - start === ONLY_REASON.length + 1 && ONLY_REASON.compare(octets, start, end - 1) === 0) return undefined
  let unknown: string | undefined
  for (const value of readAll(readDer(octets.subarray(start, end), TAG.sequence).content)) {
    const [id, second, third] = readAll(expectTag(value, TAG.sequence).content)
    const oid = readOid(id)
    if (third !== undefined && readBoolean(second) && !KNOWN.has(oid)) unknown ??= oid
    if (oid === OID.reason && readDer(expectTag(third ?? second, TAG.octetString).content, 0x0a).content.length !== 1)
      throw new DerError('an entry with a reason that is none')
  }
  return unknown
}
