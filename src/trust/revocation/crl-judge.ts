// Does a CRL say whether a certificate was revoked, and what? RFC 5280 §6.3.3.
//
// Rule 1: only a CRL that is signed by its issuer, current, understood in all that is critical, and speaks for the
//         certificate says anything. To be good a certificate needs such CRLs for every reason.
// Rule 2: whoever signed it leads to the anchor that vouches for the certificate, and is not revoked either.
// Rule 3: a delta adds to the CRL it goes with, and says nothing alone. Indirect CRLs, whose signer speaks for other CAs,
//         are recognised and say nothing here.
// Rule 4: of several CRLs that say nothing, the one that came furthest gives the reason.
// Rule 5: of several that say something, one that another has replaced is not asked, and of the others each: nothing is good
//         that one of them calls revoked.

import type { ReasonId } from '../../xmpp/reasons.ts'
import { anchorsOf } from '../anchors.ts'
import type { Certificate } from '../certificate.ts'
import { KEY_USAGE } from '../extensions.ts'
import { findPath } from '../path.ts'
import { subjectText } from '../summary.ts'
import type { Crl } from './crl.ts'
import { replaces } from './newer.ts'
import { pointersOf } from './pointers.ts'
import type { DistributionPoint, Pointers } from './pointers.ts'
import { REMOVED, revokedText } from './serials.ts'
import type { Revoked } from './serials.ts'
import { isSignedBy, isSignedLater } from './signed.ts'
import { together } from './standing.ts'
import type { Standing } from './standing.ts'

/** Every reason of ReasonFlags that a CRL can be bound to. */
const ALL_REASONS = 0x1fe
/** Clocks differ; a CRL may be from so far in the future. */
export const SKEW_MS = 300_000
/** Signers of signers; honest ones need one step. */
const DEEPEST = 3

/** Points of a certificate that are held against CRLs; honest ones have one, or one for each reason. */
const MOST_POINTS = 16

/** How far a CRL came before it was found to say nothing. */
const CAME = { nowhere: 0, issuer: 1, scope: 2, kind: 3, time: 4, signature: 5 } as const

interface Surroundings {
  /** From the certificate in question up to the anchor. */
  readonly path: readonly Certificate[]
  readonly crls: readonly Crl[]
  /** Further certificates, among which signers of CRLs may be. */
  readonly others: readonly Certificate[]
  readonly at: number
  /** Certificates that are in question already. */
  readonly asked: readonly Certificate[]
}

/**
 * What CRLs say about a path: every certificate but the anchor.
 * @param path validated: leaf first, anchor last
 * @param crls what is at hand, in any order
 * @param at milliseconds since 1970
 * @param others certificates among which signers of CRLs may be, such as what the peer sent
 */
export function judgeRevocation(
  path: readonly Certificate[],
  crls: readonly Crl[],
  at: number,
  others: readonly Certificate[] = [],
): Standing {
  return judge({ path, crls, others, at, asked: [] })
}

function judge({ path, ...o }: Surroundings): Standing {
  const standings = path.slice(0, -1).map((certificate, i) => judgeOne(certificate, { ...o, path: path.slice(i) }))
  const [own] = standings
  // The leaf's own revocation is said as such; that of a CA above it has a reason of its own.
  if (own?.status === 'revoked') return own
  return together(standings.map((standing, i) => (i > 0 ? ofCa(standing) : standing)))
}

/** What CRLs say about the first certificate of a path, whatever becomes of those above it; as `judgeRevocation`. */
export function judgeFirst(
  path: readonly [Certificate, ...Certificate[]],
  crls: readonly Crl[],
  at: number,
  others: readonly Certificate[] = [],
): Standing {
  return judgeOne(path[0], { path, crls, others, at, asked: [] })
}

/** Of those who bear the name of an issuer, so many are held against a signature. */
const MOST_NAMESAKES = 8

/**
 * Holds CRLs against the certificates that may have signed them, without holding anybody up however long they are; whoever
 * judges them then knows.
 */
export async function signaturesOf(crls: readonly Crl[], among: readonly Certificate[]): Promise<void> {
  for (const crl of crls) for (const one of namesakes(crl, among)) await isSignedLater(crl.signed, one)
}

/** Is it signed by one who may and is above the certificate, or for whom the same anchor vouches? Holds nobody up. */
export async function isVouchedFor(crl: Crl, o: Pick<Surroundings, 'path' | 'others' | 'at'>): Promise<boolean> {
  const above = o.path.slice(1)
  for (const one of namesakes(crl, [...above, ...o.others])) {
    if (!maySignCrls(one) || !(await isSignedLater(crl.signed, one))) continue
    if (above.includes(one) || typeof pathOf(one, o) !== 'string') return true
  }
  return false
}

const namesakes = ({ issuer }: Crl, among: readonly Certificate[]): readonly Certificate[] =>
  [...new Set(among)].filter(({ subject }) => subject.key === issuer.key).slice(0, MOST_NAMESAKES)

/** The same about a certificate that issued others. */
export const ofCa = (standing: Standing): Standing =>
  standing.status === 'revoked' ? { ...standing, reason: 'SP-333' } : standing

function judgeOne(certificate: Certificate, o: Surroundings): Standing {
  const pointers = pointersOf(certificate)
  const name = subjectText(certificate)
  if (typeof pointers === 'string') return { status: 'unknown', reason: 'SP-334', detail: `${name}: ${pointers}` }
  return new Search(certificate, pointers, o).result()
}

/** A CRL that says something about the certificate, and who signed it. */
interface Speaker {
  readonly crl: Crl
  readonly signer: Certificate
}

/** One certificate, held against all CRLs. */
class Search {
  readonly #certificate: Certificate
  readonly #pointers: Pointers
  readonly #o: Surroundings
  readonly #signers = new Map<Crl, Certificate | undefined>()
  #reasons = 0
  #until = Infinity
  #came = -1
  #reason: ReasonId = 'SP-334'
  #detail: string

  constructor(certificate: Certificate, pointers: Pointers, o: Surroundings) {
    this.#certificate = certificate
    this.#pointers = pointers
    this.#o = o
    this.#detail = 'no CRL of its issuer is at hand'
  }

  result(): Standing {
    const name = subjectText(this.#certificate)
    // What is issued by the same CA and lies anywhere is asked too, as if it were named without a place.
    const points = [
      ...this.#pointers.crls.slice(0, MOST_POINTS),
      { names: undefined, uris: [], reasons: undefined, issuers: undefined },
    ]
    for (const point of points) {
      const speakers = this.#o.crls.flatMap((crl) => this.#speaker(point, crl) ?? [])
      // SECURITY: an older CRL holds on for a while after a newer one has come, and whoever likes it better may bring it.
      const newest = speakers.filter(
        (one) => !speakers.some(({ crl, signer }) => signer === one.signer && replaces(crl, one.crl)),
      )
      for (const speaker of newest) {
        const revoked = this.#ask(point, speaker)
        if (revoked) return { status: 'revoked', reason: 'SP-332', detail: `${name}: ${revokedText(revoked)}` }
      }
    }
    if (this.#reasons === ALL_REASONS) return { status: 'good', until: this.#until }
    return { status: 'unknown', reason: this.#reason, detail: `${name}: ${this.#detail}` }
  }

  #fail(came: number, reason: ReasonId, detail: string): undefined {
    if (came <= this.#came) return undefined
    this.#came = came
    this.#reason = reason
    this.#detail = detail
    return undefined
  }

  /** Undefined where the CRL says nothing about the certificate by itself. */
  #speaker(point: DistributionPoint, crl: Crl): Speaker | undefined {
    const issuers = point.issuers ?? [this.#certificate.issuer.key]
    if (!issuers.includes(crl.issuer.key)) return this.#fail(CAME.nowhere, 'SP-334', 'no CRL of its issuer is at hand')
    if (crl.scope.indirect || point.issuers?.some((issuer) => issuer !== this.#certificate.issuer.key))
      return this.#fail(CAME.kind, 'SP-342', 'an indirect CRL speaks for it, and those are not believed here')
    if (!isMeant(this.#certificate, point, crl))
      return this.#fail(CAME.issuer, 'SP-334', 'no CRL of its issuer speaks for a certificate of its kind')
    if (reasonsOf(point, crl) === 0) return undefined
    if (crl.base !== undefined)
      return this.#fail(CAME.scope, 'SP-342', 'there is only a delta CRL, without the one it goes with')
    if (!this.#isUsable(crl)) return undefined
    if (!this.#signers.has(crl)) this.#signers.set(crl, this.#signer(crl))
    const signer = this.#signers.get(crl)
    return signer && { crl, signer }
  }

  /** The entry of the certificate; undefined where there is none. */
  #ask(point: DistributionPoint, { crl, signer }: Speaker): Revoked | undefined {
    const { serial } = this.#pointers
    const deltas = this.#o.crls.filter((delta) => isDeltaTo(delta, crl) && this.#isUsable(delta))
    const valid = deltas.filter((delta) => isSignedBy(delta.signed, signer))
    const delta = valid.reduce<Crl | undefined>((a, b) => (a && a.number! > b.number! ? a : b), undefined)
    const entry = delta?.revoked.find(serial) ?? crl.revoked.find(serial)
    if (entry && entry.reason !== REMOVED) return entry
    this.#reasons |= reasonsOf(point, crl)
    this.#until = Math.min(this.#until, crl.nextUpdate!, delta?.nextUpdate ?? Infinity)
    return undefined
  }

  #isUsable({ unknownCritical, thisUpdate, nextUpdate }: Crl): boolean {
    const [unknown] = unknownCritical
    const { at } = this.#o
    if (unknown !== undefined) this.#fail(CAME.kind, 'SP-342', `its CRL has the critical extension ${unknown}`)
    else if (nextUpdate === undefined) this.#fail(CAME.time, 'SP-339', 'its CRL does not say until when it holds')
    else if (nextUpdate < at)
      this.#fail(CAME.time, 'SP-339', `its CRL was due to be replaced at ${new Date(nextUpdate).toISOString()}`)
    else if (thisUpdate > at + SKEW_MS)
      this.#fail(CAME.time, 'SP-339', `its CRL holds only from ${new Date(thisUpdate).toISOString()}`)
    else return true
    return false
  }

  /** §6.3.3 (f), (g): who signed it, may sign it, and is vouched for by the same anchor. */
  #signer(crl: Crl): Certificate | undefined {
    const { path, others } = this.#o
    const above = path.slice(1)
    for (const candidate of namesakes(crl, [...above, ...others])) {
      if (!maySignCrls(candidate) || !isSignedBy(crl.signed, candidate)) continue
      if (above.includes(candidate)) return candidate
      const fault = this.#fault(candidate)
      if (!fault) return candidate
      this.#fail(CAME.signature, 'SP-340', `the signer of its CRL: ${fault}`)
    }
    return this.#fail(CAME.time, 'SP-340', `its CRL is not signed by ${subjectText(above[0]!)}`)
  }

  /** Why a signer that is not above the certificate may not speak for it. */
  #fault(signer: Certificate): string | undefined {
    const { crls, others, at, asked } = this.#o
    if (asked.length >= DEEPEST || asked.includes(signer)) return 'too many signers vouch for one another'
    const path = pathOf(signer, this.#o)
    if (typeof path === 'string') return path
    const standing = judge({ path, crls, others, at, asked: [...asked, this.#certificate, signer] })
    return standing.status === 'good' ? undefined : standing.detail
  }
}

/** Does a CRL speak for the point and the kind of a certificate? §6.3.3 (b) (2) */
export function isMeant({ extensions }: Certificate, point: DistributionPoint, { scope }: Crl): boolean {
  const isCa = extensions.basicConstraints?.ca === true
  if (scope.only !== undefined && scope.only !== (isCa ? 'cas' : 'users')) return false
  if (!scope.names) return true
  const names = point.names ?? point.issuers?.map((issuer) => `directory ${issuer}`)
  return names?.some((name) => scope.names!.includes(name)) === true
}

/** For which reasons a CRL speaks that lies at a point. */
const reasonsOf = (point: DistributionPoint, { scope }: Crl): number =>
  (point.reasons ?? ALL_REASONS) & (scope.reasons ?? ALL_REASONS) & ALL_REASONS

/** From a signer of CRLs to the anchor of a path, or why there is no way. */
function pathOf(
  signer: Certificate,
  { path, others, at }: Pick<Surroundings, 'path' | 'others' | 'at'>,
): readonly Certificate[] | string {
  const anchors = anchorsOf([path.at(-1)!.raw], 'the anchor')
  const found = findPath([signer, ...path.slice(1, -1), ...others], { anchors, now: at })
  return 'reason' in found ? found.detail : found.path
}

/** §6.3.3 (f), and certificates from before there was key usage. */
const maySignCrls = ({ extensions: { keyUsage } }: Certificate): boolean =>
  keyUsage === undefined || (keyUsage & KEY_USAGE.cRLSign) !== 0

/** §6.3.3 (c), and §5.2.4: the same issuer, scope and key, and what it adds begins no later than the CRL ends. */
function isDeltaTo(delta: Crl, crl: Crl): boolean {
  return (
    delta.base !== undefined &&
    delta.number !== undefined &&
    crl.number !== undefined &&
    delta.issuer.key === crl.issuer.key &&
    delta.scopeKey === crl.scopeKey &&
    delta.authorityKeyId === crl.authorityKeyId &&
    delta.base <= crl.number &&
    crl.number < delta.number
  )
}
