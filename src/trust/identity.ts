// An identity is what we show when we must prove a domain: a certificate with its key, ready for TLS.

import { readFile } from 'node:fs/promises'
import type { SecureContext } from 'node:tls'
import { readCertificate } from './certificate.ts'
import { isEvaluation } from './evaluation-mark.ts'
import { findName } from './names.ts'
import { decodePem } from './pem.ts'
import { summarise } from './summary.ts'
import { tlsContext } from './tls-context.ts'
import type { CertificateSummary } from './verdict.ts'

export interface Identity {
  /** For `tls.connect` and `new TLSSocket` alike. */
  readonly context: SecureContext
  readonly certificate: CertificateSummary
  /** Issued by an evaluation CA: for loopback only. */
  readonly evaluation: boolean
  /** Does the certificate name the domain? */
  covers(domain: string): boolean
}

/** An identity from PEM, the chain leaf first. Throws when the two do not read or do not belong together. */
export function makeIdentity(fullchain: string, privkey: string): Identity {
  const [der] = decodePem(fullchain)
  const leaf = der ? readCertificate(der) : 'no certificate in it'
  if (typeof leaf === 'string') throw new Error(leaf)
  return {
    context: tlsContext(fullchain, privkey),
    certificate: summarise(leaf),
    evaluation: isEvaluation(leaf),
    covers: (domain) => findName(leaf.extensions.names, domain) !== undefined,
  }
}

/** An identity from two PEM files that need no explaining; `own-certificates.ts` explains. Throws as `makeIdentity`. */
export async function loadIdentity(certFile: string, keyFile: string): Promise<Identity> {
  return makeIdentity(await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8'))
}
