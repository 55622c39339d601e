// How streams are opened on the two legs: where to, with which certificate, and what the other end must prove.

import { ask, type Asked } from '../net/ask.ts'
import { dial, type DialOptions, type DialResult } from '../net/dial.ts'
import type { Observer } from '../net/observer.ts'
import { dialAndFollow, type Redirect } from '../net/redirect.ts'
import type { Resolver } from '../net/resolve.ts'
import type { Stream, StreamHandler } from '../net/stream.ts'
import type { KeyQuestion, Pair } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Leg } from './leg.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import type { Confirming } from './keys/proving.ts'
import { streamLimits } from './stream-limits.ts'

export interface OpeningOptions {
  readonly leg: Leg
  readonly pair: Pair
  readonly house: House
  readonly proving: Confirming
  readonly resolver: Resolver
  readonly reference: string
  readonly signal: AbortSignal
  /** Where the partner sent us when the last stream ended. */
  readonly redirect?: Redirect | undefined
  /** Our key for a stream to a partner that takes one. */
  key(pair: Pair, id: string): string
  /** Who watches. */
  observer(pair: Pair, reference: string): Observer | undefined
  handler(stream: Stream): StreamHandler
  bug(error: unknown, reference: string): void
}

/** Opens one stream. Never rejects. A domain that is not admitted costs no DNS query and no packet. */
export async function openStream(options: OpeningOptions): Promise<DialResult> {
  const { leg, pair, house } = options
  try {
    if (leg === 'core') return await toCore(options)
    const refused = house.admission(pair.remote)
    return refused ? openingFailure(options, refused, `${pair.remote} is not admitted`) : await toPartner(options)
  } catch (error) {
    options.bug(error, options.reference)
    return openingFailure(options, 'SP-491', String(error))
  }
}

/** As a domain of ours, by the routes of the partner's entry or by DNS. */
async function toPartner(options: OpeningOptions): Promise<DialResult> {
  const { pair, house, resolver } = options
  const identity = house.ownIdentity(pair.local, pair.remote)
  if (!identity) return openingFailure(options, 'SP-360', pair.local)
  const dialback = dialbackWith(pair, house, options.key)
  const where = wayTo(pair.remote, house, resolver)
  const all = { ...common(options), ...where, ...proofs(pair, identity, options), dialback }
  const result = await dialAndFollow(all, options.handler, options.redirect)
  // Where nobody is found, DNS may know better by now.
  if (!result.ok && result.failure.reason.startsWith('SP-21')) resolver.renew(pair.remote)
  return result
}

/** Where the floor of the partner lets dialback count: our part of it. */
export function dialbackWith(
  pair: Pair,
  house: House,
  key: OpeningOptions['key'],
): { key(id: string): string } | undefined {
  return house.floor(pair.remote) === 'dialback-over-tls' ? { key: (id) => key(pair, id) } : undefined
}

/** The server of a partner, by the routes of its entry or by DNS. */
function wayTo(remote: string, house: House, resolver: Resolver): Pick<DialOptions, 'targets' | 'addresses'> {
  const routes = house.partners.find(remote)?.connect ?? []
  return {
    targets: routes.length > 0 ? routes : () => resolver.federation(remote),
    addresses: (host) => resolver.addresses(host),
  }
}

function proofs(
  { remote: domain }: Pair,
  identity: Identity,
  { house, proving }: Pick<OpeningOptions, 'house' | 'proving'>,
): Pick<DialOptions, 'identity' | 'verify'> {
  return {
    identity,
    async verify(chain, staple, tls) {
      const verdict = await house.verifyServer(domain, chain, proving.file, tls)
      return proving.confirm(verdict, { domain, chain, staple, side: 'server' })
    },
  }
}

export interface AskingOptions {
  readonly proving: Confirming
  resolver(): Resolver
  readonly journal: Pick<Journal, 'bug'>
  reference(): string
  observer(pair: Pair, reference: string): Observer | undefined
}

/**
 * How the server of a partner is asked about a key that somebody showed us in its name; never rejects. Whoever asks has
 * asked policy first.
 */
export function askingPartners({ proving, resolver, journal, reference, observer }: AskingOptions) {
  return async (question: KeyQuestion, house: House, signal: AbortSignal): Promise<Asked> => {
    const { pair } = question
    const bug = (error: unknown, failed: string): void => journal.bug(error, failed)
    const where = { leg: 'partner', pair, house, proving, resolver: resolver() } as const
    const all = { ...where, reference: reference(), signal, observer, bug }
    const identity = house.ownIdentity(pair.local, pair.remote)
    if (!identity) return openingFailure(all, 'SP-360', pair.local)
    return ask(question, {
      ...common(all),
      ...wayTo(pair.remote, house, all.resolver),
      ...proofs(pair, identity, all),
    })
  }
}

/** As the outside domain, with a certificate minted for it; the core proves to be the core. */
async function toCore(options: OpeningOptions): Promise<DialResult> {
  const { pair, house, resolver } = options
  const { host, port } = house.settings.core
  return dial(
    {
      ...common(options),
      targets: [{ host, port, tls: 'starttls' }],
      addresses: (name) => resolver.addresses(name),
      identity: await house.mintedIdentity(pair.local),
      verify: (chain) => Promise.resolve(house.verifyCore(pair.remote, chain)),
    },
    options.handler,
  )
}

type Common = Omit<OpeningOptions, 'handler' | 'key'>

function common({ pair, leg, house, reference, signal, observer, bug }: Common) {
  const { limits, federation } = house.settings
  return {
    pair,
    leg,
    bidi: federation.bidi,
    limits: streamLimits(limits),
    reference,
    signal,
    observer: observer(pair, reference),
    bug,
  }
}

/** An attempt that ended before anything was sent. */
export function openingFailure(
  { pair, leg, reference }: Pick<OpeningOptions, 'pair' | 'leg' | 'reference'>,
  reason: ReasonId,
  detail: string,
): Extract<DialResult, { ok: false }> {
  return {
    ok: false,
    failure: {
      reference,
      reason,
      detail,
      role: 'initiating',
      pair,
      leg,
      remoteAddress: '',
      condition: undefined,
      by: 'us',
      certificate: undefined,
      attempts: [],
    },
  }
}
