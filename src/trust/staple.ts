// What a responder says of a certificate of ours, sent along in the handshake so that partners need not ask. RFC 6066 §8.

import type { Certificate } from './certificate.ts'
import { pointersOf } from './revocation/pointers.ts'

/** The place of the staple of one certificate: empty until somebody has fetched it, and after it is out of date. */
export class Staple {
  readonly certificate: Certificate
  /** Who issued it, where that was brought with it. */
  readonly issuer: Certificate | undefined
  #octets: Buffer | undefined
  #until = 0

  constructor(certificate: Certificate, issuer: Certificate | undefined) {
    this.certificate = certificate
    this.issuer = issuer
  }

  /** What to send at this time (milliseconds since 1970), DER. The same buffer as long as it is the same answer. */
  at(now: number): Buffer | undefined {
    return now < this.#until ? this.#octets : undefined
  }

  /** Takes an answer that holds until then. */
  put(octets: Buffer, until: number): void {
    this.#octets = octets
    this.#until = until
  }
}

/** Does the certificate ask whoever sees it to insist on a staple? RFC 7633 */
export function mustStaple(certificate: Certificate): boolean {
  const pointers = pointersOf(certificate)
  return typeof pointers !== 'string' && pointers.mustStaple
}

/** Why no staple can be had for a certificate, whoever is asked; undefined where one may be. */
export function neverStapled(
  certificate: Certificate,
  { revocation, fetch }: { readonly revocation: string; readonly fetch: boolean },
): string | undefined {
  const pointers = pointersOf(certificate)
  if (typeof pointers === 'string') return pointers
  if (!pointers.responders.some((url) => /^http:/i.test(url))) return 'it names no OCSP responder'
  if (revocation === 'off') return '`trust.revocation` is off'
  return fetch ? undefined : '`trust.fetch` is false'
}
