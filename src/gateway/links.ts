// All links, by leg and domain pair: one for each, however many stanzas ask at once, and bounded in number.

import type { Pair } from '../stream/types.ts'
import type { Leg } from './control.ts'
import type { Link } from './link.ts'

export class Links {
  readonly #links = new Map<string, Link>()
  readonly #limit: () => number
  readonly #make: (leg: Leg, pair: Pair) => Link
  readonly #retire: (link: Link) => void

  /**
   * @param limit how many links may exist, asked each time; beyond it the least recently used quiet one gives way
   * @param make makes a link
   * @param retire closes a link that has to give way
   */
  constructor(limit: () => number, make: (leg: Leg, pair: Pair) => Link, retire: (link: Link) => void) {
    this.#limit = limit
    this.#make = make
    this.#retire = retire
  }

  get size(): number {
    return this.#links.size
  }

  /** The link for a pair, made when it is first asked for; undefined when all places are taken by links in use. */
  get(leg: Leg, local: string, remote: string): Link | undefined {
    const key = `${leg} ${local} ${remote}`
    const known = this.#links.get(key)
    if (known) return known
    if (this.#links.size >= this.#limit() && !this.#evict()) return undefined
    const link = this.#make(leg, { local, remote })
    this.#links.set(key, link)
    return link
  }

  all(): Iterable<Link> {
    return this.#links.values()
  }

  /** Forgets links that were idle since `before` (ms); returns how many. */
  sweep(before: number): number {
    let forgotten = 0
    for (const [key, link] of this.#links) {
      if (!link.idle || link.usedAt >= before) continue
      this.#links.delete(key)
      forgotten += 1
    }
    return forgotten
  }

  /** Forgets one link, which its caller has closed. */
  forget(link: Link): void {
    const key = `${link.leg} ${link.pair.local} ${link.pair.remote}`
    if (this.#links.get(key) === link) this.#links.delete(key)
  }

  #evict(): boolean {
    let oldest: Link | undefined
    for (const link of this.#links.values()) {
      if (link.quiet && (!oldest || link.usedAt < oldest.usedAt)) oldest = link
    }
    if (!oldest) return false
    this.forget(oldest)
    this.#retire(oldest)
    return true
  }
}
