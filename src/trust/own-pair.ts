// One certificate of ours and its key, as they lie on disk: read, put in order, and held against everything a partner would
// stumble over. Each fault comes with what to do about it.
//
// Rule 1: an error means a partner would refuse it, or that it cannot be used at all; a warning, that something is untidy.
// Rule 2: order in the file is mended here, not complained about to partners: leaf first, each followed by its issuer.
// Rule 3: a key that is encrypted is decrypted here, in memory, and nowhere else.

import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isSelfIssued, readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { OID_ANY_USAGE, OID_SERVER_AUTH } from './extensions.ts'
import { readText } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import type { Material } from './identity.ts'
import { findName } from './names.ts'
import { decodePem, encodePem } from './pem.ts'
import { weakKey, weakSignature } from './strength.ts'
import { summarise } from './summary.ts'

/** Where a certificate and its key lie. */
export interface PairFiles {
  /** PEM: the certificate and its intermediates. */
  readonly certFile: string
  /** PEM. */
  readonly keyFile: string
  /** Its first line opens the key, where that is encrypted. */
  readonly passphraseFile?: string | undefined
}

export interface OwnPair {
  /** Undefined when certificate and key cannot be used at all. */
  readonly material: Material | undefined
  /** As it is sent: leaf first, without the root. */
  readonly chain: readonly Certificate[]
  /** Of the leaf, where the file has it. */
  readonly issuer: Certificate | undefined
  /** What is wrong with the files; dates are judged elsewhere, since they become wrong by themselves. */
  readonly findings: readonly CertificateFinding[]
}

type Complain = (file: string, message: string) => void

/** Reads and checks a certificate and key for a domain of ours, canonical. */
export async function readPair(domain: string, files: PairFiles): Promise<OwnPair> {
  const { certFile, keyFile } = files
  const findings: CertificateFinding[] = []
  const say =
    (severity: 'error' | 'warning'): Complain =>
    (file, message) =>
      findings.push(certificateFinding(severity, file, `domains.${domain}`, message))
  const [error, warn] = [say('error'), say('warning')]
  const [cert, privkey] = [await readText(certFile), await readText(keyFile)]
  if ('fault' in cert)
    error(certFile, `${cert.fault}; put the certificate for ${domain} there, with its intermediates (fullchain.pem)`)
  if ('fault' in privkey)
    error(keyFile, `${privkey.fault}; put the private key of the certificate for ${domain} there, in PEM`)
  const sent = 'text' in cert ? readAll(cert.text, (message) => error(certFile, message)) : []
  const key = 'text' in privkey ? await readKey(privkey.text, files, error) : undefined
  const secrets = 'text' in privkey ? [keyFile, ...(isEncrypted(privkey.text) ? [files.passphraseFile] : [])] : []
  for (const file of secrets) {
    if (file === undefined || !(await isReadableByOthers(file))) continue
    warn(file, `others can read this ${file === keyFile ? 'key' : 'passphrase'}; run \`chmod 600 ${file}\``)
  }
  if (sent.length === 0 || !key) return { material: undefined, chain: [], issuer: undefined, findings }

  const leaf = sent.find((certificate) => certificate.x509.checkPrivateKey(key))
  if (!leaf) {
    error(keyFile, `not the key of ${certFile}; put the key there with which that certificate was requested`)
    return { material: undefined, chain: sent, issuer: undefined, findings }
  }
  const chain = inOrder(leaf, sent)
  for (const message of untidy(sent, chain)) warn(certFile, message)
  for (const message of refusable(leaf, domain)) error(certFile, message)
  for (const certificate of chain) {
    const weak = weakKey(certificate) ?? (isSelfIssued(certificate) ? undefined : weakSignature(certificate))
    if (weak !== undefined)
      error(certFile, `${weak}: partners refuse that; get a certificate with EC P-256 or RSA 2048 and SHA-256`)
  }
  const fullchain = chain.map((certificate) => encodePem('CERTIFICATE', certificate.raw)).join('')
  const privkeyPem = key.export({ type: 'pkcs8', format: 'pem' })
  const issuer = chain[1] ?? sent.find((one) => one !== leaf && isIssuer(one, leaf))
  return { material: { fullchain, privkey: privkeyPem, issuer }, chain, issuer, findings }
}

function readAll(text: string, complain: (message: string) => void): readonly Certificate[] {
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

/** PKCS#8 says so in its label, the older forms in a header. RFC 7468 §11, RFC 1421 §4.6.1.1 */
const isEncrypted = (pem: string): boolean => /ENCRYPTED/.test(pem)

async function readKey(
  pem: string,
  { keyFile, passphraseFile }: PairFiles,
  error: Complain,
): Promise<KeyObject | undefined> {
  let passphrase: string | undefined
  if (isEncrypted(pem)) {
    if (passphraseFile === undefined) {
      error(keyFile, 'the key is encrypted; put its passphrase into a file of mode 600 and name that as passphraseFile')
      return undefined
    }
    const read = await readText(passphraseFile)
    if ('fault' in read) {
      error(passphraseFile, `${read.fault}; put the passphrase of ${keyFile} there, on a line of its own`)
      return undefined
    }
    passphrase = read.text.split(/\r?\n/, 1)[0] ?? ''
    if (passphrase === '') {
      error(passphraseFile, `its first line is empty; put the passphrase of ${keyFile} there`)
      return undefined
    }
  }
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    if (passphrase === undefined) error(keyFile, 'no private key in PEM (`-----BEGIN PRIVATE KEY-----`)')
    else error(keyFile, `the passphrase in ${passphraseFile} does not open it; write the right one, or mend the key`)
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
    const next = sent.find((one) => isIssuer(one, last) && !chain.includes(one))
    if (!next || isSelfIssued(next)) break
    chain.push((last = next))
  }
  return chain
}

const isIssuer = ({ subject, extensions: above }: Certificate, { issuer, extensions }: Certificate): boolean =>
  subject.key === issuer.key &&
  (extensions.authorityKeyId ?? above.subjectKeyId) === (above.subjectKeyId ?? extensions.authorityKeyId)
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
