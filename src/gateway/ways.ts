// The ways out of the gateway, whichever they are: links between servers, made when they are asked for, or connections to
// a core that knows us as its component, kept up from the start. One place to ask, to look through, and to close.

import type { LinkNow } from '../observe/link-figures.ts'
import type { Pair } from '../stream/types.ts'
import type { Content } from '../xml/rescope.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { Bounce } from './bounce.ts'
import type { Components } from './components.ts'
import type { Retry } from './control.ts'
import { outsideOf, type Leg } from './leg.ts'
import type { House } from './house.ts'
import type { Link } from './links/link.ts'
import type { Links } from './links/links.ts'

/** Why there is no way. */
export type NoWay = Pick<Bounce, 'reason' | 'detail'>

export class Ways {
  readonly #links: Links
  readonly #components: Components
  readonly #house: () => House
  readonly #renew: (domain: string) => void

  /** `renew`: has where a domain is served looked up anew. */
  constructor(links: Links, components: Components, house: () => House, renew: (domain: string) => void) {
    this.#links = links
    this.#components = components
    this.#house = house
    this.#renew = renew
  }

  /** What the streams of a leg carry by default. */
  contentOf(leg: Leg): Content {
    return this.#isComponents(leg) ? NS.component : NS.server
  }

  /** The link for a stanza of `local` to `remote` by a leg. */
  onward(leg: Leg, local: string, remote: string): Link | NoWay {
    if (this.#isComponents(leg) && !this.#house().componentNames.has(local)) {
      return { reason: 'SP-136', detail: `${local} stands in no partner entry by itself` }
    }
    return this.back(leg, local, remote) ?? { reason: 'SP-622', detail: `${this.#links.size} links are in use` }
  }

  /** The link for an answer; undefined where there is none. One connection for all knows more names than our list. */
  back(leg: Leg, local: string, remote: string): Link | undefined {
    return this.#isComponents(leg) ? this.#components.find(local) : this.#links.get(leg, local, remote)
  }

  *all(): Iterable<Link> {
    yield* this.#links.all()
    yield* this.#components.all()
  }

  /** On whose behalf a link is: the domain of the entry, or the outside domain itself where there is none. */
  partnerOf(leg: Leg, pair: Pair): string {
    const outside = outsideOf(leg, pair)
    return this.#house().partners.find(outside)?.domain ?? outside
  }

  /** All links as they are now, for metrics. */
  *now(): Iterable<LinkNow> {
    for (const link of this.all()) {
      const { leg, state, queuedStanzas, queuedBytes, nextAttempt } = link.status()
      const partner = this.partnerOf(leg, link.pair)
      yield { leg, state, heldBack: nextAttempt !== undefined, partner, stanzas: queuedStanzas, bytes: queuedBytes }
    }
  }

  /** Cuts short what the links of a partner wait for before their next attempt, on both legs, and what is kept of DNS. */
  retry(domain: string): Retry {
    const entry = this.#house().partners.find(domain)
    let links = 0
    this.#renew(domain)
    for (const link of this.all()) {
      const outside = outsideOf(link.leg, link.pair)
      const belongs = outside === domain || (entry && this.#house().partners.find(outside) === entry)
      if (!belongs) continue
      this.#renew(outside)
      if (link.retry()) links += 1
    }
    return { links }
  }

  /** Makes no link any more. */
  close(): void {
    this.#links.close()
    this.#components.close()
  }

  /** After `close`: what there was is forgotten, and all is made anew. */
  reopen(): void {
    this.#links.reopen()
    this.#components.reopen()
  }

  /** What does something still: each resolves when it is quiet. */
  busy(): readonly Promise<void>[] {
    return [...this.#links.busy(), ...this.#components.busy()]
  }

  #isComponents(leg: Leg): boolean {
    return leg === 'core' && this.#house().settings.core.component !== undefined
  }
}
