// The certificates a peer showed in the TLS handshake.

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { readByOpenSsl } from './certificate.ts'

/** Enough for any honest chain; one more than `verifyPeer` accepts, so that it can say so. */
const MOST = 17

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
  const [leaf] = chain
  if (leaf && first) readByOpenSsl(leaf, first)
  return chain
}
