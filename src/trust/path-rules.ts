// What must hold for every certificate of a complete path, from the anchor down to the leaf. RFC 5280 §6.1.
// Signatures have been checked when the path was built.
//
// Rule 1: anchors are held to the rules of a CA too: dates, key, path length, constraints. Only their own signature
//         says nothing.
// Rule 2: a CA that limits its extended key usage may only issue for that (as browsers and OpenSSL hold it).
// Rule 3: policies bind nobody here; what could demand one (policyConstraints, inhibitAnyPolicy) is always critical,
//         and refused as not understood.

import type { ReasonId } from '../xmpp/reasons.ts'
import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { KEY_USAGE, OID_ANY_USAGE, OID_CLIENT_AUTH, OID_SERVER_AUTH } from './extensions.ts'
import { findViolation } from './name-constraints.ts'
import { weakKey } from './strength.ts'
import { subjectText } from './summary.ts'

export interface PathFault {
  readonly reason: ReasonId
  readonly detail: string
}

/** The first fault of the path, leaf first and anchor last (they may be one); `now` in milliseconds since 1970. */
export function findFault(path: readonly Certificate[], now: number): PathFault | undefined {
  const [leaf] = path
  const constraining: Certificate[] = []
  let pathLength = Infinity
  for (const certificate of path.toReversed()) {
    const fault = ownFault(certificate, now) ?? constraintFault(certificate, certificate === leaf, constraining)
    if (fault) return fault
    if (certificate === leaf) break
    const { basicConstraints, nameConstraints } = certificate.extensions
    const refused = issuerFault(certificate)
    if (refused) return refused
    // §6.1.4 (l), (m): what a CA issues to itself does not count, nor does the anchor.
    if (certificate !== path.at(-1) && !isSelfIssued(certificate)) {
      if (pathLength === 0) return at(certificate, 'SP-310', 'one CA more below a CA than that permits')
      pathLength--
    }
    pathLength = Math.min(pathLength, basicConstraints?.pathLength ?? Infinity)
    if (nameConstraints) constraining.push(certificate)
  }
  return undefined
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
  const usages = extensions.extendedKeyUsage
  // Either side of TLS will do: public CAs no longer issue clientAuth, and s2s peers are both.
  if (usages && !usages.some((usage) => TLS_USAGES.has(usage)))
    return at(certificate, 'SP-314', `extended key usage ${usages.slice(0, 8).join(', ')}`)
  return undefined
}

const TLS_USAGES: ReadonlySet<string> = new Set([OID_SERVER_AUTH, OID_CLIENT_AUTH, OID_ANY_USAGE])

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

/** §6.1.4 (k), (n): may it issue at all? Roots from before version 3 cannot say so, and were chosen by the operator. */
function issuerFault(certificate: Certificate): PathFault | undefined {
  const { basicConstraints, keyUsage } = certificate.extensions
  if (certificate.version >= 3 && !basicConstraints?.ca) return at(certificate, 'SP-309', 'not a CA')
  if (keyUsage !== undefined && (keyUsage & KEY_USAGE.keyCertSign) === 0)
    return at(certificate, 'SP-309', 'its key usage does not include signing certificates')
  return undefined
}
