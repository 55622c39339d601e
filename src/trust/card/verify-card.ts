// Is the certificate that a client showed one of those by which people log in? Path and purpose; whom it names is for
// `rules.ts`, whether it was revoked for whoever asks that.
//
// Rule 1: the anchors are those of `trust.cards`, and no others: who vouches for partners vouches for no user, nor the other
//         way round. The system's CAs are never among them.
// Rule 2: path, algorithms and keys as for partners, under the profile of the gateway.
// SECURITY: the certificate itself must say that it is for clients of TLS (for every use is not enough) and that its key is
//           for signing. A CA that issues to people issues to them for mail too, with keys of which others keep copies.

import { readChain, refuse } from '../verify.ts'
import type { Trust } from '../verify.ts'
import type { Certificate } from '../certificate.ts'
import { KEY_USAGE, OID_CLIENT_AUTH } from '../extensions.ts'
import { findPath } from '../path.ts'
import { STANDARD } from '../demands.ts'
import { subjectText, summarise } from '../summary.ts'
import type { Verdict } from '../verdict.ts'

export type CardTrust = Omit<Trust, 'pins'>

/**
 * Judges the certificates that a client showed.
 * @param chain DER, the client's own first, the others in any order: `peerChain()`
 * @param o.now milliseconds since 1970
 */
export function verifyCard(
  chain: readonly Buffer[],
  { trust, now }: { readonly trust: CardTrust; readonly now: number },
): Verdict {
  const read = readChain(chain)
  if (!Array.isArray(read)) return read
  const [leaf] = read
  const { demands = STANDARD } = trust
  const result = findPath(read, { ...trust, demands: { ...demands, purposes: 'own-side' }, side: 'client', now })
  if ('reason' in result) return refuse(result.reason, result.detail, leaf)
  const fault = purposeFault(leaf)
  if (fault !== undefined) return refuse('SP-881', `${subjectText(leaf)}: ${fault}`, leaf)
  const { path } = result
  return { proven: true, certificate: summarise(leaf), anchor: subjectText(path.at(-1)!), path }
}

function purposeFault({
  extensions: { extendedKeyUsage: usages = [], keyUsage = 0 },
}: Certificate): string | undefined {
  if (!usages.includes(OID_CLIENT_AUTH)) return 'no extended key usage clientAuth in it'
  if ((keyUsage & KEY_USAGE.digitalSignature) === 0) return 'no key usage digitalSignature in it'
  return undefined
}
