// The sessions of remote users, all of them: who is received, how the core is reached for them, and what may not go on.

import type { RemoteAddress } from '../../config/remote-listeners.ts'
import { CANCELLED } from '../../net/connect.ts'
import { reachCore, type Reached } from '../../net/client/inner.ts'
import type { Ways } from '../../net/client/entrance.ts'
import type { ClientReception } from '../../net/client/tcp.ts'
import type { ClientTransport } from '../../net/client/transport.ts'
import type { Welcome } from '../../net/listener.ts'
import type { Resolver } from '../../net/resolve.ts'
import type { Identity } from '../../trust/identity.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import type { House } from '../house.ts'
import type { Revocations } from '../revocations.ts'
import { sessionLimits, streamLimits } from '../stream-limits.ts'
import { CardDesk } from './card-desk.ts'
import { enter, waysOf } from './entrances.ts'
import { SHUT, type LoginGate } from './gate.ts'
import type { RemoteJournal } from './journal.ts'
import { Dials } from './dials.ts'
import { Leavers } from './leavers.ts'
import { remoteControl, type RemoteControl } from './remote-control.ts'
import { Resumables } from './resumables.ts'
import type { Caller, SessionWorld } from './session-world.ts'
import { Session } from './session.ts'
import { Strangers } from './strangers.ts'
import { MOST_SHOWN, type RemoteStatus } from './status.ts'

export interface RemoteUsersOptions {
  /** The house as it stands now. */
  house(): House
  gate(): LoginGate
  readonly revocations: Pick<Revocations, 'card'>
  readonly journal: RemoteJournal
  resolver(): Pick<Resolver, 'addresses'>
  /** Why nobody may come any more; undefined: they may. */
  shut(): ReasonId | undefined
  reference(): string
  now(): number
}

/** The remote users of a gateway, if it is to have any. */
export function remoteUsersOf(
  { remote, reference, now }: Pick<GatewayOptions, 'remote' | 'reference' | 'now'>,
  parts: Pick<RemoteUsersOptions, 'house' | 'revocations' | 'resolver' | 'shut'>,
): RemoteUsers | undefined {
  if (!remote) return undefined
  const { journal, gate = () => SHUT } = remote
  const asked = gate(parts.house)
  return new RemoteUsers({ ...parts, journal, gate: () => asked, reference, now })
}

export class RemoteUsers {
  readonly control: RemoteControl
  readonly #options: RemoteUsersOptions
  readonly #sessions = new Set<Session>()
  readonly #strangers: Strangers<Session>
  readonly #resumables: Resumables
  readonly #leavers: Leavers
  readonly #dials: Dials
  readonly #cards: CardDesk
  readonly #world: SessionWorld
  readonly #reception: ClientReception

  constructor(options: RemoteUsersOptions) {
    const { house, journal, reference, now, gate } = options
    this.#options = options
    this.control = remoteControl({
      sessions: () => this.#sessions,
      guard: gate(),
      policy: () => house().settings.policy,
    })
    this.#resumables = new Resumables(() => house().settings.limits)
    this.#strangers = new Strangers({
      most: () => house().settings.limits.strangers,
      knows: (address) => gate().knows(address),
    })
    this.#leavers = new Leavers(now)
    this.#dials = new Dials(() => house().settings.limits.coreDials)
    this.#cards = new CardDesk({
      ...{ house, journal, now, revocations: options.revocations },
      reach: (domain, client, signal, identity) => this.#reach(domain, client, signal, identity),
    })
    const serves = (domain: string): boolean => house().isOurs(domain)
    this.#world = {
      rules: {
        serves,
        get attempts() {
          return house().settings.limits.saslAttempts
        },
      },
      gate,
      reach: (domain, client, signal) => this.#reach(domain, client, signal),
      cards: this.#cards,
      resumables: this.#resumables,
      journal,
      known: (session) => this.#strangers.delete(session),
      rate: () => house().settings.limits.sessionRate,
      patienceMs: () => house().settings.limits.negotiationMs / 2,
      now,
      reference,
      lost: (end) => this.#leavers.add(end),
      left: (session) => {
        this.#strangers.delete(session)
        this.#sessions.delete(session)
      },
    }
    this.#reception = {
      serves,
      identity: (domain) => {
        const identity = house().ownIdentity(domain)
        return identity ? Promise.resolve(identity) : Promise.reject(new Error(`no certificate for ${domain}`))
      },
      greet: (servername) => house().greeting(servername),
      asks: () => this.#cards.asks,
      welcome: (transport) => this.welcome(transport),
      failed: (origin, end, at, domain) => {
        gate().fumbled(origin.remoteAddress)
        journal.unsecured(origin, end, at, domain)
      },
      bug: (error, at) => journal.bug(error, at),
    }
  }

  /** The ways in at a listener. */
  waysAt(address: RemoteAddress): Ways {
    return waysOf(address, (domain) => this.#reception.serves(domain))
  }

  /** Drives what a listener of these ways has accepted. */
  welcomeAt(ways: Ways): Welcome {
    return (socket, arrival) => {
      const refused = this.#options.shut() ?? this.#options.gate().connecting(arrival.origin.remoteAddress)
      if (refused) return refused
      const limits = sessionLimits(arrival.limits, this.#options.house().settings.limits.sessionIdleMs)
      return enter(socket, { ...arrival, limits }, ways, this.#reception)
    }
  }

  /** A client is secured: its session begins. */
  welcome(transport: ClientTransport): void {
    const session = new Session(transport, this.#world)
    this.#sessions.add(session)
    const hasPlace = this.#strangers.add(session, transport.facts.remoteAddress)
    const refused = this.#options.shut() ?? (hasPlace ? undefined : 'SP-869')
    if (refused) session.end(refused)
  }

  all(): Iterable<Session> {
    return this.#sessions
  }

  /** Ends what may not go on. */
  enforce(): void {
    this.#cards.tick()
    const { gate, house, now } = this.#options
    gate().keep()
    this.#resumables.expire(now())
    for (const session of this.#sessions) {
      const { facts } = session
      if (!facts || session.isOver) continue
      const reason = house().isOurs(facts.domain) ? gate().objection(facts) : 'SP-801'
      if (reason) session.end(reason)
    }
  }

  /** What was learnt since the last second is kept as well. */
  [Symbol.dispose](): void {
    this.#options.gate().keep()
  }

  /** How many there are. */
  get figures(): Omit<RemoteStatus, 'sessions'> {
    let loggedIn = 0
    for (const { facts } of this.#sessions) if (facts) loggedIn += 1
    const gate = this.#options.gate().status
    const { waiting } = this.#dials
    return { open: this.#sessions.size, loggedIn, waiting, resumable: this.#resumables.size, gate }
  }

  status(): RemoteStatus {
    const shown = [...this.#sessions].slice(0, MOST_SHOWN)
    return { ...this.figures, sessions: shown.map((session) => session.status()) }
  }

  async #reach(domain: string, caller: Caller, signal: AbortSignal, identity?: Identity): Promise<Reached> {
    const isAhead = this.#options.gate().knows(caller.facts.remoteAddress)
    const reached = await this.#dials.take(isAhead, signal, () => this.#dial(domain, caller, signal, identity))
    return reached ?? { ok: false, ...CANCELLED }
  }

  #dial(domain: string, caller: Caller, signal: AbortSignal, identity?: Identity): Promise<Reached> {
    const { house, resolver, journal } = this.#options
    const { settings } = house()
    const { clients } = settings.core
    if (!clients) return Promise.resolve({ ok: false, reason: 'SP-802', detail: 'core.clients is not written' })
    const { host, port, tls, proxyProtocol } = clients
    const { reference, facts } = caller
    return reachCore({
      ...{ domain, host, port, tls, reference, signal, identity },
      tells: proxyProtocol ? { client: facts.remoteAddress } : undefined,
      addresses: (name) => resolver().addresses(name),
      mayBePlaintext: (address) => house().mayLeadInPlaintext(address),
      profile: settings.federation.profile,
      verify: (chain) => house().verifyClients(domain, chain),
      limits: streamLimits(settings.limits),
      bug: (error, at) => journal.bug(error, at),
    })
  }
}
