// How domains outside have to be met for their conduct, as a gateway has left it in the store.

import type { ConductState } from '../policy/conduct/conduct.ts'
import { Conducts, type KnownConduct } from '../policy/conduct/conducts.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import type { PartnerList, PartnerTerms } from '../policy/partners.ts'

export class KeptConduct {
  readonly #conducts = new Conducts()
  readonly #partners: PartnerList

  constructor(kept: readonly KnownConduct[], partners: PartnerList, now: number) {
    this.#partners = partners
    this.#conducts.recall(kept, now)
  }

  readonly conduct = (domain: string, terms: PartnerTerms | undefined): ConductState => {
    return this.#conducts.of(domain, standingOf(domain, terms, this.#partners), terms !== undefined)
  }

  /** Why it is so. */
  readonly conductWords = (domain: string, terms: PartnerTerms | undefined): string | undefined => {
    return this.#conducts.words(domain, standingOf(domain, terms, this.#partners), terms !== undefined)
  }
}
