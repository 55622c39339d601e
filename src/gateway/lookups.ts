// How names are looked up on the two legs. Partners: at the servers of `dns.servers`, and what they answer is kept while
// the settings of `dns` stay the same. The core: as the system finds it, since the servers for the world outside may not
// know it.

import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../config/settings.ts'
import { isLoopback } from '../config/values.ts'
import { Resolver, type ResolverOptions } from '../net/resolve.ts'
import type { Leg } from './leg.ts'

export class Lookups {
  readonly #asked: ResolverOptions['asked']
  #settings: Settings
  #partner: Resolver
  #core: Resolver
  /** For what certificates point to; which addresses will do is for whoever fetches to say. */
  #fetching: Resolver

  /** `asked`: hears of each question about partners. */
  constructor(settings: Settings, asked?: ResolverOptions['asked']) {
    this.#asked = asked
    this.#settings = settings
    this.#partner = this.#forPartners()
    this.#core = new Resolver({ timeoutMs: settings.dns.timeoutMs })
    this.#fetching = new Resolver(settings.dns)
  }

  /** For what is fetched. */
  get fetching(): Resolver {
    return this.#fetching
  }

  on(leg: Leg): Resolver {
    return leg === 'core' ? this.#core : this.#partner
  }

  /** How many answers are kept. */
  get kept(): number {
    return this.#partner.kept
  }

  apply(settings: Settings): void {
    const former = this.#settings
    this.#settings = settings
    if (isDeepStrictEqual(former.dns, settings.dns)) return
    this.#partner = this.#forPartners()
    this.#core = new Resolver({ timeoutMs: settings.dns.timeoutMs })
    this.#fetching = new Resolver(settings.dns)
  }

  /** Gives up the questions that are open. */
  cancel(): void {
    this.#partner.cancel()
    this.#core.cancel()
    this.#fetching.cancel()
  }

  #forPartners(): Resolver {
    return new Resolver({
      ...partnerLookup(this.#settings),
      ...(this.#asked ? { asked: this.#asked } : {}),
      keeping: () => {
        const { dns, limits } = this.#settings
        const { cacheMs: keepMs, negativeCacheMs: keepAbsentMs, staleMs } = dns
        return { keepMs, keepAbsentMs, staleMs, most: limits.dnsAnswers }
      },
    })
  }
}

/** Whom to ask about partners, and what may be answered: this machine is for a gateway that itself is nowhere else. */
export function partnerLookup({ dns, listen }: Settings): ResolverOptions {
  const { servers, timeoutMs } = dns
  return { servers, timeoutMs, loopback: listen.federation.every(({ host }) => host !== undefined && isLoopback(host)) }
}
