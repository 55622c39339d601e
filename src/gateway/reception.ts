// Who may open a stream to us, and with which certificate we meet them: the answers that `net/` asks for while a peer
// negotiates. One reception serves all listeners; which leg a stream belongs to follows from the listener, the address
// it comes from and the names it claims.
//
// SECURITY: with `conceal`, nothing before the proof of a name depends on the partner list, so nobody can read the list
// by claiming names.

import type { ConnectionOrigin, Reception } from '../net/reception.ts'
import type { DialbackRules, Pair, ReceivingRules, Refusal } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import { isIpLiteral } from '../xmpp/domain.ts'
import { streamCondition, type ReasonId } from '../xmpp/reasons.ts'
import type { Leg } from './leg.ts'
import type { Dialback } from './dialback.ts'
import type { House } from './house.ts'
import type { Confirming } from './keys/proving.ts'

/** What the reception hands on to. */
export type Hosts = Required<Pick<Reception, 'ready' | 'failed' | 'turnedAway' | 'bug' | 'reference'>> &
  Pick<Reception, 'observers'> & {
    readonly dialback: Pick<Dialback, 'rules' | 'judge'>
    readonly proving: Pick<Confirming, 'confirm'>
  }

/** Builds the reception of a gateway. `house` is asked afresh for each question, so that changed settings apply at once. */
export function reception(
  house: () => House,
  { dialback, proving, ...hosts }: Hosts,
  /** Why nobody may open a stream any more; undefined: they may. */
  shut: () => ReasonId | undefined = () => undefined,
): Reception {
  // A stream stays on the leg it was opened on, whatever changes while it is negotiated.
  const legs = new WeakMap<ConnectionOrigin, Leg>()
  const leg = (pair: Pair, origin: ConnectionOrigin): Leg => {
    const known = legs.get(origin) ?? legOf(house(), pair, origin)
    legs.set(origin, known)
    return known
  }
  return {
    ...hosts,
    leg,
    rules: (origin) => new Rules(house, origin, leg, dialback.rules, shut),
    identity: (pair) => identity(house(), pair),
    greet: (servername) => house().greeting(servername),
    judge: (claim, chain, { remoteAddress }, tls) => dialback.judge(claim, { chain, tls, remoteAddress }),
    verify(pair, chain, on, tls) {
      if (on === 'core') return house().verifyCore(pair.remote, chain)
      const verdict = house().verifyPartner(pair.remote, chain, 'client', tls)
      return proving.confirm(verdict, { domain: pair.remote, chain, side: 'client' })
    },
  }
}

class Rules implements ReceivingRules {
  readonly #house: () => House
  readonly #connection: ConnectionOrigin
  readonly #leg: (pair: Pair, origin: ConnectionOrigin) => Leg
  readonly #dialback: DialbackRules
  readonly #shut: () => ReasonId | undefined

  constructor(
    house: () => House,
    connection: ConnectionOrigin,
    leg: (pair: Pair, origin: ConnectionOrigin) => Leg,
    dialback: DialbackRules,
    shut: () => ReasonId | undefined,
  ) {
    this.#house = house
    this.#connection = connection
    this.#leg = leg
    this.#dialback = dialback
    this.#shut = shut
  }

  opens(pair: Pair): Refusal | undefined {
    const turned = this.#away(pair)
    if (turned) return turned
    const house = this.#house()
    if (this.#isCore(pair)) return opensAsCore(house, pair, this.#connection)
    if (house.isOurs(pair.remote)) return refusal('SP-111', claim(pair, this.#connection))
    if (!house.isOurs(pair.local))
      return refusal(house.gone.has(pair.local) ? 'SP-117' : 'SP-115', `asked for ${pair.local}`)
    if (house.conceal) return undefined
    const refused = admits(house, pair)
    // Whoever may ask to be let in proves their name first.
    return refused?.reason === 'SP-161' ? undefined : refused
  }

  admits(pair: Pair): Refusal | undefined {
    return this.#away(pair) ?? (this.#isCore(pair) ? undefined : admits(this.#house(), pair))
  }

  /** The core proves itself by certificate, always. */
  dialback(pair: Pair): DialbackRules | undefined {
    return this.#isCore(pair) ? undefined : this.#dialback
  }

  get bidi(): boolean {
    return this.#house().settings.federation.bidi
  }

  #isCore(pair: Pair): boolean {
    return this.#leg(pair, this.#connection) === 'core'
  }

  #away(pair: Pair): Refusal | undefined {
    const reason = this.#shut()
    return reason && refusal(reason, `${pair.remote} asks for ${pair.local}`)
  }
}

const claim = ({ remote }: Pair, connection: ConnectionOrigin): string =>
  `${connection.remoteAddress} claims ${remote}${way(connection)}`

/** What keeps a connection from being the core's, wherever it comes from. */
function way({ tls, balancer }: ConnectionOrigin): string {
  if (balancer !== undefined) return ` through the balancer ${balancer}, which is not the way of the core`
  return tls === 'direct' ? ' over direct TLS, which is not for the core' : ''
}

function opensAsCore(house: House, pair: Pair, connection: ConnectionOrigin): Refusal | undefined {
  if (!house.isCoreAddress(connection.remoteAddress)) {
    return refusal('SP-112', `${connection.remoteAddress} is not in core.networks`)
  }
  if (!house.isOurs(pair.remote)) return refusal('SP-113', `the core claims ${pair.remote}`)
  // Partners are never addresses, and nothing needs a certificate for one.
  if (isIpLiteral(pair.local)) return refusal('SP-116', `the core asks for ${pair.local}`)
  if (house.isOurs(pair.local)) return refusal('SP-114', `${pair.local} is the core's own domain`)
  return undefined
}

function admits(house: House, pair: Pair): Refusal | undefined {
  const reason = house.admission(pair.remote)
  return reason && refusal(reason, `${pair.remote} asks for ${pair.local}`)
}

function refusal(reason: ReasonId, detail: string): Refusal {
  return { condition: streamCondition(reason), reason, detail }
}

/**
 * The leg of a stream. On a listener of its own the core is the only guest; on a shared one a stream is the core's when
 * it claims one of our names from one of the core's networks. The core does not come over direct TLS: nothing would tell
 * which minted certificate to show it.
 *
 * SECURITY: nor does it come through a balancer. `core.networks` speaks of who connects to us, and behind a balancer that is
 * only somebody's word; a health check of the balancer's own, from within these networks, is not the core either.
 */
function legOf(house: House, pair: Pair, connection: ConnectionOrigin): Leg {
  if (connection.listener.startsWith('core')) return 'core'
  if (house.hasCoreListener || connection.tls === 'direct' || connection.balancer !== undefined) return 'partner'
  return house.isOurs(pair.remote) && house.isCoreAddress(connection.remoteAddress) ? 'core' : 'partner'
}

/** Our own certificate for a domain of ours; to the core we speak as the outside domain, with a minted one. */
async function identity(house: House, pair: Pair): Promise<Identity> {
  const own = house.ownIdentity(pair.local)
  if (own) return own
  // SECURITY: what is minted is for the core alone; a partner is told that there is nothing. RFC 6120 §5.4.2.2
  if (!house.isOurs(pair.remote)) throw new Error(`no certificate for ${pair.local}`)
  return house.mintedIdentity(pair.local)
}
