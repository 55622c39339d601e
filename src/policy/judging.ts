// The checkpoint with its figures: how often each of its rules was asked, what it found, and what asking costs.
//
// Rule 1: it decides nothing. The same rules are asked in the same order, and the first finding decides.
// Rule 2: next to nothing is paid for it: rules are asked from the first on, so a count for all of them says how often each
//         was, and only one judgement in EVERY is timed.

import { decide, decisionOf, PAIR_RULES, passed, RULES, STANZA_RULES, type Decision } from './checkpoint.ts'
import type { Facts, StanzaFacts } from './facts.ts'
import type { Finding, Rule } from './rule.ts'
import { averageNs } from './whom/counts.ts'

/** Of so many judgements one is timed. */
export const EVERY = 1000

/** The figures of one rule of the checkpoint. */
export interface BuiltInFigures {
  readonly rule: Rule<Facts>
  /** How many stanzas it was asked about; those that look like the last one of the same way are not asked about again. */
  readonly asked: number
  /** How many it refused, or ended the stream of. */
  readonly refused: number
  /** Nanoseconds that asking it takes; undefined: no judgement was timed yet. */
  readonly costNs: number | undefined
  /** When it refused last, Unix time in milliseconds. */
  readonly lastAt: number | undefined
}

interface Count {
  /** By which it decided, and what it found where a stanza was then asked about from the first rule on. */
  refused: number
  found: number
  timed: number
  spentNs: number
  lastAt: number | undefined
}

export class Judging {
  readonly #stopwatch: () => bigint
  readonly #counts: readonly Count[] = RULES.map(() => ({
    ...{ refused: 0, found: 0, timed: 0, spentNs: 0 },
    lastAt: undefined,
  }))
  /** Judgements by all rules, and by those about stanzas alone. */
  #whole = 0
  #short = 0

  /** @param stopwatch nanoseconds */
  constructor(stopwatch: () => bigint = () => 0n) {
    this.#stopwatch = stopwatch
  }

  /** Decides about one stanza. */
  decide(facts: Facts): Decision {
    this.#whole += 1
    const decision = this.#isDue() ? this.#timed(facts) : decide(facts)
    if (decision.verdict !== 'pass') {
      const count = this.#counts[RULES.findIndex(({ id }) => id === decision.rule)]!
      count.refused += 1
      count.lastAt = facts.at
    }
    return decision
  }

  /** Have the rules about stanzas nothing against this one? Where they have, it is decided about by all. */
  admits(facts: StanzaFacts): boolean {
    this.#short += 1
    const isDue = this.#isDue()
    for (let place = 0; place < STANZA_RULES.length; place++) {
      const rule = STANZA_RULES[place]!
      const finding = isDue ? this.#time(rule, facts, PAIR_RULES.length + place) : rule.find(facts)
      if (finding === undefined) continue
      this.#counts[PAIR_RULES.length + place]!.found += 1
      return false
    }
    return true
  }

  /** Of every rule, in the order in which they are asked. */
  figures(): readonly BuiltInFigures[] {
    let asked = this.#whole
    return RULES.map((rule, place) => {
      const { refused, found, timed, spentNs, lastAt } = this.#counts[place]!
      if (place === PAIR_RULES.length) asked += this.#short
      const figures = { rule, asked, refused, costNs: averageNs(spentNs, timed), lastAt }
      asked -= refused + found
      return figures
    })
  }

  #isDue(): boolean {
    return (this.#whole + this.#short) % EVERY === 0
  }

  #timed(facts: Facts): Decision {
    for (const [place, rule] of RULES.entries()) {
      const finding = this.#time(rule, facts, place)
      if (finding !== undefined) return decisionOf(rule, finding)
    }
    return passed(facts)
  }

  /** Asks one rule, less what looking at the stopwatch takes. */
  #time<Judged>(rule: Rule<Judged>, facts: Judged, place: number): Finding | undefined {
    const [before, begun] = [this.#stopwatch(), this.#stopwatch()]
    const finding = rule.find(facts)
    const spent = this.#stopwatch() - begun - (begun - before)
    const count = this.#counts[place]!
    count.timed += 1
    count.spentNs += Math.max(0, Number(spent))
    return finding
  }
}

/** For whoever has no use for figures. */
export const UNCOUNTED = new Judging()
