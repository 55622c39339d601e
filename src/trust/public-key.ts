// What kind of key a certificate is for, and how long it is. RFC 5280 §4.1.2.7.
//
// Rule 1: keys of the usual forms are read here, since OpenSSL takes longer to hand one out than to check a signature with it;
//         of every other form OpenSSL says what it is.
// Rule 2: this says what a key claims to be. Whether it is one, such as a point that lies on its curve, shows when it is used.

import type { KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { DerError, expectTag, readAll, readDer, readOid, TAG } from './der.ts'

/** In OpenSSL's terms. */
export interface PublicKey {
  /** `rsa`, `ec`, `ed25519` …; `unknown` where OpenSSL does not know it. */
  readonly type: string
  /** Of an RSA modulus; 0 for others. */
  readonly bits: number
  /** Of an EC key, such as `prime256v1`; `unnamed` for others. */
  readonly curve: string
  /** Of an RSA key; 0 for others. */
  readonly exponent: bigint
}

/** What of a certificate is looked at. */
type Of = Pick<Certificate, 'spki' | 'x509'>

const OTHERS = { bits: 0, curve: 'unnamed', exponent: 0n }

/** Curves, and how long an uncompressed point on each is. RFC 5480 §2.1.1.1, §2.2 */
const CURVES: Readonly<Record<string, { readonly curve: string; readonly octets: number }>> = {
  '1.2.840.10045.3.1.7': { curve: 'prime256v1', octets: 65 },
  '1.3.132.0.34': { curve: 'secp384r1', octets: 97 },
  '1.3.132.0.35': { curve: 'secp521r1', octets: 133 },
}
const UNCOMPRESSED = 4
const EC = '1.2.840.10045.2.1'
const RSA = '1.2.840.113549.1.1.1'
const NULL = 0x05

/** The key of a certificate. */
export const readPublicKey = (certificate: Of): PublicKey => readUsual(certificate.spki) ?? readByOpenSsl(certificate)

/** Undefined for what is not of the usual forms. */
function readUsual(spki: Buffer): PublicKey | undefined {
  try {
    const [algorithm, bits, ...more] = readAll(readDer(spki, TAG.sequence))
    const [oid, parameters, ...others] = readAll(expectTag(algorithm, TAG.sequence))
    const key = expectTag(bits, TAG.bitString).content
    if (more.length > 0 || others.length > 0 || parameters === undefined || key[0] !== 0) return undefined
    const type = readOid(oid)
    if (type === EC && parameters.tag === TAG.oid) return readEc(readOid(parameters), key.subarray(1))
    if (type === RSA && parameters.tag === NULL && parameters.length === 0) return readRsa(key.subarray(1))
    return undefined
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function readEc(oid: string, point: Buffer): PublicKey | undefined {
  const known = CURVES[oid]
  const isUsual = known && point.length === known.octets && point[0] === UNCOMPRESSED
  return isUsual ? { ...OTHERS, type: 'ec', curve: known.curve } : undefined
}

/** RFC 8017 §A.1.1. Both numbers are positive and not padded, or OpenSSL is asked. */
function readRsa(key: Buffer): PublicKey | undefined {
  const [modulus, exponent, ...more] = readAll(readDer(key, TAG.sequence))
  const [n, e] = [modulus, exponent].map((value) => positive(expectTag(value, TAG.integer).content))
  if (!n || !e || more.length > 0) return undefined
  const bits = n.length * 8 - (Math.clz32(n[0]!) - 24)
  return { ...OTHERS, type: 'rsa', bits, exponent: BigInt(`0x${e.toString('hex')}`) }
}

/** The octets of a positive number without the zero that says so; undefined for others. X.690 §8.3 */
function positive(integer: Buffer): Buffer | undefined {
  const [first = 0, second = 0] = integer
  if (first === 0) return second >= 0x80 ? integer.subarray(1) : undefined
  return first < 0x80 ? integer : undefined
}

function readByOpenSsl(certificate: Of): PublicKey {
  const key = keyObject(certificate)
  const { modulusLength = 0, namedCurve = 'unnamed', publicExponent = 0n } = key?.asymmetricKeyDetails ?? {}
  return { type: key?.asymmetricKeyType ?? 'unknown', bits: modulusLength, curve: namedCurve, exponent: publicExponent }
}

/** OpenSSL reads certificates whose key it does not know, and throws only when asked for the key. */
function keyObject(certificate: Of): KeyObject | undefined {
  try {
    return certificate.x509.publicKey
  } catch {
    return undefined
  }
}
