// The core's side of a session: dialled when the client asks for a domain, and once more, as the user, where the client logs
// in by certificate.

import type { Inner, InnerHandler, Reached } from '../../net/client/inner.ts'
import type { Chooser } from '../../stream/client/external.ts'
import type { RelayEvent } from '../../stream/client/relay-types.ts'
import type { Session } from './session.ts'
import type { SessionWorld } from './session-world.ts'

export interface CoreSideParts {
  readonly session: Session
  readonly world: SessionWorld
  /** Hears what the core says. */
  readonly handler: InnerHandler
  /** Tells the relay. */
  feed(event: RelayEvent): void
  /** Whom the certificate lets in that the client has shown; told before the core is reached. */
  shown(card: Chooser | undefined): void
}

export class CoreSide {
  readonly #parts: CoreSideParts
  /** While the core is dialled. */
  #reaching: AbortController | undefined
  #inner: Inner | undefined

  constructor(parts: CoreSideParts) {
    this.#parts = parts
  }

  /** The connection that is in use. */
  get inner(): Inner | undefined {
    return this.#inner
  }

  async reach(domain: string): Promise<void> {
    const { session, world, shown } = this.#parts
    const { transport } = session
    const verdict = world.gate().before(domain, transport.facts)
    if (!verdict.admitted) return session.end(verdict.reason, verdict.detail)
    const [reached, card] = await Promise.all([
      this.#reach((signal) => world.reach(domain, transport, signal)),
      world.cards.judge(session, domain),
    ])
    if (session.isOver) return reached.ok ? reached.inner.end() : undefined
    if (!reached.ok) return session.end(reached.reason, reached.detail)
    shown(card)
    return this.#meet(reached.inner, { kind: 'reached', features: reached.features })
  }

  /** Meets the core anew, as this user. */
  async vouch(user: string, domain: string): Promise<void> {
    const { session, world, feed } = this.#parts
    const reached = await this.#reach((signal) => world.cards.vouch(user, domain, session.transport, signal))
    if (session.isOver) return reached.ok ? reached.inner.end() : undefined
    if (!reached.ok) return feed({ kind: 'not-vouched', detail: `${reached.reason} ${reached.detail}`.trim() })
    this.#inner?.leave()
    return this.#meet(reached.inner, { kind: 'vouched', features: reached.features })
  }

  /** The session is over; `abruptly`: as if the network had failed. */
  end(abruptly: boolean): void {
    this.#reaching?.abort()
    this.#inner?.end(abruptly)
  }

  async #reach(dial: (signal: AbortSignal) => Promise<Reached>): Promise<Reached> {
    this.#reaching = new AbortController()
    const reached = await dial(this.#reaching.signal)
    this.#reaching = undefined
    return reached
  }

  #meet(inner: Inner, event: RelayEvent): void {
    this.#inner = inner
    inner.handler = this.#parts.handler
    this.#parts.feed(event)
    inner.release()
  }
}
