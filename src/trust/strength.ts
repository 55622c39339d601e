// Is what a certificate relies on strong enough? Signature algorithms and keys, by list: what is not on it is refused.
// NIST SP 800-131A rev. 2 draws the same line: no SHA-1, no RSA below 2048 bits.

import type { KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { DerError, TAG, readAll, readDer, readOid } from './der.ts'

const PSS = '1.2.840.113549.1.1.10'

const SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11', // sha256WithRSAEncryption, RFC 4055 §5
  '1.2.840.113549.1.1.12', // sha384
  '1.2.840.113549.1.1.13', // sha512
  '1.2.840.10045.4.3.2', // ecdsa-with-SHA256, RFC 5758 §3.2
  '1.2.840.10045.4.3.3', // SHA384
  '1.2.840.10045.4.3.4', // SHA512
  '1.3.101.112', // Ed25519, RFC 8410
  '1.3.101.113', // Ed448
])

const HASHES: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
])

const CURVES: ReadonlySet<string> = new Set([
  'prime256v1',
  'secp384r1',
  'secp521r1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
])

/** What is weak about the signature on the certificate, in words. */
export function weakSignature(certificate: Certificate): string | undefined {
  const { oid, parameters } = certificate.signatureAlgorithm
  if (SIGNATURES.has(oid) || (oid === PSS && HASHES.has(pssHash(parameters)))) return undefined
  return `signed with ${certificate.x509.signatureAlgorithm ?? oid}`
}

/** RFC 4055 §3.1; left out, it is SHA-1. */
function pssHash(parameters: Buffer | undefined): string {
  try {
    const hash = parameters && readAll(readDer(parameters, TAG.sequence).content).find((value) => value.tag === 0xa0)
    return hash ? readOid(readAll(readDer(hash.content, TAG.sequence).content)[0]) : 'sha1'
  } catch (error) {
    if (error instanceof DerError) return 'unreadable'
    throw error
  }
}

const LARGEST_EXPONENT = 2n ** 32n

/** What is weak about the certificate's key, in words. */
export function weakKey(certificate: Certificate): string | undefined {
  const { type, bits, curve, exponent } = keyOf(certificate)
  if (type === 'ed25519' || type === 'ed448') return undefined
  if (type === 'ec') return CURVES.has(curve) ? undefined : `a key on the curve ${curve}`
  // Larger ones only cost time, ours.
  if (type === 'rsa' || type === 'rsa-pss') {
    if (exponent > LARGEST_EXPONENT) return 'an RSA key with an absurd exponent'
    return bits >= 2048 && bits <= 8192 ? undefined : `an RSA key of ${bits} bits`
  }
  return `a key of type ${type}`
}

/** The key in words: `EC P-256`, `RSA 2048`, `ed25519`. */
export function keyText(certificate: Certificate): string {
  const { type, bits, curve } = keyOf(certificate)
  if (type === 'ec') return `EC ${NIST_NAMES[curve] ?? curve}`
  return bits > 0 ? `${type.toUpperCase()} ${bits}` : type
}

const NIST_NAMES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

interface Key {
  readonly type: string
  readonly bits: number
  readonly curve: string
  readonly exponent: bigint
}

const keys = new WeakMap<Certificate, Key>()

/** Asked for several times on every path, and dear: OpenSSL writes the key out each time. */
function keyOf(certificate: Certificate): Key {
  let key = keys.get(certificate)
  if (!key) keys.set(certificate, (key = readKey(certificate)))
  return key
}

function readKey(certificate: Certificate): Key {
  const key = publicKey(certificate)
  const { modulusLength = 0, namedCurve = 'unnamed', publicExponent = 0n } = key?.asymmetricKeyDetails ?? {}
  return { type: key?.asymmetricKeyType ?? 'unknown', bits: modulusLength, curve: namedCurve, exponent: publicExponent }
}

/** OpenSSL reads certificates whose key it does not know, and throws only when asked for the key. */
function publicKey(certificate: Certificate): KeyObject | undefined {
  try {
    return certificate.x509.publicKey
  } catch {
    return undefined
  }
}
