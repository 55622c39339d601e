// The pairs of domains that one stream carries stanzas for. Each was authorised alone.
//
// Rule: a certificate proves a name to whomever it is shown, so it counts towards all domains of our side. Dialback proves
//       that a server wants to speak to one of them, and counts for that pair only (XEP-0220 §2.1.1).

import type { ProvenPair } from '../stream/types.ts'

export class ProvenPairs {
  readonly #all: ProvenPair[]
  /** Names by the domain of our side that they may speak to; worked out once for each. */
  readonly #towards = new Map<string | undefined, readonly string[]>()

  constructor(first: ProvenPair) {
    const { pair, method, certificate } = first
    this.#all = [{ pair, method, certificate }]
  }

  get all(): readonly ProvenPair[] {
    return this.#all
  }

  add(proven: ProvenPair): void {
    this.#all.push(proven)
    this.#towards.clear()
  }

  /** The remote names that may speak to this domain of our side; undefined: to one that cannot be read. */
  towards(local: string | undefined): readonly string[] {
    // What a peer asks for is its own choice, and must not fill the map.
    const asked = this.#all.some(({ pair }) => pair.local === local) ? local : undefined
    const known = this.#towards.get(asked)
    if (known) return known
    const names = this.#all
      .filter(({ pair, method }) => method === 'certificate' || pair.local === asked)
      .map(({ pair }) => pair.remote)
    const distinct = [...new Set(names)]
    this.#towards.set(asked, distinct)
    return distinct
  }
}
