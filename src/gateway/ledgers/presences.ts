// The presence that has crossed: what each side believes of the other, so that it can be taken back when the other is
// gone, and asked for when it is there again. RFC 6121 §4, XEP-0045.
//
// Rule 1: everything that crosses is written down, and everything that could not be delivered: a belief in somebody who is
//         there may be missing (nobody is hurt), one in somebody who is not may not.
// Rule 2: the table is bounded. What does not fit crosses all the same and is counted. SECURITY: when it is full, the
//         partner that has most in it gives way, so that nobody can fill it at the cost of others.

import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { bareOf, Names, type Spelling, spelling } from '../names.ts'
import { PairMap } from '../pair-map.ts'
import { type Belief, isBelieved, type Role, type Sight, Sights } from './sights.ts'

export interface PresenceFigures {
  readonly remembered: number
  /** Those who have to be told that somebody is gone, and those who have to be asked whether they are there. */
  readonly due: number
  /** How many did not fit since the start. */
  readonly untracked: number
}

/** What a presence between a room and somebody in it says of itself. XEP-0045 §15.6 */
const SELF = '110'
const NICK_CHANGED = '303'

interface Owner {
  size: number
  readonly sights: Set<Sights>
}

export class Presences {
  readonly #limit: () => number
  readonly #ownerOf: (from: string, to: string) => string
  readonly #names = new Names()
  readonly #sights = new PairMap<Sights>()
  /** By each of the two domains. */
  readonly #touching = new Map<string, Set<Sights>>()
  /** What is remembered on account of each partner; one with nothing is not there. */
  readonly #owners = new Map<string, Owner>()
  #size = 0
  #untracked = 0

  /**
   * @param limit how many may be remembered, asked each time
   * @param ownerOf the partner on whose account the presence between two domains is
   */
  constructor(limit: () => number, ownerOf: (from: string, to: string) => string) {
    this.#limit = limit
    this.#ownerOf = ownerOf
  }

  get figures(): PresenceFigures {
    let due = 0
    for (const sights of this.#sights.values()) {
      for (const belief of ['due', 'ask', 'doubted'] as const) due += sights.waiting(belief).size
    }
    return { remembered: this.#size, due, untracked: this.#untracked }
  }

  /** Every pair of domains between which presence is remembered. */
  all(): Iterable<Sights> {
    return this.#sights.values()
  }

  /** What a domain shows or sees. */
  touching(domain: string): Iterable<Sights> {
    return this.#touching.get(domain) ?? []
  }

  /** Every domain that shows or sees something. */
  domains(): Iterable<string> {
    return this.#touching.keys()
  }

  between(from: string, to: string): Sights | undefined {
    return this.#sights.get(from, to)
  }

  /** Has its sender entered the room at whose nick it goes? */
  isGuest(frame: Frame): boolean {
    const ends = endsOf(frame)
    return ends !== undefined && this.#isGuest(...ends)
  }

  /**
   * Has the room at whose nick it goes told its sender that they are in it, or its recipient entered the room that it comes from?
   * SECURITY: whoever is outside can say of any address that they enter it; only a room says that they are in it. XEP-0045 §7.2.2
   */
  inRoom(frame: Frame): boolean {
    const ends = endsOf(frame)
    if (ends === undefined) return false
    const [from, to] = ends
    const told = this.between(to.domain, from.domain)?.between(bareOf(to), from) ?? []
    return told.some(({ role }) => role === 'self') || this.#shownBy(to, from).some(({ role }) => role === 'guest')
  }

  /** Does its recipient believe its sender to be there, or any of its resources where it is a bare address? */
  isBelieved(frame: Frame): boolean {
    const ends = endsOf(frame)
    if (ends === undefined) return false
    const [from, to] = ends
    const sights = this.between(from.domain, to.domain)?.between(from, to) ?? []
    return sights.some(({ belief }) => isBelieved(belief) || belief === 'due' || belief === 'owed')
  }

  /** A presence crosses. */
  crossed(frame: Frame): void {
    const ends = endsOf(frame)
    if (!ends) return
    const [from, to] = ends
    switch (frame.type) {
      case undefined:
        this.#believe(from, to, roleIn(frame), 'seen')
        return to.text === to.bare ? this.#confirm(from, to) : undefined
      case 'unavailable':
        return this.#over(frame, from, to)
      case 'error':
        return this.#failed(from, to)
      case 'unsubscribed':
        return this.#unseen(bareOf(from), bareOf(to))
      case 'unsubscribe':
        return this.#unseen(bareOf(to), bareOf(from))
      default:
    }
  }

  /** A presence had crossed, and could not be delivered: who was to hear that somebody is gone has to hear it later. */
  bounced(frame: Frame): void {
    const ends = endsOf(frame)
    if (ends && frame.type === 'unavailable') this.#believe(...ends, roleIn(frame), 'owed', true)
  }

  /** Somebody could not be told, or not be asked: it has to be done later, unless things have changed since. */
  missed({ from, to, role, over }: Sight, belief: 'owed' | 'taken'): void {
    const known = this.#find(from, to)
    if (!known || !isBelieved(known.belief)) this.#believe(from, to, role, belief, over)
  }

  turn(sight: Sight, belief: Belief): void {
    this.between(sight.from.domain, sight.to.domain)?.turn(sight, belief)
  }

  forget(sight: Sight): void {
    const { from, to } = sight
    const sights = this.between(from.domain, to.domain)
    if (!sights?.delete(sight)) return
    this.#size -= 1
    this.#names.give(from)
    this.#names.give(to)
    const owner = this.#owners.get(sights.owner)
    if (owner) owner.size -= 1
    if (sights.size > 0) return
    this.#sights.delete(from.domain, to.domain)
    for (const domain of [sights.from, sights.to]) {
      const touching = this.#touching.get(domain)
      if (touching?.delete(sights) && touching.size === 0) this.#touching.delete(domain)
    }
    owner?.sights.delete(sights)
    if (owner?.size === 0) this.#owners.delete(sights.owner)
  }

  #find(from: Spelling, to: Spelling): Sight | undefined {
    return this.between(from.domain, to.domain)?.find(from, to)
  }

  #believe(from: Spelling, to: Spelling, role: Role, belief: Belief, over = false): void {
    const known = this.#find(from, to)
    if (known) {
      known.over = over
      if (role !== 'contact') known.role = role
      return this.turn(known, belief)
    }
    const sights = this.#placeFor(from, to)
    if (!sights) return void (this.#untracked += 1)
    // Who has entered a room says so only once. XEP-0045 §7.2, §7.6, §7.7
    const inRoom = role === 'contact' && this.#isGuest(from, to)
    sights.add({ from: this.#names.take(from), to: this.#names.take(to), role: inRoom ? 'guest' : role, belief, over })
    this.#size += 1
    const owner = this.#owners.get(sights.owner)
    if (owner) owner.size += 1
  }

  /** Where one more may be remembered; undefined: nowhere. */
  #placeFor(from: Spelling, to: Spelling): Sights | undefined {
    const known = this.between(from.domain, to.domain)
    const name = known?.owner ?? this.#ownerOf(from.domain, to.domain)
    if (known && !known.takes(from, to)) return undefined
    if (this.#size >= this.#limit() && !this.#makeRoom(this.#owners.get(name)?.size ?? 0)) return undefined
    const sights = this.between(from.domain, to.domain) ?? new Sights(from.domain, to.domain, name)
    const owner = this.#owners.get(name) ?? { size: 0, sights: new Set() }
    owner.sights.add(sights)
    this.#owners.set(name, owner)
    this.#sights.set(from.domain, to.domain, sights)
    for (const domain of [sights.from, sights.to]) {
      const touching = this.#touching.get(domain)
      if (touching) touching.add(sights)
      else this.#touching.set(domain, new Set([sights]))
    }
    return sights
  }

  /** Forgets one of whoever has most; false where that is no more than the one who wants a place would then have. */
  #makeRoom(has: number): boolean {
    let most: Owner | undefined
    for (const owner of this.#owners.values()) if (owner.size > (most?.size ?? has + 1)) most = owner
    for (const sights of most?.sights ?? []) {
      for (const sight of sights.all()) {
        this.forget(sight)
        this.#untracked += 1
        return true
      }
    }
    return false
  }

  /** Whoever is seen by an account is seen by all its resources. */
  #confirm(from: Spelling, to: Spelling): void {
    if (!this.between(from.domain, to.domain)?.hasDoubts) return
    for (const one of this.#shownBy(from, to)) if (isBelieved(one.belief)) this.turn(one, 'seen')
  }

  #isGuest(from: Spelling, room: Spelling): boolean {
    return room.text !== room.bare && this.#shownBy(from, room).some(({ role }) => role === 'guest')
  }

  /** Whoever was seen is gone: one resource, or all of an account. */
  #over(frame: Frame, from: Spelling, to: Spelling): void {
    const known = this.#find(from, to)
    const codes = statusCodes(frame)
    if (known?.role === 'guest') this.#leave(from, bareOf(to))
    this.#unseen(from, to)
    // About themselves: they have another nick now, or are no longer in the room, where they see nobody any more.
    if (known?.role !== 'self' && !codes.has(SELF)) return
    this.#leave(to, codes.has(NICK_CHANGED) ? from : bareOf(from))
    if (!codes.has(NICK_CHANGED)) this.#unseen(bareOf(from), to)
  }

  /** A guest is no longer in a room (a bare address), or no longer there under one nick. */
  #leave(guest: Spelling, room: Spelling): void {
    for (const one of this.#shownBy(guest, room)) {
      if (one.role === 'guest' && (room.text === room.bare || one.to.text === room.text)) this.forget(one)
    }
  }

  /** One shows nothing to the other any more; a bare address means all resources. */
  #unseen(from: Spelling, to: Spelling): void {
    for (const one of this.between(from.domain, to.domain)?.between(from, to) ?? []) this.forget(one)
  }

  /** What was shown did not arrive. The answer of a room is about who wanted in, not about who has that nick. XEP-0045 §7.2.8 */
  #failed(from: Spelling, to: Spelling): void {
    const [theirs, shown] = [this.#find(from, to), this.#find(to, from)]
    if (theirs?.role === 'contact') this.forget(theirs)
    if (shown) this.forget(shown)
  }

  /** What exactly this address shows to the account or room of the other. */
  #shownBy(from: Spelling, to: Spelling): readonly Sight[] {
    return this.between(from.domain, to.domain)?.of(from, to) ?? []
  }
}

/** From whom and for whom it is. */
function endsOf({ from, to }: Frame): readonly [from: Spelling, to: Spelling] | undefined {
  const ends = [from, to].map((address) => (address === undefined ? undefined : spelling(address)))
  return ends[0] && ends[1] && [ends[0], ends[1]]
}

function roleIn(frame: Frame): Role {
  const carries = (namespace: string): boolean =>
    frame.payloads.some((one) => one.name === 'x' && one.namespace === namespace)
  if (carries(NS.mucUser)) return statusCodes(frame).has(SELF) ? 'self' : 'occupant'
  return carries(NS.muc) ? 'guest' : 'contact'
}

const NONE: ReadonlySet<string> = new Set()

/** What a room says about a presence. XEP-0045 §15.6.2 */
function statusCodes(frame: Frame): ReadonlySet<string> {
  const told = frame.payloads.some(({ name, namespace }) => name === 'x' && namespace === NS.mucUser)
  if (!told || !frame.bytes.includes(SELF)) return NONE
  const codes = parseElement(frame).getChild('x', NS.mucUser)?.getChildren('status') ?? []
  return new Set(codes.flatMap((one) => one.attrs['code'] ?? []))
}
