// How often each wall and each rule was asked, and what came of it: for whoever wants to know which do any work. Handed on
// from one state of the settings to the next, so that a change of one rule is not the end of what is known of the others.

/** The figures of one rule. */
export interface RuleFigures {
  /** How many pairs of a user and a partner it was held against, anew. */
  readonly asked: number
  /** How many stanzas it decided, and how many of them it refused. */
  readonly matched: number
  readonly refused: number
  /** How many it would have refused, had it been asked for more than a report. */
  readonly reported: number
  /** Nanoseconds that it took to ask it. */
  readonly spentNs: number
  /** When it matched last, Unix time in milliseconds. */
  readonly lastAt: number | undefined
}

export class RuleCount implements RuleFigures {
  asked = 0
  matched = 0
  refused = 0
  reported = 0
  spentNs = 0
  lastAt: number | undefined = undefined
}

export class RuleCounts {
  readonly #all = new Map<string, RuleCount>()

  /** The count of a rule by its name; there are as many as rules. */
  of(name: string): RuleCount {
    let count = this.#all.get(name)
    if (count === undefined) this.#all.set(name, (count = new RuleCount()))
    return count
  }

  /** Forgets those that there are no rules of these names for. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#all.keys()) if (!names.has(name)) this.#all.delete(name)
  }
}
