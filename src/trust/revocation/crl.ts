// A certificate revocation list as data. RFC 5280 §5.
//
// Rule 1: strict, as with certificates; a list that does not read says nothing.
// Rule 2: millions of entries are read; of everything else there is only so much, or whoever reads it would be at it for
//         seconds, and need a hundred times its size.
// Rule 3: nothing is judged here but the form. Whether it may speak for a certificate is for `crl-judge.ts` to say.

import { createHash } from 'node:crypto'
import { DerError, TAG, expectTag, readAll, readBoolean, readDer, readInteger, readOid, readTime } from '../der.ts'
import type { DerValue } from '../der.ts'
import { readName } from '../distinguished-name.ts'
import type { DistinguishedName } from '../distinguished-name.ts'
import { readPointName, readPoints, readReasons } from './pointers.ts'
import type { DistributionPoint } from './pointers.ts'
import { Serials } from './serials.ts'
import { signatureOctets } from './signed.ts'
import type { Signed } from './signed.ts'

/** For which certificates, and which reasons, a CRL speaks. RFC 5280 §5.2.5 */
export interface Scope {
  /** Undefined: not bound to a distribution point. */
  readonly names: readonly string[] | undefined
  readonly only: 'users' | 'cas' | 'attributes' | undefined
  readonly reasons: number | undefined
  readonly indirect: boolean
}

export interface Crl {
  /** SHA-256 of the whole, hex. */
  readonly fingerprint: string
  readonly bytes: number
  readonly issuer: DistinguishedName
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  /** Undefined where it says none, which no CRL may (§5.1.2.5). */
  readonly nextUpdate: number | undefined
  readonly number: bigint | undefined
  /** Of a delta, the number of the CRL that it goes with. */
  readonly base: bigint | undefined
  /** DER, hex, to compare; `scope` in parts. Undefined: it speaks for all that its issuer issued. */
  readonly scopeKey: string | undefined
  readonly scope: Scope
  /** Hex. */
  readonly authorityKeyId: string | undefined
  /** Where deltas to it are. */
  readonly freshest: readonly DistributionPoint[]
  /** Of the list or of one of its entries. */
  readonly unknownCritical: readonly string[]
  readonly revoked: Serials
  readonly signed: Signed
}

/** The longest there is: the reader of DER knows no longer one. */
export const LARGEST_CRL_BYTES = 2 ** 24 - 1

/** Parts of a list and of what is signed of it. */
const MOST_PARTS = 8
/** The name of its issuer, and all that it says beside its entries. */
const LARGEST_NAME_BYTES = 8192
const LARGEST_EXTENSIONS_BYTES = 65_536

const OID = {
  number: '2.5.29.20',
  base: '2.5.29.27',
  scope: '2.5.29.28',
  authorityKeyId: '2.5.29.35',
  freshest: '2.5.29.46',
} as const
const KNOWN: ReadonlySet<string> = new Set(Object.values(OID))

/** Reads a CRL from DER. A string says what is wrong with it. */
export function readCrl(raw: Buffer): Crl | string {
  if (raw.length > LARGEST_CRL_BYTES) return `a CRL of ${raw.length} bytes`
  try {
    // A copy in a buffer of its own: what is kept must not hold on to a larger one, and a thread hands it over whole.
    const own = Buffer.allocUnsafeSlow(raw.length)
    raw.copy(own)
    return parse(own)
  } catch (error) {
    if (error instanceof DerError) return `not a proper CRL: ${error.message}`
    throw error
  }
}

const [BEGIN, END] = ['-----BEGIN X509 CRL-----', '-----END X509 CRL-----']
/** CRLs in one file; more are not read. */
const MOST_IN_FILE = 64

/** Reads what a file holds: DER, or PEM with one CRL or several. Each is a CRL, or a string that says what is wrong with it. */
export function readCrls(octets: Buffer): readonly (Crl | string)[] {
  const ders = dersOf(octets)
  const read = ders.slice(0, MOST_IN_FILE).map(readCrl)
  if (ders.length <= MOST_IN_FILE) return read
  return [...read, `more than ${MOST_IN_FILE} CRLs in one file; the rest is not read`]
}

function dersOf(octets: Buffer): readonly Buffer[] {
  if (octets[0] === TAG.sequence) return [octets]
  const [, ...pieces] = octets.toString('latin1').split(BEGIN, MOST_IN_FILE + 2)
  if (pieces.length === 0) return [octets]
  return pieces.map((piece) => {
    const [body = '', ...more] = piece.split(END, 2)
    return Buffer.from(more.length > 0 && /^[A-Za-z0-9+/=\s]+$/.test(body) ? body : '', 'base64')
  })
}

function parse(raw: Buffer): Crl {
  const [tbs, outer, signature] = readAll(readDer(raw, TAG.sequence).content, 3)
  const fields = readAll(expectTag(tbs, TAG.sequence).content, MOST_PARTS)
  const version = fields[0]?.tag === TAG.integer ? readInteger(fields.shift()) + 1 : 1
  const algorithm = expectTag(fields.shift(), TAG.sequence).whole
  // RFC 5280 §5.1.1.2
  if (!algorithm.equals(expectTag(outer, TAG.sequence).whole)) throw new DerError('two signature algorithms')
  const issuer = readName(shorter(LARGEST_NAME_BYTES, expectTag(fields.shift(), TAG.sequence).whole))
  const thisUpdate = readTime(fields.shift())
  const nextUpdate = isTime(fields[0]) ? readTime(fields.shift()) : undefined
  const revoked = fields[0]?.tag === TAG.sequence ? fields.shift()!.content : Buffer.alloc(0)
  const wrapped = fields[0]?.tag === 0xa0 ? fields.shift()!.content : undefined
  if (fields.length > 0) throw new DerError('an unknown field')
  if (version > 2 || (wrapped && version !== 2)) throw new DerError(`version ${version}`)
  const { bodies, unknownCritical } = readExtensions(wrapped && shorter(LARGEST_EXTENSIONS_BYTES, wrapped))
  const scope = bodies.get(OID.scope)
  const serials = new Serials(revoked)
  if (serials.unknownCritical !== undefined) unknownCritical.push(serials.unknownCritical)
  return {
    fingerprint: createHash('sha256').update(raw).digest('hex'),
    bytes: raw.length,
    issuer,
    thisUpdate,
    nextUpdate,
    number: readNumber(bodies.get(OID.number)),
    base: readNumber(bodies.get(OID.base)),
    scopeKey: scope?.toString('hex'),
    scope: readScope(scope, issuer),
    authorityKeyId: readKeyId(bodies.get(OID.authorityKeyId)),
    freshest: readPoints(bodies.get(OID.freshest), issuer),
    unknownCritical,
    revoked: serials,
    signed: { octets: tbs!.whole, algorithm, signature: signatureOctets(signature) },
  }
}

function shorter(most: number, octets: Buffer): Buffer {
  if (octets.length > most) throw new DerError(`a part of ${octets.length} bytes`)
  return octets
}

const isTime = (value: DerValue | undefined): boolean =>
  value?.tag === TAG.utcTime || value?.tag === TAG.generalizedTime

function readExtensions(wrapped: Buffer | undefined): {
  bodies: ReadonlyMap<string, Buffer>
  unknownCritical: string[]
} {
  const bodies = new Map<string, Buffer>()
  const unknownCritical: string[] = []
  for (const value of wrapped ? readAll(readDer(wrapped, TAG.sequence).content) : []) {
    const [id, second, third] = readAll(expectTag(value, TAG.sequence).content)
    const oid = readOid(id)
    if (bodies.has(oid)) throw new DerError(`the extension ${oid} twice`)
    bodies.set(oid, expectTag(third ?? second, TAG.octetString).content)
    if (third !== undefined && readBoolean(second) && !KNOWN.has(oid)) unknownCritical.push(oid)
  }
  return { bodies, unknownCritical }
}

function readNumber(body: Buffer | undefined): bigint | undefined {
  if (!body) return undefined
  const { content } = readDer(body, TAG.integer)
  // §5.2.3: at most 20 octets, never negative.
  if (content.length === 0 || content.length > 20 || content[0]! >= 0x80)
    throw new DerError('a CRL number that is none')
  return BigInt(`0x${content.toString('hex')}`)
}

function readKeyId(body: Buffer | undefined): string | undefined {
  if (!body) return undefined
  const parts = readAll(readDer(body, TAG.sequence).content)
  return parts.find(({ tag }) => tag === 0x80)?.content.toString('hex')
}

function readScope(body: Buffer | undefined, issuer: DistinguishedName): Scope {
  if (!body) return { names: undefined, only: undefined, reasons: undefined, indirect: false }
  const parts = readAll(readDer(body, TAG.sequence).content)
  const of = (tag: number): DerValue | undefined => parts.find((part) => part.tag === tag)
  const says = (tag: number): boolean => of(tag) !== undefined && readBoolean(of(tag), tag)
  const only = (['users', 'cas', 'attributes'] as const).filter((_, i) => says([0x81, 0x82, 0x85][i]!))
  if (only.length > 1) throw new DerError('a scope that contradicts itself')
  return {
    names: readPointName(of(0xa0), issuer).names,
    only: only[0],
    reasons: readReasons(of(0x83)),
    indirect: says(0x84),
  }
}
