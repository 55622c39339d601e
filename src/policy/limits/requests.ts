// Requests of people outside for the presence of ours (RFC 6121 §3.1) that nobody has answered: how many wait of one partner,
// and at one user of ours, held against how many may. So that nobody's client is filled with requests.
//
// Rule 1: what is not limited is not remembered. What is answered, taken back or returned is over; and what waited too long counts
//         no more, whatever the core still remembers of it.
// Rule 2: bounded. A partner has no more places than it leaves to all others, and what finds none is refused where it counts.
// Rule 3: what waits outlives the house, so that a restart gives nobody room for further requests: whoever keeps it takes what has
//         changed. Too much that waits for that is not kept.
// Rule 4: users and contacts are told apart by keyed hashes, so that nobody outside can choose two that fall together. It is asked
//         of every address alike, whether anybody has it or not.

import type { ReasonId } from '../../xmpp/reasons.ts'
import { hash } from '../keyed-hash.ts'

/** How many may wait; undefined: as many as come. */
export interface RequestCaps {
  /** Of a partner. */
  readonly partner: number | undefined
  /** At one user of ours, of all partners. */
  readonly user: number | undefined
}

export interface Request {
  /** The domain of the partner's entry; without one, its own. */
  readonly partner: string
  /** Bare, as they are told apart. */
  readonly user: string
  readonly contact: string
}

/** One that waits, and since when (ms). */
export interface KeptRequest extends Request {
  readonly at: number
}

/** What has changed of those that wait. */
export interface RequestChanges {
  readonly changed: readonly KeptRequest[]
  readonly gone: readonly Pick<Request, 'user' | 'contact'>[]
  /** What began no later (ms) counts no more. */
  readonly over: number
}

/** What one more would exceed. */
export interface TooManyRequests {
  /** Of whom it is, by the domain of its entry. */
  readonly group: string
  readonly reason: ReasonId
  readonly detail: string
}

export interface RequestRoom {
  readonly pendingRequests: number
  readonly requestsKeptMs: number
}

interface Waiting {
  readonly partner: string
  readonly user: number
  readonly at: number
}

const MOST_UNSAVED = 100_000
/** Where nothing changes, so often what counts no more is taken out of what is kept. */
const KEEP_AGAIN_MS = 3_600_000

export class Requests {
  readonly #keys: readonly [number, number]
  readonly #room: () => RequestRoom
  /** From the one that waits longest. */
  readonly #all = new Map<number, Waiting>()
  readonly #ofPartners = new Map<string, number>()
  readonly #atUsers = new Map<number, number>()
  /** What is to be written; without a time: it is over. */
  readonly #changes = new Map<number, Omit<KeptRequest, 'at'> & { readonly at: number | undefined }>()
  /** When it was last written (ms). */
  #keptAt: number | undefined

  /** @param key unguessable */
  constructor(key: number, room: () => RequestRoom) {
    this.#keys = [key, key ^ 0x5bd1e995]
    this.#room = room
  }

  /** How many wait. */
  get size(): number {
    return this.#all.size
  }

  /** How many of a partner wait. */
  of(partner: string): number {
    return this.#ofPartners.get(partner) ?? 0
  }

  /** How many wait at a user of ours. */
  at(user: string): number {
    return this.#atUsers.get(this.#hash(user)) ?? 0
  }

  /** What one more would exceed; one that waits already exceeds nothing. */
  exceeded({ partner, user, contact }: Request, caps: RequestCaps, now: number): TooManyRequests | undefined {
    this.sweep(now)
    if (this.#all.has(this.#pair(user, contact))) return undefined
    const [of, at] = [this.of(partner), this.at(user)]
    if (caps.partner !== undefined && of >= caps.partner)
      return { group: partner, reason: 'SP-158', detail: `partner=${partner}, pendingRequests=${caps.partner}` }
    if (caps.user !== undefined && at >= caps.user)
      return { group: partner, reason: 'SP-159', detail: `user=${user}, pendingRequests=${caps.user}` }
    const left = this.#room().pendingRequests - this.size
    return of < left ? undefined : { group: partner, reason: 'SP-160', detail: `partner=${partner}, ${of} of it wait` }
  }

  /** It crosses, and waits from now on. */
  add({ partner, user, contact }: Request, now: number): void {
    const pair = this.#pair(user, contact)
    if (this.#all.has(pair)) return
    this.#wait({ partner, user, contact, at: now }, pair)
    this.#change(pair, { partner, user, contact, at: now })
  }

  /** Takes what was kept, which is not a change. */
  restore(kept: Iterable<KeptRequest>, now: number): void {
    const { pendingRequests } = this.#room()
    // By a clock that was ahead they would wait for longer than they may.
    const all = [...kept].map((one) => ({ ...one, at: Math.min(one.at, now) })).toSorted((a, b) => a.at - b.at)
    for (const one of all.slice(-pendingRequests)) {
      const pair = this.#pair(one.user, one.contact)
      if (!this.#all.has(pair)) this.#wait(one, pair)
    }
    this.sweep(now)
  }

  /** Has so many changes at most written, which then count as such; false: they were not. */
  flush(keep: (changes: RequestChanges) => boolean, now: number, most = Infinity): boolean {
    const taken = [...this.#changes].slice(0, most)
    this.#keptAt ??= now
    if (taken.length === 0 && now - this.#keptAt < KEEP_AGAIN_MS) return true
    const changed = taken.flatMap(([, { at, ...request }]) => (at === undefined ? [] : { ...request, at }))
    const gone = taken.flatMap(([, { at, user, contact }]) => (at === undefined ? { user, contact } : []))
    if (!keep({ changed, gone, over: now - this.#room().requestsKeptMs })) return false
    this.#keptAt = now
    for (const [pair] of taken) this.#changes.delete(pair)
    return true
  }

  /** It waits no longer, if it did. */
  end(user: string, contact: string): void {
    if (this.#all.size === 0) return
    const pair = this.#pair(user, contact)
    const partner = this.#forget(pair)
    if (partner !== undefined) this.#change(pair, { partner, user, contact, at: undefined })
  }

  /** What waited too long counts no more. */
  sweep(now: number): void {
    const { requestsKeptMs } = this.#room()
    for (const [pair, { at }] of this.#all) {
      if (now - at < requestsKeptMs) return
      this.#forget(pair)
    }
  }

  #wait({ partner, user, at }: KeptRequest, pair: number): void {
    const hashed = this.#hash(user)
    this.#all.set(pair, { partner, user: hashed, at })
    this.#ofPartners.set(partner, this.of(partner) + 1)
    this.#atUsers.set(hashed, (this.#atUsers.get(hashed) ?? 0) + 1)
  }

  #change(pair: number, change: Omit<KeptRequest, 'at'> & { readonly at: number | undefined }): void {
    if (this.#changes.size < MOST_UNSAVED || this.#changes.has(pair)) this.#changes.set(pair, change)
  }

  /** @returns of whom it was, if it waited */
  #forget(pair: number): string | undefined {
    const waiting = this.#all.get(pair)
    if (waiting === undefined) return undefined
    this.#all.delete(pair)
    countDown(this.#ofPartners, waiting.partner)
    countDown(this.#atUsers, waiting.user)
    return waiting.partner
  }

  #hash(text: string): number {
    return hash(text, this.#keys[0])
  }

  /** 53 bits of two hashes. */
  #pair(user: string, contact: string): number {
    return this.#hash(user) * 0x20_0000 + (hash(contact, this.#keys[1]) >>> 11)
  }
}

function countDown<Key>(counts: Map<Key, number>, key: Key): void {
  const left = (counts.get(key) ?? 0) - 1
  if (left > 0) counts.set(key, left)
  else counts.delete(key)
}
