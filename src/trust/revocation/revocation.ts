// Do the certificates of a path still hold? Asks, in this order: CRLs that were brought, what the peer stapled, the OCSP
// responder, the CRLs that the certificate names.
//
// Rule 1: asked only about paths that lead to an anchor, for peers whom policy admits: whoever asks has seen to that.
// Rule 2: every certificate but the anchor counts, and the first source that says "good" or "revoked" of it decides.
// Rule 3: whatever happens, the answer is there within the time it is worth; a responder that keeps silent does not keep the
//         CRLs from being asked.
// Rule 4: a CRL that was brought is enough while it is young. Then the gateway looks, where it may, whether the CA has a newer
//         one; where that fails, what was brought decides for as long as it holds.
// Rule 5: what is signed below the profile of whom it is asked for may revoke, and vouches for nothing.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Certificate } from '../certificate.ts'
import type { Profile } from '../profiles/profile.ts'
import { subjectText } from '../summary.ts'
import { judgeFirst, ofCa } from './crl-judge.ts'
import type { CrlReader } from './crl-reader.ts'
import { signaturesOf } from './crl-signer.ts'
import type { Crl } from './crl.ts'
import type { DroppedCrls } from './dropped.ts'
import { Evidence } from './evidence.ts'
import type { Keeper, Understood } from './evidence.ts'
import type { Fetch } from './fetch.ts'
import { Lists } from './lists.ts'
import type { Found, Sought } from './lists.ts'
import { LARGEST_OCSP_BYTES, ocspRequest, readAnswer, standingUnder, undoes } from './ocsp.ts'
import type { Answer, Asked } from './ocsp.ts'
import { pointersOf } from './pointers.ts'
import type { Pointers } from './pointers.ts'
import { firstKnown, isKnown, soon } from './sought.ts'
import { standingOf, together } from './standing.ts'
import type { Said, Standing, Unknown } from './standing.ts'

export interface RevocationOptions {
  readonly obtain: Fetch
  readonly keeper: Keeper | undefined
  readonly reader: Pick<CrlReader, 'read'>
  /** CRLs that are brought; undefined: none are. */
  dropped(): Pick<DroppedCrls, 'all'> | undefined
  /** Settings, asked each time. */
  terms(): RevocationTerms
  /** Milliseconds since 1970. */
  now(): number
  /** Hears how each fetch ended. */
  fetched(kind: 'ocsp' | 'crl', outcome: 'ok' | ReasonId): void
}

export interface RevocationTerms {
  /** May anything be fetched? */
  readonly fetch: boolean
  /** Is asked in place of the responders that certificates name. */
  readonly responder: string | undefined
  /** For all that is asked about one path. */
  readonly timeoutMs: number
  /** So old, a CRL that was brought is not enough where a newer one may be had. */
  readonly againMs: number
  readonly most: { readonly entries: number; readonly bytes: number }
}

export interface RevocationQuestion {
  /** Validated: leaf first, anchor last. */
  readonly path: readonly Certificate[]
  /** Of whom it is asked for. */
  readonly profile: Profile
  /** Further certificates that the peer sent. */
  readonly others?: readonly Certificate[]
  /** The answer of a responder about the leaf that came in the handshake. RFC 6066 §8 */
  readonly staple?: Buffer | undefined
  /** Ask again though what is known still holds. */
  readonly renew?: boolean
  /** For so long, in milliseconds, the answer is awaited; absent: for as long as it is sought. */
  readonly waitMs?: number
}

const MOST_RESPONDERS = 2
/** After that share of the time CRLs are fetched beside a responder that has not answered. */
const HEAD_START = 1 / 8
/** Whom a newer CRL may come late for is looked at again after that. */
const LATE_MS = 60_000
/** A revocation is asked about again after that: it may have been a hold. */
const REVOKED_MS = 3_600_000

export class Revocation {
  readonly #o: RevocationOptions
  readonly #answers: Evidence<Answer>
  readonly #lists: Lists

  constructor(o: RevocationOptions) {
    this.#o = o
    const common = { keeper: o.keeper, now: () => o.now(), most: () => o.terms().most }
    this.#answers = new Evidence({ ...common, older: undoes, fetched: (outcome) => o.fetched('ocsp', outcome) })
    const { obtain, reader } = o
    this.#lists = new Lists({ ...common, obtain, reader, fetched: (outcome) => o.fetched('crl', outcome) })
  }

  /** What is kept in memory. */
  get figures(): { readonly answers: number; readonly crls: number; readonly bytes: number } {
    const [answers, crls] = [this.#answers.figures, this.#lists.figures]
    return { answers: answers.entries, crls: crls.entries, bytes: answers.bytes + crls.bytes }
  }

  /** What `check` says, where nobody is to be asked and nothing is at hand: that is known at once. Undefined where it must be sought. */
  unasked({ path, staple }: Pick<RevocationQuestion, 'path' | 'staple'>): Standing | undefined {
    const { fetch, responder } = this.#o.terms()
    if (staple || this.#o.dropped() || (fetch && responder !== undefined)) return undefined
    let first: Standing | undefined
    for (const [i, certificate] of path.slice(0, -1).entries()) {
      const pointers = pointersOf(certificate)
      const read = typeof pointers === 'string' ? undefined : pointers
      const isNamed = read && [read.crls, read.freshest, read.responders].some(({ length }) => length > 0)
      if (isNamed && fetch) return undefined
      if (this.#answers.known(placeOf('staple', { certificate, issuer: path[i + 1]! }))) return undefined
      first ??= unknown(certificate, 'SP-334', typeof pointers === 'string' ? pointers : nobodySays(fetch))
    }
    return first ?? { status: 'good', until: Infinity }
  }

  /** Never rejects. */
  async check(question: RevocationQuestion): Promise<Standing> {
    const late = Promise.withResolvers<Standing>()
    const waitMs = Math.min(question.waitMs ?? Infinity, this.#o.terms().timeoutMs)
    const timer = setTimeout(() => {
      const detail = `nobody has said within ${waitMs / 1000} s whether a certificate of the chain was revoked`
      late.resolve({ status: 'unknown', reason: 'SP-344', detail })
    }, waitMs)
    try {
      return await Promise.race([this.#check(question), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  async #check({ path, profile, others = [], staple, renew = false }: RevocationQuestion): Promise<Standing> {
    const dropped = (await this.#o.dropped()?.all()) ?? []
    // What is fetched for one may say something about the signer for another.
    const pool = new Set<Crl>(dropped)
    const ask = { others, profile, renew, pool }
    const first = await Promise.all(
      path.slice(0, -1).map((_, i) => {
        return this.#standing({ ...ask, path: upFrom(path, i), staple: i === 0 ? staple : undefined })
      }),
    )
    const standings = await Promise.all(
      first.map(async (standing, i) => {
        if (standing.status !== 'unknown' || pool.size === 0) return standing
        const again = standingOf(await this.#byCrls({ ...ask, path: upFrom(path, i) }))
        return again.status === 'unknown' ? standing : again
      }),
    )
    return together(standings.map((standing, i) => (i > 0 ? ofCa(standing) : standing)))
  }

  async #standing(about: About): Promise<Standing> {
    const [certificate, issuer] = about.path
    const pointers = pointersOf(certificate)
    if (typeof pointers === 'string') return unknown(certificate, 'SP-334', pointers)
    if (!issuer) throw new TypeError('an anchor is not asked about')
    const asked = { certificate, issuer }
    const { fetch, responder } = this.#o.terms()
    const responders = responder === undefined ? pointers.responders.filter(isHttp) : [responder]
    const heard = responders.flatMap((url) => this.#answers.known(placeOf(url, asked)) ?? [])
    const stapled = this.#stapled(about.staple, asked)
    const brought = await this.#byCrls(about)
    if ('standing' in brought) {
      const newest = await this.#newest(brought, about, pointers)
      const revoked = 'standing' in newest ? revokedSince(newest.from, [stapled, ...heard]) : undefined
      return revoked ?? standingOf(newest)
    }
    const faults: Unknown[] = [brought]
    const decides = (standing: Standing): boolean => standing.status !== 'unknown' || faults.push(standing) === 0
    const shown = stapled && ('from' in stapled ? standingUnder(about.profile, stapled) : stapled)
    if (stapled && shown && !about.renew) {
      // SECURITY: whoever has a stolen key staples an answer from before; what was heard since counts.
      const revoked = revokedSince('from' in stapled ? stapled.from : -Infinity, heard)
      if (revoked) return revoked
      if (decides(shown)) return shown
    }
    if (fetch) {
      for (const standing of await this.#sought(about, asked, responders.slice(0, MOST_RESPONDERS)))
        if (decides(standing)) return standing
    }
    if (shown?.status === 'good') return shown
    const nowhere = responders.length === 0 && pointers.crls.length === 0
    const telling = faults.find(({ reason }) => reason !== 'SP-334')
    return telling ?? (nowhere || !fetch ? unknown(certificate, 'SP-334', nobodySays(fetch)) : faults.at(-1)!)
  }

  /** What the CRLs say when those that were brought are not alone. */
  async #newest(brought: Said, about: About, pointers: Pointers): Promise<Said | Unknown> {
    const { fetch, againMs, timeoutMs } = this.#o.terms()
    for (const crl of await this.#lists.atHand(about, pointers)) about.pool.add(crl)
    let isLate = false
    if (fetch && brought.from + againMs <= this.#o.now()) {
      // A place that keeps silent must not take all the time there is.
      const looked = soon(this.#fetchCrls(about, pointers), timeoutMs * (about.renew ? 1 / 2 : HEAD_START))
      isLate = (await looked) === undefined && !about.renew
    }
    const said = await this.#byCrls(about)
    if (!isLate || !('standing' in said) || said.standing.status !== 'good') return said
    // What comes late is heard at the next look, which is soon.
    const until = Math.min(said.until, this.#o.now() + LATE_MS)
    return { ...said, standing: { ...said.standing, until } }
  }

  /**
   * What the peer stapled. What counts is kept: it serves for as long as it holds, also when the stream is looked at again,
   * without a handshake.
   */
  #stapled(staple: Buffer | undefined, asked: Asked): Answer | Unknown | undefined {
    const place = placeOf('staple', asked)
    if (!staple) return this.#answers.known(place)
    const read = this.#readAnswer(staple, asked)
    if (!read.ok) return { status: 'unknown', reason: read.reason, detail: read.detail }
    return this.#answers.put(place, { ...read, until: read.again ?? read.until })
  }

  /** What the responders say, and the CRLs that the certificate names; both where the first has not decided. Never rejects. */
  async #sought(about: About, asked: Asked, responders: readonly string[]): Promise<readonly Standing[]> {
    const pointers = pointersOf(asked.certificate)
    if (typeof pointers === 'string') return []
    const answer = this.#askAll(responders, asked, about)
    const headStart = pointers.crls.length > 0 ? this.#o.terms().timeoutMs * HEAD_START : undefined
    const early = await (headStart === undefined ? answer : soon(answer, headStart))
    if (early?.some(isKnown)) return early
    return firstKnown([answer, this.#byLists(about, pointers)])
  }

  async #byCrls({ path, pool, others, profile }: Omit<About, 'staple'>): Promise<Said | Unknown> {
    const crls = [...pool]
    await signaturesOf(crls, { path, others })
    return judgeFirst({ path, crls, at: this.#o.now(), others, profile })
  }

  /** What each responder says, up to the first that knows. */
  async #askAll(urls: readonly string[], asked: Asked, sought: Sought): Promise<readonly Standing[]> {
    const said: Standing[] = []
    for (const url of urls) {
      said.push(await this.#ask(url, asked, sought))
      if (said.some(isKnown)) break
    }
    return said
  }

  /** What the CRLs say once those that the certificate names are there, and why one is not. */
  async #byLists(about: About, pointers: Pointers): Promise<readonly Standing[]> {
    const { failed } = await this.#fetchCrls(about, pointers)
    const said = standingOf(await this.#byCrls(about))
    return [said, ...(failed ? [unknown(about.path[0], failed.reason, failed.detail)] : [])]
  }

  /** Puts the CRLs that a certificate names into the pool. */
  async #fetchCrls(about: About, pointers: Pointers): Promise<Found> {
    const found = await this.#lists.obtain(about, pointers)
    for (const crl of found.crls) about.pool.add(crl)
    return found
  }

  /** One responder about one certificate. */
  async #ask(url: string, asked: Asked, { profile, renew }: Sought): Promise<Standing> {
    const { certificate } = asked
    const request = ocspRequest(asked)
    if (!request) return unknown(certificate, 'SP-334', 'its number does not read')
    const by = this.#o.terms().responder === url ? 'operator' : 'certificate'
    const body = { type: 'application/ocsp-request', octets: request }
    const understood = await this.#answers.get({
      place: placeOf(url, asked),
      renew,
      obtain: () => this.#o.obtain({ url, by, body, mostBytes: LARGEST_OCSP_BYTES }),
      read: (octets) => this.#readAnswer(octets, asked),
      fits: (answer) => isKnown(standingUnder(profile, answer)),
    })
    if (understood.ok) return standingUnder(profile, understood.value)
    return unknown(certificate, understood.reason, understood.detail)
  }

  #readAnswer(octets: Buffer, asked: Asked): Understood<Answer> {
    const now = this.#o.now()
    const value = readAnswer(octets, asked, now)
    if (!('from' in value)) return { ok: false, reason: value.reason, detail: value.detail }
    const { standing, until } = value
    if (standing.status === 'good') return { ok: true, value, until, bytes: 1024 }
    const again = now + REVOKED_MS
    return { ok: true, value, until: Math.max(until, again), again, bytes: 1024 }
  }
}

/** The path from one of its certificates on. */
const upFrom = (path: readonly Certificate[], i: number): [Certificate, ...Certificate[]] => [
  path[i]!,
  ...path.slice(i + 1),
]

interface About extends Sought {
  readonly staple: Buffer | undefined
  readonly pool: Set<Crl>
}

const nobodySays = (fetch: boolean): string =>
  fetch ? 'it names neither a responder nor a CRL' : 'no CRL of its issuer is at hand, and nothing is fetched'

const isHttp = (uri: string): boolean => /^http:/i.test(uri)

/** Under which an answer is kept. */
const placeOf = (from: string, { issuer, certificate }: Asked): string =>
  `${from} ${issuer.fingerprint} ${certificate.fingerprint}`

/** The first of several that says "revoked", and has said so since. */
const revokedSince = (from: number, answers: readonly (Answer | Unknown | undefined)[]): Standing | undefined =>
  answers
    .flatMap((one) => (one && 'from' in one ? one : []))
    .find((one) => one.standing.status === 'revoked' && one.from >= from)?.standing

const unknown = (certificate: Certificate, reason: ReasonId, detail: string): Unknown => ({
  status: 'unknown',
  reason,
  detail: `${subjectText(certificate)}: ${detail}`,
})
