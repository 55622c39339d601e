// Signatures over what CRL issuers and OCSP responders say, checked by OpenSSL. By list, as for certificates: what is not
// on it is refused, and what is not on that of a stricter profile is told. RFC 5280 §5.1.1.2, RFC 4055, RFC 5758, RFC 8410.

import { constants, verify } from 'node:crypto'
import type { KeyObject, VerifyKeyObjectInput } from 'node:crypto'
import type { Certificate } from '../certificate.ts'
import { DerError, TAG, expectTag, readAll, readDer, readInteger, readOid } from '../der.ts'
import type { DerValue } from '../der.ts'
import type { Profile, ProfileName } from '../profiles/profile.ts'
import { PROFILES } from '../profiles/profiles.ts'
import { weakAlgorithm, weakKey } from '../strength.ts'
import { subjectText } from '../summary.ts'

/** Something signed: the octets, by which algorithm (DER of the AlgorithmIdentifier), and the signature. */
export interface Signed {
  readonly octets: Buffer
  readonly algorithm: Buffer
  readonly signature: Buffer
}

/** By profile, what it has against how something was signed, in words. */
export type Below = Readonly<Partial<Record<ProfileName, string>>>

/** Asks for each profile. @param weak says what it has against it */
export function belowOf(weak: (profile: Profile) => string | undefined): Below {
  const faults = Object.values(PROFILES).map((profile) => [profile.name, weak(profile)] as const)
  return Object.fromEntries(faults.filter(([, fault]) => fault !== undefined))
}

/** What is weak, under a profile, about this signature of the owner of the certificate, whether it is one or not. */
export function weakSigned({ algorithm }: Signed, by: Certificate, profile: Profile): string | undefined {
  const weak = weakAlgorithm(algorithm, profile) ?? keyWords(weakKey(by, profile))
  return weak && `${weak} by ${subjectText(by)}, under the profile ${profile.name}`
}

const keyWords = (weak: string | undefined): string | undefined => weak && `signed with ${weak}`

const PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

/** The type of key and the hash of each algorithm; Ed25519 and Ed448 hash by themselves. */
const ALGORITHMS: Readonly<Record<string, { readonly key: string; readonly hash: string | undefined }>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519', hash: undefined },
  '1.3.101.113': { key: 'ed448', hash: undefined },
}

const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const checked = new WeakMap<Signed, WeakMap<Certificate, boolean>>()

/** More octets than that are looked at off the event loop, where there is time for that. */
const QUICK_BYTES = 65_536

/** Did the owner of the certificate sign this, with an algorithm and a key that count? Computed once for the two. */
export function isSignedBy(signed: Signed, by: Certificate): boolean {
  const known = knownOf(signed)
  let verdict = known.get(by)
  if (verdict === undefined) known.set(by, (verdict = verifySignature(signed, by)))
  return verdict
}

/** The same without holding anybody up, however much was signed; then `isSignedBy` knows. */
export async function isSignedLater(signed: Signed, by: Certificate): Promise<boolean> {
  if (signed.octets.length <= QUICK_BYTES || knownOf(signed).has(by)) return isSignedBy(signed, by)
  const means = meansOf(signed, by)
  const verdict = means !== undefined && (await verifyLater(signed, means))
  knownOf(signed).set(by, verdict)
  return verdict
}

function knownOf(signed: Signed): WeakMap<Certificate, boolean> {
  let known = checked.get(signed)
  if (!known) checked.set(signed, (known = new WeakMap()))
  return known
}

/** With which hash and which key a signature is to be verified. */
interface Means {
  readonly hash: string | undefined
  readonly key: VerifyKeyObjectInput
}

function verifySignature(signed: Signed, by: Certificate): boolean {
  try {
    const means = meansOf(signed, by)
    return means !== undefined && verify(means.hash, signed.octets, means.key, signed.signature)
  } catch {
    // What OpenSSL throws for keys that do not fit.
    return false
  }
}

function verifyLater({ octets, signature }: Signed, { hash, key }: Means): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  try {
    verify(hash, octets, key, signature, (error, verdict) => resolve(!error && verdict))
  } catch {
    resolve(false)
  }
  return promise
}

/** Undefined where the algorithm or the key does not count. */
function meansOf({ algorithm }: Signed, by: Certificate): Means | undefined {
  if (weakKey(by) !== undefined) return undefined
  try {
    const [id, parameters] = readAll(readDer(algorithm, TAG.sequence).content)
    const oid = readOid(id)
    const key = by.x509.publicKey
    if (oid === PSS) return pssMeans(parameters, key)
    const known = ALGORITHMS[oid]
    return known?.key === key.asymmetricKeyType ? { hash: known?.hash, key: { key } } : undefined
  } catch {
    // Parameters that do not read.
    return undefined
  }
}

/** RFC 4055 §3.1. Parts left out mean SHA-1, which does not count. */
function pssMeans(parameters: DerValue | undefined, key: KeyObject): Means | undefined {
  const parts = readAll(expectTag(parameters, TAG.sequence).content)
  const of = (tag: number): Buffer | undefined => parts.find((part) => part.tag === tag)?.content
  const [hash, mask, salt] = [of(0xa0), of(0xa1), of(0xa2)]
  if (!hash || !mask) return undefined
  const [maskId, maskHash] = readAll(readDer(mask, TAG.sequence).content)
  const name = HASHES[readOid(readAll(readDer(hash, TAG.sequence).content)[0])]
  const sameHash = readOid(readAll(expectTag(maskHash, TAG.sequence).content)[0])
  if (name === undefined || readOid(maskId) !== MGF1 || HASHES[sameHash] !== name) return undefined
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'rsa-pss') return undefined
  const saltLength = salt ? readInteger(readDer(salt)) : 20
  return { hash: name, key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }
}

/** The octets of a signature; it has whole ones only. */
export function signatureOctets(value: DerValue | undefined): Buffer {
  const { content } = expectTag(value, TAG.bitString)
  if (content[0] !== 0) throw new DerError('a signature that is none')
  return content.subarray(1)
}
