// DER, strictly: a reader for what peers send and a writer for what we issue. X.690.
//
// Rule 1: what is not DER (indefinite or padded lengths, tags above 30, bytes left over) is refused by a DerError, so
//         that this reader and OpenSSL, which checks the signatures, cannot see two different certificates.
// Rule 2: the reader slices, it never copies and never recurses on its own: cost is bounded by the input's length.
// It is ours because a general ASN.1 library costs ten times the two signatures of a chain.

/** Bytes that are not the DER they should be. Thrown by this file only; `parseCertificate` turns it into a value. */
export class DerError extends Error {}

/** One TLV. `content` and `whole` share memory with the input, and are cut when they are asked for: most are not. */
export class DerValue {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number
  /** The input. Its content is there from `start` to `end`. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly #offset: number

  constructor(tag: number, bytes: Buffer, offset: number, start: number, end: number) {
    this.tag = tag
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#offset = offset
  }

  /** How many octets its content has. */
  get length(): number {
    return this.end - this.start
  }

  get content(): Buffer {
    return this.bytes.subarray(this.start, this.end)
  }

  get whole(): Buffer {
    return this.bytes.subarray(this.#offset, this.end)
  }
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Reads the single value that fills the bytes, or the content of another, with that tag if one is given. */
export function readDer(within: Buffer | DerValue, tag?: number): DerValue {
  const value =
    within instanceof DerValue ? readAt(within.bytes, within.start, within.end) : readAt(within, 0, within.length)
  if (value.end !== (within instanceof DerValue ? within.end : within.length))
    throw new DerError('bytes after the value')
  return tag === undefined ? value : expectTag(value, tag)
}

/** The values inside a constructed one (or in any run of values); more than `most` are none. */
export function readAll(within: Buffer | DerValue, most = Infinity): DerValue[] {
  const isValue = within instanceof DerValue
  const [bytes, end] = isValue ? [within.bytes, within.end] : [within, within.length]
  const values: DerValue[] = []
  for (let offset = isValue ? within.start : 0; offset < end;) {
    if (values.length >= most) throw new DerError('too many parts')
    const value = readAt(bytes, offset, end)
    values.push(value)
    offset = value.end
  }
  return values
}

/** The value itself, when it is there and carries `tag`. */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag)
    throw new DerError(`tag ${value?.tag.toString(16) ?? 'missing'} where ${tag.toString(16)} is due`)
  return value
}

/** Reads what begins at `offset` and ends at `limit` at the latest. */
function readAt(bytes: Buffer, offset: number, limit: number): DerValue {
  if (offset + 2 > limit) throw new DerError('cut short')
  const tag = bytes[offset]!
  const first = bytes[offset + 1]!
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag number above 30')
  let start = offset + 2
  let length = first
  if (first >= 0x80) {
    const octets = first & 0x7f
    if (octets === 0 || octets > 3) throw new DerError('a length that is indefinite or too large')
    if (start + octets > limit) throw new DerError('cut short')
    length = 0
    for (let i = 0; i < octets; i++) length = (length << 8) | bytes[start + i]!
    if (length < 0x80 || (octets > 1 && length < 1 << (8 * (octets - 1)))) throw new DerError('a padded length')
    start += octets
  }
  if (start + length > limit) throw new DerError('cut short')
  return new DerValue(tag, bytes, offset, start, start + length)
}

/** A BOOLEAN; DER knows two values. `tag` for implicit tagging. */
export function readBoolean(value: DerValue | undefined, tag: number = TAG.boolean): boolean {
  const { bytes, start, length } = expectTag(value, tag)
  if (length !== 1 || (bytes[start] !== 0 && bytes[start] !== 0xff)) throw new DerError('not a boolean')
  return bytes[start] === 0xff
}

/** A small non-negative INTEGER; larger ones than 2^31 come out as Infinity. `tag` for implicit tagging. */
export function readInteger(value: DerValue | undefined, tag: number = TAG.integer): number {
  const integer = expectTag(value, tag)
  if (expectInteger(integer) >= 0x80) throw new DerError('a negative integer')
  return integer.length > 4 ? Infinity : integer.bytes.readUIntBE(integer.start, integer.length)
}

/** The first octet of what an INTEGER must be: something, and not padded. */
function expectInteger({ bytes, start, length }: DerValue): number {
  if (length === 0) throw new DerError('an empty integer')
  const [first, second] = [bytes[start]!, bytes[start + 1]!]
  if (length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError('a padded integer')
  return first
}

/** An OBJECT IDENTIFIER in dotted form. `tag` for implicit tagging. */
export function readOid(value: DerValue | undefined, tag: number = TAG.oid): string {
  const { bytes, start, end } = expectTag(value, tag)
  if (start === end || end - start > 64) throw new DerError('an object identifier of no sensible length')
  let text = ''
  let arc = 0
  let fresh = true
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (fresh && byte === 0x80) throw new DerError('a padded object identifier')
    if (arc >= LARGEST_ARC) return readLargeOid(bytes.subarray(start, end))
    arc = arc * 128 + (byte & 0x7f)
    fresh = byte < 0x80
    if (!fresh) continue
    text += text === '' ? firstArcs(arc) : `.${arc}`
    arc = 0
  }
  if (!fresh) throw new DerError('an object identifier cut short')
  return text
}

/** Seven bits more, and a number would not be exact. */
const LARGEST_ARC = 2 ** 46

/** The first number of an identifier holds two arcs. X.690 §8.19.4 */
function firstArcs(arc: number): string {
  const root = arc < 40 ? 0 : arc < 80 ? 1 : 2
  return `${root}.${arc - 40 * root}`
}

/** The same with arcs of any size; UUIDs are 128 bits long. */
function readLargeOid(content: Buffer): string {
  const arcs: bigint[] = []
  let arc = 0n
  let fresh = true
  for (const byte of content) {
    if (fresh && byte === 0x80) throw new DerError('a padded object identifier')
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    fresh = byte < 0x80
    if (!fresh) continue
    if (arcs.length === 0) {
      const root = arc < 40n ? 0n : arc < 80n ? 1n : 2n
      arcs.push(root, arc - 40n * root)
    } else arcs.push(arc)
    arc = 0n
  }
  if (!fresh) throw new DerError('an object identifier cut short')
  return arcs.join('.')
}

/** The named bits of a BIT STRING: bit n is `1 << n`. Bits above 30 are dropped. `tag` for implicit tagging. */
export function readBits(value: DerValue | undefined, tag: number = TAG.bitString): number {
  const { bytes, start, length } = expectTag(value, tag)
  const unused = bytes[start]!
  if (length === 0 || unused > 7 || (length === 1 && unused > 0)) throw new DerError('not a bit string')
  let bits = 0
  for (let i = 0; i < 31 && i < (length - 1) * 8 - unused; i++)
    if (bytes[start + 1 + (i >> 3)]! & (0x80 >> (i & 7))) bits |= 1 << i
  return bits
}

/** UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 narrows them, in milliseconds since 1970. */
export function readTime(value: DerValue | undefined): number {
  const yearDigits = value?.tag === TAG.utcTime ? 2 : value?.tag === TAG.generalizedTime ? 4 : 0
  if (!value || yearDigits === 0 || value.length !== yearDigits + 11 || value.bytes[value.end - 1] !== LETTER_Z)
    throw new DerError('not a time')
  const { bytes, start } = value
  const pair = (at: number): number => digit(bytes[start + at]!) * 10 + digit(bytes[start + at + 1]!)
  const short = pair(yearDigits - 2)
  const year = yearDigits === 4 ? pair(0) * 100 + short : short + (short < 50 ? 2000 : 1900)
  const [month, day] = [pair(yearDigits), pair(yearDigits + 2)]
  const [hour, minute, second] = [pair(yearDigits + 4), pair(yearDigits + 6), pair(yearDigits + 8)]
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(month, year)
  if (!isDay || hour > 23 || minute > 59 || second > 59) throw new DerError('a time that does not exist')
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second)
  // To `Date.UTC` those are years of another century; the calendar comes around every 400.
  return Date.UTC(year + 400, month - 1, day, hour, minute, second) - MS_OF_400_YEARS
}

const MS_OF_400_YEARS = 146_097 * 86_400_000

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const LETTER_Z = 0x5a

function digit(octet: number): number {
  if (octet < 0x30 || octet > 0x39) throw new DerError('not a time')
  return octet - 0x30
}

/** The types of X.680 §8.6 as DER writes them: texts in one piece, and what holds others. */
const UNIVERSAL_TAGS: ReadonlySet<number> = new Set([
  ...Object.values(TAG),
  ...[0x05, 0x0a, 0x12, 0x13, 0x14, 0x15, 0x19, 0x1a, 0x1b, 0x1c, 0x1e],
])

/**
 * A value of any type, as it is where a type is named by an identifier: what is of a universal primitive type must be
 * one. So no reader of DER takes offence at it where this one did not.
 */
export function expectProper(value: DerValue): DerValue {
  const { tag, length } = value
  if (tag < 0x40 && !UNIVERSAL_TAGS.has(tag)) throw new DerError('a value of no known type')
  if (tag === TAG.boolean) readBoolean(value)
  else if (tag === TAG.integer || tag === 0x0a) expectInteger(value)
  else if (tag === TAG.bitString) readBits(value)
  else if (tag === 0x05 && length > 0) throw new DerError('a null with something in it')
  else if (tag === TAG.oid) readOid(value)
  else if ((tag === TAG.utcTime && length < 13) || (tag === TAG.generalizedTime && length < 15))
    throw new DerError('a time cut short')
  else if (tag === 0x1c && length % 4 !== 0) throw new DerError('a text of 32-bit characters cut short')
  else if (tag === 0x1e && length % 2 !== 0) throw new DerError('a text of 16-bit characters cut short')
  return value
}

/** Writes one TLV. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets]
  return Buffer.concat([Uint8Array.from(head), ...contents])
}

/** Writes an OBJECT IDENTIFIER from its dotted form. */
export function writeOid(dotted: string): Buffer {
  const [root = 0, second = 0, ...arcs] = dotted.split('.').map(Number)
  const bytes = [root * 40 + second, ...arcs].flatMap((arc) => {
    const groups = [arc % 128]
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift((rest % 128) | 0x80)
    return groups
  })
  return writeDer(TAG.oid, Uint8Array.from(bytes))
}
