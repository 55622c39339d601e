// Do the certificates of a path still hold? Asks, in this order: CRLs that were brought, what the peer stapled, the OCSP
// responder, the CRLs that the certificate names.
//
// Rule 1: asked only about paths that lead to an anchor, for peers whom policy admits: whoever asks has seen to that.
// Rule 2: every certificate but the anchor counts, and the first source that says "good" or "revoked" of it decides.
// Rule 3: whatever happens, the answer is there within the time it is worth; a responder that keeps silent does not keep the
//         CRLs from being asked.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Certificate } from '../certificate.ts'
import { subjectText } from '../summary.ts'
import { judgeFirst, ofCa, signaturesOf } from './crl-judge.ts'
import type { CrlReader } from './crl-reader.ts'
import { LARGEST_CRL_BYTES } from './crl.ts'
import type { Crl } from './crl.ts'
import type { DroppedCrls } from './dropped.ts'
import { Evidence } from './evidence.ts'
import type { Keeper, Understood } from './evidence.ts'
import type { Fetch } from './fetch.ts'
import { older, placeOfCrl, understoodCrl } from './fetched-crl.ts'
import type { Fetching } from './fetched-crl.ts'
import { LARGEST_OCSP_BYTES, ocspRequest, readAnswer } from './ocsp.ts'
import type { Answer, Asked } from './ocsp.ts'
import { pointersOf } from './pointers.ts'
import type { DistributionPoint, Pointers } from './pointers.ts'
import { firstKnown, isKnown, soon } from './sought.ts'
import { together } from './standing.ts'
import type { Standing, Unknown } from './standing.ts'

export interface RevocationOptions {
  readonly obtain: Fetch
  readonly keeper: Keeper | undefined
  readonly reader: Pick<CrlReader, 'read'>
  /** CRLs that are brought; undefined: none are. */
  dropped(): DroppedCrls | undefined
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
  readonly most: { readonly entries: number; readonly bytes: number }
}

export interface RevocationQuestion {
  /** Validated: leaf first, anchor last. */
  readonly path: readonly Certificate[]
  /** Further certificates that the peer sent. */
  readonly others?: readonly Certificate[]
  /** The answer of a responder about the leaf that came in the handshake. RFC 6066 §8 */
  readonly staple?: Buffer | undefined
  /** Ask again though what is known still holds. */
  readonly renew?: boolean
  /** For so long, in milliseconds, the answer is awaited; absent: for as long as it is sought. */
  readonly waitMs?: number
}

/** Responders asked, points looked at, and places tried for each. */
const MOST_RESPONDERS = 2
const MOST_POINTS = 4
const MOST_PLACES = 2
/** After that share of the time CRLs are fetched beside a responder that has not answered. */
const HEAD_START = 1 / 8
/** A revocation is asked about again after that: it may have been a hold. */
const REVOKED_MS = 3_600_000

export class Revocation {
  readonly #o: RevocationOptions
  readonly #answers: Evidence<Answer>
  readonly #crls: Evidence<Crl>

  constructor(o: RevocationOptions) {
    this.#o = o
    const common = { keeper: o.keeper, now: () => o.now(), most: () => o.terms().most }
    this.#answers = new Evidence({ ...common, older: undoes, fetched: (outcome) => o.fetched('ocsp', outcome) })
    this.#crls = new Evidence({ ...common, older, fetched: (outcome) => o.fetched('crl', outcome) })
  }

  /** What is kept in memory. */
  get figures(): { readonly answers: number; readonly crls: number; readonly bytes: number } {
    const [answers, crls] = [this.#answers.figures, this.#crls.figures]
    return { answers: answers.entries, crls: crls.entries, bytes: answers.bytes + crls.bytes }
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

  async #check({ path, others = [], staple, renew = false }: RevocationQuestion): Promise<Standing> {
    const dropped = (await this.#o.dropped()?.all()) ?? []
    // What is fetched for one may say something about the signer for another.
    const pool = new Set<Crl>(dropped)
    const ask = { others, renew, pool }
    const first = await Promise.all(
      path.slice(0, -1).map((_, i) => {
        return this.#standing({ ...ask, path: upFrom(path, i), staple: i === 0 ? staple : undefined })
      }),
    )
    const standings = await Promise.all(
      first.map(async (standing, i) => {
        if (standing.status !== 'unknown' || pool.size === 0) return standing
        const again = await this.#byCrls({ path: upFrom(path, i), pool, others })
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
    const faults: Unknown[] = []
    const decides = (standing: Standing): boolean => standing.status !== 'unknown' || faults.push(standing) === 0
    const byHand = await this.#byCrls(about)
    if (decides(byHand)) return byHand
    const { fetch, responder } = this.#o.terms()
    const responders = responder === undefined ? pointers.responders.filter(isHttp) : [responder]
    const stapled = this.#stapled(about.staple, asked)
    if (stapled && !about.renew) {
      // SECURITY: whoever has a stolen key staples an answer from before; what was heard since counts.
      const heard = responders.map((url) => this.#answers.known(placeOf(url, asked)))
      const since = 'from' in stapled ? stapled.from : -Infinity
      const revoked = heard.find((answer) => answer?.standing.status === 'revoked' && answer.from >= since)
      if (revoked) return revoked.standing
      if (decides(standingOf(stapled))) return standingOf(stapled)
    }
    if (fetch) {
      for (const standing of await this.#sought(about, asked, responders.slice(0, MOST_RESPONDERS)))
        if (decides(standing)) return standing
    }
    if (stapled && 'from' in stapled && stapled.standing.status === 'good') return stapled.standing
    const nowhere = responders.length === 0 && pointers.crls.length === 0
    const words = fetch
      ? 'it names neither a responder nor a CRL'
      : 'no CRL of its issuer is at hand, and nothing is fetched'
    const telling = faults.find(({ reason }) => reason !== 'SP-334')
    return telling ?? (nowhere || !fetch ? unknown(certificate, 'SP-334', words) : faults.at(-1)!)
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
    const answer = this.#askAll(responders, asked, about.renew)
    const headStart = pointers.crls.length > 0 ? this.#o.terms().timeoutMs * HEAD_START : undefined
    const early = await (headStart === undefined ? answer : soon(answer, headStart))
    if (early?.some(isKnown)) return early
    return firstKnown([answer, this.#lists(about, pointers)])
  }

  async #byCrls({ path, pool, others }: Pick<About, 'path' | 'pool' | 'others'>): Promise<Standing> {
    const crls = [...pool]
    await signaturesOf(crls, [...path.slice(1), ...others])
    return judgeFirst(path, crls, this.#o.now(), others)
  }

  /** What each responder says, up to the first that knows. */
  async #askAll(urls: readonly string[], asked: Asked, renew: boolean): Promise<readonly Standing[]> {
    const said: Standing[] = []
    for (const url of urls) {
      said.push(await this.#ask(url, asked, renew))
      if (said.some(isKnown)) break
    }
    return said
  }

  /** What the CRLs say once those that the certificate names are there, and why one is not. */
  async #lists(about: About, pointers: Pointers): Promise<readonly Standing[]> {
    const unfetched = await this.#fetchCrls(about, pointers)
    return [await this.#byCrls(about), ...(unfetched ? [unfetched] : [])]
  }

  /** One responder about one certificate. */
  async #ask(url: string, asked: Asked, renew: boolean): Promise<Standing> {
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
    })
    return understood.ok ? understood.value.standing : unknown(certificate, understood.reason, understood.detail)
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

  /** Puts the CRLs that a certificate names, and the deltas to them, into the pool. Gives back what went wrong, if anything. */
  async #fetchCrls(about: About, pointers: Pointers): Promise<Unknown | undefined> {
    const { pool, path } = about
    const points = pointers.crls.slice(0, MOST_POINTS)
    const fetched = await Promise.all(points.map((point) => this.#fetchPoint(point, 'whole', about)))
    const fresh = fetched.flatMap((one) => (one?.ok ? [one.value] : []))
    const deltas = [...pointers.freshest, ...fresh.flatMap(({ freshest }) => freshest)].slice(0, MOST_POINTS)
    const further = await Promise.all(deltas.map((point) => this.#fetchPoint(point, 'delta', about)))
    for (const crl of [...fresh, ...further.flatMap((one) => (one?.ok ? [one.value] : []))]) pool.add(crl)
    const failed = fetched.find((one) => one?.ok === false)
    return failed?.ok === false ? unknown(path[0], failed.reason, failed.detail) : undefined
  }

  /** The first place of a point that gives a CRL; undefined where it has none that can be reached. */
  async #fetchPoint(
    point: DistributionPoint,
    kind: Fetching['kind'],
    { path, others, renew }: About,
  ): Promise<Understood<Crl> | undefined> {
    let last: Understood<Crl> | undefined
    for (const url of point.uris.filter((uri) => isHttp(uri) || /^ldap:/i.test(uri)).slice(0, MOST_PLACES)) {
      const fetching = { url, point, kind, path, others }
      last = await this.#crls.get({
        place: placeOfCrl(fetching),
        renew,
        obtain: () => this.#o.obtain({ url, by: 'certificate', mostBytes: LARGEST_CRL_BYTES }),
        read: (octets) => this.#readCrl(octets, fetching),
      })
      if (last.ok) return last
    }
    return last
  }

  async #readCrl(octets: Buffer, fetching: Fetching): Promise<Understood<Crl>> {
    const crl = await this.#o.reader.read(octets)
    if (typeof crl === 'string') return { ok: false, reason: 'SP-341', detail: `${fetching.url}: ${crl}` }
    if (!('notNow' in crl)) return understoodCrl(crl, fetching, this.#o.now())
    const detail = `${fetching.url}: ${crl.detail}`
    return { ok: false, reason: 'SP-343', detail, passing: crl.notNow === 'busy' }
  }
}

/** The path from one of its certificates on. */
const upFrom = (path: readonly Certificate[], i: number): [Certificate, ...Certificate[]] => [
  path[i]!,
  ...path.slice(i + 1),
]

interface About {
  /** The certificate in question and those above it. */
  readonly path: readonly [Certificate, ...Certificate[]]
  readonly others: readonly Certificate[]
  readonly staple: Buffer | undefined
  readonly renew: boolean
  readonly pool: Set<Crl>
}

const isHttp = (uri: string): boolean => /^http:/i.test(uri)

/** Under which an answer is kept. */
const placeOf = (from: string, { issuer, certificate }: Asked): string =>
  `${from} ${issuer.fingerprint} ${certificate.fingerprint}`

const standingOf = (said: Answer | Unknown): Standing => ('from' in said ? said.standing : said)

/** SECURITY: what a responder said before a revocation of which we know does not undo it, whoever says it again. */
const undoes = (fresh: Answer, known: Answer): ReturnType<typeof older> =>
  known.standing.status === 'revoked' && fresh.standing.status === 'good' && fresh.from <= known.from
    ? {
        ok: false,
        reason: 'SP-336',
        detail: 'the answer is older than one which says that the certificate was revoked',
      }
    : undefined

const unknown = (certificate: Certificate, reason: ReasonId, detail: string): Unknown => ({
  status: 'unknown',
  reason,
  detail: `${subjectText(certificate)}: ${detail}`,
})
