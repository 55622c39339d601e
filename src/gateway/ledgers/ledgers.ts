// What the gateway owes both sides: an answer to every question that has crossed, and the truth about who is there. Told
// of everything that crosses and of every stream that comes and goes, it finds who is gone and sets right what others
// believe.

import type { DialFailure } from '../../net/dial.ts'
import type { Stream, StreamEnd } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Bounce } from '../bounce.ts'
import type { LedgerStatus } from '../control.ts'
import { legOf, type Leg } from '../leg.ts'
import type { House } from '../house.ts'
import type { Journal } from '../journal.ts'
import type { Ways } from '../ways.ts'
import type { Parcel } from '../links/parcels.ts'
import { Occupants } from '../occupants.ts'
import { isBehind, leavesDoubt, type Peer, peerOf, Peers, refusalLeavesDoubt, type Trouble } from '../peers.ts'
import { PresenceLedger } from './presence-ledger.ts'
import { isAnswer, isQuestion, type Question, Questions } from './questions.ts'
import type { Streams } from '../streams.ts'

export interface LedgersOptions {
  house(): House
  readonly ways: Pick<Ways, 'back'>
  readonly streams: Streams
  readonly journal: Pick<Journal, 'takenBack' | 'askedAgain' | 'ledgers' | 'bug'>
  /** Answers a question in the place of whom it asks. */
  answer(question: Question, why: Bounce): void
  /** Those at domains that are gone are in no room any more, and nobody is in rooms there. */
  gone(isGone: (domain: string) => boolean): void
  reference(): string
  now(): number
}

/** Between two attempts to reach somebody who may be gone; more often where there is less time. */
const AGAIN_MS = 5000
/** What fails for these says nothing about the peer: we have given up, or made a mistake. */
const OUR_FAULT: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-217', 'SP-360', 'SP-431', 'SP-471', 'SP-491', 'SP-629'])

export class Ledgers implements Disposable {
  readonly #options: LedgersOptions
  readonly #questions: Questions
  readonly #presences: PresenceLedger
  readonly #peers = new Peers()
  /** Who is behind nicks in rooms. */
  readonly occupants = new Occupants()

  constructor(options: LedgersOptions) {
    this.#options = options
    this.#questions = new Questions(
      () => options.house().settings.limits.questions,
      (domain) => options.house().partners.find(domain)?.domain ?? domain,
    )
    this.#presences = new PresenceLedger({
      ...options,
      ...{
        reachable: (domain: string) => this.#reachable(domain),
        behind: (nick: string) => this.occupants.behind(nick),
      },
    })
  }

  get status(): LedgerStatus {
    const [questions, presences, peers] = [this.#questions.figures, this.#presences.figures, this.#peers.figures]
    return {
      questions: questions.open,
      questionsUntracked: questions.untracked,
      presences: presences.remembered,
      presencesDue: presences.due,
      presencesUntracked: presences.untracked,
      occupants: this.occupants.size,
      peersDoubted: peers.doubted,
      peersLost: peers.lost,
    }
  }

  /** True when somebody could do nothing with presence that we took back or asked for; that is nobody else's affair. */
  take(frame: Frame): boolean {
    return this.#presences.take(frame)
  }

  /** Is this an answer to a question that we have answered already? Then it must not cross. */
  isLate(frame: Frame): boolean {
    return isAnswer(frame) && this.#questions.answered(frame) === 'late'
  }

  /** Is its sender in the room at whose nick it goes, as far as is remembered? */
  isGuest(frame: Frame): boolean {
    return this.#presences.isGuest(frame)
  }

  /** Is one of the two in the room that the other is in, or is, as far as is remembered? */
  inRoom(frame: Frame): boolean {
    return this.#presences.inRoom(frame)
  }

  /** Does its recipient believe its sender to be there, as far as is remembered? */
  isBelieved(frame: Frame): boolean {
    return this.#presences.isBelieved(frame)
  }

  /** A stanza crosses, at this time (ms); what is to be kept with it is the question it asks. */
  crossed(frame: Frame, at: number, leg: Leg, pair: Pair): Question | undefined {
    if (frame.name === 'presence') this.#presences.crossed(frame)
    return isQuestion(frame) ? this.#questions.asked(frame, at, leg, pair) : undefined
  }

  /** A stanza that had crossed comes back. False when its sender has had their answer. */
  bounced({ frame, question }: Parcel): boolean {
    if (frame?.name === 'presence') this.#presences.bounced(frame)
    return question === undefined || this.#questions.settle(question, this.#options.now())
  }

  /** A stream has become ready, or speaks for a further pair. */
  opened({ info }: Stream, pair = info.pair): void {
    const peer = peerOf(legOf(info.leg), pair)
    const was = this.#peers.back(peer)
    if (was === 'doubt') this.#presences.makeSure(peer)
    this.#presences.recover(peer, was === 'there' ? pair : undefined)
  }

  ended(stream: Stream, end: StreamEnd): void {
    const leg = legOf(stream.info.leg)
    for (const { pair } of stream.proven) {
      const peer = peerOf(leg, pair)
      if (leavesDoubt(end)) this.#doubt(leg, pair, end)
      this.#peers.recount(peer, this.#signs(peer))
    }
  }

  notOpened({ leg, pair, ...failure }: DialFailure): void {
    if (!leg || !pair || failure.reason.startsWith('SP-1') || OUR_FAULT.has(failure.reason)) return
    if (!refusalLeavesDoubt(failure)) return
    if (!this.#isUp(peerOf(legOf(leg), pair))) this.#doubt(legOf(leg), pair, failure)
  }

  /** Once a second: questions that nobody answers, and peers that do not come back. */
  tick(): void {
    const { now, ways, house, journal } = this.#options
    const { iqAnswerMs, peerReturnMs } = house().settings.limits
    const at = now()
    const detail = `no answer within ${Math.round(iqAnswerMs / 1000)} s`
    for (const question of this.#questions.olderThan(at - iqAnswerMs))
      this.#settle(question, { reason: 'SP-521', detail })
    this.#questions.sweep(at)
    const swept = this.#peers.sweep(
      { returnMs: peerReturnMs, againMs: Math.min(AGAIN_MS, peerReturnMs / 4), signs: (peer) => this.#signs(peer) },
      at,
    )
    for (const { peer, pair } of swept.reach) {
      if (this.#concerns(peer)) ways.back(peer.leg, pair.local, pair.remote)?.wake()
      else this.#peers.forget(peer)
    }
    for (const peer of swept.alive) this.#presences.recover(peer)
    for (const trouble of swept.lost) {
      this.#lost(trouble)
      if (!this.#concerns(trouble.peer)) this.#peers.forget(trouble.peer)
    }
    for (const peer of swept.forgotten) this.#presences.forget(peer)
    this.#presences.tick()
    journal.ledgers(this.status)
  }

  /** Domains outside that are no longer admitted: both sides see each other go before the streams between them close. */
  enforce(): void {
    const { house, now } = this.#options
    this.#peers.readmit((domain) => house().admission(domain) === undefined)
    const dismissed: Peer[] = []
    for (const domain of this.#presences.outside()) {
      const reason = house().admission(domain)
      const peer: Peer = { leg: 'partner', domain }
      if (reason === undefined || this.#peers.isDismissed(peer)) continue
      this.#peers.dismiss(peer, now())
      this.#presences.dismissed(peer, reason)
      dismissed.push(peer)
    }
    if (dismissed.length > 0) this.#gone(dismissed)
  }

  /** Domains that were ours until now: those of them that are not ours any more see nobody, and are seen by nobody. */
  left(former: Iterable<string>): void {
    const gone = [...former].filter((domain) => !this.#house.isOurs(domain))
    for (const domain of gone) this.#presences.left(domain)
    if (gone.length > 0) this.#options.gone((domain) => gone.includes(domain))
  }

  /** The settings are others than these: what was seen before is seen only as far as they say now. */
  changed(former: House): void {
    this.left(former.ours)
    this.#presences.changed(former)
  }

  /** Nothing crosses any more: whoever waits for an answer gets ours. */
  close(why: Bounce): void {
    for (const question of this.#questions.olderThan(Number.POSITIVE_INFINITY)) this.#settle(question, why)
  }

  [Symbol.dispose](): void {
    this.#presences[Symbol.dispose]()
  }

  // --- questions ---

  #settle(
    question: Question,
    why: { readonly reason: ReasonId; readonly detail: string; readonly reference?: string },
  ): void {
    const { answer, now, reference } = this.#options
    if (this.#questions.settle(question, now())) answer(question, { reference: reference(), ...why })
  }

  // --- peers ---

  #doubt(leg: Leg, pair: Pair, { reason, reference }: { readonly reason: ReasonId; readonly reference: string }): void {
    const peer = peerOf(leg, pair)
    const since = this.#options.now()
    if (this.#concerns(peer)) this.#peers.doubt({ peer, pair, reason, reference, since }, this.#signs(peer))
    if (peer.leg === 'core') return
    // Their other names are probably served by the same server, and may have no stream that could break.
    for (const { local, remote } of this.#relatives(peer.domain)) {
      const relative: Peer = { leg: 'partner', domain: remote }
      if (this.#isUp(relative)) continue
      this.#peers.doubt({ peer: relative, pair: { local, remote }, reason, reference, since }, 0)
    }
  }

  *#relatives(domain: string): Iterable<Pair> {
    const { partners } = this.#house
    const entry = partners.find(domain)
    if (!entry) return
    for (const pair of this.#presences.pairs()) {
      if (pair.remote !== domain && partners.find(pair.remote) === entry) yield pair
    }
  }

  #lost(trouble: Trouble): void {
    const { peer, reason, since, reference } = trouble
    for (const question of this.#questions.olderThan(since)) {
      if (question.leg !== peer.leg || !this.#isBehind(peer, question.pair.remote)) continue
      this.#settle(question, { reason: 'SP-522', detail: `${reason}, see ${reference}` })
    }
    this.#presences.lost(peer, 'SP-522')
    this.#gone([peer])
    for (const stream of this.#streamsOf(peer)) {
      if (stream.open) stream.close('SP-524', { detail: `${reason}, see ${reference}` })
    }
  }

  /** All at once, as whoever is told goes over all that it knows. */
  #gone(peers: readonly Peer[]): void {
    const { partners } = this.#house
    const outside = new Set(peers.flatMap((peer) => (peer.leg === 'core' ? [] : peer.domain)))
    const isCore = peers.some(({ leg }) => leg === 'core')
    this.#options.gone((domain) => {
      const served = partners.behind(domain) ?? domain
      return outside.has(served) || (isCore && this.#house.isOurs(served))
    })
  }

  // --- who is who ---

  get #house(): House {
    return this.#options.house()
  }

  #isBehind(peer: Peer, domain: string): boolean {
    return isBehind(peer, domain, (one) => this.#house.isOurs(one))
  }

  #reachable(domain: string): boolean {
    if (this.#house.isOurs(domain)) return this.#peers.isThere({ leg: 'core' })
    return this.#house.admission(domain) === undefined && this.#peers.isThere({ leg: 'partner', domain })
  }

  #concerns(peer: Peer): boolean {
    return this.#questions.waitFor(peer.leg, peer.leg === 'core' ? '' : peer.domain) || this.#presences.concerns(peer)
  }

  *#streamsOf(peer: Peer): Iterable<Stream> {
    for (const stream of this.#options.streams.all()) {
      const leg = legOf(stream.info.leg)
      const speaks = leg === 'core' || stream.proven.some(({ pair }) => this.#isBehind(peer, pair.remote))
      if (leg === peer.leg && speaks) yield stream
    }
  }

  #isUp(peer: Peer): boolean {
    for (const stream of this.#streamsOf(peer)) if (stream.open) return true
    return false
  }

  #signs(peer: Peer): number {
    let bytes = 0
    for (const stream of this.#streamsOf(peer)) if (stream.open) bytes += stream.info.counters.bytesIn
    return bytes
  }
}
