// The attempts of one client to log in, as the gate sees them: each is claimed, and of each is told what came of it; what
// is refused is answered when and as the gate says.
//
// Rule: a log-in that ends in between counts as a guess once the core has heard what it can judge (a password, a token) or
//       has shown a challenge; not where it is the core that failed, nor for a certificate, by which nothing is guessed.

import type { ClientTransport } from '../../net/client/transport.ts'
import { EXTERNAL } from '../../stream/client/external.ts'
import type { Asked } from '../../stream/client/log-in.ts'
import { isScram } from '../../stream/client/mechanisms.ts'
import type { Known, RelayEffect, RelayEnd, RelayEvent } from '../../stream/client/relay-types.ts'
import { scramChallenge } from '../../stream/client/scram.ts'
import type { StreamCondition } from '../../xmpp/conditions.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Answer, Claim, LoginGate, SessionFacts } from './gate.ts'
import type { LogInFailure } from './journal.ts'

/** The session, as far as its log-in goes. */
export interface LogInHost {
  readonly id: string
  readonly since: number
  readonly transport: Pick<ClientTransport, 'facts'>
  end(reason: ReasonId, detail: string, condition?: StreamCondition): void
}

export interface LogInParts {
  readonly session: LogInHost
  gate(): LoginGate
  /** Tells that somebody was not let in. */
  failed(claim: Claim | undefined, failure: LogInFailure): void
  now(): number
  /** A core that has not answered for so long has failed (ms). */
  patienceMs(): number
  /** Tells the relay; must not throw. */
  feed(event: RelayEvent): void
}

export class LogIn {
  readonly #parts: LogInParts
  /** Admitted by the gate, and nothing has come of it yet. */
  #claim: Claim | undefined
  /** Has there been any? */
  #begun = false
  #nonce: string | undefined
  #mechanism = ''
  /** Would it count, if it ended now? */
  #isGuess = false
  /** When the core heard the client's last word. */
  #askedAt = 0
  #delayMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(parts: LogInParts) {
    this.#parts = parts
  }

  get claim(): Claim | undefined {
    return this.#claim
  }

  get begun(): boolean {
    return this.#begun
  }

  claimed(domain: string, { user, mechanism, scram }: Asked): void {
    const { gate, session, feed } = this.#parts
    const claim: Claim = { domain, user, mechanism }
    this.#begun = true
    this.#isGuess = false
    this.#mechanism = mechanism
    this.#nonce = scram?.nonce
    const verdict = gate().claimed(claim, session.transport.facts)
    if (verdict.admitted) {
      this.#claim = claim
      return feed({ kind: 'admitted' })
    }
    this.#parts.failed(claim, verdict)
    feed({ kind: 'refused' })
    this.#answer(verdict.answer)
  }

  /** The core hears a word of the client. */
  heard(): void {
    this.#askedAt = this.#parts.now()
    if (!isScram(this.#mechanism) && this.#mechanism !== EXTERNAL) this.#isGuess = true
  }

  /** The core has shown a challenge, which waits as long as the gate says. */
  challenged({ shown }: Extract<RelayEffect, { kind: 'challenged' }>): void {
    const claim = this.#claim
    this.#isGuess = true
    const tookMs = this.#parts.now() - this.#askedAt
    this.#soon(claim ? this.#parts.gate().challenged(claim, shown, tookMs) : 0, { kind: 'show' })
  }

  failed({ condition, challenged, reason, detail }: Extract<RelayEffect, { kind: 'failed' }>): void {
    const { gate, now } = this.#parts
    const claim = this.#claim
    this.#claim = undefined
    this.#begun = true
    this.#parts.failed(claim, { reason, detail })
    if (claim && (challenged || condition === 'not-authorized'))
      return this.#answer(gate().failed(claim, { challenged, tookMs: now() - this.#askedAt }))
    // Whatever else the core says, it has judged nothing.
    if (claim) gate().abandoned(claim, false)
    this.#answer({ delayMs: 0 })
  }

  /** The client has answered what leads nowhere. */
  misled(): void {
    this.#tell(this.#delayMs)
  }

  /** The core has said yes; undefined: the gate has not, and the session is over. */
  succeeded({ user, domain }: Known): SessionFacts | undefined {
    const { gate, session } = this.#parts
    const claim = this.#claim
    if (!claim) throw new Error('a log-in that nobody asked for')
    const { mechanism } = claim
    const { id, since } = session
    const facts: SessionFacts = {
      id,
      user,
      domain,
      mechanism,
      client: session.transport.facts,
      since,
      address: undefined,
    }
    this.#claim = undefined
    const verdict = gate().succeeded(claim, facts)
    if (verdict.admitted) return facts
    this.#parts.failed(claim, verdict)
    session.end(verdict.reason, verdict.detail)
    return undefined
  }

  /** The session is over, for this. */
  abandoned(end: Ending): void {
    clearTimeout(this.#timer)
    if (this.#claim) this.#parts.gate().abandoned(this.#claim, this.#isGuess && !this.#isOfTheCore(end))
    this.#claim = undefined
  }

  /** Is it the core that failed? Its faults must lock nobody. */
  #isOfTheCore({ reason, condition }: Ending): boolean {
    // SECURITY: the client chooses how long before the end of `limits.negotiation` it speaks. Whoever leaves the core no time
    // must be counted, since the core goes on to judge.
    if (reason === 'SP-870') return this.#parts.now() - this.#askedAt >= this.#parts.patienceMs()
    if (reason !== 'SP-805') return OF_THE_CORE.has(reason)
    return condition === undefined || !OF_THE_CLIENT.has(condition)
  }

  #answer({ delayMs, decoy }: Answer): void {
    if (delayMs === 'cut') return this.#parts.session.end('SP-808', 'too many answers wait already', 'policy-violation')
    this.#delayMs = delayMs
    const nonce = this.#nonce
    this.#nonce = undefined
    if (!decoy || nonce === undefined) return this.#tell(delayMs)
    const message = scramChallenge(nonce, decoy)
    this.#soon(decoy.delayMs, { kind: 'mislead', message })
  }

  #tell(ms: number): void {
    this.#later(ms, { kind: 'told' })
  }

  /** A challenge is due; where it need not wait, it does not. */
  #soon(ms: number, event: RelayEvent): void {
    if (ms > 0) this.#later(ms, event)
    else this.#parts.feed(event)
  }

  #later(ms: number, event: RelayEvent): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#parts.feed(event), ms)
  }
}

type Ending = Pick<RelayEnd, 'reason' | 'condition'>

/** Lost, at odds with itself. */
const OF_THE_CORE: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-806', 'SP-807'])
/** What a core may say of a client: its answer to a guess, for all we know. */
const OF_THE_CLIENT: ReadonlySet<StreamCondition> = new Set<StreamCondition>([
  'connection-timeout',
  'not-authorized',
  'policy-violation',
  'undefined-condition',
])
