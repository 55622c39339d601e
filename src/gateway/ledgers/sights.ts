// What the addresses of one domain have shown of themselves to the addresses of another: the presence that the others
// believe in. One of these for each pair of domains and way.

import type { Name, Spelling } from '../names.ts'

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

/** How many addresses of one account, or nicks in one room, may see the same account or room: more than anybody has. */
const MOST_SEERS = 256

/** By who sees it, then by whose it is. */
type Seers = Map<string, Map<string, Sight>>

export class Sights {
  /** Whose presence, and who sees it. */
  readonly from: string
  readonly to: string
  /** On whose account they are remembered: the partner's. */
  readonly owner: string
  /**
   * By account or room, then by that which sees it. SECURITY: what a stanza is about is found without a look at anything
   * else, so that whoever fills the table does not make each further stanza costly.
   */
  readonly #all = new Map<string, Map<string, Seers>>()
  #size = 0
  readonly #waiting: Readonly<Record<Exclude<Belief, 'seen'>, Set<Sight>>> = {
    doubted: new Set(),
    awaited: new Set(),
    due: new Set(),
    owed: new Set(),
    taken: new Set(),
    ask: new Set(),
  }

  constructor(from: string, to: string, owner: string) {
    this.from = from
    this.to = to
    this.owner = owner
  }

  get size(): number {
    return this.#size
  }

  find(from: Spelling, to: Spelling): Sight | undefined {
    return this.#seers(from, to)?.get(to.text)?.get(from.text)
  }

  /** Is there a place for one that is not there yet? */
  takes(from: Spelling, to: Spelling): boolean {
    const seers = this.#seers(from, to)
    return seers === undefined || seers.size < MOST_SEERS || seers.has(to.text)
  }

  add(sight: Sight): void {
    const { from, to, belief } = sight
    let accounts = this.#all.get(from.bare)
    if (!accounts) this.#all.set(from.bare, (accounts = new Map<string, Seers>()))
    let seers = accounts.get(to.bare)
    if (!seers) accounts.set(to.bare, (seers = new Map<string, Map<string, Sight>>()))
    let shown = seers.get(to.text)
    if (!shown) seers.set(to.text, (shown = new Map<string, Sight>()))
    shown.set(from.text, sight)
    this.#size += 1
    if (belief !== 'seen') this.#waiting[belief].add(sight)
  }

  /** Forgets one; false when it was forgotten before. */
  delete(sight: Sight): boolean {
    const { from, to, belief } = sight
    const accounts = this.#all.get(from.bare)
    const seers = accounts?.get(to.bare)
    const shown = seers?.get(to.text)
    if (!accounts || !seers || !shown || shown.get(from.text) !== sight) return false
    shown.delete(from.text)
    this.#size -= 1
    if (belief !== 'seen') this.#waiting[belief].delete(sight)
    if (shown.size === 0) seers.delete(to.text)
    if (seers.size === 0) accounts.delete(to.bare)
    if (accounts.size === 0) this.#all.delete(from.bare)
    return true
  }

  turn(sight: Sight, belief: Belief): void {
    if (sight.belief !== 'seen') this.#waiting[sight.belief].delete(sight)
    sight.belief = belief
    if (belief !== 'seen') this.#waiting[belief].add(sight)
  }

  /** What is shown by one to the other, where a bare address means all addresses of the account or room; a copy. */
  between(from: Spelling, to: Spelling): readonly Sight[] {
    const seers = this.#seers(from, to)
    const shown = to.text === to.bare ? [...(seers?.values() ?? [])] : [seers?.get(to.text)]
    return shown.flatMap((one) => (from.text === from.bare ? [...(one?.values() ?? [])] : (one?.get(from.text) ?? [])))
  }

  /** What exactly this address shows to an account or room; a copy. */
  of(from: Spelling, account: Spelling): readonly Sight[] {
    return [...(this.#seers(from, account)?.values() ?? [])].flatMap((shown) => shown.get(from.text) ?? [])
  }

  *all(): Iterable<Sight> {
    for (const accounts of this.#all.values()) {
      for (const seers of accounts.values()) for (const shown of seers.values()) yield* shown.values()
    }
  }

  /** Is there any of which is to be asked, or has been, whether it is so still? */
  get hasDoubts(): boolean {
    return this.#waiting.doubted.size + this.#waiting.awaited.size > 0
  }

  /** Those of one belief, in the order in which they came to it. */
  waiting(belief: Exclude<Belief, 'seen'>): ReadonlySet<Sight> {
    return this.#waiting[belief]
  }

  #seers(from: Spelling, to: Spelling): Seers | undefined {
    return this.#all.get(from.bare)?.get(to.bare)
  }
}
