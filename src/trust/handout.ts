// What is at hand when a certificate is brought in: certificates and keys out of whatever files a CA, a person or another
// server hands over. PEM with anything in any order, DER, PKCS #7, PKCS #12.
//
// Rule: reading judges only the form. What belongs together is for `assemble.ts` to find out.

import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { certificatesIn } from './issuers.ts'
import { isPkcs12, readPkcs12 } from './pkcs12.ts'

/** A file and what it holds. */
export interface HandedFile {
  readonly name: string
  readonly octets: Buffer
}

export interface Held<T> {
  readonly what: T
  /** The file it came out of. */
  readonly file: string
}

export interface Handout {
  readonly certificates: readonly Held<Certificate>[]
  readonly keys: readonly Held<KeyObject>[]
}

/** Why a file cannot be used, and what to do about it. */
export interface HandoutFault {
  readonly fault: string
  readonly act: string
}

/** More than any honest file has; what comes after is not read. */
const MOST_BLOCKS = 200
/** Larger files are no certificates. */
export const LARGEST_FILE_BYTES = 4 * 1024 * 1024

const BEGIN = /-----BEGIN ([A-Z0-9 ]+)(?=-----)/g
const CERTIFICATES = /^(?:X509 |TRUSTED )?CERTIFICATE$/

/** Reads them all, with one passphrase for what is encrypted. The first that cannot be read ends it. */
export function readHandout(files: readonly HandedFile[], passphrase: string | undefined): Handout | HandoutFault {
  const certificates: Held<Certificate>[] = []
  const keys: Held<KeyObject>[] = []
  for (const { name, octets } of files) {
    const found = readFile(octets, passphrase)
    if ('fault' in found) return { fault: `${name}: ${found.fault}`, act: found.act }
    certificates.push(...found.certificates.map((what) => ({ what, file: name })))
    keys.push(...found.keys.map((what) => ({ what, file: name })))
  }
  return { certificates, keys }
}

interface Found {
  readonly certificates: readonly Certificate[]
  readonly keys: readonly KeyObject[]
}

function readFile(octets: Buffer, passphrase: string | undefined): Found | HandoutFault {
  if (octets.length > LARGEST_FILE_BYTES) return tooLarge(octets.length)
  const text = octets.toString('latin1')
  if (text.includes('-----BEGIN ')) return readBlocks(text, passphrase)
  if (isPkcs12(octets)) return readContainer(octets, passphrase)
  const key = readKey({ key: octets, format: 'der', type: 'pkcs8' }, undefined)
  if (!('fault' in key)) return { certificates: [], keys: [key] }
  return gathered(certificatesIn(octets), [])
}

const GIVE =
  'Give certificates and keys as PEM (`-----BEGIN …`), as DER (.cer, .der, .p7b) or as PKCS#12 (.p12, .pfx), as the CA handed them out.'

/** Why a file of this size is not even read. */
export const tooLarge = (bytes: number): HandoutFault => ({ fault: `${bytes} bytes are no certificate`, act: GIVE })

function readBlocks(text: string, passphrase: string | undefined): Found | HandoutFault {
  const ders: Buffer[] = []
  const keys: KeyObject[] = []
  let requests = 0
  for (const { label, block } of blocksOf(text)) {
    if (CERTIFICATES.test(label)) ders.push(bodyOf(block))
    else if (label === 'PKCS7' || label === 'CMS') ders.push(...certificatesIn(bodyOf(block)))
    else if (label.endsWith('PRIVATE KEY')) {
      const key = readKey(block, passphrase)
      if ('fault' in key) return key
      keys.push(key)
    } else if (label.endsWith('CERTIFICATE REQUEST')) requests += 1
  }
  if (ders.length === 0 && keys.length === 0) {
    return requests > 0
      ? { fault: 'a request, which a CA has to answer first', act: 'Send it to the CA, and import what comes back.' }
      : { fault: 'neither a certificate nor a key in it', act: GIVE }
  }
  return gathered(ders, keys)
}

/** One that does not end counts too, since its end was looked for in all the text. */
function* blocksOf(text: string): Generator<{ readonly label: string; readonly block: string }> {
  let over = 0
  let count = 0
  for (const { index, 0: begin, 1: label = '' } of text.matchAll(BEGIN)) {
    if (index < over) continue
    if (++count > MOST_BLOCKS) return
    const end = `-----END ${label}-----`
    const at = text.indexOf(end, index + begin.length + 5)
    if (at < 0) continue
    over = at + end.length
    yield { label, block: text.slice(index, over) }
  }
}

function bodyOf(block: string): Buffer {
  return Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64')
}

function gathered(ders: readonly Buffer[], keys: readonly KeyObject[]): Found | HandoutFault {
  const certificates: Certificate[] = []
  for (const der of ders) {
    const certificate = readCertificate(der)
    if (typeof certificate === 'string')
      return {
        fault: ders.length === 1 ? certificate : `certificate ${certificates.length + 1}: ${certificate}`,
        act: GIVE,
      }
    certificates.push(certificate)
  }
  return certificates.length + keys.length === 0
    ? { fault: 'neither a certificate nor a key in it', act: GIVE }
    : { certificates, keys }
}

function readContainer(octets: Buffer, passphrase: string | undefined): Found | HandoutFault {
  const opened = readPkcs12(octets, passphrase)
  if ('fault' in opened) {
    return opened.fault === 'passphrase'
      ? wrongPassphrase('PKCS#12', passphrase)
      : {
          fault: `PKCS#12 that cannot be opened (${opened.detail})`,
          act: 'Have `openssl pkcs12 -in … -out all.pem` turn it into PEM, and import that.',
        }
  }
  const keys: KeyObject[] = []
  for (const der of opened.keys) {
    const key = readKey({ key: der, format: 'der', type: 'pkcs8' }, undefined)
    if ('fault' in key) return key
    keys.push(key)
  }
  return gathered(opened.certificates, keys)
}

function readKey(
  from: string | { readonly key: Buffer; readonly format: 'der'; readonly type: 'pkcs8' },
  passphrase: string | undefined,
): KeyObject | HandoutFault {
  const encrypted = typeof from === 'string' && from.includes('ENCRYPTED')
  if (encrypted && passphrase === undefined) return wrongPassphrase('the key', undefined)
  try {
    return createPrivateKey(
      typeof from === 'string' ? { key: from, format: 'pem', passphrase: passphrase ?? '' } : from,
    )
  } catch {
    return encrypted
      ? wrongPassphrase('the key', passphrase)
      : {
          fault: 'a private key that OpenSSL cannot read',
          act: 'Ask for it anew: the file is damaged or of a kind unknown.',
        }
  }
}

function wrongPassphrase(what: string, passphrase: string | undefined): HandoutFault {
  return passphrase === undefined
    ? {
        fault: `${what} is protected by a passphrase`,
        act: 'Write the passphrase into a file that only you can read, and add --passphrase-file FILE.',
      }
    : {
        fault: `the passphrase does not open ${what === 'PKCS#12' ? 'it' : what}`,
        act: 'Ask whoever made the file for the passphrase; of the file of --passphrase-file the first line counts.',
      }
}
