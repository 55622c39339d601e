// Which organisations are in rooms of ours (XEP-0045), as far as it is told by what crosses: so that there are no more of them in one
// than those who are there may be among. Ours is one of them, always.
//
// Rule 1: who asks to enter is in until the room says no, or they leave. To whom a room shows presence is in as well, whoever
//         saw them enter: so those are found who were there before a restart, at the latest when the next one enters.
// Rule 2: where more are found than may be, those go out who came last. Who was found came before all who were seen to enter.
// Rule 3: bounded, and a partner has no more places than it leaves to all others. Of whom there is no place, nothing is known:
//         where it counts, they do not enter.
// Rule 4: who was not heard of for a day is forgotten, and who asked to enter and had no answer after a minute; they are found again
//         by rule 1. Who was lost with their server, or whose room was, is forgotten then.

import { withoutResource } from '../xmpp/address.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export const MOST_SEATS = 20_000
/** Longer addresses have no place, both together. */
const LONGEST = 2048
const KEPT_MS = 86_400_000
const UNANSWERED_MS = 60_000
/** From one look for those who were not heard of to the next, where there is no place. */
const LOOK_MS = 60_000

/** Who is in a room, by which nick: addresses as written. */
export interface Occupant {
  readonly address: string
  /** Undefined: it is not known. */
  readonly nick: string | undefined
}

/** A room, and who is meant, as they are told apart: by the room's bare address and their full one. */
export interface Place {
  readonly room: string
  /** The name by which the partner is kept (`conduct/standing.ts`). */
  readonly organisation: string
  readonly user: string
}

/** Among how many organisations one may be in a room, ours included; undefined: however many. */
export type MostOf = (organisation: string) => number | undefined

export interface NoEntry {
  readonly reason: ReasonId
  readonly detail: string
}

interface Seat {
  occupant: Occupant
  /** Has the room said so? */
  isSure: boolean
  at: number
}

interface Group {
  /** When the first of them came; -Infinity: nobody saw it. */
  readonly since: number
  readonly seats: Map<string, Seat>
}

export class Rooms {
  readonly #rooms = new Map<string, Map<string, Group>>()
  /** How many seats, and how many rooms, each organisation has. */
  readonly #seats = new Map<string, number>()
  readonly #roomsOf = new Map<string, number>()
  #size = 0
  #lookedAt = Number.NEGATIVE_INFINITY

  get figures(): { readonly rooms: number; readonly occupants: number } {
    return { rooms: this.#rooms.size, occupants: this.#size }
  }

  /** In how many rooms somebody from outside is. */
  get size(): number {
    return this.#rooms.size
  }

  /** In how many rooms somebody of an organisation is. */
  of(organisation: string): number {
    return this.#roomsOf.get(organisation) ?? 0
  }

  /** Is anybody from outside in it? */
  has(room: string): boolean {
    return this.#rooms.has(room)
  }

  /** Somebody asks to enter. @param counts does anybody say how many organisations there may be in a room? */
  enters(place: Place, occupant: Occupant, most: MostOf, counts: boolean, now: number): NoEntry | undefined {
    const { room, organisation, user } = place
    this.#forgetSilent(room, now)
    const known = this.#rooms.get(room)?.get(organisation)
    const seat = known?.seats.get(user)
    if (seat !== undefined) {
      seat.at = now
      return undefined
    }
    const over = known === undefined ? this.#over(room, [organisation], most) : undefined
    if (over !== undefined)
      return { reason: 'SP-171', detail: `room=${room}, organisations=${over}, partner=${organisation}` }
    if (this.#sit(place, { occupant, isSure: false, at: now }, now, now) || !counts) return undefined
    return { reason: 'SP-174', detail: `room=${room}, partner=${organisation}` }
  }

  /** A room shows presence to somebody: they are in it. @returns those who have to go out, since there are too many organisations */
  shows(place: Place, occupant: Occupant, most: MostOf, now: number): readonly Occupant[] {
    const { room, organisation, user } = place
    const group = this.#rooms.get(room)?.get(organisation)
    const seat = group?.seats.get(user)
    if (seat !== undefined) {
      const { nick = seat.occupant.nick } = occupant
      Object.assign(seat, { isSure: true, at: now, occupant: { ...seat.occupant, nick: nick && copy(nick) } })
    } else this.#sit(place, { occupant, isSure: true, at: now }, Number.NEGATIVE_INFINITY, now)
    return group === undefined ? this.#tooMany(room, most) : NOBODY
  }

  /** The room says no; who is in it already stays. */
  refused({ room, organisation, user }: Place): void {
    const seat = this.#rooms.get(room)?.get(organisation)?.seats.get(user)
    if (seat?.isSure === false) this.left({ room, organisation, user })
  }

  left({ room, organisation, user }: Place): void {
    const groups = this.#rooms.get(room)
    const group = groups?.get(organisation)
    if (groups === undefined || group?.seats.delete(user) !== true) return
    this.#size -= 1
    count(this.#seats, organisation, -1)
    if (group.seats.size > 0) return
    groups.delete(organisation)
    count(this.#roomsOf, organisation, -1)
    if (groups.size === 0) this.#rooms.delete(room)
  }

  /** Those go who come from a domain that is gone, and all who are in rooms at one. */
  gone(isGone: (domain: string) => boolean): void {
    for (const [room, groups] of [...this.#rooms]) {
      const isClosed = isGone(domainOf(room))
      for (const [organisation, { seats }] of [...groups])
        for (const user of [...seats.keys()])
          if (isClosed || isGone(domainOf(user))) this.left({ room, organisation, user })
    }
  }

  /** Have they asked to enter, and had no answer? */
  asks({ room, organisation, user }: Place): boolean {
    return this.#rooms.get(room)?.get(organisation)?.seats.get(user)?.isSure === false
  }

  /** The nick by which somebody is in a room, as written. */
  nickOf({ room, organisation, user }: Place): string | undefined {
    return this.#rooms.get(room)?.get(organisation)?.seats.get(user)?.occupant.nick
  }

  /** What the strictest of all there allows, where these are more with ours. */
  #over(room: string, more: readonly string[], most: MostOf): number | undefined {
    const all = new Set([...(this.#rooms.get(room)?.keys() ?? []), ...more])
    const least = Math.min(...[...all].map((one) => most(one) ?? Infinity))
    return all.size + 1 > least ? least : undefined
  }

  #tooMany(room: string, most: MostOf): readonly Occupant[] {
    const out: Occupant[] = []
    while (this.#over(room, [], most) !== undefined) {
      const groups = this.#rooms.get(room) ?? []
      const [last] = [...groups]
        .toReversed()
        .toSorted(([, a], [, b]) => (a.since < b.since ? 1 : a.since > b.since ? -1 : 0))
      if (last === undefined) break
      const [organisation, { seats }] = last
      for (const [user, { occupant }] of [...seats]) {
        out.push(occupant)
        this.left({ room, organisation, user })
      }
    }
    return out
  }

  /** False: there is no place. */
  #sit({ room, organisation, user }: Place, seat: Seat, since: number, now: number): boolean {
    const { address, nick } = seat.occupant
    if (address.length + (nick?.length ?? 0) > LONGEST || !this.#hasPlace(organisation, now)) return false
    const groups = this.#rooms.get(room) ?? new Map<string, Group>()
    this.#rooms.set(room, groups)
    let group = groups.get(organisation)
    if (group === undefined) {
      groups.set(organisation, (group = { since, seats: new Map() }))
      count(this.#roomsOf, organisation, 1)
    }
    // Copied, since a part of a text keeps all of it in memory.
    group.seats.set(user, { ...seat, occupant: { address: copy(address), nick: nick && copy(nick) } })
    this.#size += 1
    count(this.#seats, organisation, 1)
    return true
  }

  #hasPlace(organisation: string, now: number): boolean {
    const isFree = (): boolean => (this.#seats.get(organisation) ?? 0) < MOST_SEATS - this.#size
    if (isFree()) return true
    if (now - this.#lookedAt < LOOK_MS) return false
    this.#lookedAt = now
    for (const room of [...this.#rooms.keys()]) this.#forgetSilent(room, now)
    return isFree()
  }

  #forgetSilent(room: string, now: number): void {
    for (const [organisation, { seats }] of [...(this.#rooms.get(room) ?? [])])
      for (const [user, { at, isSure }] of [...seats])
        if (now - at >= (isSure ? KEPT_MS : UNANSWERED_MS)) this.left({ room, organisation, user })
  }
}

const NOBODY: readonly Occupant[] = []

/** Of an address as they are told apart. */
const domainOf = (address: string): string => {
  const bare = withoutResource(address)
  return bare.slice(bare.indexOf('@') + 1)
}

const copy = (text: string): string => Buffer.from(text).toString()

function count(counts: Map<string, number>, key: string, by: number): void {
  const left = (counts.get(key) ?? 0) + by
  if (left > 0) counts.set(key, left)
  else counts.delete(key)
}
