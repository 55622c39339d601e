// The gate of remote users: asks the policy who may, and the guard how often it has failed; says how long an answer waits
// and what it looks like; and holds sessions against the policy for as long as they are up.
//
// Rule 1: the core hears of nothing that is refused here, so that no lock of its directory can be caused from outside.
// Rule 2: the answer to a refused log-in follows from nothing but the mechanism, the name, and chance.

import { dirname, join } from 'node:path'
import type { ClientFacts } from '../../net/client/transport.ts'
import { Arrivals } from '../../policy/limits/arrivals.ts'
import type { Access } from '../../policy/remote/access.ts'
import { Guard, type AccountFailures, type Attempt, type GuardLimits, type Lock } from '../../policy/remote/guard.ts'
import type { KnownPlace, PlaceChanges } from '../../policy/remote/known-places.ts'
import { EXTERNAL } from '../../stream/client/external.ts'
import { isScram } from '../../stream/client/mechanisms.ts'
import type { ScramChallenge } from '../../stream/client/scram.ts'
import type { FailureBounds } from '../../store/store.ts'
import { KeptText } from '../../trust/kept-text.ts'
import { KeyedDigest } from '../../trust/keyed-digest.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { House } from '../house.ts'
import { Decoys, type DecoyParts } from './decoys.ts'
import type { Answer, Claim, CoreRefusal, GateStatus, LoginGate, SessionFacts, Verdict } from './gate.ts'
import { readShapes, writeShapes, type KnownWay } from './kept-shapes.ts'
import { Waiting } from './waiting.ts'

export interface LoginGuardParts extends DecoyParts {
  readonly access: () => Access
  readonly limits: () => LoginLimits
  readonly now: () => number
  /** The same by a clock that nobody sets; absent: as `now`. */
  readonly steady?: () => number
  /** Unguessable, 32 bits. */
  readonly key: number
  readonly places: PlaceKeeper
  readonly failures: FailureKeeper
  readonly shapes: ShapeKeeper
}

/** Where it is kept what challenges of the core look like. */
export interface ShapeKeeper {
  recall(): readonly KnownWay[]
  keep(ways: readonly KnownWay[]): void
}

/** Where it is kept from which networks users have logged in. */
export interface PlaceKeeper {
  /** The longest unseen first. @throws StoreError */
  recall(): readonly KnownPlace[]
  /** False: not now. */
  keep(changes: PlaceChanges): boolean
}

/** Where failed log-ins of accounts are kept. */
export interface FailureKeeper {
  /** The last one at the end. @throws StoreError */
  recall(): readonly AccountFailures[]
  /** False: not now. */
  keep(changes: readonly AccountFailures[], bounds: FailureBounds): boolean
}

/** Of the settings. */
export interface LoginLimits {
  readonly remoteFailuresPerAccount: number
  readonly remoteFailuresPerAddress: number
  readonly remoteFailuresPerNetwork: number
  readonly remoteFailuresKept: number
  readonly remoteFailureWindowMs: number
  readonly remoteRefusalMs: number
  readonly remoteAnswers: number
  readonly remoteConnections: number
  readonly remoteConnectionsPerNetwork: number
}

/** A handshake that fails costs as much as so many connections. */
const FUMBLE_COST = 5

export class LoginGuard implements LoginGate {
  readonly #parts: LoginGuardParts
  readonly #guard: Guard
  readonly #waiting: Waiting
  readonly #decoys: Decoys
  readonly #arrivals: Arrivals
  readonly #attempts = new WeakMap<Claim, Attempt>()
  /** Sessions of each user, the oldest first. */
  readonly #sessions = new Map<string, Set<string>>()

  constructor(parts: LoginGuardParts) {
    this.#parts = parts
    const { limits, key } = parts
    this.#guard = new Guard(() => guardLimits(limits()), key)
    this.#guard.known.restore(parts.places.recall())
    this.#guard.restore(parts.failures.recall(), parts.now())
    this.#waiting = new Waiting({
      limits: () => ({ refusalMs: limits().remoteRefusalMs, answers: limits().remoteAnswers }),
      random: () => parts.random(),
    })
    this.#decoys = new Decoys(parts, parts.shapes.recall())
    this.#arrivals = new Arrivals(() => {
      const { remoteConnections, remoteConnectionsPerNetwork, remoteFailuresKept } = limits()
      return { perAddress: remoteConnections, perNetwork: remoteConnectionsPerNetwork, places: remoteFailuresKept }
    })
  }

  connecting(address: string): ReasonId | undefined {
    return this.#arrivals.enter(address, this.#steady()) ? undefined : 'SP-840'
  }

  knows(address: string): boolean {
    return this.#guard.knows(address)
  }

  fumbled(address: string): void {
    this.#arrivals.charge(address, this.#steady(), FUMBLE_COST)
  }

  before(domain: string): Verdict {
    if (!this.#parts.access().isShut) return { admitted: true }
    return { admitted: false, reason: 'SP-801', detail: `asks for ${domain}`, answer: { delayMs: 0 } }
  }

  claimed(claim: Claim, client: ClientFacts): Verdict {
    const now = this.#parts.now()
    const { user } = claim
    const denied = user === undefined ? undefined : this.#ask(user, claim.mechanism, client)
    const begun = denied ?? this.#guard.begin(user, client.remoteAddress, now, isByCard(claim.mechanism))
    if (typeof begun !== 'string') {
      this.#attempts.set(claim, begun)
      return { admitted: true }
    }
    const detail = `${user ?? 'somebody'} by ${claim.mechanism} from ${client.remoteAddress}`
    return { admitted: false, reason: begun, detail, answer: this.#answer(claim, undefined, false) }
  }

  challenged(claim: Claim, shown: ScramChallenge, tookMs: number): number {
    return this.#decoys.learn(claim, shown, tookMs)
  }

  failed(claim: Claim, { challenged, tookMs }: CoreRefusal): Answer {
    const now = this.#parts.now()
    const attempt = this.#over(claim)
    if (attempt) {
      this.#guard.failed(attempt, now)
      this.#waiting.learn(tookMs)
    }
    return this.#answer(claim, tookMs, challenged)
  }

  succeeded(claim: Claim, session: SessionFacts): Verdict {
    const attempt = this.#over(claim)
    if (attempt) this.#guard.succeeded(attempt, session.user, this.#parts.now())
    const reason = this.#ask(session.user, claim.mechanism, session.client)
    if (reason) return { admitted: false, reason, detail: session.user, answer: { delayMs: 0 } }
    const sessions = this.#sessions.get(session.user) ?? new Set()
    this.#sessions.set(session.user, sessions.add(session.id))
    return { admitted: true }
  }

  abandoned(claim: Claim, guessed: boolean): void {
    const now = this.#parts.now()
    const attempt = this.#over(claim)
    if (!attempt) return
    // SECURITY: whoever goes before the answer comes has guessed all the same.
    if (guessed) this.#guard.failed(attempt, now)
    else this.#guard.abandoned(attempt, now)
  }

  objection({ id, user, mechanism, client }: SessionFacts): ReasonId | undefined {
    const { reason, grant } = this.#parts.access().ask(this.#question(user, mechanism, client))
    if (reason || !grant) return reason ?? 'SP-830'
    const sessions = this.#sessions.get(user)
    if (!sessions || sessions.size <= grant.terms.sessions) return undefined
    // The newest stay: a client that has lost its network is back before we notice.
    const place = [...sessions].toReversed().indexOf(id)
    return place >= grant.terms.sessions ? 'SP-836' : undefined
  }

  ended({ id, user }: SessionFacts): void {
    const sessions = this.#sessions.get(user)
    sessions?.delete(id)
    if (sessions?.size === 0) this.#sessions.delete(user)
  }

  locks(): readonly Lock[] {
    return this.#guard.locks(this.#parts.now())
  }

  /** Forgets the failures of a user, or of an address and its network; gives how many there were. */
  unlock(what: { readonly user: string } | { readonly address: string }): number {
    if ('address' in what) this.#arrivals.forget(what.address)
    return this.#guard.unlock(what, this.#parts.now())
  }

  keep(): void {
    const learnt = this.#decoys.learnt()
    if (learnt) this.#parts.shapes.keep(learnt)
    this.#keepFailures()
    const { known } = this.#guard
    const changes = known.changes()
    if (changes.changed.length + changes.gone.length === 0) return
    if (!this.#parts.places.keep(changes)) known.keepLater(changes)
  }

  #keepFailures(): void {
    const { failures, limits } = this.#parts
    const now = this.#parts.now()
    const changes = this.#guard.changes(now)
    if (changes.length === 0) return
    const { remoteFailureWindowMs, remoteFailuresKept } = limits()
    const bounds = { over: now - remoteFailureWindowMs, most: 2 * remoteFailuresKept }
    if (!failures.keep(changes, bounds)) this.#guard.keepLater(changes)
  }

  get status(): GateStatus {
    const { accounts, places, users, blurred } = this.#guard.figures
    return {
      locks: this.locks().length,
      counted: accounts + places,
      knownUsers: users,
      blurred,
      answersWaiting: this.#waiting.count(this.#parts.now()),
      answersCut: this.#waiting.unanswered,
    }
  }

  #steady(): number {
    const { now, steady = now } = this.#parts
    return steady()
  }

  #over(claim: Claim): Attempt | undefined {
    const attempt = this.#attempts.get(claim)
    this.#attempts.delete(claim)
    return attempt
  }

  #ask(user: string, mechanism: string, client: ClientFacts): ReasonId | undefined {
    return this.#parts.access().ask(this.#question(user, mechanism, client)).reason
  }

  #question(user: string, mechanism: string, client: ClientFacts) {
    return { user, address: client.remoteAddress, certificate: isByCard(mechanism), now: this.#parts.now() }
  }

  /**
   * How a log-in is told that it came to nothing, so long after the core heard of it, where it did; `challenged`: it has been shown a
   * challenge. Where it has not, its last word is still to come.
   */
  #answer(claim: Claim, tookMs: number | undefined, challenged: boolean): Answer {
    const isShort = challenged || claim.user === undefined || !isScram(claim.mechanism)
    const delayMs = this.#waiting.answer((isShort && tookMs) || 0, this.#parts.now())
    return isShort ? { delayMs } : { delayMs, decoy: this.#decoys.make(claim, tookMs) }
  }
}

/** The gate of a gateway; `file`: where the secret is kept that decoys are made from; what they look like is kept beside it. */
export async function openLoginGate({ file, ...parts }: GateParts): Promise<(house: () => House) => LoginGate> {
  const secret = await KeyedDigest.kept(file)
  const kept = await KeptText.open(join(dirname(file), 'decoys.json'))
  const shapes: ShapeKeeper = {
    recall: () => readShapes(kept.text),
    keep: (ways) => void kept.keep(writeShapes(ways)),
  }
  return (house) =>
    new LoginGuard({
      access: () => house().access,
      limits: () => house().settings.limits,
      digest: (text) => secret.digest(text),
      key: secret.digest('guard').readInt32BE(0),
      ...parts,
      shapes,
    })
}

interface GateParts extends Pick<LoginGuardParts, 'now' | 'steady' | 'random' | 'places' | 'failures'> {
  readonly file: string
}

const isByCard = (mechanism: string): boolean => mechanism === EXTERNAL

const guardLimits = (limits: LoginLimits): GuardLimits => ({
  failuresPerAccount: limits.remoteFailuresPerAccount,
  failuresPerAddress: limits.remoteFailuresPerAddress,
  failuresPerNetwork: limits.remoteFailuresPerNetwork,
  windowMs: limits.remoteFailureWindowMs,
  kept: limits.remoteFailuresKept,
})
