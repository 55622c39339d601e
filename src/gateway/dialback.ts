// Dialback (XEP-0220) as the house does it: who may prove a name by it, how a claim is verified, and which keys are ours.
//
// Rule 1: a certificate that proves the claimed name is believed at once (XEP-0344). Dialback is for domains whose entry
//         says so, and for nobody else; policy is asked before DNS.
// Rule 2: SECURITY: with `conceal`, whoever has not proven a name is told the same words after the same time, whether the
//         name is unknown, blocked, needs a certificate or was verified in vain: after `limits.dialback`, when a
//         verification would have been given up. What is left to see: that some entry, whichever, lets dialback count
//         (only then is it offered); and, for whoever reads DNS or the network of a domain, whether we ask there.
// Rule 3: claims under way are bounded: in all, for each place they come from, and for each domain that is asked. The fewer
//         places are left in all, the fewer one may take, so that a handful of hosts cannot have them all.

import type { Asked } from '../net/ask.ts'
import { placeOf } from '../net/caps.ts'
import { onTheClock } from '../net/dial.ts'
import type { Delay } from '../net/race.ts'
import type { DialbackRules, Judgement, KeyQuestion, Pair, TlsInfo } from '../stream/types.ts'
import type { DialbackKeys } from '../trust/dialback-key.ts'
import type { StanzaCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import type { Confirming } from './keys/proving.ts'

export interface DialbackOptions {
  /** The house as it stands now. */
  house(): House
  readonly keys: DialbackKeys
  readonly proving: Pick<Confirming, 'confirm'>
  /** Asks the authoritative server, until the signal. Never rejects. */
  ask(question: KeyQuestion, house: House, signal: AbortSignal): Promise<Asked>
  readonly journal: Pick<Journal, 'judged' | 'vouched'>
  reference(): string
  /** Default: the real clock. */
  readonly delay?: Delay
}

/** Claims under way from one IPv4 address or IPv6 /64, and questions under way to one domain. */
const MOST_PER_ADDRESS = 20
const MOST_PER_DOMAIN = 10
/** Of the places that are left, one address may have this part. */
const SHARE = 1 / 4

/** Who claims, and what they have shown. */
export interface Claimant {
  /** DER, leaf first. */
  readonly chain: readonly Buffer[]
  readonly tls: TlsInfo
  readonly remoteAddress: string
}

interface Failure {
  readonly say: 'invalid' | StanzaCondition
  readonly reason: ReasonId
  readonly detail: string
}

export class Dialback implements Disposable {
  /** Those of every partner's stream. */
  readonly rules: DialbackRules
  readonly #options: DialbackOptions
  readonly #addresses = new Places()
  readonly #domains = new Places()
  readonly #over = new AbortController()
  #underWay = 0

  constructor(options: DialbackOptions) {
    this.#options = options
    this.rules = {
      offered: () => options.house().usesDialback,
      vouches: (question) => this.#vouches(question),
    }
  }

  /** Claims that are not decided yet. */
  get underWay(): number {
    return this.#underWay
  }

  /** Our key for a stream to `pair.remote` that has this id. */
  key({ local, remote }: Pair, id: string): string {
    return this.#options.keys.make({ receiving: remote, originating: local, id })
  }

  /** May the peer speak for `pair.remote`? Resolves after `limits.dialback` at the latest. */
  async judge(claim: KeyQuestion, claimant: Claimant): Promise<Judgement> {
    const judgement = await this.#judgement(claim, claimant)
    this.#options.journal.judged(claim, claimant.remoteAddress, judgement)
    return judgement
  }

  /** Gives up all that is under way. */
  [Symbol.dispose](): void {
    this.#over.abort()
  }

  async #judgement(claim: KeyQuestion, claimant: Claimant): Promise<Judgement> {
    const house = this.#options.house()
    const { pair } = claim
    const { chain, tls, remoteAddress } = claimant
    const refuse = (say: Failure['say'], reason: ReasonId, detail: string): Extract<Judgement, { valid: false }> => ({
      valid: false,
      ...{ pair, say, reason, detail, reference: this.#options.reference() },
    })
    if (house.isOurs(pair.remote)) return refuse('not-acceptable', 'SP-111', `${remoteAddress} claims ${pair.remote}`)
    if (!house.isOurs(pair.local)) return refuse('item-not-found', 'SP-115', `asked for ${pair.local}`)
    let verdict = house.verifyPartner(pair.remote, chain, 'client', tls)
    const refused = house.admission(pair.remote)
    const asksFor = `${pair.remote} asks for ${pair.local}`
    if (verdict.proven && refused)
      return { ...refuse('policy-violation', refused, asksFor), certificate: verdict.certificate }
    const shown = { domain: pair.remote, chain, side: 'client' } as const
    if (verdict.proven) verdict = await this.#options.proving.confirm(verdict, shown)
    if (verdict.proven) {
      return { valid: true, proven: { pair, method: 'certificate', certificate: verdict.certificate } }
    }
    const unproven = `${verdict.reason} ${verdict.detail}`.trim()
    if (!house.usesDialback) return refuse('not-authorized', verdict.reason, verdict.detail)
    if (refused && !house.conceal) return refuse('policy-violation', refused, `${asksFor}; ${unproven}`)

    const failure = await this.#failureOf(claim, unproven, claimant)
    if (failure) return refuse(failure.say, failure.reason, failure.detail)
    return { valid: true, proven: { pair, method: 'dialback', certificate: undefined } }
  }

  /** Why a claim without a certificate behind it is not believed; with `conceal` always the same, for whoever is told. */
  async #failureOf(
    claim: KeyQuestion,
    unproven: string,
    { remoteAddress, tls }: Claimant,
  ): Promise<Failure | undefined> {
    const house = this.#options.house()
    const { dialbacks, dialbackMs } = house.settings.limits
    const place = placeOf(remoteAddress)
    const left = dialbacks - this.#underWay
    const most = Math.min(MOST_PER_ADDRESS, Math.max(1, Math.floor(left * SHARE)))
    if (left <= 0 || !this.#addresses.take(place, most)) {
      return { say: 'resource-constraint', reason: 'SP-475', detail: `${this.#underWay} claims are under way` }
    }
    this.#underWay += 1
    const time = new AbortController()
    const { delay = onTheClock } = this.#options
    const callOff = delay(dialbackMs, () => time.abort())
    const end = AbortSignal.any([time.signal, this.#over.signal])
    try {
      const failure = below(house, claim.pair, tls, unproven) ?? (await this.#verify(claim, house, end))
      // Things may have changed while it was asked.
      const now = failure ?? below(this.#options.house(), claim.pair, tls, unproven)
      if (!now || !house.conceal) return now
      await aborted(end)
      return { ...now, say: 'not-authorized' }
    } finally {
      callOff()
      this.#underWay -= 1
      this.#addresses.leave(place)
    }
  }

  async #verify(claim: KeyQuestion, house: House, end: AbortSignal): Promise<Failure | undefined> {
    const { remote } = claim.pair
    if (!this.#domains.take(remote, MOST_PER_DOMAIN)) {
      return { say: 'resource-constraint', reason: 'SP-475', detail: `${remote} is being asked too often` }
    }
    const asking = this.#options.ask(claim, house, end).finally(() => this.#domains.leave(remote))
    // Giving a question up may itself take its time, and nobody shall see by it that there was one.
    const late = aborted(end).then((): Failure => ({ say: 'remote-server-timeout', reason: 'SP-474', detail: '' }))
    return Promise.race([asking.then(failureIn), late])
  }

  #vouches(question: KeyQuestion): ReturnType<DialbackRules['vouches']> {
    const { pair, id, key } = question
    if (!this.#options.house().isOurs(pair.local)) return 'item-not-found'
    const genuine = this.#options.keys.isOurs(key, { receiving: pair.remote, originating: pair.local, id })
    this.#options.journal.vouched(pair, id, genuine)
    return genuine ? 'valid' : 'invalid'
  }
}

/** Why dialback does not count for a domain, as things stand. */
function below(house: House, { local, remote }: Pair, tls: TlsInfo, unproven: string): Failure | undefined {
  const reason = house.admission(remote) ?? (house.floor(remote) === 'certificate' ? 'SP-472' : undefined)
  const detail = `${remote} asks for ${local}; ${unproven}`
  if (reason) return { say: 'not-authorized', reason, detail }
  const fault = house.handshakeFault(remote, tls)
  return fault && { say: 'not-authorized', reason: fault.reason, detail: `${detail}; ${fault.detail}` }
}

/** What the question to the authoritative server came to. XEP-0220 §2.5 */
function failureIn(asked: Asked): Failure | undefined {
  if (asked.ok) {
    const { answer } = asked
    switch (answer.verdict) {
      case 'valid':
        return undefined
      case 'invalid':
        return { say: 'invalid', reason: 'SP-470', detail: '' }
      case 'error':
        return { say: 'remote-server-not-found', reason: 'SP-473', detail: `it says ${answer.detail}` }
    }
  }
  const { reason, detail } = asked.failure
  const nowhere = reason.startsWith('SP-20') || reason === 'SP-451'
  const say = nowhere ? 'remote-server-not-found' : 'remote-server-timeout'
  return { say, reason: 'SP-473', detail: `${reason}: ${detail}` }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** So many places for each of any number of names; a name without one in use costs nothing. */
class Places {
  readonly #taken = new Map<string, number>()

  /** False when the name has as many as it may. */
  take(name: string, most: number): boolean {
    const taken = this.#taken.get(name) ?? 0
    if (taken >= most) return false
    this.#taken.set(name, taken + 1)
    return true
  }

  leave(name: string): void {
    const taken = (this.#taken.get(name) ?? 1) - 1
    if (taken > 0) this.#taken.set(name, taken)
    else this.#taken.delete(name)
  }
}
