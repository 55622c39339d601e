// Where users who log in by certificate are dealt with: what a client has shown is judged, the core is met as the user, and
// whoever is in is looked at again for as long as the session is up.
//
// Rule 1: EXTERNAL is offered only to a certificate that lets somebody in: proven, not revoked, of a user at the domain that
//         was asked for, who may log in from there by certificate.
// Rule 2: a session ends with <reset/> when its certificate does: expired, revoked, or no longer of somebody who is trusted.
//         RFC 6120 §13.7.2.3

import type { Reached } from '../../net/client/inner.ts'
import type { ClientFacts } from '../../net/client/transport.ts'
import type { Chooser } from '../../stream/client/external.ts'
import { chooseAddress } from '../../trust/card/rules.ts'
import type { Identity } from '../../trust/identity.ts'
import { parseAddress } from '../../xmpp/address.ts'
import type { House } from '../house.ts'
import type { Revocations } from '../revocations.ts'
import type { Cards } from './cards.ts'
import type { LogInFailure, RemoteJournal } from './journal.ts'
import type { Caller } from './session-world.ts'
import type { Session } from './session.ts'

export interface CardDeskParts {
  house(): House
  readonly revocations: Pick<Revocations, 'card'>
  readonly journal: Pick<RemoteJournal, 'cardRefused' | 'bug'>
  /** Dials the core for a domain, as somebody. */
  reach(domain: string, client: Caller, signal: AbortSignal, identity: Identity): Promise<Reached>
  now(): number
}

interface Look {
  due: number
  /** It has been looked at since the log-in, so that the next time is meant to ask anew. */
  known: boolean
  /** How often in a row nothing was known. */
  unsaid: number
  busy: boolean
}

const RETRY_MS = 60_000
/** Of many sessions whose time has come, so many are looked at at once. */
const MOST_AT_ONCE = 16

export class CardDesk {
  readonly #parts: CardDeskParts
  readonly #looks = new Map<Session, Look>()
  #busy = 0
  #seen: House | undefined

  constructor(parts: CardDeskParts) {
    this.#parts = parts
  }

  /** Are clients asked for a certificate? */
  get asks(): boolean {
    const { cards, access } = this.#parts.house()
    return cards !== undefined && access.takesCertificates
  }

  /** Whom the certificate of a client lets in at a domain; undefined: nobody, or it has shown none. Never rejects. */
  async judge(session: Session, domain: string): Promise<Chooser | undefined> {
    const { house, journal } = this.#parts
    const { cards } = house()
    if (!cards || session.transport.facts.chain.length === 0) return undefined
    try {
      const found = await this.#find(cards, session.transport.facts, domain)
      if (typeof found === 'function') return found
      journal.cardRefused(session, found)
    } catch (error) {
      journal.bug(error, session.transport.reference)
    }
    return undefined
  }

  async #find(cards: Cards, facts: ClientFacts, domain: string): Promise<Chooser | LogInFailure> {
    const { chain } = facts
    const verdict = cards.judge(chain)
    if (!verdict.proven) return verdict
    const { holder, path } = verdict
    const addresses = holder.addresses.filter((user) => this.#mayBe(user, domain, facts))
    if (addresses.length === 0)
      return { reason: 'SP-885', detail: `${holder.addresses.join(', ')} at ${domain}, from ${facts.remoteAddress}` }
    const { fault } = await this.#parts.revocations.card({ path, chain })
    return fault ?? ((authzid) => chooseAddress({ ...holder, addresses }, authzid))
  }

  #mayBe(user: string, domain: string, { remoteAddress: address }: ClientFacts): boolean {
    if (parseAddress(user)?.domain !== domain) return false
    const { access } = this.#parts.house()
    return access.ask({ user, address, certificate: true, now: this.#parts.now() }).reason === undefined
  }

  /** Meets the core as this user. Never rejects. */
  async vouch(user: string, domain: string, client: Caller, signal: AbortSignal): Promise<Reached> {
    const { house, reach } = this.#parts
    const { cards } = house()
    if (!cards) return { ok: false, reason: 'SP-886', detail: 'nobody logs in by certificate any more' }
    let identity: Identity
    try {
      identity = await cards.identity(user)
    } catch (error) {
      return { ok: false, reason: 'SP-886', detail: error instanceof Error ? error.message : String(error) }
    }
    return reach(domain, client, signal, identity)
  }

  /** Somebody has logged in by certificate. */
  begun(session: Session): void {
    this.#looks.set(session, { due: 0, known: false, unsaid: 0, busy: false })
  }

  ended(session: Session): void {
    this.#looks.delete(session)
  }

  /** How many are looked at again. */
  get watched(): number {
    return this.#looks.size
  }

  /** Looks at the sessions whose time has come, or at all when the house has changed. */
  tick(): void {
    const { house, journal, now } = this.#parts
    if (house() !== this.#seen) for (const look of this.#looks.values()) look.due = 0
    this.#seen = house()
    for (const [session, look] of this.#looks) {
      if (look.busy || look.due > now() || this.#busy >= MOST_AT_ONCE) continue
      look.busy = true
      this.#busy += 1
      this.#again(session, look)
        .catch((error: unknown) => journal.bug(error, session.transport.reference))
        .finally(() => {
          look.busy = false
          this.#busy -= 1
        })
    }
  }

  async #again(session: Session, look: Look): Promise<void> {
    const { house, revocations, now } = this.#parts
    look.due = now() + RETRY_MS // Where it fails.
    const { chain } = session.transport.facts
    const verdict = house().cards?.judge(chain)
    const user = session.facts?.user ?? ''
    if (!verdict) return session.end('SP-889', 'trust.cards is not written any more')
    if (!verdict.proven) return session.end('SP-889', `${verdict.reason} ${verdict.detail}`)
    if (!verdict.holder.addresses.includes(user)) return session.end('SP-889', `${user} is not whom it stands for`)
    const { fault, again, known } = await revocations.card(
      { path: verdict.path, chain, renew: look.known },
      look.unsaid,
    )
    if (fault) return session.end('SP-889', `${fault.reason} ${fault.detail}`)
    look.unsaid = known ? 0 : look.unsaid + 1
    look.due = again
    look.known = true
  }
}
