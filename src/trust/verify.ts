// Is the peer the domain it has to be? Certificate path, then names, then pins, in this order.
//
// Rule 1: a path to an anchor alone proves nothing: the certificate must name the domain. Any CA that vouches for one
//         partner vouches for others too.
// Rule 2: pins narrow, they never widen: the path and the names must be right as well.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Anchors } from './anchors.ts'
import { readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import type { Demands, PeerSide } from './demands.ts'
import { maySignHandshakes } from './extensions.ts'
import { findHost, findName } from './names.ts'
import { findPath } from './path.ts'
import { subjectText, summarise } from './summary.ts'
import type { Verdict } from './verdict.ts'

export interface Trust {
  readonly anchors: Anchors
  /** `sha256/<base64>` over the SPKI; one of them must be the leaf's. Empty: no pinning. */
  readonly pins: readonly string[]
  /**
   * Another name that proves the domain: that of a provider which an administrator has named for just this domain. RFC 6125 §1.8
   * calls it a delegation by configuration.
   */
  readonly provider?: string | undefined
  /** CA certificates that help to build a path and vouch for nobody: those of this subject (its key). */
  readonly issuers?: (subject: string) => readonly Certificate[]
  /** Default: those of the profile `standard`. */
  readonly demands?: Demands
}

export interface VerifyOptions {
  /** The domain the peer must prove, canonical. */
  readonly domain: string
  readonly trust: Trust
  /** The side of TLS the peer is on; unknown, both. */
  readonly side?: PeerSide
  /** Milliseconds since 1970. */
  readonly now: number
}

/** More certificates than this are refused unread; `peerChain` gives one more at most. */
const MOST_CERTIFICATES = 16

/**
 * Judges the certificates that a peer showed.
 * @param chain DER, the peer's own first, the others in any order: `peerChain()`
 */
export function verifyPeer(chain: readonly Buffer[], options: VerifyOptions): Verdict {
  const read = readChain(chain)
  return Array.isArray(read) ? judgeChain(read, options) : read
}

/** Judges them when they have been read. */
export function judgeChain(
  read: readonly [Certificate, ...Certificate[]],
  { domain, trust, side, now }: VerifyOptions,
): Verdict {
  const [leaf] = read
  const result = findPath(read, { ...trust, side, now })
  if ('reason' in result) return refuse(result.reason, result.detail, leaf)
  if (!maySignHandshakes(leaf.extensions))
    return refuse('SP-314', `${subjectText(leaf)}: its key usage does not include signing`, leaf)
  const { names } = leaf.extensions
  if (!findName(names, domain) && !(trust.provider !== undefined && findHost(names, trust.provider)))
    return refuse('SP-301', `${wantedText(domain, trust)} is not among ${namesText(leaf)}`, leaf)
  if (trust.pins.length > 0 && !trust.pins.includes(leaf.pin))
    return refuse('SP-307', `its key is ${leaf.pin}, which is not pinned`, leaf)
  const { path } = result
  return { proven: true, certificate: summarise(leaf), anchor: subjectText(path.at(-1)!), path }
}

/** The certificates as data, the leaf first, or why there is nothing to judge. Strangers that do not read are left out. */
export function readChain(chain: readonly Buffer[]): [Certificate, ...Certificate[]] | Verdict {
  const [first, ...rest] = chain
  if (!first) return refuse('SP-361', 'no certificate was shown', undefined)
  if (chain.length > MOST_CERTIFICATES)
    return refuse('SP-316', `more than ${MOST_CERTIFICATES} certificates`, undefined)
  const leaf = readCertificate(first)
  if (typeof leaf === 'string') return refuse('SP-315', leaf, undefined)
  return [leaf, ...rest.map(readCertificate).filter((certificate) => typeof certificate !== 'string')]
}

/** A verdict against the peer. */
export function refuse(reason: ReasonId, detail: string, leaf: Certificate | undefined): Verdict {
  return { proven: false, reason, detail, certificate: leaf && summarise(leaf) }
}

function namesText(leaf: Certificate): string {
  const { names } = summarise(leaf)
  return names.length > 0
    ? names.join(', ')
    : 'the names of the certificate: it has none (a common name does not count)'
}

const wantedText = (domain: string, { provider }: Trust): string =>
  provider === undefined ? domain : `${domain} (or its provider, ${provider})`
