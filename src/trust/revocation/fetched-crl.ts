// Which CRLs that were fetched are kept: those that speak for whom they were fetched for.
//
// SECURITY: over HTTP anybody on the way sends what he likes, also what is rightly signed: the list of another CA, of another
// kind, or an old one. What is kept would be in the way for as long as it claims to hold.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Certificate } from '../certificate.ts'
import { STANDARD } from '../profiles/standard.ts'
import { SKEW_MS, isMeant } from './crl-judge.ts'
import { signerFault } from './crl-signer.ts'
import type { Crl } from './crl.ts'
import type { Understood } from './evidence.ts'
import { isFromBefore } from './newer.ts'
import type { DistributionPoint } from './pointers.ts'

export interface Fetching {
  readonly url: string
  readonly point: DistributionPoint
  /** A delta lies at the place of a list's deltas, and nowhere else. */
  readonly kind: 'whole' | 'delta'
  /** From the certificate in question up to the anchor. */
  readonly path: readonly [Certificate, ...Certificate[]]
  /** Further certificates, among which signers of CRLs may be. */
  readonly others: readonly Certificate[]
}

/** Under which a CRL is kept: what is found there for another issuer, or another kind of certificate, is another thing. */
export function placeOfCrl({ url, kind, path: [certificate, issuer] }: Fetching): string {
  const of = certificate.extensions.basicConstraints?.ca === true ? 'cas' : 'users'
  return `${url} ${kind} ${of} ${issuer?.fingerprint ?? ''}`
}

/** What is made of it at `at` (milliseconds since 1970). Never rejects. */
export async function understoodCrl(crl: Crl, fetching: Fetching, at: number): Promise<Understood<Crl>> {
  const fault = (reason: ReasonId, words: string): Understood<Crl> => ({
    ok: false,
    reason,
    detail: `${fetching.url}: ${words}`,
  })
  const { point, kind, path, others } = fetching
  const [certificate] = path
  const { thisUpdate, nextUpdate: until = 0 } = crl
  if (until <= at) return fault('SP-339', `was due to be replaced at ${new Date(until).toISOString()}`)
  if (thisUpdate > at + SKEW_MS) return fault('SP-339', `holds only from ${new Date(thisUpdate).toISOString()}`)
  if (crl.scope.indirect) return fault('SP-342', 'an indirect CRL, and those are not believed here')
  if ((crl.base !== undefined) !== (kind === 'delta'))
    return fault('SP-342', kind === 'delta' ? 'not a delta CRL' : 'a delta CRL, without the one it goes with')
  if (crl.issuer.key !== certificate.issuer.key) return fault('SP-334', 'the CRL of another issuer')
  if (kind === 'whole' && !isMeant(certificate, point, crl))
    return fault('SP-334', 'a CRL that does not speak for a certificate of its kind')
  // What is good enough for some profile is kept; whoever asks under a stricter one judges it anew.
  const signer = await signerFault(crl, { path, others, at, profile: STANDARD })
  if (signer) return fault(signer.reason, signer.detail)
  return { ok: true, value: crl, until, bytes: crl.bytes }
}

/** Why a CRL does not take the place of one that is known. */
export const older = (fresh: Crl, known: Crl): Extract<Understood<Crl>, { readonly ok: false }> | undefined =>
  isFromBefore(fresh, known)
    ? { ok: false, reason: 'SP-339', detail: 'the CRL that came is older than the one that is known' }
    : undefined
