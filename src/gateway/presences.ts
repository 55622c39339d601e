// The presence that has crossed: what each side believes of the other, so that it can be taken back when the other is
// gone, and asked for when it is there again. RFC 6121 §4, XEP-0045.
//
// Rule 1: everything that crosses is written down, and everything that could not be delivered: a belief in somebody who is
//         there may be missing (nobody is hurt), one in somebody who is not may not.
// Rule 2: the table is bounded. What does not fit crosses all the same and is counted.

import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { NS } from '../xmpp/namespaces.ts'
import { Names, type Spelling, spelling } from './names.ts'
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

export class Presences {
  readonly #limit: () => number
  readonly #names = new Names()
  readonly #sights = new Map<string, Sights>()
  #size = 0
  #untracked = 0

  /** @param limit how many may be remembered, asked each time */
  constructor(limit: () => number) {
    this.#limit = limit
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

  between(from: string, to: string): Sights | undefined {
    return this.#sights.get(keyOf(from, to))
  }

  /** A presence crosses. */
  crossed(frame: Frame): void {
    const from = frame.from === undefined ? undefined : spelling(frame.from)
    const to = frame.to === undefined ? undefined : spelling(frame.to)
    if (!from || !to) return
    switch (frame.type) {
      case undefined:
        this.#believe(from, to, roleIn(frame), 'seen')
        return to.text === to.bare ? this.#confirm(from, to) : undefined
      case 'unavailable':
        return this.#over(frame, from, to)
      case 'error':
        return this.#failed(from, to)
      case 'unsubscribed':
        return this.#unseen({ ...from, text: from.bare }, { ...to, text: to.bare })
      case 'unsubscribe':
        return this.#unseen({ ...to, text: to.bare }, { ...from, text: from.bare })
      default:
    }
  }

  /** A presence had crossed, and could not be delivered: who was to hear that somebody is gone has to hear it later. */
  bounced(frame: Frame): void {
    const from = frame.from === undefined ? undefined : spelling(frame.from)
    const to = frame.to === undefined ? undefined : spelling(frame.to)
    if (from && to && frame.type === 'unavailable') this.#believe(from, to, roleIn(frame), 'owed', true)
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
    const key = keyOf(from.domain, to.domain)
    const sights = this.#sights.get(key)
    if (!sights?.delete(sight)) return
    this.#size -= 1
    this.#names.give(from)
    this.#names.give(to)
    if (sights.empty) this.#sights.delete(key)
  }

  #find(from: Spelling, to: Spelling): Sight | undefined {
    const [who, whom] = [this.#names.find(from), this.#names.find(to)]
    return who && whom && this.between(from.domain, to.domain)?.find(who, whom)
  }

  #believe(from: Spelling, to: Spelling, role: Role, belief: Belief, over = false): void {
    const known = this.#find(from, to)
    if (known) {
      known.over = over
      if (role !== 'contact') known.role = role
      return this.turn(known, belief)
    }
    if (this.#size >= this.#limit()) {
      this.#untracked += 1
      return
    }
    const key = keyOf(from.domain, to.domain)
    let sights = this.#sights.get(key)
    if (!sights) this.#sights.set(key, (sights = new Sights(from.domain, to.domain)))
    // Who has entered a room says so only once. XEP-0045 §7.2, §7.6, §7.7
    const inRoom = role === 'contact' && this.#isGuest(from, to)
    sights.add({ from: this.#names.take(from), to: this.#names.take(to), role: inRoom ? 'guest' : role, belief, over })
    this.#size += 1
  }

  /** Whoever is seen by an account is seen by all its resources. */
  #confirm(from: Spelling, to: Spelling): void {
    for (const one of this.#shownBy(from, to.domain)) {
      if (one.to.bare === to.bare && isBelieved(one.belief)) this.turn(one, 'seen')
    }
  }

  #isGuest(from: Spelling, room: Spelling): boolean {
    return (
      room.text !== room.bare &&
      this.#shownBy(from, room.domain).some((one) => one.role === 'guest' && one.to.bare === room.bare)
    )
  }

  /** Whoever was seen is gone: one resource, or all of an account. */
  #over(frame: Frame, from: Spelling, to: Spelling): void {
    const known = this.#find(from, to)
    const codes = statusCodes(frame)
    if (known?.role === 'guest') this.#leave(from, to.bare)
    this.#unseen(from, to)
    // About themselves: they have another nick now, or are no longer in the room, where they see nobody any more.
    if (known?.role !== 'self' && !codes.has(SELF)) return
    this.#leave(to, codes.has(NICK_CHANGED) ? from.text : from.bare)
    if (!codes.has(NICK_CHANGED)) this.#unseen({ ...from, text: from.bare }, to)
  }

  /** A guest is no longer in a room (a bare address), or no longer there under one nick. */
  #leave(guest: Spelling, room: string): void {
    const domain = spelling(room)?.domain
    for (const one of domain === undefined ? [] : this.#shownBy(guest, domain)) {
      if (one.role === 'guest' && (one.to.text === room || one.to.bare === room)) this.forget(one)
    }
  }

  /** One shows nothing to the other any more; a bare address means all resources. */
  #unseen(from: Spelling, to: Spelling): void {
    const shown =
      from.text === from.bare ? this.between(from.domain, to.domain)?.by(from.bare) : this.#shownBy(from, to.domain)
    for (const one of shown ?? []) {
      if (to.text === to.bare ? one.to.bare === to.bare : one.to.text === to.text) this.forget(one)
    }
  }

  /** What was shown did not arrive. The answer of a room is about who wanted in, not about who has that nick. XEP-0045 §7.2.8 */
  #failed(from: Spelling, to: Spelling): void {
    const [theirs, shown] = [this.#find(from, to), this.#find(to, from)]
    if (theirs?.role === 'contact') this.forget(theirs)
    if (shown) this.forget(shown)
  }

  #shownBy(from: Spelling, to: string): readonly Sight[] {
    const name = this.#names.find(from)
    return (name && this.between(from.domain, to)?.of(name)) ?? []
  }
}

const keyOf = (from: string, to: string): string => `${from} ${to}`

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
