// What walls and rules said when they decided something, so that `why` can tell it when they have long been written otherwise.
// Decisions carry the version of the wording; each wording is kept once, when the first decision with it is written down.
//
// Rule: bounded, in the store and here. No trouble of the store stops anything: it is told, and tried again.

import type { Facts } from '../policy/facts.ts'
import type { Clause, Standing } from '../policy/whom/clause.ts'
import { StoreError, type KeptWording, type RuleWordingStore } from '../store/store.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

const MOST = 5000

export interface RuleWordingsOptions {
  readonly store: RuleWordingStore
  /** The store could not keep something. */
  failed(reason: ReasonId): void
}

export class RuleWordings {
  readonly #o: RuleWordingsOptions
  /** Versions that are kept. */
  readonly #known = new Set<string>()

  constructor(options: RuleWordingsOptions) {
    this.#o = options
  }

  /** A decision from these facts is written down. Never throws. */
  noticed({ whom, authors, at }: Pick<Facts, 'whom' | 'authors' | 'at'>): void {
    this.#standing(whom, at)
    for (const author of authors ?? []) this.#standing(author.whom, at)
  }

  /** @throws StoreError */
  of(version: string): KeptWording | undefined {
    return this.#o.store.ruleWording(version)
  }

  #standing(whom: Standing | undefined, at: number): void {
    if (whom === undefined) return
    this.#clause(whom.decides, at)
    for (const clause of whom.reports) this.#clause(clause, at)
  }

  #clause({ name, place, says }: Clause, at: number): void {
    if (says === undefined || this.#known.has(says.version)) return
    try {
      // One that went is kept again when it decides again.
      if (this.#o.store.keepRuleWording({ ...says, name, place, at }, MOST)) this.#known.clear()
      this.#known.add(says.version)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#o.failed(error.reason)
    }
  }
}
