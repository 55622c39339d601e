// How all domains outside behave, each by the name under which that is kept (`standing.ts`), and what somebody has said of names.
// Whoever holds this writes it down.
//
// Rule 1: who has an entry is watched and told of, and nothing follows by itself: whom somebody has let in, somebody turns away.
// Rule 2: what is said by hand counts for everybody (`holds.ts`).
// Rule 3: bounded. Who has no points and was not spoken of is not remembered. Where there is no room, a newcomer takes the place of whoever
//         is in a milder state, or in the same with fewer points; where there is none, it is not remembered.
// Rule 4: when the clock is set, what is kept is set with it: nothing ends by that, and nothing lasts.

import {
  type Conduct,
  CONDUCT_STATES,
  type ConductState,
  goodConduct,
  type Held,
  type Points,
  stateOf,
  stepped,
  sumOf,
} from './conduct.ts'
import { heldBy, Holds } from './holds.ts'
import { Tally } from './tally.ts'

/** One that is remembered. */
export interface KnownConduct extends Conduct {
  readonly domain: string
}

/** It is in another state now. */
export interface ConductMove {
  readonly domain: string
  readonly from: ConductState
  readonly to: ConductState
  readonly at: number
  readonly points: Points
  /** By what it did, by time alone, or because somebody has said so, or what they said is over. */
  readonly how: 'behaviour' | 'time' | 'hand'
  /** Does anything follow from it, or is it only told? */
  readonly counts: boolean
  /** By hand: who said so, and why; undefined: it moved by itself, or what was said is over. */
  readonly by?: string | undefined
  readonly why?: string | undefined
}

/** What whoever writes it down has to change. */
export interface ConductChanges {
  readonly changed: readonly KnownConduct[]
  readonly gone: readonly string[]
}

/** As it is at a moment. */
export interface ConductBounds {
  readonly halfLifeMs: number
  /** How many are remembered; what was said by hand is apart. */
  readonly most: number
  isListed(domain: string): boolean
  /** The name under which it is kept how a domain behaves. */
  standing(domain: string): string
}

/** The time (ms), and the same by a clock that nobody sets. */
export interface Moment {
  readonly now: number
  readonly steady: number
}

/** How long a while is. */
export const WHILE_MS = 10_000
/** Domains that are counted in one while. */
const MOST_TALLIES = 20_000
/** Where points only become fewer, they are written down so often. */
const AGAIN_MS = 600_000
/** A clock that goes ahead or back by less than this has not been set. */
const JUMP_MS = 2000

export class Conducts {
  readonly #known = new Map<string, KnownConduct>()
  /** What was said by hand. */
  readonly holds = new Holds()
  #tallies = new Map<string, Tally>()
  readonly #changed = new Set<string>()
  /** When each was last said to have changed. */
  readonly #said = new Map<string, number>()
  #last: { readonly domain: string; readonly tally: Tally } | undefined
  #clock: Moment | undefined
  #turnedAt = 0
  #version = 0
  #pushedOut = 0

  /** Another one whenever a state that counts has changed: what was worked out by it before holds no longer. */
  get version(): number {
    return this.#version
  }

  /** So many gave way to others, or found no room. */
  get pushedOut(): number {
    return this.#pushedOut
  }

  /** What was kept; no time in it is later than now. */
  recall(kept: readonly KnownConduct[], now: number): void {
    for (const one of kept) {
      const { held, ...rest } = one.at > now ? movedBy(one, now - one.at) : one
      if (held !== undefined) this.holds.set(one.domain, held)
      if (rest.state !== 'normal' || sumOf(rest.points) > 0) this.#known.set(one.domain, { ...rest, held: undefined })
    }
    this.#version += 1
  }

  /** The state that counts of a domain, whose conduct is kept under this name. */
  of(domain: string, standing: string, isListed: boolean): ConductState {
    const held = this.holds.for(domain)?.held
    if (held !== undefined) return held.state
    return isListed ? 'normal' : (this.#known.get(standing)?.state ?? 'normal')
  }

  /** What is kept under a name, and was said of it. */
  find(name: string): KnownConduct | undefined {
    const [known, held] = [this.#known.get(name), this.holds.get(name)]
    if (held === undefined) return known
    return { ...(known ?? { domain: name, ...goodConduct(held.at) }), held }
  }

  /** Each with its state, in no order. */
  *states(): Iterable<ConductState> {
    for (const { domain, state } of this.#known.values()) yield this.holds.get(domain)?.state ?? state
    for (const { name, held } of this.holds.all()) if (!this.#known.has(name)) yield held.state
  }

  /** The worst come first. */
  all(): readonly KnownConduct[] {
    const names = new Set([...this.#known.keys(), ...this.holds.all().map(({ name }) => name)])
    return [...names].flatMap((name) => this.find(name) ?? []).toSorted((a, b) => worse(b, a))
  }

  /** What it does in this while is counted here; by the name under which it is kept. */
  tally(standing: string): Tally {
    if (this.#last?.domain === standing) return this.#last.tally
    let tally = this.#tallies.get(standing)
    if (tally === undefined && this.#tallies.size >= MOST_TALLIES) return new Tally()
    if (tally === undefined) this.#tallies.set(standing, (tally = new Tally()))
    this.#last = { domain: standing, tally }
    return tally
  }

  /** A moment has passed; at the end of each while all are judged. */
  turn(moment: Moment, bounds: ConductBounds): readonly ConductMove[] {
    const { now } = moment
    this.follow(moment)
    if (now - this.#turnedAt < WHILE_MS && now >= this.#turnedAt) return []
    this.#turnedAt = now
    const tallies = this.#tallies
    this.#tallies = new Map()
    this.#last = undefined
    const moves = [...this.#endHeld(now, bounds)]
    const newcomers: (readonly [KnownConduct, Points])[] = []
    for (const [domain, tally] of tallies) {
      const points = tally.points()
      if (sumOf(points) > 0 && !this.#known.has(domain)) newcomers.push([{ domain, ...goodConduct(now) }, points])
    }
    for (const one of [...this.#known.values()])
      moves.push(...this.#step(one, tallies.get(one.domain)?.points() ?? {}, now, bounds))
    return [...moves, ...this.#takeIn(newcomers, now, bounds)]
  }

  /** A moment has passed. Before anything is said at it: what is said by a clock that was set is not moved with what was said before. */
  follow({ now, steady }: Moment): void {
    const last = this.#clock
    this.#clock = { now, steady }
    const jump = last === undefined ? 0 : now - last.now - (steady - last.steady)
    if (Math.abs(jump) < JUMP_MS) return
    this.#turnedAt += jump
    for (const one of [...this.#known.values()]) this.#put(movedBy(one, jump), now)
    this.holds.move(jump)
    for (const { name } of this.holds.all()) this.#changed.add(name)
  }

  /** What `of` would say of each domain if this were said of a name. */
  supposing<Answer>(name: string, held: Held | undefined, ask: () => Answer): Answer {
    const before = this.holds.get(name)
    this.holds.set(name, held)
    try {
      return ask()
    } finally {
      this.holds.set(name, before)
    }
  }

  /** Why the state of a domain is what it is, in words; undefined: nothing is known of it. */
  words(domain: string, standing: string, isListed: boolean): string | undefined {
    const holding = this.holds.for(domain)
    if (holding)
      return `${holding.held.state}, as ${holding.held.by} has said of ${holding.name} and all names below it`
    const state = this.#known.get(standing)?.state ?? 'normal'
    if (state === 'normal') return undefined
    return `${state} by what ${standing} does${isListed ? ', and only told, as it has an entry' : ''}`
  }

  /** Somebody says of a name what is to hold for it, or that it is to be what the automaton finds. */
  hold(
    name: string,
    held: Held | undefined,
    now: number,
    bounds: ConductBounds,
    by?: Pick<Held, 'by' | 'why'>,
  ): ConductMove {
    const isListed = bounds.isListed(name)
    const before = this.holds.get(name)
    const from = this.#state(name, bounds)
    // Whoever says that all is well again says so of the past too.
    if (held?.state === 'normal' && held.until === undefined && bounds.standing(name) === name) this.#drop(name)
    this.holds.set(name, held)
    this.#changed.add(name)
    this.#version += 1
    const to = this.#state(name, bounds)
    const who = held ?? by
    const counts = held !== undefined || before !== undefined || !isListed
    const points = this.#known.get(bounds.standing(name))?.points ?? {}
    return { domain: name, from, to, at: now, points, how: 'hand', counts, by: who?.by, why: who?.why }
  }

  /** Lets what has changed be written, and tries again later where it could not be. */
  flush(keep: (changes: ConductChanges) => boolean): void {
    if (this.#changed.size === 0) return
    const changed: KnownConduct[] = []
    const gone: string[] = []
    for (const name of this.#changed) {
      const known = this.find(name)
      if (known === undefined) gone.push(name)
      else changed.push(known)
    }
    if (keep({ changed, gone })) this.#changed.clear()
  }

  /** What is said of a domain, or found where it has no entry; where it has one, that is what is told. */
  #state(name: string, { standing }: ConductBounds): ConductState {
    return this.of(name, standing(name), false)
  }

  #endHeld(now: number, bounds: ConductBounds): readonly ConductMove[] {
    return this.holds.end(now).flatMap(({ name, held: { state: from } }) => {
      this.#changed.add(name)
      this.#version += 1
      const to = this.#state(name, bounds)
      const points = this.#known.get(bounds.standing(name))?.points ?? {}
      return from === to ? [] : [{ domain: name, from, to, at: now, points, how: 'hand', counts: true }]
    })
  }

  #step(
    before: KnownConduct,
    points: Points,
    now: number,
    { halfLifeMs, isListed }: ConductBounds,
  ): readonly ConductMove[] {
    const { domain } = before
    const listed = isListed(domain)
    const after = { domain, ...stepped(before, points, now, { halfLifeMs, worst: listed ? 'watch' : 'blocked' }) }
    const [from, to] = [before.state, after.state]
    if (isForgotten(after)) this.#drop(domain)
    else if (sumOf(points) > 0 || from !== to || now - (this.#said.get(domain) ?? 0) >= AGAIN_MS) this.#put(after, now)
    else this.#known.set(domain, after)
    if (from === to) return []
    this.#version += 1
    // What somebody has said holds, and nothing is told beneath it.
    if (this.holds.get(domain) !== undefined) return []
    const how = CONDUCT_STATES.indexOf(to) > CONDUCT_STATES.indexOf(from) ? 'behaviour' : 'time'
    return [{ domain, from, to, at: now, points: after.points, how, counts: !listed }]
  }

  /** Those that were not known, the worst first, as far as there is room. */
  #takeIn(
    newcomers: readonly (readonly [KnownConduct, Points])[],
    now: number,
    bounds: ConductBounds,
  ): readonly ConductMove[] {
    const room = bounds.most - this.#known.size
    if (newcomers.length <= room) return newcomers.flatMap(([one, points]) => this.#step(one, points, now, bounds))
    const mildest = [...this.#known.values()].toSorted(worse)
    let next = 0
    let left = Math.max(0, room)
    const moves: ConductMove[] = []
    const sorted = newcomers
      .map(([one, points]) => ({
        one,
        points,
        after: {
          domain: one.domain,
          ...stepped(one, points, now, {
            halfLifeMs: bounds.halfLifeMs,
            worst: bounds.isListed(one.domain) ? 'watch' : 'blocked',
          }),
        },
      }))
      .toSorted((a, b) => worse(b.after, a.after))
    for (const { one, points, after } of sorted) {
      if (left > 0) left -= 1
      else {
        this.#pushedOut += 1
        const victim = mildest[next]
        if (victim === undefined || worse(victim, after) >= 0) continue
        next += 1
        this.#drop(victim.domain)
        if (victim.state !== 'normal') this.#version += 1
      }
      moves.push(...this.#step(one, points, now, bounds))
    }
    return moves
  }

  /** The clock was set: so is what is kept. */
  #put(known: KnownConduct, now: number): void {
    this.#known.set(known.domain, known)
    this.#changed.add(known.domain)
    this.#said.set(known.domain, now)
  }

  #drop(domain: string): void {
    if (this.#known.delete(domain)) this.#changed.add(domain)
    this.#said.delete(domain)
  }
}

/** With fewer points there is nothing to remember. */
const FORGOTTEN = 0.5
const isForgotten = ({ state, points }: Conduct): boolean => state === 'normal' && sumOf(points) < FORGOTTEN

/** Below 0: the first is in a milder state, or in the same with fewer points. */
function worse(one: Conduct, other: Conduct): number {
  const rank = (conduct: Conduct): number => CONDUCT_STATES.indexOf(stateOf(conduct))
  return rank(one) - rank(other) || sumOf(one.points) - sumOf(other.points)
}

const movedBy = (one: KnownConduct, ms: number): KnownConduct => ({
  ...one,
  since: one.since + ms,
  at: one.at + ms,
  held: one.held && heldBy(one.held, ms),
})
