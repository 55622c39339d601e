// How all domains outside behave, each by the domain of its entry; without one, by its own. Whoever holds this writes it down.
//
// Rule 1: who has an entry is watched and told of, and nothing follows by itself: whom somebody has let in, somebody turns away. What is
//         said by hand counts for everybody.
// Rule 2: bounded. Who has no points and was not spoken of is not remembered; where there is no room, who has the fewest points goes.

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
  /** How many are remembered. */
  readonly most: number
  isListed(domain: string): boolean
}

/** How long a while is. */
export const WHILE_MS = 10_000
/** Domains that are counted in one while. */
const MOST_TALLIES = 20_000
/** Where points only become fewer, they are written down so often. */
const AGAIN_MS = 600_000

export class Conducts {
  readonly #known = new Map<string, KnownConduct>()
  #tallies = new Map<string, Tally>()
  readonly #changed = new Set<string>()
  readonly #gone = new Set<string>()
  /** When each was last said to have changed. */
  readonly #said = new Map<string, number>()
  #last: { readonly domain: string; readonly tally: Tally } | undefined
  #turnedAt = 0
  #version = 0
  #pushedOut = 0

  /** Another one whenever a state that counts has changed: what was worked out by it before holds no longer. */
  get version(): number {
    return this.#version
  }

  /** So many gave way to others. */
  get pushedOut(): number {
    return this.#pushedOut
  }

  /** What was kept. */
  recall(kept: readonly KnownConduct[]): void {
    for (const one of kept) this.#known.set(one.domain, one)
    this.#version += 1
  }

  /** The state that counts. */
  of(domain: string, isListed: boolean): ConductState {
    const known = this.#known.get(domain)
    if (known === undefined) return 'normal'
    return isListed ? (known.held?.state ?? 'normal') : stateOf(known)
  }

  find(domain: string): KnownConduct | undefined {
    return this.#known.get(domain)
  }

  /** The worst come first. */
  all(): readonly KnownConduct[] {
    const rank = (one: Conduct): number => CONDUCT_STATES.indexOf(stateOf(one))
    return [...this.#known.values()].toSorted((a, b) => rank(b) - rank(a) || sumOf(b.points) - sumOf(a.points))
  }

  /** What it does in this while is counted here. */
  tally(domain: string): Tally {
    if (this.#last?.domain === domain) return this.#last.tally
    let tally = this.#tallies.get(domain)
    if (tally === undefined && this.#tallies.size >= MOST_TALLIES) return new Tally()
    if (tally === undefined) this.#tallies.set(domain, (tally = new Tally()))
    this.#last = { domain, tally }
    return tally
  }

  /** A moment has passed; at the end of each while all are judged. */
  turn(now: number, bounds: ConductBounds): readonly ConductMove[] {
    if (now - this.#turnedAt < WHILE_MS && now >= this.#turnedAt) return []
    this.#turnedAt = now
    const tallies = this.#tallies
    this.#tallies = new Map()
    this.#last = undefined
    const done = [...tallies].flatMap(([domain, tally]) => {
      const points = tally.points()
      return sumOf(points) > 0 && !this.#known.has(domain) ? [[domain, points] as const] : []
    })
    const moves = [...this.#known.values()].flatMap((one) =>
      this.#step(one, tallies.get(one.domain)?.points() ?? {}, now, bounds),
    )
    return [
      ...moves,
      ...done.flatMap(([domain, points]) => this.#step({ domain, ...goodConduct(now) }, points, now, bounds)),
    ]
  }

  /** Somebody says what it is to be, or that it is to be what the automaton finds. */
  hold(
    domain: string,
    held: Held | undefined,
    now: number,
    bounds: ConductBounds,
    by?: Pick<Held, 'by' | 'why'>,
  ): ConductMove {
    const isListed = bounds.isListed(domain)
    const before = this.#known.get(domain) ?? { domain, ...goodConduct(now) }
    const from = stateOf(before)
    // Whoever says that all is well again says so of the past too.
    const forgiven = held?.state === 'normal' && held.until === undefined
    const after: KnownConduct = forgiven ? { domain, ...goodConduct(now), held } : { ...before, held }
    this.#makeRoom(domain, bounds.most)
    this.#put(after, now)
    this.#version += 1
    const { points } = after
    const to = stateOf(after)
    const who = held ?? by
    const counts = held !== undefined || before.held !== undefined || !isListed
    return { domain, from, to, at: now, points, how: 'hand', counts, by: who?.by, why: who?.why }
  }

  /** Lets what has changed be written, and tries again later where it could not be. */
  flush(keep: (changes: ConductChanges) => boolean): void {
    if (this.#changed.size === 0 && this.#gone.size === 0) return
    const changed = [...this.#changed].flatMap((domain) => this.#known.get(domain) ?? [])
    if (!keep({ changed, gone: [...this.#gone] })) return
    this.#changed.clear()
    this.#gone.clear()
  }

  #step(
    before: KnownConduct,
    points: Points,
    now: number,
    { halfLifeMs, most, isListed }: ConductBounds,
  ): readonly ConductMove[] {
    const { domain } = before
    const listed = isListed(domain)
    const after = { domain, ...stepped(before, points, now, { halfLifeMs, worst: listed ? 'watch' : 'blocked' }) }
    const [from, to] = [stateOf(before), stateOf(after)]
    if (after.held === undefined && after.state === 'normal' && sumOf(after.points) < FORGOTTEN) this.#drop(domain)
    else {
      this.#makeRoom(domain, most)
      const tells = sumOf(points) > 0 || from !== to
      if (tells || now - (this.#said.get(domain) ?? 0) >= AGAIN_MS) this.#put(after, now)
      else this.#known.set(domain, after)
    }
    if (from === to) return []
    this.#version += 1
    const worse = CONDUCT_STATES.indexOf(to) > CONDUCT_STATES.indexOf(from)
    const how = before.held && !after.held ? 'hand' : worse ? 'behaviour' : 'time'
    return [{ domain, from, to, at: now, points: after.points, how, counts: !listed || before.held !== undefined }]
  }

  #makeRoom(coming: string, most: number): void {
    if (this.#known.has(coming) || this.#known.size < most) return
    const loose = [...this.#known.values()].filter(({ held }) => held === undefined)
    const fewest = loose.toSorted((a, b) => sumOf(a.points) - sumOf(b.points))[0] ?? [...this.#known.values()][0]
    if (fewest === undefined) return
    this.#drop(fewest.domain)
    this.#version += 1
    this.#pushedOut += 1
  }

  #put(known: KnownConduct, now: number): void {
    this.#known.set(known.domain, known)
    this.#changed.add(known.domain)
    this.#gone.delete(known.domain)
    this.#said.set(known.domain, now)
  }

  #drop(domain: string): void {
    if (this.#known.delete(domain)) this.#gone.add(domain)
    this.#changed.delete(domain)
    this.#said.delete(domain)
  }
}

/** With fewer points there is nothing to remember. */
const FORGOTTEN = 0.5
