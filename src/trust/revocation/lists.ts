// The CRLs that certificates name: fetched and kept, and what is at hand of them.
//
// Rule 1: only so many points and places of a certificate are looked at, whatever it names.
// Rule 2: whoever asks under a stricter profile than another gets what is kept, and asks for it anew where it is signed too
//         weakly for that.
// Rule 3: what lies at one place is fetched once at a time, whatever it is asked for as: the list of users and that of CAs may
//         be one.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Certificate } from '../certificate.ts'
import type { Profile } from '../profiles/profile.ts'
import { STANDARD } from '../profiles/standard.ts'
import type { CrlReader } from './crl-reader.ts'
import { signerFault } from './crl-signer.ts'
import { LARGEST_CRL_BYTES } from './crl.ts'
import type { Crl } from './crl.ts'
import { Evidence } from './evidence.ts'
import type { EvidenceOptions, Question, Understood } from './evidence.ts'
import type { Fetch, Fetched } from './fetch.ts'
import { older, placeOfCrl, understoodCrl } from './fetched-crl.ts'
import type { Fetching } from './fetched-crl.ts'
import type { DistributionPoint, Pointers } from './pointers.ts'

export interface ListsOptions extends Pick<EvidenceOptions<Crl>, 'keeper' | 'now' | 'most'> {
  readonly obtain: Fetch
  readonly reader: Pick<CrlReader, 'read'>
  /** Hears how each fetch ended. */
  fetched(outcome: 'ok' | ReasonId): void
}

/** For whom CRLs are looked for. */
export interface Sought {
  /** The certificate in question and those above it. */
  readonly path: readonly [Certificate, ...Certificate[]]
  /** Further certificates, among which signers of CRLs may be. */
  readonly others: readonly Certificate[]
  readonly profile: Profile
  readonly renew: boolean
}

/** What was found, and why one was not. */
export interface Found {
  readonly crls: readonly Crl[]
  readonly failed: Extract<Understood<Crl>, { readonly ok: false }> | undefined
}

/** Points looked at, and places tried for each. */
const MOST_POINTS = 4
const MOST_PLACES = 2

export class Lists {
  readonly #o: ListsOptions
  readonly #crls: Evidence<Crl>
  /** Fetches under way, by URL; no more than are asked of `Evidence`. */
  readonly #fetching = new Map<string, Promise<Fetched>>()

  constructor(o: ListsOptions) {
    this.#o = o
    this.#crls = new Evidence({ ...o, older })
  }

  get figures(): { readonly entries: number; readonly bytes: number } {
    return this.#crls.figures
  }

  /** The CRLs that a certificate names, and the deltas to them. Never rejects. */
  async obtain(sought: Sought, pointers: Pointers): Promise<Found> {
    return gather(pointers, async (point, kind) => {
      let last: Understood<Crl> | undefined
      for (const question of this.#questions(point, kind, sought)) {
        last = await this.#crls.get(question)
        if (last.ok) return last
      }
      return last
    })
  }

  /** What is at hand of them; nobody is asked. */
  async atHand(sought: Sought, pointers: Pointers): Promise<readonly Crl[]> {
    const { crls } = await gather(pointers, async (point, kind) => {
      for (const question of this.#questions(point, kind, sought)) {
        const held = await this.#crls.held(question)
        if (held) return held
      }
      return undefined
    })
    return crls
  }

  /** One for each place of a point that can be reached. */
  #questions(point: DistributionPoint, kind: Fetching['kind'], sought: Sought): readonly Question<Crl>[] {
    const { path, others, profile, renew } = sought
    const urls = point.uris.filter((uri) => /^(?:http|ldap):/i.test(uri)).slice(0, MOST_PLACES)
    return urls.map((url) => {
      const fetching = { url, point, kind, path, others }
      return {
        place: placeOfCrl(fetching),
        renew,
        obtain: () => this.#octetsAt(url),
        read: (octets) => this.#read(octets, fetching),
        // What is kept is good enough for `standard`.
        fits: async (crl) =>
          profile === STANDARD || (await signerFault(crl, { path, others, profile, at: this.#o.now() })) === undefined,
      }
    })
  }

  #octetsAt(url: string): Promise<Fetched> {
    const known = this.#fetching.get(url)
    if (known) return known
    const fetching = this.#o
      .obtain({ url, by: 'certificate', mostBytes: LARGEST_CRL_BYTES })
      .finally(() => this.#fetching.delete(url))
    this.#fetching.set(url, fetching)
    return fetching
  }

  async #read(octets: Buffer, fetching: Fetching): Promise<Understood<Crl>> {
    const crl = await this.#o.reader.read(octets)
    if (typeof crl === 'string') return { ok: false, reason: 'SP-341', detail: `${fetching.url}: ${crl}` }
    if (!('notNow' in crl)) return understoodCrl(crl, fetching, this.#o.now())
    const detail = `${fetching.url}: ${crl.detail}`
    return { ok: false, reason: 'SP-343', detail, passing: crl.notNow === 'busy' }
  }
}

/** @param find the CRL of a point; undefined where it has no place that can be reached */
async function gather(
  pointers: Pointers,
  find: (point: DistributionPoint, kind: Fetching['kind']) => Promise<Understood<Crl> | undefined>,
): Promise<Found> {
  const whole = await Promise.all(pointers.crls.slice(0, MOST_POINTS).map((point) => find(point, 'whole')))
  const lists = found(whole)
  const points = [...pointers.freshest, ...lists.flatMap(({ freshest }) => freshest)].slice(0, MOST_POINTS)
  const deltas = found(await Promise.all(points.map((point) => find(point, 'delta'))))
  return { crls: [...lists, ...deltas], failed: whole.find((one) => one?.ok === false) }
}

const found = (all: readonly (Understood<Crl> | undefined)[]): readonly Crl[] =>
  all.flatMap((one) => (one?.ok ? [one.value] : []))
