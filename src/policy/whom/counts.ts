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
  /** Nanoseconds that asking it takes; undefined: it was not timed yet. */
  readonly costNs: number | undefined
  /** When it matched last, Unix time in milliseconds. */
  readonly lastAt: number | undefined
}

export class RuleCount implements RuleFigures {
  asked = 0
  matched = 0
  refused = 0
  reported = 0
  /** How often it was timed, and the nanoseconds of these. */
  timed = 0
  spentNs = 0
  lastAt: number | undefined = undefined

  get costNs(): number | undefined {
    return averageNs(this.spentNs, this.timed)
  }
}

export const averageNs = (spentNs: number, timed: number): number | undefined =>
  timed === 0 ? undefined : spentNs / timed

/** Of so many pairs of a user and a partner one is timed. */
const EVERY_PAIR = 8

export class RuleCounts {
  readonly #all = new Map<string, RuleCount>()
  readonly #stopwatch: () => bigint
  #pairs = 0

  /** @param stopwatch nanoseconds */
  constructor(stopwatch: () => bigint = () => 0n) {
    this.#stopwatch = stopwatch
  }

  /** Is it timed what asking about the next pair takes? */
  isDue(): boolean {
    this.#pairs += 1
    return this.#pairs % EVERY_PAIR === 0
  }

  /** Asks, and counts what that took. */
  time<Answer>(count: RuleCount, ask: () => Answer): Answer {
    const begun = this.#stopwatch()
    const answer = ask()
    count.spentNs += Number(this.#stopwatch() - begun)
    count.timed += 1
    return answer
  }

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
