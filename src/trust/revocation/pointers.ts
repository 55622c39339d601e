// What a certificate says about its own revocation: its number, where lists and responders are, and what a responder may
// leave out. RFC 5280 §4.2.1.13, §4.2.2.1; RFC 6960 §4.2.2.2.1. Read when it is first asked for: few chains are.

import type { Certificate } from '../certificate.ts'
import { DerError, TAG, expectTag, readAll, readBits, readDer, readOid, writeDer } from '../der.ts'
import type { DerValue } from '../der.ts'
import type { DistinguishedName } from '../distinguished-name.ts'
import { readName } from '../distinguished-name.ts'
import { REVOCATION } from '../extensions.ts'
import { readGeneralName } from '../general-name.ts'

/** Where a CRL lies, and for which reasons it speaks. RFC 5280 §4.2.1.13 */
export interface DistributionPoint {
  /** Comparable, as `nameKeys` writes them; undefined where the point has no name. */
  readonly names: readonly string[] | undefined
  /** The URIs among the names, as written. */
  readonly uris: readonly string[]
  /** Bits of ReasonFlags; undefined: all. */
  readonly reasons: number | undefined
  /** Who signs the CRL, by the keys of their names; undefined: the issuer of the certificate. */
  readonly issuers: readonly string[] | undefined
}

export interface Pointers {
  /** The content octets of the serial number, without padding. */
  readonly serial: Buffer
  /** The octets of the subject's public key, as RFC 6960 §4.1.1 hashes it. */
  readonly keyBits: Buffer
  readonly crls: readonly DistributionPoint[]
  /** Where deltas to them are. RFC 5280 §4.2.1.15 */
  readonly freshest: readonly DistributionPoint[]
  /** URIs of OCSP responders. */
  readonly responders: readonly string[]
  /** `id-pkix-ocsp-nocheck`: the certificate of a responder that need not be asked for itself. */
  readonly unchecked: boolean
  /** It is to be shown with a staple. RFC 7633 §4 */
  readonly mustStaple: boolean
}

const OID_OCSP = '1.3.6.1.5.5.7.48.1'

const NOTHING: Omit<Pointers, 'serial' | 'keyBits'> = {
  crls: [],
  freshest: [],
  responders: [],
  unchecked: false,
  mustStaple: false,
}

/** The TLS extension by which a client asks for a staple. */
const STATUS_REQUEST = Buffer.from([5])

const known = new WeakMap<Certificate, Pointers | string>()

/** What the certificate says. A string says what of it does not read. */
export function pointersOf(certificate: Certificate): Pointers | string {
  let pointers = known.get(certificate)
  if (pointers === undefined) known.set(certificate, (pointers = readPointers(certificate)))
  return pointers
}

function readPointers({ serial, spki, issuer, extensions }: Certificate): Pointers | string {
  try {
    const [, bits] = readAll(readDer(spki, TAG.sequence))
    const read = { serial: trimmed(serial), keyBits: expectTag(bits, TAG.bitString).content.subarray(1) }
    const bodies = extensions.revocation
    if (bodies.size === 0) return { ...NOTHING, ...read }
    const access = bodies.get(REVOCATION.access)
    const feature = bodies.get(REVOCATION.features)
    const features = feature ? readAll(readDer(feature, TAG.sequence)) : []
    return {
      ...read,
      crls: readPoints(bodies.get(REVOCATION.crls)?.content, issuer),
      freshest: readPoints(bodies.get(REVOCATION.freshest)?.content, issuer),
      responders: access ? readResponders(access) : [],
      unchecked: bodies.has(REVOCATION.unchecked),
      mustStaple: features.some(({ content }) => content.equals(STATUS_REQUEST)),
    }
  } catch (error) {
    if (error instanceof DerError) return error.message
    throw error
  }
}

/** SECURITY: a number written with padding must not be another one than the list has. */
function trimmed(serial: Buffer): Buffer {
  let start = 0
  while (start + 1 < serial.length && isPadding(serial[start]!, serial[start + 1]!)) start++
  return serial.subarray(start)
}

/** Does the first octet of an INTEGER say no more than the second alone would? X.690 §8.3.2 */
export const isPadding = (first: number, second: number): boolean =>
  (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)

function readResponders(body: DerValue): string[] {
  return readAll(readDer(body, TAG.sequence)).flatMap((value) => {
    const [method, location] = readAll(expectTag(value, TAG.sequence).content)
    const name = location && readOid(method) === OID_OCSP ? readGeneralName(location) : undefined
    return name?.kind === 'uri' ? [name.value] : []
  })
}

/** Reads CRLDistributionPoints; names relative to a CRL issuer are completed with `issuer`. */
export function readPoints(body: Buffer | undefined, issuer: DistinguishedName): readonly DistributionPoint[] {
  if (!body) return []
  return readAll(readDer(body, TAG.sequence).content).map((value) => {
    const parts = readAll(expectTag(value, TAG.sequence).content)
    const of = (tag: number): DerValue | undefined => parts.find((part) => part.tag === tag)
    const issuers = of(0xa2) && readAll(of(0xa2)!.content).map(readGeneralName)
    const directory = issuers?.flatMap((name) => (name.kind === 'directory' ? [name.name] : []))
    const { names, uris } = readPointName(of(0xa0), directory?.[0] ?? issuer)
    return { names, uris, reasons: readReasons(of(0x81)), issuers: directory?.map(({ key }) => key) }
  })
}

/** Names of one point; honest ones have two or three. */
const MOST_NAMES = 64

/** The name of a point, RFC 5280 §4.2.1.13: full, or one more RDN below the CRL issuer. */
export function readPointName(
  value: DerValue | undefined,
  issuer: DistinguishedName,
): Pick<DistributionPoint, 'names' | 'uris'> {
  if (!value) return { names: undefined, uris: [] }
  const { tag, content } = readDer(value.content)
  if (tag === 0xa1) {
    const above = readDer(issuer.raw, TAG.sequence).content
    const whole = writeDer(TAG.sequence, above, writeDer(TAG.set, content))
    return { names: [`directory ${readName(whole).key}`], uris: [] }
  }
  if (tag !== 0xa0) throw new DerError('a distribution point of an unknown form')
  const all = readAll(content, MOST_NAMES).map((one) => ({ one, name: readGeneralName(one) }))
  return {
    names: all.map(({ one, name }) =>
      name.kind === 'directory' ? `directory ${name.name.key}` : one.whole.toString('hex'),
    ),
    uris: all.flatMap(({ name }) => (name.kind === 'uri' ? [name.value] : [])),
  }
}

/** ReasonFlags, implicitly tagged. */
export function readReasons(value: DerValue | undefined): number | undefined {
  return value && readBits(value, value.tag)
}
