// Who is believed to be there, and what becomes of it when those who know are gone: taken back, owed, asked for again.
// Says nothing about when a peer is gone; `ledgers.ts` finds that out.

import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { House } from '../house.ts'
import { undecorated } from '../decorated.ts'
import type { Journal } from '../journal.ts'
import type { Ways } from '../ways.ts'
import { isBehind, type Peer } from '../peers.ts'
import { changing, mayBeSeen } from './changing.ts'
import { type PresenceFigures, Presences } from './presences.ts'
import { type Belief, isBelieved, type Sight, type Sights } from './sights.ts'
import { Slices } from './slices.ts'
import { farewell, greeting, mayBeAsked, TakingBack } from './taking-back.ts'

export interface PresenceLedgerOptions {
  house(): House
  readonly ways: Pick<Ways, 'back'>
  readonly journal: Pick<Journal, 'takenBack' | 'askedAgain' | 'bug'>
  /** Who is behind a nick of a room, as far as it is known. */
  behind(nick: string): readonly string[]
  /** Is whoever is behind this domain there, and may be spoken to? */
  reachable(domain: string): boolean
  reference(): string
  now(): number
}

/** Between two rounds of what has to be said. */
const ROUND_MS = 50

export class PresenceLedger implements Disposable {
  readonly #options: PresenceLedgerOptions
  readonly #presences: Presences
  readonly #takingBack: TakingBack
  readonly #slices = new Slices()
  readonly #id: string
  /** Until when those who were asked for have to have shown themselves. */
  readonly #awaited = new Map<Sights, number>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: PresenceLedgerOptions) {
    const { house, ways, reachable, reference } = options
    const isOurs = (domain: string): boolean => house().isOurs(domain)
    this.#options = options
    this.#id = `sallyport-presence-${reference()}`
    this.#presences = new Presences(
      () => house().settings.limits.presences,
      (from, to) => {
        const outside = isOurs(from) ? to : from
        return house().partners.find(outside)?.domain ?? outside
      },
    )
    this.#takingBack = new TakingBack({
      presences: this.#presences,
      id: this.#id,
      isOurs,
      reachable,
      mayBeSeen: (sight) => this.#mayBeSeen(sight),
      address: (outside) => undecorated(outside, house().partners),
      link: (leg, local, remote) => ways.back(leg, local, remote),
      awaits: (sights) => this.#awaited.set(sights, options.now() + house().settings.limits.peerReturnMs),
      room: () => Math.max(1, Math.floor(house().settings.limits.queueStanzas / 4)),
    })
  }

  get figures(): PresenceFigures {
    return this.#presences.figures
  }

  /** True when somebody could do nothing with what we said; that is nobody else's affair. */
  take(frame: Frame): boolean {
    return frame.name === 'presence' && frame.type === 'error' && frame.id === this.#id
  }

  isGuest(frame: Frame): boolean {
    return this.#presences.isGuest(frame)
  }

  inRoom(frame: Frame): boolean {
    return this.#presences.inRoom(frame)
  }

  isBelieved(frame: Frame): boolean {
    return this.#presences.isBelieved(frame)
  }

  crossed(frame: Frame): void {
    this.#presences.crossed(frame)
  }

  bounced(frame: Frame): void {
    this.#presences.bounced(frame)
  }

  /** The domains outside that show or see something. */
  *outside(): Iterable<string> {
    for (const domain of this.#presences.domains()) if (!this.#isOurs(domain)) yield domain
  }

  /** Every pair of domains between which something is believed. */
  *pairs(): Iterable<Pair> {
    for (const { from, to } of this.#presences.all()) {
      yield this.#isOurs(from) ? { local: from, remote: to } : { local: to, remote: from }
    }
  }

  concerns(peer: Peer): boolean {
    for (const _ of this.#of(peer)) return true
    return false
  }

  /** What waited for a peer is said now, between two domains or all. */
  recover(peer: Peer, pair?: Pair): void {
    this.#slices.begin(this.#recovering(peer, pair))
    this.#work()
  }

  /** A peer is back that broke off without a word. It may have started anew, without those who were there before. */
  makeSure(peer: Peer): void {
    this.#slices.begin(this.#doubting(peer))
    this.#work()
  }

  /** Whoever was asked for and has not shown themselves in time is gone. */
  tick(): void {
    for (const [sights, until] of this.#awaited) {
      if (this.#options.now() < until) continue
      this.#awaited.delete(sights)
      this.#slices.begin(turning(sights, 'awaited', 'due', (sight) => (sight.over = true)))
      this.#work()
    }
  }

  /** The peer is lost. What it saw of others it sees still if only the way was lost, but whoever left a room has left it. */
  lost(peer: Peer, reason: ReasonId): void {
    const presences = this.#presences
    const seenThere = function* (sights: Sights): Iterable<unknown> {
      yield* turning(sights, 'due', 'owed')
      for (const sight of sights.all()) {
        if (sight.role === 'occupant') presences.forget(sight)
        else if (sight.role !== 'contact') sights.turn(sight, 'owed')
        yield sight
      }
    }
    this.#slices.begin(this.#takingBackFrom(peer, reason, seenThere))
    this.#work()
  }

  /** The peer is to see nobody any more: what can be said at once goes out before its stream closes, the rest is owed. */
  dismissed(peer: Peer, reason: ReasonId): void {
    this.#slices.finish()
    const seenThere = (sights: Sights): Iterable<unknown> => {
      const link = this.#options.ways.back('partner', sights.from, sights.to)
      const stream = link?.stream?.open ? link.stream : undefined
      for (const sight of sights.all()) if (isBelieved(sight.belief)) sights.turn(sight, 'due')
      for (const sight of sights.waiting('due')) {
        if (!stream) sights.turn(sight, 'owed')
        else {
          this.#takingBack.told(sight)
          stream.interject(farewell(sight, this.#id))
        }
      }
      return []
    }
    for (const _ of this.#takingBackFrom(peer, reason, seenThere));
    this.#work()
  }

  /** A domain is ours no longer: what can be said at once goes out before its streams close, and later there is no way. */
  left(domain: string): void {
    this.#slices.finish()
    let [contacts, occupants] = [0, 0]
    for (const sights of this.#presences.touching(domain)) {
      // Either way the far end is whoever sees: our own users by the core, others by their server.
      const leg = sights.to === domain ? 'core' : 'partner'
      for (const sight of [...sights.all()]) {
        const from = leg === 'core' ? undecorated(sight.from, this.#options.house().partners) : sight.from
        const link = this.#options.ways.back(leg, from.domain, sights.to)
        const believed = isBelieved(sight.belief)
        if (believed && sight.role === 'contact') contacts += 1
        else if (believed) occupants += 1
        const owed = believed || sight.belief === 'due' || sight.belief === 'owed'
        if (owed && link?.stream?.open) link.stream.interject(farewell({ ...sight, from }, this.#id))
        this.#presences.forget(sight)
      }
    }
    const taken = { leg: 'core', domain, reason: 'SP-115', contacts, occupants } as const
    if (contacts + occupants > 0) this.#options.journal.takenBack(taken)
  }

  /** The settings are others: who may not see somebody any more does not, and what is shown otherwise is shown anew. */
  changed(former: House): void {
    const { house, journal, reachable, ways } = this.#options
    const showAnew = (sight: Sight): void =>
      ways.back('partner', sight.from.domain, sight.to.domain)?.send({
        ...{ bytes: greeting(sight, this.#id), frame: undefined, source: undefined },
        undelivered() {},
      })
    const common = { former, house: house(), presences: this.#presences, journal, reachable, showAnew }
    this.#slices.begin(changing({ ...common, mayBeSeen: (sight) => this.#mayBeSeen(sight) }))
    this.#work()
  }

  /** Nobody waits for the peer any more. */
  forget(peer: Peer): void {
    this.#slices.finish()
    for (const sights of this.#of(peer)) {
      for (const sight of [...sights.waiting('taken'), ...sights.waiting('owed')]) this.#presences.forget(sight)
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  *#recovering(peer: Peer, pair: Pair | undefined): Iterable<unknown> {
    let asked = 0
    for (const sights of pair ? this.#between(pair) : this.#of(peer)) {
      if (this.#isBehind(peer, sights.to)) yield* turning(sights, 'owed', 'due')
      yield* turning(sights, 'taken', 'ask', (sight) => this.#mayBeSeen(sight) && (asked += 1) > 0)
      yield sights
    }
    if (asked > 0) this.#options.journal.askedAgain(peer.leg, domainOf(peer), asked)
  }

  *#doubting(peer: Peer): Iterable<unknown> {
    for (const sights of this.#of(peer)) {
      yield sights
      if (!this.#isBehind(peer, sights.from)) continue
      for (const sight of sights.all()) {
        if (sight.belief === 'seen' && mayBeAsked(sight)) sights.turn(sight, 'doubted')
        yield sight
      }
    }
  }

  /** Says that whoever is behind a peer is gone; `seenThere` does what is to be done about what the peer itself saw. */
  *#takingBackFrom(peer: Peer, reason: ReasonId, seenThere: (sights: Sights) => Iterable<unknown>): Iterable<unknown> {
    let [contacts, occupants] = [0, 0]
    for (const sights of this.#of(peer)) {
      yield sights
      if (!this.#isBehind(peer, sights.from)) {
        yield* seenThere(sights)
        continue
      }
      // Oneself last: after that one sees nobody in the room any more.
      for (const last of [false, true]) {
        for (const sight of sights.all()) {
          yield sight
          if (!isBelieved(sight.belief) || (sight.role === 'self') !== last) continue
          sights.turn(sight, 'due')
          if (sight.role === 'contact') contacts += 1
          else occupants += 1
        }
      }
    }
    const taken = { leg: peer.leg, domain: domainOf(peer), reason, contacts, occupants }
    if (contacts + occupants > 0) this.#options.journal.takenBack(taken)
  }

  #work(): void {
    if (this.#closed || this.#timer) return
    const round = (): void => {
      this.#timer = undefined
      try {
        const more = this.#slices.next()
        if (this.#takingBack.round() || more) this.#work()
      } catch (error) {
        this.#options.journal.bug(error, this.#options.reference())
      }
    }
    this.#timer = setTimeout(round, ROUND_MS)
  }

  #mayBeSeen(sight: Sight): boolean {
    const { house, behind, now } = this.#options
    return mayBeSeen(house(), sight, behind, now())
  }

  #isOurs(domain: string): boolean {
    return this.#options.house().isOurs(domain)
  }

  #isBehind(peer: Peer, domain: string): boolean {
    return isBehind(peer, domain, (one) => this.#isOurs(one))
  }

  /** What those behind a peer show or see. */
  #of(peer: Peer): Iterable<Sights> {
    return peer.leg === 'core' ? this.#presences.all() : this.#presences.touching(peer.domain)
  }

  #between({ local, remote }: Pair): readonly Sights[] {
    const both = [this.#presences.between(local, remote), this.#presences.between(remote, local)]
    return both.filter((sights) => sights !== undefined)
  }
}

/** Turns those of one belief to another, one at each step; none of which `each` says false. */
function* turning(
  sights: Sights,
  before: Exclude<Belief, 'seen'>,
  after: Belief,
  each?: (sight: Sight) => unknown,
): Iterable<unknown> {
  for (const sight of [...sights.waiting(before)]) {
    // Meanwhile it may have come to something else.
    if (sights.waiting(before).has(sight)) {
      if (each?.(sight) !== false) sights.turn(sight, after)
    }
    yield sight
  }
}

const domainOf = (peer: Peer): string | undefined => (peer.leg === 'core' ? undefined : peer.domain)
