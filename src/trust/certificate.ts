// A certificate as plain data: what a path check and a name check ask for. RFC 5280 §4.1.
//
// Rule 1: strict. What is not DER, has an extension twice or one that does not read is no certificate.
// Rule 2: nothing is judged here but the form.
// Rule 3: OpenSSL (`x509`) checks signatures over the very same bytes; it is asked for nothing else.
// Reading is remembered: partners come back with the same certificates, and intermediates are shared.

import { X509Certificate, hash } from 'node:crypto'
import { DerError, TAG, expectTag, readAll, readDer, readInteger, readOid, readTime } from './der.ts'
import type { DerValue } from './der.ts'
import { readName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { readExtensions } from './extensions.ts'
import type { Extensions } from './extensions.ts'

export interface Certificate {
  readonly raw: Buffer
  /** SHA-256 of the whole, hex. */
  readonly fingerprint: string
  /** Counted from 1, as people do: 3 has extensions. */
  readonly version: number
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  /** The AlgorithmIdentifier it is signed with. */
  readonly signatureAlgorithm: { readonly oid: string; readonly parameters: Buffer | undefined }
  /** The content octets of the serial number. */
  readonly serial: Buffer
  /** The SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer
  /** `sha256/<base64>` over it, RFC 7469 §2.4. */
  readonly pin: string
  readonly extensions: Extensions
  /** The same certificate as OpenSSL reads it. Throws when it does not. */
  readonly x509: X509Certificate
}

/**
 * What is remembered may take so much memory, by estimate; about three thousand certificates of the usual kind.
 * SECURITY: by weight and not by number, since a name of four bytes is an object of some hundreds, and strangers send
 * certificates full of them.
 */
const REMEMBERED_BYTES = 64 * 1024 * 1024
/** No certificate of use is larger; a TLS stack allows about 100 kB for a whole chain. */
const LARGEST_BYTES = 65_536

interface Remembered {
  /** Undefined: it has made room for others. */
  result: Certificate | string | undefined
  readonly weight: number
}

/** What OpenSSL has made of these very bytes already. */
const made = new WeakMap<Buffer, X509Certificate>()

/**
 * Tells that OpenSSL has read a certificate already, as it does in every handshake, and need not do so again. It is used while
 * somebody else holds it, and not kept: of a peer nothing is asked of OpenSSL once it is judged, and what came with it would stay
 * as long.
 * @param raw what `x509` gives as its bytes
 */
export function readByOpenSsl(raw: Buffer, x509: X509Certificate): void {
  made.set(raw, x509)
}

const memory = new Map<string, Remembered>()
let remembered = 0

/** The same by the buffers that were read: whoever holds one asks of it again and again. What was forgotten is so here too. */
const buffers = new WeakMap<Buffer, Remembered>()

/** Reads a certificate from DER, in a buffer that nobody changes any more. A string says what is wrong with it. */
export function readCertificate(raw: Buffer): Certificate | string {
  const known = buffers.get(raw)?.result
  if (known !== undefined) return known
  if (raw.length > LARGEST_BYTES) return `a certificate of ${raw.length} bytes`
  const fingerprint = hash('sha256', raw)
  const entry = memory.get(fingerprint)
  if (entry?.result === undefined) return remember(raw, fingerprint)
  // Set again, it is the youngest; the oldest goes first.
  memory.delete(fingerprint)
  memory.set(fingerprint, entry)
  buffers.set(raw, entry)
  return entry.result
}

function remember(raw: Buffer, fingerprint: string): Certificate | string {
  const result = read(raw, fingerprint)
  const entry: Remembered = { result, weight: weigh(result) }
  memory.set(fingerprint, entry)
  buffers.set(raw, entry)
  if (typeof result !== 'string') buffers.set(result.raw, entry)
  remembered += entry.weight
  for (const [oldest, old] of memory) {
    if (remembered <= REMEMBERED_BYTES) break
    memory.delete(oldest)
    remembered -= old.weight
    old.result = undefined
  }
  return result
}

/** The same bytes as they are remembered, so that whoever keeps them keeps nothing of its own. */
export function sharedBytes(raw: Buffer): Buffer {
  const certificate = readCertificate(raw)
  return typeof certificate === 'string' ? raw : certificate.raw
}

/** How much is remembered: certificates, and bytes by estimate. */
export function certificatesRemembered(): { readonly count: number; readonly bytes: number } {
  return { count: memory.size, bytes: remembered }
}

function weigh(result: Certificate | string): number {
  if (typeof result === 'string') return 512
  const { names, nameConstraints } = result.extensions
  const objects = names.length + (nameConstraints?.permitted.length ?? 0) + (nameConstraints?.excluded.length ?? 0)
  return 8192 + 8 * result.raw.length + 512 * objects
}

function read(raw: Buffer, fingerprint: string): Certificate | string {
  try {
    // A copy: the bytes may be a view of a large buffer, and what is remembered must not change or hold on to it.
    const certificate = parse(Buffer.from(raw), fingerprint, made.get(raw))
    void certificate.x509
    return certificate
  } catch (error) {
    if (error instanceof DerError) return `not a proper certificate: ${error.message}`
    return 'not a certificate that OpenSSL can read'
  }
}

/** Reads without asking OpenSSL yet and without remembering: for trust anchors, hundreds at a time. */
export function readAnchor(raw: Buffer): Certificate | string {
  try {
    return parse(raw, hash('sha256', raw))
  } catch (error) {
    if (error instanceof DerError) return `not a proper certificate: ${error.message}`
    throw error
  }
}

function parse(raw: Buffer, fingerprint: string, known?: X509Certificate): Certificate {
  const [tbs, outerAlgorithm, signature, ...more] = readAll(readDer(raw, TAG.sequence))
  expectTag(signature, TAG.bitString)
  if (more.length > 0) throw new DerError('too many parts')
  const fields = readAll(expectTag(tbs, TAG.sequence))
  const version = fields[0]?.tag === 0xa0 ? readInteger(readDer(fields.shift()!)) + 1 : 1
  const [serial, algorithm, issuer, validity, subject, publicKey, ...optional] = fields
  // RFC 5280 §4.1.1.2: the algorithm inside and outside the signed part must be the same.
  if (!expectTag(algorithm, TAG.sequence).whole.equals(expectTag(outerAlgorithm, TAG.sequence).whole))
    throw new DerError('two signature algorithms')
  const [notBefore, notAfter] = readAll(expectTag(validity, TAG.sequence))
  const spki = expectTag(publicKey, TAG.sequence).whole
  const lent = known && new WeakRef(known)
  let own: X509Certificate | undefined
  return {
    raw,
    fingerprint,
    version,
    issuer: readName(expectTag(issuer, TAG.sequence)),
    subject: readName(expectTag(subject, TAG.sequence)),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    signatureAlgorithm: readAlgorithm(algorithm!),
    serial: expectTag(serial, TAG.integer).content,
    spki,
    pin: `sha256/${hash('sha256', spki, 'base64')}`,
    extensions: readExtensions(extensionValues(version, optional)),
    get x509() {
      return own ?? lent?.deref() ?? (own = new X509Certificate(raw))
    },
  }
}

function readAlgorithm(value: DerValue): Certificate['signatureAlgorithm'] {
  const [oid, parameters] = readAll(value)
  return { oid: readOid(oid), parameters: parameters?.whole }
}

function extensionValues(version: number, optional: readonly DerValue[]): readonly DerValue[] {
  // Unique identifiers [1] and [2] are obsolete and harmless; [3] are the extensions, always last.
  const last = optional.at(-1)
  for (const value of optional)
    if (value.tag !== 0x81 && value.tag !== 0x82 && value !== last) throw new DerError('an unknown field')
  if (last === undefined || last.tag !== 0xa3) {
    if (last && last.tag !== 0x81 && last.tag !== 0x82) throw new DerError('an unknown field')
    return []
  }
  if (version !== 3) throw new DerError('extensions in a certificate before version 3')
  return readAll(readDer(last, TAG.sequence))
}

/** Issued under its own name: a root, or a CA's certificate for its own next key. RFC 5280 §6.1. */
export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.subject.key === certificate.issuer.key
}
