// What an observer of one connection makes of its sights: the stages of the negotiation, as plain data.

import { readDialback } from '../../stream/dialback.ts'
import { columnOf } from '../../stream/elements.ts'
import { readFeatures } from '../../stream/features.ts'
import type { CloseEffect, StreamEvent } from '../../stream/types.ts'
import type { Sight } from '../../net/observer.ts'
import type { Verdict } from '../../trust/verdict.ts'
import type { ProbeAttempt, ProbeOffer, ProbeTls } from './report.ts'

/** More rounds of features than any negotiation has. */
const MOST_OFFERS = 8
const MOST_NAMES = 32

/** Watches one connection. Time is an argument: `now` in ms since 1970. */
export class StreamWatch {
  readonly startedAt: number
  connectedAt: number | undefined
  /** Our end of the connection. */
  from: string | undefined
  /** Why there was no connection. */
  lost: string | undefined
  secured: ProbeTls | undefined
  verdict: Verdict | undefined
  authentication: ProbeAttempt['authentication']
  dialback: ProbeAttempt['dialback']
  /** The peer asked us about a key, which it may do on a stream that is for nothing else. XEP-0220 §2.1.2 */
  asked = false
  readyAt: number | undefined
  end: CloseEffect | undefined
  readonly offers: ProbeOffer[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.startedAt = now()
  }

  see(sight: Sight): void {
    switch (sight.kind) {
      case 'connecting':
      case 'stanza':
        return
      case 'unconnected':
        this.lost = sight.failure.detail
        return
      case 'connected':
        this.connectedAt = this.#now()
        this.from = sight.from
        return
      case 'event':
        return this.#happened(sight.event)
      case 'effect':
        if (sight.effect.kind === 'ready') this.readyAt = this.#now()
        if (sight.effect.kind === 'close') this.end ??= sight.effect
        if (sight.effect.kind === 'send' && sight.effect.xml.includes('<db:result ')) this.dialback ??= 'asked'
    }
  }

  #happened(event: StreamEvent): void {
    if (event.kind === 'secured') this.secured = event.tls
    if (event.kind === 'verified') this.verdict = event.verdict
    if (event.kind !== 'element') return
    switch (columnOf(event)) {
      case 'features':
        if (this.offers.length < MOST_OFFERS) this.offers.push(this.#offer(event))
        return
      case 'success':
        this.authentication = 'accepted'
        return
      case 'sasl-failure':
        this.authentication = 'refused'
        return
      case 'db-result':
        return this.#judged(event)
      case 'db-verify':
        this.asked = true
        return
      default:
    }
  }

  /** A server that opened a stream to us claims by the same element: that is no answer. */
  #judged({ frame }: Extract<StreamEvent, { kind: 'element' }>): void {
    const word = readDialback(frame)
    if (word.kind === 'answer') this.dialback = word.answer.verdict === 'valid' ? 'accepted' : 'refused'
  }

  #offer({ frame }: Extract<StreamEvent, { kind: 'element' }>): ProbeOffer {
    const { names, mechanisms } = readFeatures(frame)
    const when = this.authentication === 'accepted' ? 'authenticated' : this.secured ? 'secured' : 'plain'
    return { when, features: names.slice(0, MOST_NAMES), mechanisms: mechanisms.slice(0, MOST_NAMES) }
  }
}
