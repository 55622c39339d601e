// One certificate of ours, as it lies on disk: read, put in order, and held against everything a partner would stumble
// over. Each fault comes with what to do about it.
//
// Rule 1: an error means a partner would refuse it, or that it cannot be used at all; a warning, that it soon will be,
//         or that something is untidy.
// Rule 2: order in the file is mended here, not complained about to partners: leaf first, each followed by its issuer.

import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isSelfIssued, readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { OID_ANY_USAGE, OID_SERVER_AUTH } from './extensions.ts'
import { errorText, readText } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { makeIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { findName } from './names.ts'
import { decodePem, encodePem } from './pem.ts'
import { weakKey, weakSignature } from './strength.ts'
import { summarise } from './summary.ts'

/** Where the certificate of a domain of ours lies. */
export interface OwnEntry {
  readonly domain: string
  /** PEM: the certificate and its intermediates. */
  readonly certFile: string
  /** PEM, not encrypted. */
  readonly keyFile: string
}

export interface OwnCertificate {
  /** Undefined when certificate and key cannot be used at all. */
  readonly identity: Identity | undefined
  readonly chain: readonly Certificate[]
  /** What is wrong with the files; dates are for `dateFinding`, since they become wrong by themselves. */
  readonly findings: readonly CertificateFinding[]
}

/** Days before the end from which on we say so. */
const WARN_DAYS = 14
const DAY_MS = 86_400_000

/** Reads and checks the certificate and key of a domain. */
export async function readOwnCertificate(entry: OwnEntry): Promise<OwnCertificate> {
  const { domain, certFile, keyFile } = entry
  const findings: CertificateFinding[] = []
  const find = (severity: 'error' | 'warning', file: string, message: string): void => {
    findings.push(certificateFinding(severity, file, `domains.${domain}`, message))
  }
  const [cert, privkey] = [await readText(certFile), await readText(keyFile)]
  if ('fault' in cert) {
    const act = `put the certificate for ${domain} there, with its intermediates (fullchain.pem)`
    find('error', certFile, `${cert.fault}; ${act}`)
  }
  if ('fault' in privkey)
    find('error', keyFile, `${privkey.fault}; put the private key of the certificate for ${domain} there, in PEM`)
  const sent = 'text' in cert ? readAll(cert.text, (message) => find('error', certFile, message)) : []
  const key = 'text' in privkey ? readKey(privkey.text, (message) => find('error', keyFile, message)) : undefined
  if ('text' in privkey && (await isReadableByOthers(keyFile)))
    find('warning', keyFile, `others can read this key; run \`chmod 600 ${keyFile}\``)
  if (sent.length === 0 || !key || !('text' in privkey)) return { identity: undefined, chain: [], findings }

  const leaf = sent.find((certificate) => certificate.x509.checkPrivateKey(key))
  if (!leaf) {
    find('error', keyFile, `not the key of ${certFile}; put the key there with which that certificate was requested`)
    return { identity: undefined, chain: sent, findings }
  }
  const chain = inOrder(leaf, sent)
  for (const message of untidy(sent, chain)) find('warning', certFile, message)
  for (const message of refusable(leaf, domain)) find('error', certFile, message)
  for (const certificate of chain) {
    const weak = weakKey(certificate) ?? (isSelfIssued(certificate) ? undefined : weakSignature(certificate))
    if (weak !== undefined)
      find('error', certFile, `${weak}: partners refuse that; get a certificate with EC P-256 or RSA 2048 and SHA-256`)
  }
  const ordered = chain.map((certificate) => encodePem('CERTIFICATE', certificate.raw)).join('')
  try {
    return { identity: makeIdentity(ordered, privkey.text), chain, findings }
  } catch (error) {
    // OpenSSL refuses a weak key too; saying it twice helps nobody.
    if (!findings.some(({ severity }) => severity === 'error'))
      find('error', certFile, `not usable for TLS: ${errorText(error)}`)
    return { identity: undefined, chain, findings }
  }
}

/** What the dates of the chain say now; undefined while all is well. `now` in milliseconds since 1970. */
export function dateFinding(
  { domain, certFile }: OwnEntry,
  chain: readonly Certificate[],
  now: number,
): CertificateFinding | undefined {
  const find = (severity: 'error' | 'warning', message: string): CertificateFinding =>
    certificateFinding(severity, certFile, `domains.${domain}`, message)
  for (const certificate of chain) {
    const what = certificate === chain[0] ? '' : `the intermediate ${summarise(certificate).subject} `
    const end = new Date(certificate.notAfter).toISOString()
    if (now > certificate.notAfter) return find('error', `${what}expired at ${end}; renew it`)
    if (now < certificate.notBefore)
      return find(
        'error',
        `${what}is not valid before ${new Date(certificate.notBefore).toISOString()}; check the clock of this host`,
      )
    if (now > certificate.notAfter - WARN_DAYS * DAY_MS) return find('warning', `${what}expires at ${end}; renew it`)
  }
  return undefined
}

type Complain = (message: string) => void

function readAll(text: string, complain: Complain): readonly Certificate[] {
  const ders = decodePem(text)
  if (ders.length === 0) complain('no certificate in it; write it in PEM (`-----BEGIN CERTIFICATE-----`)')
  const certificates: Certificate[] = []
  for (const der of ders) {
    const certificate = readCertificate(der)
    if (typeof certificate !== 'string') certificates.push(certificate)
    else complain(`certificate ${certificates.length + 1} in it: ${certificate}`)
  }
  return certificates
}

function readKey(text: string, complain: Complain): KeyObject | undefined {
  if (/ENCRYPTED/.test(text)) {
    complain(
      'the key is encrypted; write it without a passphrase (`openssl pkey -in … -out …`), readable by the gateway only',
    )
    return undefined
  }
  try {
    return createPrivateKey(text)
  } catch {
    complain('no private key in PEM (`-----BEGIN PRIVATE KEY-----`)')
    return undefined
  }
}

async function isReadableByOthers(file: string): Promise<boolean> {
  try {
    return ((await stat(file)).mode & 0o077) !== 0
  } catch {
    return false // Gone since it was read; the next look will say so.
  }
}

/** Leaf, its issuer, and so on, as far as the file goes; without the root, which is nobody's to send. */
function inOrder(leaf: Certificate, sent: readonly Certificate[]): readonly Certificate[] {
  const chain = [leaf]
  for (let last = leaf; !isSelfIssued(last);) {
    const { issuer, extensions } = last
    const next = sent.find(
      (one) =>
        one.subject.key === issuer.key &&
        !chain.includes(one) &&
        (extensions.authorityKeyId ?? one.extensions.subjectKeyId) ===
          (one.extensions.subjectKeyId ?? extensions.authorityKeyId),
    )
    if (!next || isSelfIssued(next)) break
    chain.push((last = next))
  }
  return chain
}

function* untidy(sent: readonly Certificate[], chain: readonly Certificate[]): Generator<string> {
  const [leaf] = chain
  const tidy = sent.filter((one) => one === leaf || !isSelfIssued(one))
  if (tidy.length > chain.length) yield 'has certificates in it that are not of the chain; they are not sent'
  else if (tidy.some((one, i) => one !== chain[i])) yield 'the chain is not in order; it is sent in order, leaf first'
  // Issued by a CA that has a place to fetch it from, which public CAs have and CAs of one's own have not.
  if (chain.length === 1 && sent.length === 1 && leaf!.x509.infoAccess?.includes('CA Issuers'))
    yield 'the intermediate certificate is missing, so partners cannot build the chain; use fullchain.pem in place of cert.pem'
}

function* refusable(leaf: Certificate, domain: string): Generator<string> {
  const { names, extendedKeyUsage } = leaf.extensions
  if (!findName(names, domain)) {
    const has = summarise(leaf).names.join(', ')
    yield `does not name ${domain} (it has ${has === '' ? 'no names' : has}); get a certificate with the DNS name ${domain} in it`
  }
  if (extendedKeyUsage && !extendedKeyUsage.includes(OID_SERVER_AUTH) && !extendedKeyUsage.includes(OID_ANY_USAGE))
    yield 'is not for TLS servers (extended key usage); get one with serverAuth'
}
