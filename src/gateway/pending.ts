// Domains that no entry of the partner list is about, where federation is by asking: each is refused, and written down once with
// what it wanted; when it has proven its name, a probe says what it is like. An administrator lets it in, or blocks it.
//
// Rule 1: what is told to whoever asks is what a domain hears that is on no list: nothing here decides, it only remembers.
// Rule 2: a probe comes after the refusal, once for each domain, one at a time and not too many in a minute. Of names that nobody
//         has proven nothing is asked, not even of DNS.

import type { Judgement, KeyQuestion } from '../stream/types.ts'
import type { StreamFailure } from '../net/reception.ts'
import type { Facts } from '../policy/facts.ts'
import {
  PendingDomains,
  type PendingChanges,
  type PendingDomain,
  type ProbeWords,
  type Refused,
  type Wish,
} from '../policy/pending.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { House } from './house.ts'
import type { Journal, Refusal } from './journal.ts'
import { placeOf, firstFault } from './probe/findings.ts'
import { ProbeRefused, type Probes } from './probe/probes.ts'
import type { ProbeReport } from './probe/report.ts'

/** Who keeps them over restarts. */
export interface PendingKeeper {
  recall(): readonly PendingDomain[]
  /** False: not now. */
  keep(changes: PendingChanges): boolean
}

/** One that waits, for whoever decides. Times are ISO 8601, UTC. */
export interface PendingStatus extends Omit<PendingDomain, 'firstAt' | 'lastAt' | 'inbound' | 'outbound' | 'probe'> {
  readonly firstAt: string
  readonly lastAt: string
  readonly inbound: WishStatus | undefined
  readonly outbound: WishStatus | undefined
  readonly probe: (Omit<ProbeWords, 'at'> & { readonly at: string }) | undefined
}

type WishStatus = Omit<Wish, 'at'> & { readonly at: string }

export interface PendingOptions {
  house(): House
  /** Absent: they are remembered until the end of the process. */
  readonly pendingKeeper?: PendingKeeper
  readonly probes: Pick<Probes, 'run'>
  readonly journal: Pick<Journal, 'asks' | 'lookedAt' | 'bug'>
  /** Why nobody is to be met any more; undefined: they may. */
  shut(): ReasonId | undefined
  reference(): string
  now(): number
}

/** The reason for which a domain waits. */
const WAITS = 'SP-161' satisfies ReasonId
/** From one probe to the next, at least. */
const PACE_MS = 5000
const PROBE_MS = 20_000
const SWEEP_MS = 60_000

export class Pending {
  readonly #o: PendingOptions
  readonly #domains: PendingDomains
  #probing: string | undefined
  #probedAt = -Infinity
  #sweptAt = -Infinity

  /** @throws StoreError */
  constructor(options: PendingOptions) {
    this.#o = options
    this.#domains = new PendingDomains(
      options.pendingKeeper?.recall() ?? [],
      () => options.house().settings.limits.pendingDomains,
    )
  }

  /** Who asked last comes first. */
  list(): readonly PendingStatus[] {
    return this.#domains.all().map(pendingStatus)
  }

  /** How many wait, and how many gave way to others since the start. */
  get figures(): { readonly waiting: number; readonly pushedOut: number } {
    return { waiting: this.#domains.size, pushedOut: this.#domains.pushedOut }
  }

  /** A stream of a peer never became ready. */
  failed({ reason, pair, certificate, reference, remoteAddress, leg }: StreamFailure): void {
    if (reason !== WAITS || leg !== 'partner' || pair === undefined || certificate === undefined) return
    this.#wantsStream(pair, certificate, reference, remoteAddress)
  }

  /** A claim of a domain on a stream was decided. */
  judged({ pair }: KeyQuestion, remoteAddress: string, judgement: Judgement): void {
    if (judgement.valid || judgement.reason !== WAITS || judgement.certificate === undefined) return
    this.#wantsStream(pair, judgement.certificate, judgement.reference, remoteAddress)
  }

  /** A stanza was refused. */
  refused({ direction, from, to, toDomain, kind, at }: Facts, { reason, reference }: Refusal): void {
    if (reason !== WAITS || direction !== 'outbound' || from === undefined || toDomain === undefined) return
    const wish = { at, from, to: to ?? toDomain, kind, reference, peerAddress: undefined }
    this.#notice({ domain: toDomain, direction, wish })
  }

  /** Forgets those there is an entry for. */
  enforce(): void {
    this.#sweptAt = this.#o.now()
    const { partners, ours } = this.#o.house()
    this.#domains.sweep((domain) => partners.find(domain) !== undefined || ours.has(domain), this.#sweptAt)
  }

  /** Once a second. */
  tick(): void {
    const { now, house, shut } = this.#o
    if (now() - this.#sweptAt >= SWEEP_MS) this.enforce()
    this.flush()
    if (this.#probing !== undefined || now() - this.#probedAt < PACE_MS) return
    if (house().settings.federation.mode !== 'ask' || shut() !== undefined) return
    const next = this.#domains.next()
    if (next !== undefined) void this.#probe(next)
  }

  flush(): void {
    const { pendingKeeper: keeper } = this.#o
    if (keeper) this.#domains.flush((changes) => keeper.keep(changes))
  }

  #wantsStream(
    { local, remote }: KeyQuestion['pair'],
    certificate: NonNullable<Refused['certificate']>,
    reference: string,
    peerAddress: string,
  ): void {
    const { subject, issuer, names, notAfter, spki } = certificate
    const wish = { at: this.#o.now(), from: remote, to: local, kind: 'stream', reference, peerAddress } as const
    const shown = { subject, issuer, names, notAfter, spki }
    this.#notice({ domain: remote, direction: 'inbound', wish, certificate: shown })
  }

  #notice(refused: Refused): void {
    // Their answer to our own question is no question of theirs.
    if (this.#probing === refused.domain && this.#domains.find(refused.domain)) return
    const noticed = this.#domains.refused(refused)
    const pending = this.#domains.find(refused.domain)
    if (noticed !== 'again' && pending) this.#o.journal.asks(pending)
  }

  /** Never rejects. */
  async #probe({ domain, inbound }: PendingDomain): Promise<void> {
    const { house, probes, journal, reference, now } = this.#o
    this.#probing = domain
    this.#probedAt = now()
    try {
      const local = inbound?.to
      const from = local !== undefined && house().isOurs(local) ? local : undefined
      const report = await probes.run({ domain, from, timeoutMs: PROBE_MS }, () => undefined)
      const looked = this.#domains.probed(domain, wordsOf(report, now()))
      if (looked) journal.lookedAt(looked)
    } catch (error) {
      // Administrators are probing: another time.
      if (!(error instanceof ProbeRefused)) journal.bug(error, reference())
    } finally {
      this.#probing = undefined
    }
  }
}

/** What a probe found, in short. */
export function wordsOf({ findings, attempts }: ProbeReport, at: number): ProbeWords {
  const fault = firstFault(findings)
  if (fault) return { at, good: false, says: fault.sentence, reason: fault.reason, act: fault.act }
  const ready = attempts.find(({ readyMs }) => readyMs !== undefined)
  const tls = ready?.secured ? `, ${ready.secured.version} ${ready.secured.cipher}` : ''
  const proof = ready?.certificate?.anchor === undefined ? '' : `, certified by ${ready.certificate.anchor}`
  const says = ready ? `${placeOf(ready)} answers${tls}${proof}` : 'nothing is wrong'
  return { at, good: true, says, reason: undefined, act: undefined }
}

export function pendingStatus({ firstAt, lastAt, inbound, outbound, probe, ...rest }: PendingDomain): PendingStatus {
  return {
    ...rest,
    firstAt: iso(firstAt),
    lastAt: iso(lastAt),
    inbound: inbound && { ...inbound, at: iso(inbound.at) },
    outbound: outbound && { ...outbound, at: iso(outbound.at) },
    probe: probe && { ...probe, at: iso(probe.at) },
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The same journal; those who wait hear of it too. */
export function pendingJournal(journal: Journal, pending: () => Pending): Journal {
  return {
    ...journal,
    failed(failure) {
      journal.failed(failure)
      pending().failed(failure)
    },
    judged(claim, remoteAddress, judgement) {
      journal.judged(claim, remoteAddress, judgement)
      pending().judged(claim, remoteAddress, judgement)
    },
    refused(facts, stream, refusal, answered) {
      journal.refused(facts, stream, refusal, answered)
      pending().refused(facts, refusal)
    },
  }
}
