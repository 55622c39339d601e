// The connections to a core that knows us as its component (XEP-0114): one for each name in the partner list, or one for
// all. They are also the core's way to us, so they are kept up from the start, as long as the list and the settings want
// them.
//
// Rule 1: the names are those that stand in partner entries as they are, whatever the entry says: our users' words to a
//         blocked partner must reach the checkpoint to be refused with a reason.
// Rule 2: a connection that is no longer wanted closes in good order. Its successor waits until it is gone.
// Rule 3: attempts go on for ever; how soon after a failure is the link's to say.

import { isDeepStrictEqual } from 'node:util'
import type { DialFailure, DialResult } from '../net/dial.ts'
import { dialComponent } from '../net/dial-component.ts'
import type { Stream, StreamHandler } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import { parseAddress } from '../xmpp/address.ts'
import type { Budget } from './links/budget.ts'
import type { House } from './house.ts'
import type { Link } from './links/link.ts'
import type { LinkOptions } from './links/link-options.ts'
import type { Parcel } from './links/parcels.ts'
import type { Status } from './control.ts'
import { openingFailure } from './opening.ts'
import type { Observer } from '../net/observer.ts'
import type { Resolver } from '../net/resolve.ts'
import { streamLimits } from './stream-limits.ts'

/** What a connection does its own way, where other links do it theirs. */
export type ComponentWays = Partial<Pick<LinkOptions, 'budget'>> &
  Pick<LinkOptions, 'keptUp' | 'open' | 'adopt' | 'bounce' | 'opened'>

export interface ComponentsOptions {
  house(): House
  resolver(): Resolver
  /** Makes a link of the core leg that does these things as they are given, and must not connect before `after`. */
  make(pair: Pair, after: Promise<void> | undefined, ways: ComponentWays): Link
  /** What everything together may take: the connection for all is nobody's in particular. */
  readonly budget: Budget
  bounce(pair: Pair, parcel: Parcel, why: Parameters<LinkOptions['bounce']>[1]): void
  opened(stream: Stream): void
  notOpened(failure: DialFailure): void
  observer?(pair: Pair, reference: string): Observer | undefined
  bug(error: unknown, reference: string): void
  reference(): string
}

/** The key of the one connection for all. No domain is empty. */
const ALL = ''

export class Components {
  readonly #options: ComponentsOptions
  readonly #links = new Map<string, Link>()
  /** By key: connections that were given up, until they are gone. */
  readonly #leaving = new Map<string, Promise<void>>()
  /** What the connections that there are were made by; another value makes them all anew. */
  #madeBy: unknown
  #closed = false

  constructor(options: ComponentsOptions) {
    this.#options = options
  }

  /** Brings the connections into line with the house as it stands: opens what is missing, closes what is not wanted. */
  follow(): void {
    const { settings, componentNames } = this.#options.house()
    const { core, domains, limits } = settings
    const remote = domains[0]?.domain ?? ''
    const madeBy = { core, remote }
    const same = isDeepStrictEqual(madeBy, this.#madeBy)
    this.#madeBy = madeBy
    const names = [...componentNames].toSorted().slice(0, limits.links)
    const one = core.component?.connections === 'one'
    const wanted = new Map(one && names[0] !== undefined ? [[ALL, names[0]]] : names.map((name) => [name, name]))
    for (const [key, link] of this.#links) if (!same || !wanted.has(key)) this.#giveUp(key, link)
    if (this.#closed) return
    for (const [key, local] of wanted) {
      if (!this.#links.has(key)) this.#links.set(key, this.#make(key, { local, remote }))
    }
    this.wake()
  }

  /** Opens what is down and may be tried again. */
  wake(): void {
    if (!this.#closed) for (const link of this.#links.values()) link.wake()
  }

  /** The connection that bears a name, or all names. */
  find(name: string): Link | undefined {
    return this.#links.get(name) ?? this.#links.get(ALL)
  }

  all(): Iterable<Link> {
    return this.#links.values()
  }

  /** How many connections are to be up, and are; undefined where the core is no such core. */
  get status(): Status['core']['components'] {
    if (!this.#options.house().settings.core.component) return undefined
    const links = [...this.#links.values()]
    return { wanted: links.length, up: links.filter(({ stream }) => stream !== undefined).length }
  }

  /** Opens nothing any more. */
  close(): void {
    this.#closed = true
  }

  /** After `close`: gives up what there was, and opens everything anew. */
  reopen(): void {
    if (!this.#closed) return
    this.#closed = false
    for (const [key, link] of this.#links) this.#giveUp(key, link)
    this.follow()
  }

  busy(): readonly Promise<void>[] {
    const busy = [...this.#links.values()].filter((link) => !link.quiet)
    return [...this.#leaving.values(), ...busy.map((link) => link.quieted())]
  }

  #giveUp(key: string, link: Link): void {
    this.#links.delete(key)
    const detail = `the connection for ${link.pair.local} is no longer wanted`
    link.close({ reason: 'SP-138', detail, reference: this.#options.reference() })
    if (link.quiet) return
    void this.#await(key, link.quieted())
  }

  async #await(key: string, gone: Promise<void>): Promise<void> {
    this.#leaving.set(key, gone)
    await gone
    if (this.#leaving.get(key) === gone) this.#leaving.delete(key)
  }

  #make(key: string, pair: Pair): Link {
    const { budget, bounce, opened, notOpened } = this.#options
    let attempts = 0
    return this.#options.make(pair, this.#leaving.get(key), {
      keptUp: true,
      ...(key === ALL ? { budget } : {}),
      open: async (own, signal) => {
        const name = key === ALL ? this.#nameAt(attempts++, pair.local) : pair.local
        const result = await this.#open({ ...pair, local: name }, own, signal)
        if (!result.ok) notOpened(result.failure)
        return result
      },
      adopt: () => undefined, // a component has no streams but its own
      // Which domains it was between stands in the stanza.
      bounce: (parcel, why) => bounce(domainsOf(parcel, pair), parcel, why),
      opened,
    })
  }

  /** Any name opens the connection for all; one that the core does not know must not keep us out for the others. */
  #nameAt(attempt: number, otherwise: string): string {
    const names = [...this.#options.house().componentNames].toSorted()
    return names[attempt % names.length] ?? otherwise
  }

  async #open(pair: Pair, own: (stream: Stream) => StreamHandler, signal: AbortSignal): Promise<DialResult> {
    const { house, resolver, bug } = this.#options
    const { settings, secret } = house()
    const reference = this.#options.reference()
    const about = { pair, leg: 'core', reference } as const
    const how = settings.core.component
    if (!how || secret === undefined) return openingFailure(about, how ? 'SP-137' : 'SP-138', pair.local)
    try {
      return await dialComponent(
        {
          pair,
          core: settings.core,
          tls: how.tls,
          trusts: (address) => house().mayBePlaintext(address),
          secret,
          addresses: (host) => resolver().addresses(host),
          identity: () => house().mintedIdentity(pair.local),
          verify: (chain) => house().verifyCore(pair.remote, chain),
          limits: streamLimits(settings.limits),
          reference,
          signal,
          observer: this.#options.observer?.(pair, reference),
          bug,
        },
        own,
      )
    } catch (error) {
      bug(error, reference)
      return openingFailure(about, 'SP-491', String(error))
    }
  }
}

function domainsOf({ frame }: Parcel, otherwise: Pair): Pair {
  const local = parseAddress(frame?.from ?? '')?.domain ?? otherwise.local
  const remote = parseAddress(frame?.to ?? '')?.domain ?? otherwise.remote
  return { local, remote }
}
