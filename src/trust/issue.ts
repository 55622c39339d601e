// Issuing: keys, certificates and signing requests, by @peculiar/x509 over WebCrypto (node-forge reads and makes no EC).
// The internal CA, the evaluation CA and the tests' wrong certificates all come from here.
//
// Rule: this file makes what it is told to make. What is sensible is decided by its callers.

// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded first.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { TAG, writeDer } from './der.ts'
import { ipBytes, writeGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { encodePem } from './pem.ts'

x509.cryptoProvider.set(webcrypto)

export type KeyKind = 'p256' | 'p384' | 'p521' | 'ed25519' | 'rsa1024' | 'rsa2048' | 'rsa3072'
export type KeyPair = webcrypto.CryptoKeyPair

/** An X.509 extension, ready to be put in a certificate. */
export interface ExtensionValue {
  readonly oid: string
  readonly critical: boolean
  /** DER of the extension's own type. */
  readonly value: Uint8Array
}

/** What a certificate says. Subject and issuer are RFC 4514 strings or lists of attributes. */
export interface CertificateContent {
  readonly subject: x509.JsonName
  readonly issuer: x509.JsonName
  readonly notBefore: Date
  readonly notAfter: Date
  readonly extensions: readonly ExtensionValue[]
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384'
}

const ALGORITHMS = {
  p256: { name: 'ECDSA', namedCurve: 'P-256' },
  p384: { name: 'ECDSA', namedCurve: 'P-384' },
  p521: { name: 'ECDSA', namedCurve: 'P-521' },
  ed25519: { name: 'Ed25519' },
  rsa1024: rsa(1024),
  rsa2048: rsa(2048),
  rsa3072: rsa(3072),
} as const

function rsa(modulusLength: number) {
  return {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  } as const
}

/** Makes a key pair, exportable. */
export async function makeKey(kind: KeyKind = 'p256'): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new TypeError(`no key pair of kind ${kind}`)
  return keys
}

/** Signs a certificate for `publicKey` with `signingKey`. Comes back as DER. */
export async function signCertificate(
  content: CertificateContent,
  publicKey: webcrypto.CryptoKey,
  signingKey: webcrypto.CryptoKey,
): Promise<Buffer> {
  const certificate = await x509.X509CertificateGenerator.create({
    // Positive, not zero, at most 20 octets: RFC 5280 §4.1.2.2.
    serialNumber: serialNumber(),
    subject: content.subject,
    issuer: content.issuer,
    notBefore: content.notBefore,
    notAfter: content.notAfter,
    publicKey,
    signingKey,
    signingAlgorithm: signingAlgorithm(signingKey, content.hash),
    extensions: content.extensions.map((e) => new x509.Extension(e.oid, e.critical, Uint8Array.from(e.value))),
  })
  return Buffer.from(certificate.rawData)
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(Buffer.alloc(16))
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}

function signingAlgorithm(key: webcrypto.CryptoKey, hash?: string): { name: string; hash: string } {
  const larger = 'namedCurve' in key.algorithm && key.algorithm.namedCurve === 'P-384'
  return { name: key.algorithm.name, hash: hash ?? (larger ? 'SHA-384' : 'SHA-256') }
}

/** Makes a PKCS#10 request (RFC 2986) for these names; PEM. */
export async function signRequest(
  subject: x509.JsonName,
  names: readonly GeneralName[],
  keys: KeyPair,
): Promise<string> {
  const san = subjectAltName(names)
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: signingAlgorithm(keys.privateKey),
    extensions: [new x509.Extension(san.oid, san.critical, Uint8Array.from(san.value))],
  })
  return encodePem('CERTIFICATE REQUEST', Buffer.from(request.rawData))
}

/** A private key as unencrypted PKCS#8 PEM. */
export async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return encodePem('PRIVATE KEY', Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)))
}

/** RFC 5280 §4.2.1.9. */
export function basicConstraints(ca: boolean, pathLength?: number): ExtensionValue {
  const extension = new x509.BasicConstraintsExtension(ca, pathLength, true)
  return { oid: '2.5.29.19', critical: true, value: new Uint8Array(extension.value) }
}

/** RFC 5280 §4.2.1.3; for a CA: signs certificates and CRLs, otherwise: signs handshakes. */
export function keyUsage(use: 'ca' | 'leaf'): ExtensionValue {
  const [unused, bits] = use === 'ca' ? [1, 0b0000_0110] : [7, 0b1000_0000]
  return { oid: '2.5.29.15', critical: true, value: writeDer(TAG.bitString, Uint8Array.of(unused, bits)) }
}

/** RFC 5280 §4.2.1.12. */
export function extendedKeyUsage(oids: readonly string[]): ExtensionValue {
  return {
    oid: '2.5.29.37',
    critical: false,
    value: new Uint8Array(new x509.ExtendedKeyUsageExtension([...oids]).value),
  }
}

/** RFC 5280 §4.2.1.6. */
export function subjectAltName(names: readonly GeneralName[]): ExtensionValue {
  return { oid: '2.5.29.17', critical: false, value: writeDer(TAG.sequence, ...names.map(writeGeneralName)) }
}

/** RFC 5280 §4.2.1.10, critical. */
export function nameConstraints(o: {
  readonly permitted?: readonly GeneralName[]
  readonly excluded?: readonly GeneralName[]
}): ExtensionValue {
  const value = writeDer(TAG.sequence, ...subtrees(0xa0, o.permitted), ...subtrees(0xa1, o.excluded))
  return { oid: '2.5.29.30', critical: true, value }
}

function subtrees(tag: number, names: readonly GeneralName[] = []): readonly Buffer[] {
  return names.length > 0 ? [writeDer(tag, ...names.map((name) => writeDer(TAG.sequence, writeGeneralName(name))))] : []
}

/** Subject key identifier (RFC 5280 §4.2.1.2) of the certificate's own key. */
export async function subjectKeyIdentifier(key: webcrypto.CryptoKey): Promise<ExtensionValue> {
  const extension = await x509.SubjectKeyIdentifierExtension.create(key)
  return { oid: '2.5.29.14', critical: false, value: new Uint8Array(extension.value) }
}

/** Authority key identifier (RFC 5280 §4.2.1.1) of the key that signs. */
export async function authorityKeyIdentifier(key: webcrypto.CryptoKey): Promise<ExtensionValue> {
  const extension = await x509.AuthorityKeyIdentifierExtension.create(key)
  return { oid: '2.5.29.35', critical: false, value: new Uint8Array(extension.value) }
}

/** The SAN entry for a domain: a dNSName, or an iPAddress for an IP literal. */
export function domainName(domain: string): GeneralName {
  const bytes = ipBytes(domain)
  return bytes ? { kind: 'ip', bytes } : { kind: 'dns', value: domain }
}
