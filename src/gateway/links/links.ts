// All links, by leg and domain pair: one for each, however many stanzas ask at once, and bounded in number.
//
// Rule: a new link for a pair does not connect before the connection of the old one is gone, so that order holds.

import type { Pair } from '../../stream/types.ts'
import type { Leg } from '../leg.ts'
import type { Link } from './link.ts'
import { PairMap } from '../pair-map.ts'

export class Links {
  readonly #links: Readonly<Record<Leg, PairMap<Link>>> = { core: new PairMap(), partner: new PairMap() }
  readonly #limit: () => number
  /** Links that were forgotten while they had a connection, until it is gone. */
  readonly #leaving = new Map<string, Promise<void>>()
  readonly #make: (leg: Leg, pair: Pair, after: Promise<void> | undefined) => Link
  readonly #retire: (link: Link) => void
  #closed = false

  /**
   * @param limit how many links may exist, asked each time; beyond it the least recently used quiet one gives way
   * @param make makes a link, which must not connect before `after`
   * @param retire closes a link that has to give way
   */
  constructor(
    limit: () => number,
    make: (leg: Leg, pair: Pair, after: Promise<void> | undefined) => Link,
    retire: (link: Link) => void,
  ) {
    this.#limit = limit
    this.#make = make
    this.#retire = retire
  }

  get size(): number {
    return this.#links.core.size + this.#links.partner.size
  }

  /** The link for a pair, made when it is first asked for; undefined when all places are taken by links in use, or after `close`. */
  get(leg: Leg, local: string, remote: string): Link | undefined {
    const known = this.#links[leg].get(local, remote)
    if (known) return known
    if (this.#closed || (this.size >= this.#limit() && !this.#evict())) return undefined
    const pair = { local, remote }
    const link = this.#make(leg, pair, this.#leaving.get(keyOf(leg, pair)))
    this.#links[leg].set(local, remote, link)
    return link
  }

  /** The link for a pair, if there is one. */
  known(leg: Leg, { local, remote }: Pair): Link | undefined {
    return this.#links[leg].get(local, remote)
  }

  *all(): Iterable<Link> {
    yield* this.#links.core.values()
    yield* this.#links.partner.values()
  }

  /** Forgets links that were idle since `before` (ms); returns how many. */
  sweep(before: number): number {
    let forgotten = 0
    for (const link of this.all()) {
      if (!link.idle || link.usedAt >= before) continue
      this.#delete(link)
      forgotten += 1
    }
    return forgotten
  }

  /** Forgets one link, which its caller has closed. */
  forget(link: Link): void {
    if (this.known(link.leg, link.pair) !== link) return
    this.#delete(link)
    if (!link.quiet) void this.#await(keyOf(link.leg, link.pair), link.quieted())
  }

  /** Makes no link any more. */
  close(): void {
    this.#closed = true
  }

  /** After `close`: forgets those there were, which its caller has closed, and makes links again. */
  reopen(): void {
    if (!this.#closed) return
    this.#closed = false
    for (const link of this.all()) this.forget(link)
  }

  /** The links that do something still, and those that were forgotten meanwhile: each resolves when it is quiet. */
  busy(): readonly Promise<void>[] {
    const busy = [...this.all()].filter((link) => !link.quiet)
    return [...this.#leaving.values(), ...busy.map((link) => link.quieted())]
  }

  #delete({ leg, pair }: Link): void {
    this.#links[leg].delete(pair.local, pair.remote)
  }

  async #await(key: string, gone: Promise<void>): Promise<void> {
    this.#leaving.set(key, gone)
    await gone
    if (this.#leaving.get(key) === gone) this.#leaving.delete(key)
  }

  #evict(): boolean {
    let oldest: Link | undefined
    for (const link of this.all()) {
      if (link.quiet && (!oldest || link.usedAt < oldest.usedAt)) oldest = link
    }
    if (!oldest) return false
    this.#retire(oldest)
    this.forget(oldest)
    return true
  }
}

const keyOf = (leg: Leg, { local, remote }: Pair): string => `${leg} ${local} ${remote}`
