// An identity is what we show when we must prove a domain: a certificate with its key, or one of each kind of key, ready
// for TLS. With several, OpenSSL picks one by what the other side can verify.

import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SecureContext } from 'node:tls'
import { readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { isEvaluation } from './evaluation-mark.ts'
import { findName } from './names.ts'
import { decodePem } from './pem.ts'
import { summarise } from './summary.ts'
import { tlsContext } from './tls-context.ts'
import type { CertificateSummary } from './verdict.ts'

/** A certificate and its key, PEM. */
export interface Material {
  /** Leaf first, each followed by its issuer. */
  readonly fullchain: string
  /** Not encrypted. */
  readonly privkey: string
}

export interface Identity {
  /** For `tls.connect` and `new TLSSocket` alike. */
  readonly context: SecureContext
  /** The first of them. */
  readonly certificate: CertificateSummary
  /** All that the other side may be shown, each of another kind of key. */
  readonly certificates: readonly Certificate[]
  /** Issued by an evaluation CA: for loopback only. */
  readonly evaluation: boolean
  /** Does whatever is shown name the domain? */
  covers(domain: string): boolean
}

/** An identity from PEM, the chain leaf first. Throws when the two do not read or do not belong together. */
export function makeIdentity(fullchain: string, privkey: string): Identity {
  return identityOf([{ fullchain, privkey }])
}

/**
 * An identity from one certificate or several, each of another kind of key. Throws as `makeIdentity`.
 *
 * COMPAT: OpenSSL, as the client of TLS 1.2, shows the certificate that was loaded last or none; so RSA comes last, which
 * every server takes.
 */
export function identityOf(materials: readonly Material[]): Identity {
  const read = materials.map((material) => ({ material, leaf: leafOf(material) }))
  const [first] = read
  if (!first) throw new Error('no certificate in it')
  const ordered = read.toSorted((a, b) => Number(isRsa(a.leaf)) - Number(isRsa(b.leaf)))
  const certificates = read.map(({ leaf }) => leaf)
  return {
    context: tlsContext(ordered.map(({ material }) => material)),
    certificate: summarise(first.leaf),
    certificates,
    evaluation: certificates.some((leaf) => isEvaluation(leaf)),
    covers: (domain) => certificates.every((leaf) => findName(leaf.extensions.names, domain) !== undefined),
  }
}

function leafOf({ fullchain }: Material): Certificate {
  const [der] = decodePem(fullchain)
  const leaf = der ? readCertificate(der) : 'no certificate in it'
  if (typeof leaf === 'string') throw new Error(leaf)
  return leaf
}

/** What OpenSSL keeps one certificate of: `rsa`, `ec`, `ed25519` and so on. */
export const keyKindOf = ({ x509 }: Certificate): KeyObject['asymmetricKeyType'] => x509.publicKey.asymmetricKeyType

const isRsa = (leaf: Certificate): boolean => keyKindOf(leaf)?.startsWith('rsa') ?? false

/** An identity from two PEM files that need no explaining; `own-certificates.ts` explains. Throws as `makeIdentity`. */
export async function loadIdentity(certFile: string, keyFile: string): Promise<Identity> {
  return makeIdentity(await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8'))
}
