// Who signed a CRL, may sign it, and is vouched for by the anchor that vouches for the certificate in question. RFC 5280
// §6.3.3 (f), (g).
//
// Rule: candidates are the certificates above the one in question and those at hand that bear the name of the issuer. A
//       signature that is too weak for the profile is not looked at.

import type { ReasonId } from '../../xmpp/reasons.ts'
import { anchorsOf } from '../anchors.ts'
import type { Certificate } from '../certificate.ts'
import { STANDARD } from '../demands.ts'
import type { PathFault } from '../demands.ts'
import { KEY_USAGE } from '../extensions.ts'
import { findPath } from '../path.ts'
import type { PathResult } from '../path.ts'
import type { Profile } from '../profiles/profile.ts'
import { subjectText } from '../summary.ts'
import type { Crl } from './crl.ts'
import { isSignedLater, weakSigned } from './signed.ts'

export interface Around {
  /** From the certificate in question up to the anchor. */
  readonly path: readonly Certificate[]
  /** Further certificates, among which signers of CRLs may be. */
  readonly others: readonly Certificate[]
  /** Milliseconds since 1970. */
  readonly at: number
  /** By which signatures, keys, and the way from a signer to the anchor are judged. */
  readonly profile: Profile
}

/** Of those who bear the name of an issuer, so many are held against a signature. */
const MOST_NAMESAKES = 8

/** Those who bear the name of the issuer and may sign CRLs: those above the certificate first. */
export const candidates = (
  { issuer }: Crl,
  { path, others }: Pick<Around, 'path' | 'others'>,
): readonly Certificate[] =>
  [...new Set([...path.slice(1), ...others])]
    .filter(({ subject }) => subject.key === issuer.key)
    .slice(0, MOST_NAMESAKES)
    .filter(maySignCrls)

/** Certificates from before there was key usage may. */
const maySignCrls = ({ extensions: { keyUsage } }: Certificate): boolean =>
  keyUsage === undefined || (keyUsage & KEY_USAGE.cRLSign) !== 0

/**
 * Holds CRLs against the certificates that may have signed them, without holding anybody up however long they are; whoever
 * judges them then knows.
 */
export async function signaturesOf(crls: readonly Crl[], around: Pick<Around, 'path' | 'others'>): Promise<void> {
  for (const crl of crls) for (const one of candidates(crl, around)) await isSignedLater(crl.signed, one)
}

/** Why nobody signed it who may and is vouched for; undefined where somebody did. Holds nobody up. */
export async function signerFault(crl: Crl, around: Around): Promise<PathFault | undefined> {
  const above = around.path.slice(1)
  const detail = `not signed by ${subjectText(above[0]!)}, nor by anybody at hand who may`
  let fault: PathFault = { reason: 'SP-340', detail }
  for (const one of candidates(crl, around)) {
    const weak = weakSigned(crl.signed, one, around.profile)
    if (weak !== undefined) fault = { reason: 'SP-323', detail: weak }
    else if (await isSignedLater(crl.signed, one)) {
      if (above.includes(one)) return undefined
      const way = wayOf(one, around)
      if (!('reason' in way)) return undefined
      fault = faultOfSigner(way)
    }
  }
  return fault
}

/** From a signer of CRLs to the anchor of the path, or why there is no way. */
export function wayOf(signer: Certificate, { path, others, at, profile }: Around): PathResult {
  const anchors = anchorsOf([path.at(-1)!.raw], 'the anchor')
  return findPath([signer, ...path.slice(1, -1), ...others], { anchors, now: at, demands: { ...STANDARD, profile } })
}

/** What is wrong with a signer, for whoever asks about the CRL. */
export const faultOfSigner = ({ reason, detail }: PathFault): PathFault => ({
  reason: WEAK.has(reason) ? 'SP-323' : 'SP-340',
  detail: `the signer of its CRL: ${detail}`,
})

const WEAK: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-313', 'SP-319', 'SP-323'])
