// The certificates a peer showed in the TLS handshake.

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { readByOpenSsl } from './certificate.ts'

/** Enough for any honest chain; one more than `verifyPeer` accepts, so that it can say so. */
const MOST = 17
/** What OpenSSL made of the first certificate keeps the others alive: it is used where they are no more than that. */
const MOST_BESIDE_BYTES = 8192

/**
 * DER, leaf first, in the order sent, with whatever else was sent; empty when there was none.
 * Unlike `getPeerCertificate(true)`, which keeps one line of issuers and completes it from the trust store,
 * `getPeerX509Certificate()` links every certificate to the one sent after it (Node 26).
 */
export function peerChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = []
  const first = socket.getPeerX509Certificate()
  let certificate: X509Certificate | undefined = first
  for (; certificate !== undefined && chain.length < MOST; certificate = certificate.issuerCertificate)
    chain.push(certificate.raw)
  const [leaf, ...others] = chain
  const beside = others.reduce((sum, { length }) => sum + length, 0)
  // Where there are more than were looked at, nobody knows how much they take.
  const areAll = certificate === undefined
  if (leaf && first && areAll && beside <= MOST_BESIDE_BYTES) readByOpenSsl(leaf, first, beside)
  return chain
}
