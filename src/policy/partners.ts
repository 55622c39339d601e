// The partner list, ready to be asked once per stanza: which entry a domain stands under, and by which of its names.
// Built anew when the list changes, never changed itself. Domains are canonical: A-labels in lower case.
//
// Precedence, from what decides first:
//   1. A name that is written out (`domain`, or one of `alsoKnownAs`) over every wildcard: what somebody wrote about just
//      this domain is what they meant for it, blocked or allowed.
//   2. Of two entries that claim the very same name, the blocked one. (Of others the first; configuration refuses those.)
//   3. Without the name itself, the longest wildcard, blocked or allowed.

import type { Partner } from './partner.ts'
import { type Shown, type ShownByClass, shownTo, shownToStrangers } from './shown.ts'

const DAY_MS = 86_400_000

/** What rules need to know of a partner's entry: plain data, kept with each decision. */
export interface PartnerTerms {
  /** The domain the entry is named after, not the one that was asked for. */
  readonly domain: string
  /** The name of the entry that decided: the domain that was asked for, or a wildcard that takes it in. */
  readonly matched: string
  readonly status: Partner['status']
  /** It admits nothing before settings are in force that came with it. */
  readonly waits?: true | undefined
  readonly class: Partner['class']
  readonly direction: Partner['direction']
  readonly tags: Partner['tags']
  /** The domain that was asked for is served by the entry's, under decorated names; absent: it speaks for itself. */
  readonly behind?: true
  /** The named policy that holds for it. */
  readonly policy: string
  /** What it is shown of our users; absent: all there is. */
  readonly shown?: Shown
  /** Unix time in milliseconds from which on the entry admits nothing; undefined: it does not end. */
  readonly endsAt: number | undefined
}

export class PartnerList {
  readonly all: readonly Partner[]
  /** What who stands in no entry is shown of our users. */
  readonly #strangers: Shown
  readonly #shown: ShownByClass
  /** Does any of them say how many organisations there may be in a room? */
  readonly countsOrganisations: boolean
  /** Does any of them serve other domains, be those blocked or not? */
  readonly decorates: boolean
  readonly #exact = new Map<string, Entry>()
  /** Domains that are served by another one, and that one. */
  readonly #behind = new Map<string, string>()
  /** By the domain below which the entry matches: `labs.example` for `*.labs.example`. */
  readonly #below = new Map<string, Entry>()
  /** Whom somebody asked for last: of one domain a dozen things are asked one after the other. */
  #last: { readonly domain: string; readonly entry: Entry | undefined } | undefined

  /** @param shown what classes are shown of our users */
  constructor(partners: readonly Partner[], shown: ShownByClass = {}) {
    this.all = partners
    this.#strangers = shownToStrangers(shown)
    this.#shown = shown
    this.countsOrganisations = partners.some(({ rooms }) => rooms?.organisations !== undefined)
    this.decorates = partners.some(({ decorates = [] }) => decorates.length > 0)
    for (const partner of partners) {
      this.#put(partner, partner.domain)
      for (const name of partner.alsoKnownAs) this.#put(partner, name)
      for (const name of partner.decorates ?? []) this.#put(partner, name)
    }
    for (const partner of partners)
      for (const name of partner.decorates ?? [])
        if (this.#exact.get(name)?.partner === partner) this.#behind.set(name, partner.domain)
  }

  /** The domain by which this one is served, where that is another one. */
  behind(domain: string): string | undefined {
    return this.#behind.get(domain)
  }

  /** Does a domain serve others? One that is served does not. */
  serves(domain: string): boolean {
    return this.decorates && !this.#behind.has(domain) && (this.#exact.get(domain)?.partner.decorates?.length ?? 0) > 0
  }

  /** Every name that stands in the list as it is: no wildcards. */
  exactNames(): Iterable<string> {
    return this.#exact.keys()
  }

  /** The entry a domain stands under. */
  find(domain: string): Partner | undefined {
    return this.#entry(domain)?.partner
  }

  /** The terms of the entry a domain stands under; one object for each name of an entry, so it may be kept. */
  terms(domain: string): PartnerTerms | undefined {
    const entry = this.#entry(domain)
    if (entry === undefined) return undefined
    // Most entries of a long list are asked for by nobody before there is another list.
    return (entry.terms ??= termsOf(entry.partner, entry.name, this.#shown))
  }

  /** What whoever is under these terms, or none, is shown of our users; undefined: all there is. */
  shownUnder(terms: PartnerTerms | undefined): Shown | undefined {
    return terms === undefined ? this.#strangers : terms.shown
  }

  #put(partner: Partner, name: string): void {
    const entry = { partner, name, terms: undefined }
    if (name.startsWith('*.')) put(this.#below, name.slice(2), entry)
    else put(this.#exact, name, entry)
  }

  #entry(domain: string): Entry | undefined {
    if (this.#last?.domain !== domain) this.#last = { domain, entry: this.#lookUp(domain) }
    return this.#last.entry
  }

  #lookUp(domain: string): Entry | undefined {
    const exact = this.#exact.get(domain)
    if (exact !== undefined || this.#below.size === 0) return exact
    for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
      const entry = this.#below.get(domain.slice(dot + 1))
      if (entry !== undefined) return entry
    }
    return undefined
  }
}

interface Entry {
  readonly partner: Partner
  readonly name: string
  terms: PartnerTerms | undefined
}

/** The terms of an entry, found by one of its names. An `expires` that is no date admits nothing: a mistake must not open the gate. */
export function termsOf(partner: Partner, matched: string = partner.domain, byClass: ShownByClass = {}): PartnerTerms {
  const { domain, status, waits, direction, tags, policy, expires } = partner
  const endsAt = expires === undefined ? undefined : endOf(expires)
  const shown = shownTo(partner, byClass)
  const terms = { domain, matched, status, class: partner.class, direction, tags, policy, endsAt }
  const behind = partner.decorates?.includes(matched) === true
  return { ...terms, ...(behind && { behind }), ...(waits && { waits }), ...(shown && { shown }) }
}

/** The moment at which a day is over, in UTC; 0 for what is no day. */
export function endOf(day: string): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(start) ? 0 : start + DAY_MS
}

/** SECURITY: a block is not undone by what another entry says of the same name. */
function put(map: Map<string, Entry>, name: string, entry: Entry): void {
  const known = map.get(name)
  const isStricter = known?.partner.status !== 'blocked' && entry.partner.status === 'blocked'
  if (known === undefined || isStricter) map.set(name, entry)
}
