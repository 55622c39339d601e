// What a check of a peer's certificate comes to.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationFound } from './revocation/standing.ts'

/** The certificate of a peer in words, for status, records and log lines. */
export interface CertificateSummary {
  readonly subject: string
  readonly issuer: string
  /** The names it carries: `DNS:…`, `SRV:…`, `XMPP:…`. */
  readonly names: readonly string[]
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** `sha256/<base64>` over the SubjectPublicKeyInfo. */
  readonly spki: string
  readonly key: string
  /** Upper-case hexadecimal. */
  readonly serial?: string
  /** What was found of whether it was revoked when it proved a name; absent: nobody was asked. */
  readonly revocation?: RevocationFound
}

/** Proven: the peer is who it was asked to be. Otherwise why not, with `detail` for us, never for the peer. */
export type Verdict =
  | {
      readonly proven: true
      readonly certificate: CertificateSummary
      readonly anchor: string
      /** What was validated, leaf first, anchor last, for whoever asks whether it was revoked; absent: nothing can tell. */
      readonly path?: readonly Certificate[]
    }
  | {
      readonly proven: false
      readonly reason: ReasonId
      readonly detail: string
      readonly certificate: CertificateSummary | undefined
    }
