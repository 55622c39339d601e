// How we speak TLS, on both sides of every stream. RFC 7590, BCP 195 (RFC 9325 §3, §4).
//
// Rule 1: TLS 1.2 or later; ephemeral key exchange and authenticated encryption only.
// Rule 2: no session tickets and no session cache: a resumed session shows no certificate, and each stream must.
// Rule 3: OpenSSL gets no trust store. Who is trusted is for `verify.ts` to say; the roots would only cost time here.

import { constants } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Material } from './identity.ts'

const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/**
 * The context for certificates and their keys, each of another kind of key, for listening and dialling alike. Throws what
 * OpenSSL throws.
 */
export function tlsContext(materials: readonly Material[]): SecureContext {
  return createSecureContext({
    cert: materials.map(({ fullchain }) => fullchain),
    key: materials.map(({ privkey }) => privkey),
    ca: [],
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  })
}
