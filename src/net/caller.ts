// Somebody who connects to a listener: the party that the connection is driven for, by what its owner's reception says.
//
// Rule: with direct TLS the certificate is chosen before the stream names its domain, so it is held against it then.

import { receiving } from '../stream/receiving.ts'
import type { Judgement, KeyQuestion, Machine, Pair, ReceivingRules, TlsInfo, TlsStart } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import { streamCondition } from '../xmpp/reasons.ts'
import type { StreamLimits } from './limits.ts'
import { observed, Observers } from './observer.ts'
import type { Party } from './party.ts'
import type { ConnectionOrigin, Reception, StreamFailure } from './reception.ts'
import type { Stream, StreamHandler } from './stream.ts'

export interface Call {
  readonly origin: ConnectionOrigin
  readonly tls: TlsStart
  readonly limits: StreamLimits
  readonly reference: string
}

export class Caller implements Party {
  readonly role = 'receiving'
  readonly pair = undefined
  readonly tls: TlsStart
  readonly limits: StreamLimits
  readonly reference: string
  readonly observers: Observers
  readonly #reception: Reception
  readonly #origin: ConnectionOrigin
  #shown: Identity | undefined

  constructor(reception: Reception, { origin, tls, limits, reference }: Call) {
    this.#reception = reception
    this.#origin = origin
    this.tls = tls
    this.limits = limits
    this.reference = reference
    this.observers = new Observers(reception.observers?.(origin, reference) ?? [])
  }

  get remoteAddress(): string {
    return this.#origin.remoteAddress
  }

  /** What negotiates with it. */
  machine(): Machine {
    const rules = this.#reception.rules(this.#origin)
    const held = this.tls === 'direct' ? covered(rules, () => this.#shown) : rules
    return observed(receiving(held, this.limits.saslAttempts, this.tls), this.observers)
  }

  identity(pair: Pair): Promise<Identity> {
    return this.#reception.identity(pair)
  }

  greet(servername: string | undefined): Identity | undefined {
    const identity = this.#reception.greet?.(servername)
    this.#shown = identity ?? this.#shown
    return identity
  }

  verify(pair: Pair, chain: readonly Buffer[], _: Buffer | undefined, tls: TlsInfo): Verdict | Promise<Verdict> {
    return this.#reception.verify(pair, chain, this.leg(pair), tls)
  }

  async judge(claim: KeyQuestion, chain: readonly Buffer[], tls: TlsInfo): Promise<Judgement> {
    if (!this.#reception.judge) throw new Error('nobody judges claims')
    return this.#reception.judge(claim, chain, this.#origin, tls)
  }

  leg(pair: Pair): string {
    return this.#reception.leg(pair, this.#origin)
  }

  ready(stream: Stream): StreamHandler {
    return this.#reception.ready(stream)
  }

  failed(failure: StreamFailure): void {
    this.#reception.failed(failure)
  }

  bug(error: unknown, reference: string): void {
    this.#reception.bug?.(error, reference)
  }
}

/** The same rules, and a stream is only for a domain that the certificate already shown covers. */
function covered(rules: ReceivingRules, shown: () => Identity | undefined): ReceivingRules {
  return {
    opens(pair) {
      const refusal = rules.opens(pair)
      if (refusal || shown()?.covers(pair.local)) return refusal
      const detail = `asks for ${pair.local}, and was shown ${shown()?.certificate.names.join(', ') ?? 'nothing'}`
      return { condition: streamCondition('SP-362'), reason: 'SP-362', detail }
    },
    admits: (pair) => rules.admits(pair),
    get bidi() {
      return rules.bidi === true
    },
    dialback: (pair) => rules.dialback?.(pair),
  }
}
