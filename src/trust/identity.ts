// An identity is what we show when we must prove a domain: a certificate with its key, ready for TLS.

import type { SecureContext } from 'node:tls'
import type { CertificateSummary } from './verdict.ts'

export interface Identity {
  /** For `tls.connect` and `new TLSSocket` alike; see `tls-context.ts`. */
  readonly context: SecureContext
  readonly certificate: CertificateSummary
  /** Issued by an evaluation CA: for loopback only. */
  readonly evaluation: boolean
}
