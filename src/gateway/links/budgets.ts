// The allowances of all links: one for everything, and within it one for each partner, whatever its domains and on both
// legs. So a partner that floods us, or that nobody can reach, takes the room of no other.
//
// Rule: a partner is here only while it has links or something is under way, so that names that come and go leave nothing.

import type { Limits } from '../../config/limits.ts'
import { Budget, type Allowance } from './budget.ts'

export interface PartnerUse extends Allowance {
  readonly partner: string
}

export interface PartnerBytes {
  readonly partner: string
  readonly bytes: number
}

export class Budgets {
  readonly all: Budget
  readonly #ofAll = { stanzas: 0, bytes: 0 }
  readonly #ofEach = { stanzas: 0, bytes: 0 }
  readonly #partners = new Map<string, Budget>()

  constructor(limits: Limits) {
    this.all = new Budget(this.#ofAll, 'SP-628')
    this.apply(limits)
  }

  /** These limits hold from now on, for what there is too. */
  apply({ queuesStanzas, queuesBytes, partnerQueueStanzas, partnerQueueBytes }: Limits): void {
    Object.assign(this.#ofAll, { stanzas: queuesStanzas, bytes: queuesBytes })
    Object.assign(this.#ofEach, { stanzas: partnerQueueStanzas, bytes: partnerQueueBytes })
  }

  /** The allowance of a partner, by the domain of its entry. */
  of(partner: string): Budget {
    const known = this.#partners.get(partner)
    if (known) return known
    const budget = new Budget(this.#ofEach, 'SP-627', this.all)
    this.#partners.set(partner, budget)
    return budget
  }

  /** What waits for whom, where anything does. */
  get use(): readonly PartnerUse[] {
    return [...this.#partners].flatMap(([partner, { used }]) => (used.stanzas > 0 ? [{ partner, ...used }] : []))
  }

  /** Bytes under way for whom, where there are any. */
  get underWay(): readonly PartnerBytes[] {
    return [...this.#partners].flatMap(([partner, { underWay }]) =>
      underWay > 0 ? [{ partner, bytes: underWay }] : [],
    )
  }

  /** Forgets the partners that have nothing under way and none of the links that are left. */
  sweep(left: ReadonlySet<Budget>): void {
    for (const [partner, budget] of this.#partners) {
      if (budget.underWay === 0 && !left.has(budget)) this.#partners.delete(partner)
    }
  }
}
