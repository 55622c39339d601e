// Signatures over what CRL issuers and OCSP responders say, checked by OpenSSL. By list, as for certificates: what is not
// on it is refused. RFC 5280 §5.1.1.2, RFC 4055, RFC 5758, RFC 8410.

import { constants, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Certificate } from '../certificate.ts'
import { DerError, TAG, expectTag, readAll, readDer, readInteger, readOid } from '../der.ts'
import type { DerValue } from '../der.ts'
import { weakKey } from '../strength.ts'

/** Something signed: the octets, by which algorithm (DER of the AlgorithmIdentifier), and the signature. */
export interface Signed {
  readonly octets: Buffer
  readonly algorithm: Buffer
  readonly signature: Buffer
}

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

/** Did the owner of the certificate sign this, with an algorithm and a key that count? Computed once for the two. */
export function isSignedBy(signed: Signed, by: Certificate): boolean {
  let known = checked.get(signed)
  if (!known) checked.set(signed, (known = new WeakMap()))
  let verdict = known.get(by)
  if (verdict === undefined) known.set(by, (verdict = verifySignature(signed, by)))
  return verdict
}

function verifySignature({ octets, algorithm, signature }: Signed, by: Certificate): boolean {
  if (weakKey(by) !== undefined) return false
  try {
    const [id, parameters] = readAll(readDer(algorithm, TAG.sequence).content)
    const oid = readOid(id)
    const key = by.x509.publicKey
    if (oid === PSS) return verifyPss(octets, parameters, key, signature)
    const known = ALGORITHMS[oid]
    return known?.key === key.asymmetricKeyType && verify(known?.hash, octets, key, signature)
  } catch {
    // Parameters that do not read, and what OpenSSL throws for keys that do not fit.
    return false
  }
}

/** RFC 4055 §3.1. Parts left out mean SHA-1, which does not count. */
function verifyPss(octets: Buffer, parameters: DerValue | undefined, key: KeyObject, signature: Buffer): boolean {
  const parts = readAll(expectTag(parameters, TAG.sequence).content)
  const of = (tag: number): Buffer | undefined => parts.find((part) => part.tag === tag)?.content
  const [hash, mask, salt] = [of(0xa0), of(0xa1), of(0xa2)]
  if (!hash || !mask) return false
  const [maskId, maskHash] = readAll(readDer(mask, TAG.sequence).content)
  const name = HASHES[readOid(readAll(readDer(hash, TAG.sequence).content)[0])]
  const sameHash = readOid(readAll(expectTag(maskHash, TAG.sequence).content)[0])
  if (name === undefined || readOid(maskId) !== MGF1 || HASHES[sameHash] !== name) return false
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'rsa-pss') return false
  const saltLength = salt ? readInteger(readDer(salt)) : 20
  return verify(name, octets, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature)
}

/** The octets of a signature; it has whole ones only. */
export function signatureOctets(value: DerValue | undefined): Buffer {
  const { content } = expectTag(value, TAG.bitString)
  if (content[0] !== 0) throw new DerError('a signature that is none')
  return content.subarray(1)
}
