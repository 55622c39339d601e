// Every stream that is up, by leg and pair, and by who may send on it.

import type { Stream } from '../net/stream.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import type { PartnerList } from '../policy/partners.ts'
import type { Pair } from '../stream/types.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { House } from './house.ts'

export class Streams {
  readonly #all = new Set<Stream>()
  /** Those on which the peer sends. */
  readonly #heard = new Map<string, Set<Stream>>()

  add(stream: Stream): void {
    this.#all.add(stream)
    for (const { pair } of stream.proven) this.extend(stream, pair)
  }

  /** A stream that is up carries stanzas for a further pair. */
  extend(stream: Stream, pair: Pair): void {
    if (!isHeard(stream)) return
    const key = keyOf(stream.info.leg, pair)
    const known = this.#heard.get(key)
    if (known) known.add(stream)
    else this.#heard.set(key, new Set([stream]))
  }

  delete(stream: Stream): void {
    this.#all.delete(stream)
    for (const { pair } of stream.proven) {
      const key = keyOf(stream.info.leg, pair)
      const known = this.#heard.get(key)
      if (known?.delete(stream) && known.size === 0) this.#heard.delete(key)
    }
  }

  get size(): number {
    return this.#all.size
  }

  all(): Iterable<Stream> {
    return this.#all
  }

  /** The streams that a peer opened to us for a pair. */
  *receiving(leg: string, pair: Pair): Iterable<Stream> {
    for (const stream of this.heardFrom(leg, pair)) if (stream.info.role === 'receiving') yield stream
  }

  /**
   * Those of them that we may send on, the newest first, for it follows those before it: for the pair that they became ready
   * for, not for further ones. XEP-0288
   */
  *adoptable(leg: string, pair: Pair): Iterable<Stream> {
    for (const stream of [...this.receiving(leg, pair)].toReversed()) {
      if (stream.info.bidi && stream.info.pair.remote === pair.remote && stream.info.pair.local === pair.local)
        yield stream
    }
  }

  /** How many stanzas came back for a stream that we may send on; undefined when there is no way back. */
  heard({ info }: Stream): number | undefined {
    let count: number | undefined
    for (const stream of this.heardFrom(info.leg, info.pair)) count = (count ?? 0) + stream.info.counters.stanzasIn
    return count
  }

  /** How many streams a partner, by the name under which it is kept, has opened to us; those that are closing are not counted. */
  openedBy(domain: string, { partners }: Pick<House, 'partners'>): number {
    let opened = 0
    for (const { info, open } of this.#all) {
      if (!open || info.role !== 'receiving' || info.leg !== 'partner') continue
      if (standingIn(partners, info.pair.remote) === domain) opened += 1
    }
    return opened
  }

  /** Why a stream that a peer has just opened may not stay: no stream may any more, or it is one too many of the partner. */
  objection({ info }: Stream, house: House, shut: ReasonId | undefined): ReasonId | undefined {
    if (info.role !== 'receiving') return undefined
    if (shut !== undefined || info.leg !== 'partner') return shut
    const { connections } = house.terms(info.pair.remote).partner
    if (connections === undefined) return undefined
    return this.openedBy(standingIn(house.partners, info.pair.remote), house) > connections ? 'SP-653' : undefined
  }

  /** The streams on which a peer may send for a pair. */
  heardFrom(leg: string, pair: Pair): Iterable<Stream> {
    return this.#heard.get(keyOf(leg, pair)) ?? []
  }
}

/** May the peer send on it? */
export const isHeard = ({ info }: Stream): boolean => info.role === 'receiving' || info.bidi

const keyOf = (leg: string, { local, remote }: Pair): string => `${leg} ${local} ${remote}`

const standingIn = (partners: PartnerList, domain: string): string =>
  standingOf(domain, partners.terms(domain), partners)
