// What the addresses of one domain have shown of themselves to the addresses of another: the presence that the others
// believe in. One of these for each pair of domains and way.

import type { Name } from './names.ts'

/**
 * What the presence is to whoever sees it: that of a contact; that of a guest, shown to the room they are in; that of an
 * occupant, shown by the room to those in it; or what the room shows somebody of themselves. XEP-0045 §7.2
 */
export type Role = 'contact' | 'guest' | 'occupant' | 'self'

/**
 * `seen`: they believe it, and so it is. `doubted`: they believe it, and it is to be asked whether it is so still; `awaited`:
 * it has been asked. `due`: they have to be told that it is over. `owed`: they cannot be told before
 * their server is back. `taken`: they have been told, and it will be asked for when there is somebody to ask. `ask`: now.
 */
export type Belief = 'seen' | 'doubted' | 'awaited' | 'due' | 'owed' | 'taken' | 'ask'

/** Has nobody been told, nor is to be told, that it is over? */
export const isBelieved = (belief: Belief): boolean => belief === 'seen' || belief === 'doubted' || belief === 'awaited'

/** One address's presence, as another one believes it. */
export interface Sight {
  readonly from: Name
  readonly to: Name
  role: Role
  belief: Belief
  /** They have said themselves that they are gone: there is nobody to ask for. */
  over: boolean
}

export class Sights {
  /** Whose presence, and who sees it. */
  readonly from: string
  readonly to: string
  /** By account or room, then whose, then who sees it. */
  readonly #all = new Map<string, Map<Name, Map<Name, Sight>>>()
  readonly #waiting: Readonly<Record<Exclude<Belief, 'seen'>, Set<Sight>>> = {
    doubted: new Set(),
    awaited: new Set(),
    due: new Set(),
    owed: new Set(),
    taken: new Set(),
    ask: new Set(),
  }

  constructor(from: string, to: string) {
    this.from = from
    this.to = to
  }

  get empty(): boolean {
    return this.#all.size === 0
  }

  find(from: Name, to: Name): Sight | undefined {
    return this.#all.get(from.bare)?.get(from)?.get(to)
  }

  add(sight: Sight): void {
    const { from, to, belief } = sight
    let resources = this.#all.get(from.bare)
    if (!resources) this.#all.set(from.bare, (resources = new Map<Name, Map<Name, Sight>>()))
    let seers = resources.get(from)
    if (!seers) resources.set(from, (seers = new Map<Name, Sight>()))
    seers.set(to, sight)
    if (belief !== 'seen') this.#waiting[belief].add(sight)
  }

  /** Forgets one; false when it was forgotten before. */
  delete(sight: Sight): boolean {
    const { from, to, belief } = sight
    const resources = this.#all.get(from.bare)
    const seers = resources?.get(from)
    if (!resources || !seers || seers.get(to) !== sight) return false
    seers.delete(to)
    if (belief !== 'seen') this.#waiting[belief].delete(sight)
    if (seers.size === 0) resources.delete(from)
    if (resources.size === 0) this.#all.delete(from.bare)
    return true
  }

  turn(sight: Sight, belief: Belief): void {
    if (sight.belief !== 'seen') this.#waiting[sight.belief].delete(sight)
    sight.belief = belief
    if (belief !== 'seen') this.#waiting[belief].add(sight)
  }

  /** What is shown by an account with all its resources, or by a room with all its occupants; a copy. */
  by(bare: string): readonly Sight[] {
    return [...(this.#all.get(bare)?.values() ?? [])].flatMap((seers) => [...seers.values()])
  }

  /** What one address shows; a copy. */
  of(from: Name): readonly Sight[] {
    return [...(this.#all.get(from.bare)?.get(from)?.values() ?? [])]
  }

  *all(): Iterable<Sight> {
    for (const resources of this.#all.values()) for (const seers of resources.values()) yield* seers.values()
  }

  /** Those of one belief, in the order in which they came to it. */
  waiting(belief: Exclude<Belief, 'seen'>): ReadonlySet<Sight> {
    return this.#waiting[belief]
  }
}
