// What must hold for every certificate of a complete path, from the anchor down to the leaf. RFC 5280 §6.1.
// Signatures have been checked when the path was built.
//
// Rule 1: anchors are held to the rules of a CA too: dates, key, path length, constraints. Only their own signature
//         says nothing.
// Rule 2: a CA that limits its extended key usage may only issue for that (as browsers and OpenSSL hold it): a use that
//         is demanded must be open to every certificate of the path.

import type { ReasonId } from '../xmpp/reasons.ts'
import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import type { Demands, PathFault, PeerSide } from './demands.ts'
import { KEY_USAGE, OID_ANY_USAGE, OID_CLIENT_AUTH, OID_SERVER_AUTH } from './extensions.ts'
import { findViolation } from './name-constraints.ts'
import { findPolicyFault } from './policies.ts'
import { weakKey, weakSignature } from './strength.ts'
import { subjectText } from './summary.ts'

export interface RuleOptions {
  readonly demands: Demands
  /** The side of TLS the peer is on; unknown, both. */
  readonly side: PeerSide | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The first fault of the path, leaf first and anchor last (they may be one). */
export function findFault(path: readonly Certificate[], { demands, side, now }: RuleOptions): PathFault | undefined {
  const [leaf] = path
  const constraining: Certificate[] = []
  let pathLength = Infinity
  for (const certificate of path.toReversed()) {
    const fault = ownFault(certificate, now) ?? constraintFault(certificate, certificate === leaf, constraining)
    if (fault) return fault
    if (certificate === leaf) break
    const { basicConstraints, nameConstraints } = certificate.extensions
    const refused = issuerFault(certificate, certificate === path.at(-1))
    if (refused) return refused
    // §6.1.4 (l), (m): what a CA issues to itself does not count, nor does the anchor.
    if (certificate !== path.at(-1) && !isSelfIssued(certificate)) {
      if (pathLength === 0) return at(certificate, 'SP-310', 'one CA more below a CA than that permits')
      pathLength--
    }
    pathLength = Math.min(pathLength, basicConstraints?.pathLength ?? Infinity)
    if (nameConstraints) constraining.push(certificate)
  }
  const unfit = profileFault(path, demands)
  if (unfit) return unfit
  const policy = findPolicyFault(path, demands.policies)
  if (policy) return at(policy.certificate, 'SP-317', policy.words)
  return purposeFault(path, demands, side)
}

function at(certificate: Certificate, reason: ReasonId, words: string): PathFault {
  return { reason, detail: `${subjectText(certificate)}: ${words}` }
}

/** What any certificate of a path can have wrong by itself. */
function ownFault(certificate: Certificate, now: number): PathFault | undefined {
  const { notBefore, notAfter, extensions } = certificate
  if (now > notAfter) return at(certificate, 'SP-302', `expired at ${new Date(notAfter).toISOString()}`)
  if (now < notBefore) return at(certificate, 'SP-303', `not valid before ${new Date(notBefore).toISOString()}`)
  const weak = weakKey(certificate)
  if (weak !== undefined) return at(certificate, 'SP-313', weak)
  const [unknown] = extensions.unknownCritical
  if (unknown !== undefined) return at(certificate, 'SP-312', `critical extension ${unknown}`)
  return undefined
}

/** What is strong enough for all, and not for the profile of this partner. An anchor's own signature says nothing. */
function profileFault(path: readonly Certificate[], { profile }: Demands): PathFault | undefined {
  for (const certificate of path) {
    const isSigned = certificate !== path.at(-1)
    const weak = weakKey(certificate, profile) ?? (isSigned ? weakSignature(certificate, profile) : undefined)
    if (weak !== undefined) return at(certificate, 'SP-319', `${weak}, under the profile ${profile.name}`)
  }
  return undefined
}

const PURPOSES = { serverAuth: OID_SERVER_AUTH, clientAuth: OID_CLIENT_AUTH } as const
type Purpose = keyof typeof PURPOSES

/** §4.2.1.12, with rule 2. */
function purposeFault(
  path: readonly Certificate[],
  { purposes }: Demands,
  side: PeerSide | undefined,
): PathFault | undefined {
  const closedTo = (purpose: Purpose): Certificate | undefined =>
    path.find(({ extensions: { extendedKeyUsage: usages } }) =>
      usages?.every((usage) => usage !== PURPOSES[purpose] && usage !== OID_ANY_USAGE),
    )
  const closed = { serverAuth: closedTo('serverAuth'), clientAuth: closedTo('clientAuth') }
  const one = closed.serverAuth ?? closed.clientAuth
  if (!one) return undefined
  const usages = `extended key usage ${(one.extensions.extendedKeyUsage ?? []).slice(0, 8).map(usageText).join(', ')}`
  if (closed.serverAuth && closed.clientAuth) return at(one, 'SP-314', usages)
  const missing = closed.serverAuth ? 'serverAuth' : 'clientAuth'
  if (purposes === 'either' || (purposes === 'own-side' && side !== undefined && side !== SIDE[missing]))
    return undefined
  return at(one, 'SP-318', `${usages}, where ${missing} is demanded`)
}

const SIDE: Readonly<Record<Purpose, PeerSide>> = { serverAuth: 'server', clientAuth: 'client' }

const usageText = (oid: string): string => Object.entries(PURPOSES).find(([, known]) => known === oid)?.[0] ?? oid

/** §6.1.3 (b), (c): CAs under their own name are exempt, the leaf never is. */
function constraintFault(
  certificate: Certificate,
  isLeaf: boolean,
  constraining: readonly Certificate[],
): PathFault | undefined {
  if (!isLeaf && isSelfIssued(certificate)) return undefined
  for (const ca of constraining) {
    const violation = findViolation(certificate, ca.extensions.nameConstraints!)
    if (violation !== undefined) return at(certificate, 'SP-311', `${violation} by ${subjectText(ca)}`)
  }
  return undefined
}

/**
 * §6.1.4 (k), (n): may it issue at all? Roots from before version 3 cannot say so, and were chosen by the operator.
 * SECURITY: anything else from before version 3 may not: whoever holds the key of such a leaf would be a CA.
 */
function issuerFault(certificate: Certificate, isAnchor: boolean): PathFault | undefined {
  const { basicConstraints, keyUsage } = certificate.extensions
  if (!basicConstraints?.ca && !(isAnchor && certificate.version < 3)) return at(certificate, 'SP-309', 'not a CA')
  if (keyUsage !== undefined && (keyUsage & KEY_USAGE.keyCertSign) === 0)
    return at(certificate, 'SP-309', 'its key usage does not include signing certificates')
  return undefined
}
