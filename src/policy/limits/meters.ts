// What everybody has sent lately: partners, their users, and ours. It outlives settings, which say anew each time how much may be
// sent (`terms.ts`).
//
// Rule 1: bounded. Who has sent nothing that still counts is forgotten. A partner has room for no more of its users, and for no more
//         recipients, than it leaves to all others, so that no flood of names takes the room of another partner.
// Rule 2: users for whom there is no room share one meter with all such users of their partner; recipients for whom there is
//         none are refused, unless the same sender has had them on that day. SECURITY: whoever makes up names gets no more by it.

import { dayOf, isOtherDay } from './distinct.ts'
import { type Excess, type LimitStanding, type Load, Meter } from './meter.ts'
import { type Allowance, DAY_LIMITS, type DayLimit } from './terms.ts'

/** How many are kept, of all partners together. */
export interface Room {
  /** Partners and users who have sent something that counts. */
  readonly senders: number
  /** Recipients, and other names, of the day, of each sender. */
  readonly recipients: number
}

/** What a stanza is held against: what all of a group may send, or one user of it. */
export interface Asked {
  readonly user: string | undefined
  readonly allowed: Allowance
}

/** Whose limit a stanza exceeds, and which. */
export interface Exceeded extends Excess {
  /** The address of a user; undefined: it is the partner's. */
  readonly user: string | undefined
  /** Of whom it is, by the domain of its entry. */
  readonly group: string
}

/** The senders of one partner, or of ours. */
class Group {
  readonly all: Meter
  readonly users = new Map<string, Meter>()
  /** Of all users for whom there is no room. */
  readonly others: Meter
  /** Names that are kept for all of them. */
  names = 0

  constructor(key: number) {
    this.all = new Meter(key)
    this.others = new Meter(key)
  }

  isIdle(now: number): boolean {
    return this.users.size === 0 && this.all.isIdle(now) && this.others.isIdle(now)
  }
}

/** So many of those that were looked at longest ago are looked at whenever one is added. */
const LOOKS = 2

export class Meters {
  readonly #key: number
  readonly #room: () => Room
  readonly #groups = new Map<string, Group>()
  /** Of all groups for which there is no room. */
  readonly #others: Group
  #users = 0
  #names = 0
  #day = 0

  /** @param key unguessable */
  constructor(key: number, room: () => Room) {
    this.#key = key
    this.#room = room
    this.#others = new Group(key)
  }

  /** What is kept now. */
  get used(): Room {
    return { senders: this.#groups.size + this.#users, recipients: this.#names }
  }

  /** Takes what a stanza costs from all that it is held against; or takes nothing, and says what it exceeds for longest. */
  take(name: string, asked: readonly Asked[], load: Load, burstMs: number, now: number): Exceeded | undefined {
    this.#turn(now)
    const group = this.#group(name, now)
    const meters = asked.map(({ user }) => (user === undefined ? group.all : this.#user(group, user, now)))
    let worst = worstOf(name, meters, asked, (meter, allowed) => meter.exceeded(load, allowed, burstMs, now))
    worst ??= this.#crowded(name, group, meters, asked, load, now)
    if (worst) return worst
    for (const [index, { allowed }] of asked.entries()) {
      const more = meters[index]?.take(load, allowed, burstMs, now) ?? 0
      group.names += more
      this.#names += more
    }
    return undefined
  }

  /** What this would exceed. Nothing is taken, and of whom nothing is kept nothing is kept. */
  wouldExceed(name: string, asked: readonly Asked[], load: Load, burstMs: number, now: number): Exceeded | undefined {
    this.#turn(now)
    const meters = asked.map(({ user }) => this.#find(name, user))
    return worstOf(name, meters, asked, (meter, allowed) => meter.exceeded(load, allowed, burstMs, now))
  }

  /** How it stands with the limits of all of a group, or of one user of it. */
  standing(name: string, { user, allowed }: Asked, burstMs: number, now: number): readonly LimitStanding[] {
    this.#turn(now)
    return this.#find(name, user).standing(allowed, burstMs, now)
  }

  /** How many users of a group are measured each by itself. */
  users(name: string): number {
    return this.#groups.get(name)?.users.size ?? 0
  }

  #find(name: string, user: string | undefined): Meter {
    const group = this.#groups.get(name)
    return (user === undefined ? group?.all : group?.users.get(user)) ?? new Meter(this.#key)
  }

  /** Different names that a group has had on this day. */
  count(name: string, limit: DayLimit, now: number): number {
    return this.#groups.get(name)?.all.count(limit, now) ?? 0
  }

  /** Has it a name that is new, and there is no room for further ones? */
  #crowded(
    name: string,
    { names: kept }: Group,
    meters: readonly Meter[],
    asked: readonly Asked[],
    { names }: Load,
    now: number,
  ): Exceeded | undefined {
    const most = kept + 2 * DAY_LIMITS.length
    if (most <= this.#room().recipients - this.#names) return undefined
    for (const [index, { user, allowed }] of asked.entries()) {
      const limit = meters[index]?.newName(names, allowed, now)
      if (limit !== undefined) return { limit, most: kept, waitMs: undefined, user, group: name }
    }
    return undefined
  }

  #group(name: string, now: number): Group {
    const known = this.#groups.get(name)
    if (known) return known
    tidy(this.#groups, now)
    if (this.used.senders >= this.#room().senders) return this.#others
    const group = new Group(this.#key)
    this.#groups.set(name, group)
    return group
  }

  #user(group: Group, user: string, now: number): Meter {
    const { users, others } = group
    const known = users.get(user)
    if (known) return known
    this.#users -= tidy(users, now)
    if (users.size >= this.#room().senders - this.used.senders) return others
    const meter = new Meter(this.#key)
    users.set(user, meter)
    this.#users += 1
    return meter
  }

  /** On another day nobody has had a recipient yet. */
  #turn(now: number): void {
    if (!isOtherDay(dayOf(now), this.#day)) return
    this.#day = dayOf(now)
    this.#users = this.#names = 0
    for (const [name, group] of [...this.#groups, [undefined, this.#others] as const]) {
      for (const meter of [group.all, group.others, ...group.users.values()]) meter.turn(now)
      for (const [user, meter] of group.users) if (meter.isIdle(now)) group.users.delete(user)
      group.names = 0
      if (name !== undefined && group.isIdle(now)) this.#groups.delete(name)
      else this.#users += group.users.size
    }
  }
}

/** Of what each has against it, what lasts longest. */
function worstOf(
  group: string,
  meters: readonly Meter[],
  asked: readonly Asked[],
  exceeded: (meter: Meter, allowed: Allowance) => Excess | undefined,
): Exceeded | undefined {
  let worst: Exceeded | undefined
  for (const [index, { user, allowed }] of asked.entries()) {
    const excess = exceeded(meters[index]!, allowed)
    if (excess && (!worst || lastsLonger(excess, worst))) worst = { ...excess, user, group }
  }
  return worst
}

const lastsLonger = ({ waitMs: one = Infinity }: Excess, { waitMs: other = Infinity }: Excess): boolean => one > other

/** Forgets those that are idle among the first; the others go to the end. @returns how many were forgotten */
function tidy(all: Map<string, { isIdle(now: number): boolean }>, now: number): number {
  let looks = LOOKS
  let forgotten = 0
  for (const [name, one] of all) {
    all.delete(name)
    if (one.isIdle(now)) forgotten += 1
    else all.set(name, one)
    if (--looks <= 0) break
  }
  return forgotten
}
