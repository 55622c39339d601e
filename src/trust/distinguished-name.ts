// Distinguished names, compared as RFC 5280 §7.1 asks: attribute by attribute, text without regard to case, encoding or
// extra white space. Two names are equal when their lists of RDN strings are.

import { DerError, DerValue, TAG, expectProper, expectTag, readAll, readDer, readOid } from './der.ts'

export interface DistinguishedName {
  /** DER of the whole Name. */
  readonly raw: Buffer
  /** One canonical string per RDN, outermost first. */
  readonly rdns: readonly string[]
  /** All of them as one key. */
  readonly key: string
}

/** Reads a Name, DER-encoded or read that far. */
export function readName(name: Buffer | DerValue): DistinguishedName {
  const isValue = name instanceof DerValue
  const rdns = readAll(isValue ? expectTag(name, TAG.sequence) : readDer(name, TAG.sequence)).map(rdnText)
  return { raw: isValue ? name.whole : name, rdns, key: rdns.join('\n') }
}

function rdnText(rdn: DerValue): string {
  const [first, ...more] = readAll(expectTag(rdn, TAG.set))
  if (first && more.length === 0) return attributeText(first)
  return (first ? [first, ...more] : []).map(attributeText).toSorted().join('+')
}

/** What OpenSSL takes for the value of an attribute: texts, and a bit string or a sequence, which compare by bytes. */
const ATTRIBUTE_TAGS: ReadonlySet<number> = new Set([
  TAG.utf8String,
  TAG.ia5String,
  TAG.bitString,
  TAG.sequence,
  0x12,
  0x13,
  0x14,
  0x1c,
  0x1e,
])

function attributeText(attribute: DerValue): string {
  const [type, value, ...more] = readAll(expectTag(attribute, TAG.sequence))
  if (!value || more.length > 0) throw new DerError('an attribute of a name with more or less than a type and a value')
  if (!ATTRIBUTE_TAGS.has(value.tag)) throw new DerError('an attribute of a name that is no text')
  return `${readOid(type)}=${canonicalText(expectProper(value))}`
}

function canonicalText(value: DerValue): string {
  const text = decode(value)
  if (text === undefined) return `#${value.whole.toString('hex')}`
  return PLAIN.test(text)
    ? `"${text.toLowerCase()}"`
    : JSON.stringify(text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim())
}

/** What is not changed but for its case: most names. Letters, digits and so on of ASCII, with single spaces between. */
const PLAIN = /^(?:[!#-[\]-~]+(?: [!#-[\]-~]+)*)?$/

function decode(value: DerValue): string | undefined {
  const { bytes, start, end } = value
  switch (value.tag) {
    case TAG.utf8String:
      return bytes.toString('utf8', start, end)
    case 0x13: // PrintableString
    case 0x14: // TeletexString, in practice Latin-1
    case TAG.ia5String:
      return bytes.toString('latin1', start, end)
    case 0x1e: // BMPString
      return value.length % 2 === 0 ? Buffer.from(value.content).swap16().toString('utf16le') : undefined
    default:
      return undefined
  }
}

/** An attribute of a name: its type as an OID, its text as it stands. */
export interface NameAttribute {
  readonly type: string
  readonly text: string
}

/** The attributes that are texts, outermost first. */
export function attributesOf({ raw }: DistinguishedName): readonly NameAttribute[] {
  return readAll(readDer(raw, TAG.sequence))
    .flatMap((rdn) => readAll(expectTag(rdn, TAG.set)))
    .flatMap((attribute) => {
      const [type, value] = readAll(attribute)
      const text = value && decode(value)
      return text === undefined ? [] : [{ type: readOid(type), text }]
    })
}

/** Is the name the base itself or below it in the tree? RFC 5280 §7.1. */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  return base.rdns.every((rdn, i) => name.rdns[i] === rdn)
}

const EMAIL = /(?:^|\+)1\.2\.840\.113549\.1\.9\.1=("(?:[^"\\]|\\.)*")/g

/** The obsolete e-mail addresses among the attributes; constraints hold for them too. RFC 5280 §4.2.1.10. */
export function emailsOf(name: DistinguishedName): readonly string[] {
  return name.rdns.flatMap((rdn) => Array.from(rdn.matchAll(EMAIL), (match) => String(JSON.parse(match[1]!))))
}
