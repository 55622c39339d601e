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
// Rule 6: what is signed below the profile may revoke, and vouches for nothing; nor does it take the place of what is signed
//         by it. So whatever is refused under a lax profile is refused under each stricter one.
// Rule 7: a CRL out of date says nothing, but none that it had replaced vouches for what it calls revoked.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Certificate } from '../certificate.ts'
import type { PathFault } from '../demands.ts'
import type { Profile } from '../profiles/profile.ts'
import { STANDARD } from '../profiles/standard.ts'
import { subjectText } from '../summary.ts'
import type { Crl } from './crl.ts'
import { candidates, faultOfSigner, wayOf } from './crl-signer.ts'
import type { Around } from './crl-signer.ts'
import { replaces } from './newer.ts'
import { pointersOf } from './pointers.ts'
import type { DistributionPoint, Pointers } from './pointers.ts'
import { REMOVED, revokedText } from './serials.ts'
import type { Revoked } from './serials.ts'
import { isSignedBy, weakSigned } from './signed.ts'
import { standingOf, together } from './standing.ts'
import type { Said, Standing, Unknown } from './standing.ts'

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

interface Surroundings extends Around {
  readonly crls: readonly Crl[]
  /** Certificates that are in question already. */
  readonly asked: readonly Certificate[]
}

export interface CrlQuestion {
  /** Validated: leaf first, anchor last. */
  readonly path: readonly Certificate[]
  /** What is at hand, in any order. */
  readonly crls: readonly Crl[]
  /** Milliseconds since 1970. */
  readonly at: number
  /** Certificates among which signers of CRLs may be, such as what the peer sent. */
  readonly others?: readonly Certificate[]
  readonly profile?: Profile
}

/** What CRLs say about a path: every certificate but the anchor. */
export function judgeRevocation({ others = [], profile = STANDARD, ...o }: CrlQuestion): Standing {
  return judge({ ...o, others, profile, asked: [] })
}

function judge({ path, ...o }: Surroundings): Standing {
  const standings = path.slice(0, -1).map((_, i) => standingOf(judgeOne({ ...o, path: path.slice(i) })))
  const [own] = standings
  // The leaf's own revocation is said as such; that of a CA above it has a reason of its own.
  if (own?.status === 'revoked') return own
  return together(standings.map((standing, i) => (i > 0 ? ofCa(standing) : standing)))
}

/** What CRLs say about the first certificate of a path, whatever becomes of those above it; as `judgeRevocation`. */
export function judgeFirst({ others = [], profile = STANDARD, ...o }: CrlQuestion): Said | Unknown {
  return judgeOne({ ...o, others, profile, asked: [] })
}

/** The same about a certificate that issued others. */
export const ofCa = (standing: Standing): Standing =>
  standing.status === 'revoked' ? { ...standing, reason: 'SP-333' } : standing

function judgeOne(o: Surroundings): Said | Unknown {
  const [certificate] = o.path
  if (!certificate) throw new TypeError('a path without a certificate')
  const pointers = pointersOf(certificate)
  if (typeof pointers !== 'string') return new Search(certificate, pointers, o).result()
  return { status: 'unknown', reason: 'SP-334', detail: `${subjectText(certificate)}: ${pointers}` }
}

/** Who signed a CRL. */
interface Signer {
  readonly certificate: Certificate
  /** Why that is not enough for the profile, though it is for `standard`. */
  readonly below: PathFault | undefined
}

/** A CRL that says something about the certificate, once it is looked at whether it is out of date. */
interface Speaker {
  readonly crl: Crl
  readonly signer: Signer
}

/** One certificate, held against all CRLs. */
class Search {
  readonly #certificate: Certificate
  readonly #pointers: Pointers
  readonly #o: Surroundings
  readonly #signers = new Map<Crl, Signer | undefined>()
  #reasons = 0
  #from = Infinity
  #until = Infinity
  #came = -1
  #reason: ReasonId = 'SP-334'
  #detail = 'no CRL of its issuer is at hand'

  constructor(certificate: Certificate, pointers: Pointers, o: Surroundings) {
    this.#certificate = certificate
    this.#pointers = pointers
    this.#o = o
  }

  result(): Said | Unknown {
    const name = subjectText(this.#certificate)
    // What is issued by the same CA and lies anywhere is asked too, as if it were named without a place.
    const points = [
      ...this.#pointers.crls.slice(0, MOST_POINTS),
      { names: undefined, uris: [], reasons: undefined, issuers: undefined },
    ]
    for (const point of points) {
      const speakers = this.#o.crls.flatMap((crl) => this.#speaker(point, crl) ?? [])
      const over = speakers.filter(({ crl }) => this.#isOver(crl))
      const current = speakers.filter(({ crl }) => !this.#isOver(crl))
      // SECURITY: an older CRL holds on for a while after a newer one has come, and whoever likes it better may bring it.
      for (const speaker of current.filter((one) => !current.some((other) => displaces(other, one)))) {
        const revoked = this.#ask(point, speaker, over)
        if (!revoked) continue
        const standing = { status: 'revoked', reason: 'SP-332', detail: `${name}: ${revokedText(revoked)}` } as const
        return { standing, from: speaker.crl.thisUpdate, until: speaker.crl.nextUpdate! }
      }
    }
    const [from, until] = [this.#from, this.#until]
    if (this.#reasons === ALL_REASONS) return { standing: { status: 'good', until, by: 'list' }, from, until }
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

  /** The entry of the certificate; undefined where there is none. @param over lists out of date */
  #ask(point: DistributionPoint, { crl, signer }: Speaker, over: readonly Speaker[]): Revoked | undefined {
    const { serial } = this.#pointers
    const { certificate, below } = signer
    const deltas = this.#deltas(crl, certificate)
    const current = deltas.filter((one) => !this.#isOver(one))
    const delta = current.find(({ signed }) => weakSigned(signed, certificate, this.#o.profile) === undefined)
    const entry = revoking(current[0]?.revoked.find(serial), delta?.revoked.find(serial) ?? crl.revoked.find(serial))
    if (entry) return entry
    if (below) return this.#fail(CAME.signature, below.reason, below.detail)
    const later = [
      ...over.flatMap((one) => (one.signer.certificate === certificate && replaces(one.crl, crl) ? one.crl : [])),
      ...deltas.slice(0, delta && deltas.indexOf(delta)).filter((one) => this.#isOver(one)),
    ]
    const undone = later.find(({ revoked }) => revoking(revoked.find(serial)))
    if (undone) return this.#fail(CAME.signature, 'SP-339', `a later CRL, which calls it revoked, ${dueText(undone)}`)
    this.#reasons |= reasonsOf(point, crl)
    this.#from = Math.min(this.#from, Math.max(crl.thisUpdate, delta?.thisUpdate ?? -Infinity))
    this.#until = Math.min(this.#until, crl.nextUpdate!, delta?.nextUpdate ?? Infinity)
    return undefined
  }

  /** The deltas to a list that its signer signed, the newest first. */
  #deltas(crl: Crl, signer: Certificate): readonly Crl[] {
    const deltas = this.#o.crls.filter((one) => isDeltaTo(one, crl) && this.#isUsable(one))
    return deltas.filter((one) => isSignedBy(one.signed, signer)).toSorted((a, b) => Number(b.number! - a.number!))
  }

  /** Also where it is out of date. */
  #isUsable(crl: Crl): boolean {
    const [unknown] = crl.unknownCritical
    const { nextUpdate, thisUpdate } = crl
    if (unknown !== undefined) this.#fail(CAME.kind, 'SP-342', `its CRL has the critical extension ${unknown}`)
    else if (nextUpdate === undefined) this.#fail(CAME.time, 'SP-339', 'its CRL does not say until when it holds')
    else if (thisUpdate > this.#o.at + SKEW_MS)
      this.#fail(CAME.time, 'SP-339', `its CRL holds only from ${new Date(thisUpdate).toISOString()}`)
    else {
      if (this.#isOver(crl)) this.#fail(CAME.time, 'SP-339', `its CRL ${dueText(crl)}`)
      return true
    }
    return false
  }

  #isOver({ nextUpdate = 0 }: Crl): boolean {
    return nextUpdate < this.#o.at
  }

  /** §6.3.3 (f), (g): who signed it, may sign it, and is vouched for by the same anchor. */
  #signer(crl: Crl): Signer | undefined {
    const { path, profile } = this.#o
    const above = path.slice(1)
    for (const certificate of candidates(crl, this.#o)) {
      const weak = weakSigned(crl.signed, certificate, STANDARD)
      if (weak !== undefined) {
        this.#fail(CAME.signature, 'SP-323', `its CRL is ${weak}`)
        continue
      }
      if (!isSignedBy(crl.signed, certificate)) continue
      const isAbove = above.includes(certificate)
      const fault = isAbove ? undefined : this.#fault(certificate, STANDARD)
      if (fault) {
        this.#fail(CAME.signature, fault.reason, fault.detail)
        continue
      }
      const below = weakSigned(crl.signed, certificate, profile)
      if (below !== undefined) return { certificate, below: { reason: 'SP-323', detail: `its CRL is ${below}` } }
      return { certificate, below: isAbove || profile === STANDARD ? undefined : this.#fault(certificate, profile) }
    }
    return this.#fail(CAME.time, 'SP-340', `its CRL is not signed by ${subjectText(above[0]!)}`)
  }

  /** Why a signer that is not above the certificate may not speak for it. */
  #fault(signer: Certificate, profile: Profile): PathFault | undefined {
    const { asked } = this.#o
    const wrong = (detail: string): PathFault => faultOfSigner({ reason: 'SP-340', detail })
    if (asked.length >= DEEPEST || asked.includes(signer)) return wrong('too many signers vouch for one another')
    const way = wayOf(signer, { ...this.#o, profile })
    if ('reason' in way) return faultOfSigner(way)
    const { path } = way
    const standing = judge({ ...this.#o, profile, path, asked: [...asked, this.#certificate, signer] })
    return standing.status === 'good' ? undefined : faultOfSigner(standing)
  }
}

/** Does the first take the place of the second? */
const displaces = (one: Speaker, other: Speaker): boolean =>
  one.signer.certificate === other.signer.certificate &&
  (one.signer.below === undefined || other.signer.below !== undefined) &&
  replaces(one.crl, other.crl)

/** The first entry by which something is revoked. */
const revoking = (...entries: readonly (Revoked | undefined)[]): Revoked | undefined =>
  entries.find((entry) => entry && entry.reason !== REMOVED)

const dueText = ({ nextUpdate = 0 }: Crl): string => `was due to be replaced at ${new Date(nextUpdate).toISOString()}`

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
