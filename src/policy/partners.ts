// The partner list, ready to be asked once per stanza: which entry a domain stands under. Built anew when the list
// changes, never changed itself.
//
// The exact name wins over a wildcard, a longer wildcard over a shorter one, and of two entries that claim the same
// name (configuration refuses that) the first. Domains are canonical: A-labels in lower case.

import type { Partner } from './partner.ts'

const DAY_MS = 86_400_000

/** What rules need to know of a partner's entry: plain data, kept with each decision. */
export interface PartnerTerms {
  /** The domain the entry is named after, not the one that was asked for. */
  readonly domain: string
  readonly status: Partner['status']
  readonly class: Partner['class']
  readonly direction: Partner['direction']
  /** Unix time in milliseconds from which on the entry admits nothing; undefined: it does not end. */
  readonly endsAt: number | undefined
}

export class PartnerList {
  readonly all: readonly Partner[]
  readonly #exact = new Map<string, Entry>()
  /** By the domain below which the entry matches: `labs.example` for `*.labs.example`. */
  readonly #below = new Map<string, Entry>()

  constructor(partners: readonly Partner[]) {
    this.all = partners
    for (const partner of partners) {
      const entry = { partner, terms: termsOf(partner) }
      for (const name of [partner.domain, ...partner.alsoKnownAs]) {
        if (name.startsWith('*.')) addFirst(this.#below, name.slice(2), entry)
        else addFirst(this.#exact, name, entry)
      }
    }
  }

  /** Every name that stands in the list as it is: no wildcards. */
  exactNames(): Iterable<string> {
    return this.#exact.keys()
  }

  /** The entry a domain stands under. */
  find(domain: string): Partner | undefined {
    return this.#entry(domain)?.partner
  }

  /** The terms of the entry a domain stands under; one object per entry, so it may be kept. */
  terms(domain: string): PartnerTerms | undefined {
    return this.#entry(domain)?.terms
  }

  #entry(domain: string): Entry | undefined {
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
  readonly terms: PartnerTerms
}

/** The terms of an entry. An `expires` that is no date admits nothing: a mistake must not open the gate. */
export function termsOf(partner: Partner): PartnerTerms {
  const { domain, status, direction, expires } = partner
  return { domain, status, class: partner.class, direction, endsAt: expires === undefined ? undefined : endOf(expires) }
}

// The entry holds through its last day, in UTC.
function endOf(day: string): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(start) ? 0 : start + DAY_MS
}

function addFirst(map: Map<string, Entry>, name: string, entry: Entry): void {
  if (!map.has(name)) map.set(name, entry)
}
