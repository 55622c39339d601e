// From a peer's certificate to a trust anchor: path building (RFC 4158) and validation (RFC 5280 §6.1), our own, because
// OpenSSL's verdict is bound to a purpose (clientAuth) that public CAs no longer issue.
//
// Rule 1: the certificates sent are a bag. Order, duplicates and strangers among them do not matter; the leaf is first.
// Rule 2: bounded: so many steps deep, so many signatures, whatever is sent.
// Rule 3: of several ways that fail, the one that came furthest gives the reason.

import { isSelfIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import type { Anchors } from './anchors.ts'
import { isSignedWith } from './certificate-signature.ts'
import { findFault } from './path-rules.ts'
import { STANDARD } from './demands.ts'
import type { Demands, PathFault, PeerSide } from './demands.ts'
import { weakKey, weakSignature } from './strength.ts'
import { issuerText, subjectText } from './summary.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export type PathResult = { readonly path: readonly Certificate[] } | PathFault

const DEEPEST = 10
const MOST_SIGNATURES = 40

/** How far a way came before it failed; the further, the more its reason tells. */
const CAME = { nowhere: 0, signature: 1, anchor: 2 } as const

export interface PathOptions {
  readonly anchors: Anchors
  /** CA certificates that help to build a path and vouch for nobody: those of this subject (its key). */
  readonly issuers?: ((subject: string) => readonly Certificate[]) | undefined
  /** Default: those of the profile `standard`. */
  readonly demands?: Demands | undefined
  /** The side of TLS the peer is on; unknown, both. */
  readonly side?: PeerSide | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * The path from the leaf to an anchor, leaf first, anchor last (one and the same where the leaf is an anchor itself).
 * @param chain the certificates sent, the leaf first
 */
export function findPath(chain: readonly [Certificate, ...Certificate[]], o: PathOptions): PathResult {
  const { anchors, issuers: more = () => [], demands = STANDARD, side, now } = o
  const [leaf] = chain
  const sent = new Map(chain.map((certificate) => [certificate.fingerprint, certificate]))
  let signatures = 0
  let fault: PathFault = { reason: 'SP-305', detail: '' }
  let came = -1
  const fail = (how: number, reason: ReasonId, detail: string): undefined => {
    if (how > came) {
      came = how
      fault = { reason, detail }
    }
  }

  const complete = (path: readonly Certificate[]): readonly Certificate[] | undefined => {
    const problem = findFault(path, { demands, side, now })
    return problem ? fail(CAME.anchor, problem.reason, problem.detail) : path
  }

  const extend = (path: readonly Certificate[]): readonly Certificate[] | undefined => {
    const last = path.at(-1)!
    if (anchors.byFingerprint.has(last.fingerprint)) return complete(path)
    const issuers = candidates(last, path)
    // A root's signature on itself says nothing, so it may be weak.
    const weak = issuers.length > 0 && !isSelfSigned(last) ? weakSignature(last) : undefined
    if (weak !== undefined) return fail(CAME.signature, 'SP-313', `${subjectText(last)}: ${weak}`)
    let signed = false
    for (const candidate of issuers) {
      // SECURITY: not used at all, since absurd keys can make one signature cost as much as a hundred.
      const weakIssuer = weakKey(candidate)
      if (weakIssuer !== undefined) {
        fail(CAME.signature, 'SP-313', `${subjectText(candidate)}: ${weakIssuer}`)
        continue
      }
      if (++signatures > MOST_SIGNATURES || path.length >= DEEPEST)
        return fail(CAME.anchor, 'SP-316', 'too many ways to build a path')
      const verified = isSignedBy(last, candidate)
      signed ||= verified
      if (verified) {
        const found = extend([...path, candidate])
        if (found) return found
      } else if (namesKey(last, candidate) !== 'another' && !isSelfSigned(last))
        fail(CAME.signature, 'SP-308', `${subjectText(last)}: not signed by ${subjectText(candidate)}`)
    }
    return signed ? undefined : deadEnd(last, path.length)
  }

  /** Issuers by name: anchors, what was sent, what is known; those that name the right key before the others. */
  const candidates = (certificate: Certificate, path: readonly Certificate[]): readonly Certificate[] => {
    const { key } = certificate.issuer
    const named = new Map<string, Certificate>()
    for (const one of [...(anchors.bySubject.get(key) ?? []), ...sent.values(), ...more(key)])
      if (one.subject.key === key && !named.has(one.fingerprint) && !holds(path, one)) named.set(one.fingerprint, one)
    return [...named.values()].toSorted((a, b) => ORDER[namesKey(certificate, a)] - ORDER[namesKey(certificate, b)])
  }

  const deadEnd = (last: Certificate, depth: number): undefined => {
    if (isSelfIssued(last) && namesKey(last, last) !== 'another') {
      const weak = weakKey(last)
      if (weak !== undefined) return fail(CAME.nowhere, 'SP-313', `${subjectText(last)}: ${weak}`)
      if (!isSignedBy(last, last))
        return fail(CAME.signature, 'SP-308', `${subjectText(last)}: not signed by its own key`)
      if (depth === 1) return fail(CAME.nowhere, 'SP-304', `${subjectText(last)} is self-signed`)
      return fail(CAME.nowhere, 'SP-305', `the chain ends at ${subjectText(last)}, which is not trusted here`)
    }
    const issuer = issuerText(last)
    if (depth === 1)
      return fail(CAME.nowhere, 'SP-306', `issued by ${issuer}, which was not sent and is not known here`)
    return fail(
      CAME.nowhere,
      'SP-305',
      `the chain ends at ${subjectText(last)}, issued by ${issuer}, which is not trusted here`,
    )
  }

  const path = extend([leaf])
  return path ? { path } : fault
}

/** RFC 5280 §6.1: no certificate is twice in a path. */
function holds(path: readonly Certificate[], { fingerprint }: Certificate): boolean {
  return path.some((one) => one.fingerprint === fingerprint)
}

const ORDER = { this: 0, unsaid: 1, another: 2 } as const

/** What the authority key identifier says about the candidate: a hint, RFC 5280 §4.2.1.1. */
function namesKey(certificate: Certificate, issuer: Certificate): keyof typeof ORDER {
  const { authorityKeyId } = certificate.extensions
  const { subjectKeyId } = issuer.extensions
  if (authorityKeyId === undefined || subjectKeyId === undefined) return 'unsaid'
  return authorityKeyId === subjectKeyId ? 'this' : 'another'
}

/** SECURITY: a peer can send any number of namesakes of whoever has issued a certificate that is remembered for long. */
const MOST_ISSUERS = 64

/** By whom a certificate is signed, and by whom it is not, by fingerprint: nobody is kept alive by that. */
const signedBy = new WeakMap<Certificate, Map<string, boolean>>()

/** A root of its own; then a CA of the same name is a namesake, not a forger's victim. */
function isSelfSigned(certificate: Certificate): boolean {
  return isSelfIssued(certificate) && weakKey(certificate) === undefined && isSignedBy(certificate, certificate)
}

/** A signature is checked once per pair of certificates still remembered. */
function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  let known = signedBy.get(certificate)
  if (!known) signedBy.set(certificate, (known = new Map()))
  let verdict = known.get(issuer.fingerprint)
  if (verdict === undefined) {
    if (known.size === MOST_ISSUERS) known.clear()
    known.set(issuer.fingerprint, (verdict = isSignedWith(certificate, issuer)))
  }
  return verdict
}
