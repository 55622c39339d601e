// A CA whose key we hold, and the leaf certificates it issues: the internal CA and the evaluation CA alike.

import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { TAG, writeDer } from './der.ts'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from './extensions.ts'
import type { GeneralName } from './general-name.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  makeKey,
  privateKeyPem,
  signCertificate,
  subjectAltName,
  subjectKeyIdentifier,
} from './issue.ts'
import type { ExtensionValue, KeyPair } from './issue.ts'
import { encodePem } from './pem.ts'

export interface Issuer {
  /** PEM. */
  readonly certificate: string
  readonly subject: x509.JsonName
  readonly notAfter: number
  readonly keys: KeyPair
}

/** A certificate with its key, as files hold them. */
export interface CertificateFiles {
  /** PEM, leaf first. */
  readonly fullchain: string
  /** PKCS#8 PEM, not encrypted. */
  readonly privkey: string
}

export interface CaContent {
  readonly subject: x509.JsonName
  readonly now: number
  readonly lifetimeMs: number
  readonly extensions?: readonly ExtensionValue[]
}

const OID_CRL_NUMBER = '2.5.29.20'
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
/** Clocks differ: what is issued now counts from a day ago. */
export const BACKDATED_MS = 86_400_000

/** Makes a self-signed CA for end certificates only: EC P-256, path length 0. */
export async function makeIssuer({ subject, now, lifetimeMs, extensions = [] }: CaContent): Promise<Issuer> {
  const keys = await makeKey('p256')
  const notAfter = wholeSeconds(now + lifetimeMs)
  const content = {
    subject,
    issuer: subject,
    notBefore: wholeSeconds(now - BACKDATED_MS),
    notAfter,
    extensions: [basicConstraints(true, 0), keyUsage('ca'), await subjectKeyIdentifier(keys.publicKey), ...extensions],
  }
  const der = await signCertificate(content, keys.publicKey, keys.privateKey)
  return { certificate: encodePem('CERTIFICATE', der), subject, notAfter: notAfter.getTime(), keys }
}

/** A CA from its PEM files (EC P-256). Throws when they do not read. */
export async function openIssuer(certificatePem: string, keyPem: string): Promise<Issuer> {
  const certificate = new x509.X509Certificate(certificatePem)
  const pkcs8 = Buffer.from(keyPem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  return {
    certificate: certificatePem,
    subject: certificate.subjectName.toJSON(),
    notAfter: certificate.notAfter.getTime(),
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, P256, true, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', certificate.publicKey.rawData, P256, true, ['verify']),
    },
  }
}

export interface LeafContent {
  readonly subject: x509.JsonName
  readonly names: readonly GeneralName[]
  /** Extended key usages; default: both sides of TLS. */
  readonly usages?: readonly string[]
  readonly now: number
  readonly lifetimeMs: number
}

/** Issues a certificate with a key of its own. It does not outlive the CA. */
export async function issueLeaf(
  issuer: Issuer,
  { subject, names, usages, now, lifetimeMs }: LeafContent,
): Promise<CertificateFiles> {
  const keys = await makeKey('p256')
  const content = {
    subject,
    issuer: issuer.subject,
    notBefore: wholeSeconds(now - BACKDATED_MS),
    notAfter: wholeSeconds(Math.min(now + lifetimeMs, issuer.notAfter)),
    extensions: [...leafExtensions(names, usages), await authorityKeyIdentifier(issuer.keys.publicKey)],
  }
  const der = await signCertificate(content, keys.publicKey, issuer.keys.privateKey)
  return { fullchain: encodePem('CERTIFICATE', der), privkey: await privateKeyPem(keys.privateKey) }
}

/** The same without a CA: self-signed. */
export async function issueSelfSigned({ subject, names, now, lifetimeMs }: LeafContent): Promise<CertificateFiles> {
  const keys = await makeKey('p256')
  const content = {
    subject,
    issuer: subject,
    notBefore: wholeSeconds(now - BACKDATED_MS),
    notAfter: wholeSeconds(now + lifetimeMs),
    extensions: leafExtensions(names),
  }
  const der = await signCertificate(content, keys.publicKey, keys.privateKey)
  return { fullchain: encodePem('CERTIFICATE', der), privkey: await privateKeyPem(keys.privateKey) }
}

function leafExtensions(
  names: readonly GeneralName[],
  usages: readonly string[] = [OID_SERVER_AUTH, OID_CLIENT_AUTH],
): readonly ExtensionValue[] {
  return [basicConstraints(false), keyUsage('leaf'), extendedKeyUsage(usages), subjectAltName(names)]
}

/** A CRL of a CA that has revoked nothing; DER. RFC 5280 §5 */
export async function signEmptyCrl(
  { subject, keys }: Issuer,
  { now, lifetimeMs }: Pick<CaContent, 'now' | 'lifetimeMs'>,
): Promise<Buffer> {
  const identifier = await authorityKeyIdentifier(keys.publicKey)
  const number = writeDer(TAG.integer, Buffer.of(1))
  const list = await x509.X509CrlGenerator.create({
    issuer: subject,
    thisUpdate: wholeSeconds(now - BACKDATED_MS),
    nextUpdate: wholeSeconds(now + lifetimeMs),
    extensions: [
      new x509.Extension(identifier.oid, false, Uint8Array.from(identifier.value)),
      new x509.Extension(OID_CRL_NUMBER, false, Uint8Array.from(number)),
    ],
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signingKey: keys.privateKey,
  })
  return Buffer.from(list.rawData)
}

/** A subject for a domain. A common name has at most 64 characters (RFC 5280 appendix A.1); it is for people only. */
export function domainSubject(domain: string, organization: string): x509.JsonName {
  return [{ O: [organization] }, ...(domain.length <= 64 ? [{ CN: [domain] }] : [])]
}

function wholeSeconds(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000)
}
