// The mark on evaluation certificates. They prove nothing, since their CA's key lies about on a laptop, so whoever
// would use one on a public address must be able to tell.

import { X509Certificate } from 'node:crypto'
import { readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'

export const EVALUATION_ORGANIZATION = 'Sallyport evaluation, do not trust'

const MARK = `2.5.4.10=${JSON.stringify(EVALUATION_ORGANIZATION.toLowerCase())}`

/** Is it an evaluation CA, or issued by one, or a self-signed stand-in? Takes DER, or what has been read already. */
export function isEvaluation(certificate: Certificate | X509Certificate | Buffer): boolean {
  const read =
    certificate instanceof X509Certificate
      ? readCertificate(certificate.raw)
      : Buffer.isBuffer(certificate)
        ? readCertificate(certificate)
        : certificate
  return typeof read !== 'string' && [...read.subject.rdns, ...read.issuer.rdns].includes(MARK)
}
