// How often something failed under a name (an account, an address) in a sliding window, and how often it is being tried
// now: what is tried counts as if it had failed until it is known.
//
// Rule 1: bounded. So many names are kept exactly; the oldest ones go over into a blur, which forgets nobody's count.
// SECURITY: whoever floods the tally with names of their own makes no count smaller; at worst further names look as if
// they had failed more often.

import { Blur } from './blur.ts'

interface Entry {
  /** Of failures, oldest first. */
  times: number[]
  pending: number
}

export interface Counted {
  readonly name: string
  readonly failures: number
  /** When the window has left all but so many behind (ms), by the limit that was asked for. */
  readonly until: number
}

/** A name and when it failed (ms), within the window, oldest first. */
export interface Failures {
  readonly name: string
  readonly times: readonly number[]
}

/** Longer names are never kept exactly: they would take the memory of many. */
const LONGEST_NAME = 128
/** Names that an administrator has taken the blur off. */
const MOST_SPARED = 1000

export interface TallyOptions {
  readonly most: () => number
  readonly windowMs: () => number
  readonly key: number
  readonly notes?: boolean
}

export class Tally {
  readonly #most: () => number
  readonly #windowMs: () => number
  readonly #blur: Blur
  /** Least recently counted first. */
  readonly #entries = new Map<string, Entry>()
  readonly #spared = new Map<string, number>()
  /** Names that have failed since they were asked for, or (true) that were forgotten. The last one at the end. */
  readonly #changed = new Map<string, boolean>()
  readonly #notes: boolean

  /** `most`: names that are kept exactly; `key`: unguessable; `notes`: are its `changes` asked for? */
  constructor({ most, windowMs, key, notes = false }: TallyOptions) {
    this.#notes = notes
    this.#most = most
    this.#windowMs = windowMs
    this.#blur = new Blur(key)
  }

  /** How many names are kept exactly, and is there more than there was room for? */
  get figures(): { readonly kept: number; readonly blurred: boolean } {
    return { kept: this.#entries.size, blurred: !this.#blur.isEmpty }
  }

  /** Failures within the window, and attempts under way. */
  count(name: string, now: number): number {
    const entry = this.#entries.get(name)
    return (entry ? this.#recent(entry, now).length + entry.pending : 0) + this.#blurred(name, now)
  }

  /** Something begins. It must be `settle`d. */
  begin(name: string, now: number): void {
    const entry = this.#entry(name)
    entry.pending += 1
    this.#keep(name, entry, now)
  }

  /** It is over. */
  settle(name: string, failed: boolean, now: number): void {
    const entry = this.#entry(name)
    entry.pending = Math.max(0, entry.pending - 1)
    entry.times = this.#recent(entry, now)
    if (failed) {
      entry.times.push(now)
      this.#change(name, false)
    }
    this.#keep(name, entry, now)
  }

  /** Takes what was kept, the last one at the end. */
  restore(all: Iterable<Failures>, now: number): void {
    for (const { name, times } of all) {
      const entry = this.#entry(name)
      // A clock that was set back must not make a failure last.
      entry.times = [...times.map((time) => Math.min(time, now)), ...entry.times]
      entry.times = this.#recent(entry, now)
      this.#keep(name, entry, now)
    }
  }

  /**
   * Names that have failed or were forgotten since this was asked last, with the failures that count; without any: forgotten.
   * Of one that has gone over into the blur nothing is said.
   */
  changes(now: number): readonly Failures[] {
    const all = [...this.#changed].flatMap(([name, forgotten]): readonly Failures[] => {
      const entry = this.#entries.get(name)
      if (!entry && !forgotten) return []
      return [{ name, times: entry ? this.#recent(entry, now) : [] }]
    })
    this.#changed.clear()
    return all
  }

  /** They could not be kept: they are still to be. */
  keepLater(all: Iterable<Failures>): void {
    for (const { name, times } of all) if (!this.#changed.has(name)) this.#change(name, times.length === 0)
  }

  /** Forgets the failures of a name; gives how many there were. */
  forget(name: string, now: number): number {
    this.#change(name, true)
    const entry = this.#entries.get(name)
    const blurred = this.#blurred(name, now)
    if (blurred > 0 && (this.#spared.size < MOST_SPARED || this.#spared.has(name)))
      this.#spared.set(name, now + 2 * this.#windowMs())
    const failures = entry ? this.#recent(entry, now).length : 0
    if (entry) {
      entry.times = []
      if (entry.pending === 0) this.#entries.delete(name)
    }
    return failures + blurred
  }

  /** Names of which so many failures are within the window, the last one first. */
  *atLeast(limit: number, now: number): Iterable<Counted> {
    for (const [name, entry] of [...this.#entries].toReversed()) {
      const times = this.#recent(entry, now)
      const failures = times.length + this.#blurred(name, now)
      if (times.length === 0 || failures < limit) continue
      const leaving = times[Math.min(times.length - 1, failures - limit)] ?? now
      yield { name, failures, until: leaving + this.#windowMs() }
    }
  }

  #change(name: string, forgotten: boolean): void {
    if (!this.#notes) return
    const was = this.#changed.get(name) ?? false
    this.#changed.delete(name)
    this.#changed.set(name, was || forgotten)
    if (this.#changed.size <= this.#most()) return
    for (const oldest of [...this.#changed.keys()].slice(0, 1)) this.#changed.delete(oldest)
  }

  #entry(name: string): Entry {
    return this.#entries.get(name) ?? { times: [], pending: 0 }
  }

  #recent({ times }: Entry, now: number): number[] {
    const since = now - this.#windowMs()
    return times.filter((time) => time > since)
  }

  #blurred(name: string, now: number): number {
    if (this.#blur.isEmpty) return 0
    const until = this.#spared.get(name)
    if (until !== undefined && now < until) return 0
    if (until !== undefined) this.#spared.delete(name)
    return this.#blur.count(name, now, this.#windowMs())
  }

  #keep(name: string, entry: Entry, now: number): void {
    this.#entries.delete(name)
    if (entry.pending > 0 || entry.times.length > 0) this.#entries.set(name, entry)
    if (name.length > LONGEST_NAME && entry.pending === 0) this.#fold(name, entry, now)
    let looks = 2 // Each addition finds two that are over, so that those who are over go by themselves.
    for (const [oldest, other] of this.#entries) {
      if (other.pending > 0) {
        // Under way: few, since each holds a connection.
        if (this.#entries.size <= this.#most()) break
        continue
      }
      const isOver = this.#recent(other, now).length === 0
      if (isOver) this.#entries.delete(oldest)
      else if (this.#entries.size > this.#most()) this.#fold(oldest, other, now)
      else break
      looks -= 1
      if (looks <= 0 && this.#entries.size <= this.#most()) break
    }
  }

  #fold(name: string, entry: Entry, now: number): void {
    this.#entries.delete(name)
    const failures = this.#recent(entry, now).length
    if (failures > 0) this.#blur.add(name, failures, now, this.#windowMs())
  }
}
