// Is what a certificate relies on strong enough? Signature algorithms and keys, by the lists of a profile: what is not on
// them is refused. Those of `standard` hold for everybody. The same for what says whether it was revoked.

import type { Certificate } from './certificate.ts'
import { DerError, TAG, readAll, readDer, readOid } from './der.ts'
import type { Profile } from './profiles/profile.ts'
import { STANDARD } from './profiles/standard.ts'
import { type PublicKey, readPublicKey } from './public-key.ts'

const PSS = '1.2.840.113549.1.1.10'

/** What a profile calls an algorithm. */
const SIGNATURES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'RSA SHA-256', // RFC 4055 §5
  '1.2.840.113549.1.1.12': 'RSA SHA-384',
  '1.2.840.113549.1.1.13': 'RSA SHA-512',
  '1.2.840.10045.4.3.2': 'ECDSA SHA-256', // RFC 5758 §3.2
  '1.2.840.10045.4.3.3': 'ECDSA SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA SHA-512',
  '1.3.101.112': 'Ed25519', // RFC 8410
  '1.3.101.113': 'Ed448',
}

const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
}

/** What is on no list, in words. */
const WEAK: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'RSA MD5',
  '1.2.840.113549.1.1.5': 'RSA SHA-1',
  '1.2.840.10045.4.1': 'ECDSA SHA-1',
}

/** What is weak about the signature on the certificate, in words. */
export function weakSignature(certificate: Certificate, profile: Profile = STANDARD): string | undefined {
  const { signatureAlgorithm: algorithm, x509 } = certificate
  if (isStrong(algorithm, profile)) return undefined
  return `signed with ${x509.signatureAlgorithm ?? algorithm.oid}`
}

/** What is weak about another signature than one on a certificate, in words. @param algorithm DER of the AlgorithmIdentifier */
export function weakAlgorithm(algorithm: Buffer, profile: Profile = STANDARD): string | undefined {
  try {
    const [id, parameters] = readAll(readDer(algorithm, TAG.sequence).content)
    const read = { oid: readOid(id), parameters: parameters?.whole }
    if (isStrong(read, profile)) return undefined
    return `signed with ${nameOf(read) ?? WEAK[read.oid] ?? read.oid}`
  } catch (error) {
    if (error instanceof DerError) return 'signed with an algorithm that does not read'
    throw error
  }
}

type Algorithm = Certificate['signatureAlgorithm']

function isStrong(algorithm: Algorithm, { certificateSignatures }: Profile): boolean {
  const name = nameOf(algorithm)
  return name !== undefined && certificateSignatures.is.includes(name)
}

/** What a profile calls it. */
const nameOf = ({ oid, parameters }: Algorithm): string | undefined =>
  oid === PSS ? `RSA-PSS ${HASHES[pssHash(parameters)] ?? 'SHA-1 or unknown'}` : SIGNATURES[oid]

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

/** Larger keys only cost time, ours. */
const LARGEST_BITS = 8192

/** What is weak about the certificate's key, in words. */
export function weakKey(certificate: Certificate, { keys: kinds, rsaBits }: Profile = STANDARD): string | undefined {
  const { type, bits, curve, exponent } = keyOf(certificate)
  const kind = KINDS[type] ?? type
  if (type === 'ec') {
    const name = NIST_NAMES[curve] ?? curve
    return kinds.is.includes(`EC ${name}`) ? undefined : `a key on the curve ${name}`
  }
  if (!kinds.is.includes(kind)) return `a key of type ${type}`
  if (kind !== 'RSA') return undefined
  if (exponent > LARGEST_EXPONENT) return 'an RSA key with an absurd exponent'
  return bits >= rsaBits.is && bits <= LARGEST_BITS ? undefined : `an RSA key of ${bits} bits`
}

/** The key in words: `EC P-256`, `RSA 2048`, `ed25519`. */
export function keyText(certificate: Certificate): string {
  const { type, bits, curve } = keyOf(certificate)
  if (type === 'ec') return `EC ${NIST_NAMES[curve] ?? curve}`
  return bits > 0 ? `${type.toUpperCase()} ${bits}` : type
}

const KINDS: Readonly<Record<string, string>> = { rsa: 'RSA', 'rsa-pss': 'RSA', ed25519: 'Ed25519', ed448: 'Ed448' }
const NIST_NAMES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

const keys = new WeakMap<Certificate, PublicKey>()

/** Asked for several times on every path. */
function keyOf(certificate: Certificate): PublicKey {
  let key = keys.get(certificate)
  if (!key) keys.set(certificate, (key = readPublicKey(certificate)))
  return key
}
