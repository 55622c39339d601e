// The allowances of all queues: one for everything, and within it one for each partner, whatever its domains and on both
// legs. So a partner that floods us, or that nobody can reach, takes the room of no other.
//
// Rule: a partner is here only while it has links or something waits, so that names that come and go leave nothing.

import type { Limits } from '../config/limits.ts'
import { Budget, type Allowance } from './budget.ts'

export interface PartnerUse extends Allowance {
  readonly partner: string
}

export class Budgets {
  readonly all: Budget
  readonly #limits: () => Limits
  readonly #partners = new Map<string, Budget>()

  /** `limits`: asked each time, since settings change. */
  constructor(limits: () => Limits) {
    this.#limits = limits
    const allowed = (): Allowance => ({ stanzas: limits().queuesStanzas, bytes: limits().queuesBytes })
    this.all = new Budget(allowed, 'SP-628')
  }

  /** The allowance of a partner, by the domain of its entry. */
  of(partner: string): Budget {
    const known = this.#partners.get(partner)
    if (known) return known
    const allowed = (): Allowance => ({
      stanzas: this.#limits().partnerQueueStanzas,
      bytes: this.#limits().partnerQueueBytes,
    })
    const budget = new Budget(allowed, 'SP-627', this.all)
    this.#partners.set(partner, budget)
    return budget
  }

  /** What waits for whom, where anything does. */
  get use(): readonly PartnerUse[] {
    return [...this.#partners].flatMap(([partner, { used }]) => (used.stanzas > 0 ? [{ partner, ...used }] : []))
  }

  /** Forgets the partners that have nothing waiting and none of the links that are left. */
  sweep(left: ReadonlySet<Budget>): void {
    for (const [partner, budget] of this.#partners) {
      if (budget.used.stanzas === 0 && !left.has(budget)) this.#partners.delete(partner)
    }
  }
}
