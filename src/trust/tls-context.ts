// How we speak TLS, on both sides of every stream. RFC 7590, BCP 195 (RFC 9325 §3, §4).
//
// Rule 1: versions, suites, groups and signatures are those of a profile; in every one of them TLS 1.2 or later, ephemeral
//         key exchange and authenticated encryption only.
// Rule 2: no session is resumed, since that shows no certificate, and each stream must. With TLS 1.2, there are no tickets. With
//         TLS 1.3, OpenSSL sends them all the same, and Node has no way to have it send none: they hold no state of ours, only
//         the name of a session that is not kept. What is resumed in spite of that is refused (SP-358).
// Rule 3: OpenSSL gets no trust store. Who is trusted is for `verify.ts` to say; the roots would only cost time here.

import { constants } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Material } from './identity.ts'
import { handshakeOptions, type KeyShares } from './profiles/handshake.ts'
import type { Profile } from './profiles/profile.ts'
import { STANDARD } from './profiles/standard.ts'

/**
 * The context for certificates and their keys, each of another kind of key, for listening and dialling alike. `shares` matters
 * where we dial. Throws what OpenSSL throws.
 */
export function tlsContext(
  materials: readonly Material[],
  profile: Profile = STANDARD,
  shares: KeyShares = 'all',
): SecureContext {
  return createSecureContext({
    ...handshakeOptions(profile, shares),
    cert: materials.map(({ fullchain }) => fullchain),
    key: materials.map(({ privkey }) => privkey),
    ca: [],
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  })
}
