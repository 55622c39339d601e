// Writes down who of ours has to do with whom outside, in batches and beside the traffic, and takes it from the store when the
// gateway starts.
//
// Rule 1: what waits is written a little at a time, since each write stops traffic while it lasts (some 10 µs each).
// Rule 2: no trouble of the store stops traffic: what could not be written is written later.
// Rule 3: what memory has forgotten by age or for want of room is looked for in the store, a little at a time, and goes there too.
//         So does what is over where too much waited to be written; that is looked for to the end before the house closes.

import type { Events } from '../observe/events.ts'
import type { Relation, Relations } from '../policy/relations/relations.ts'
import { foldedAddress } from '../xmpp/address.ts'
import { StoreError, type RelationStore } from '../store/store.ts'

const EVERY_MS = 100
const BATCH = 100
/** Rows that are looked at at a time for such as are forgotten. */
const LOOK = 200
const PAUSE_MS = 10_000

export interface RelationKeeperOptions {
  readonly store: RelationStore
  readonly relations: Relations
  readonly events: Pick<Events, 'recorderFailed'>
  /** Milliseconds since 1970. */
  now(): number
}

export class RelationKeeper implements Disposable {
  readonly #options: RelationKeeperOptions
  readonly #timer: NodeJS.Timeout
  #pausedUntil = Number.NEGATIVE_INFINITY
  /** How many had been forgotten when the store was last gone through from its begin, and what had been ended of them. */
  #lookedFor = 0
  #endsSought = 0
  #endsLookedFor = 0
  #looking: { readonly after: Pick<Relation, 'user' | 'contact'> | undefined } | undefined

  /** Takes what is kept. @throws StoreError */
  constructor(options: RelationKeeperOptions) {
    this.#options = options
    const { store, relations, now } = options
    relations.restore(store.relations(), now())
    // What was too old to be taken goes.
    this.#looking = { after: undefined }
    this.#timer = setInterval(() => this.tick(), EVERY_MS).unref()
  }

  /** Writes a little of what waits, and looks at a little of what is kept. */
  tick(): void {
    const { relations, now } = this.#options
    relations.tick(now())
    if (now() < this.#pausedUntil) return
    if (this.#write(relations.changes(BATCH))) this.#lookOn()
  }

  /** These know each other, by these marks; what is no pair of addresses is left out. */
  add(wanted: readonly Omit<Relation, 'day'>[]): void {
    const { relations, now } = this.#options
    for (const { user, contact, marks } of wanted) relations.add(user, contact, marks, now())
    this.flush()
  }

  /** Whom a user of ours knows, so many at most, as far as it is written. @throws StoreError */
  of(user: string, most: number): readonly Relation[] {
    this.flush()
    const { store, relations } = this.#options
    return store.relationsAfter(undefined, most, foldedAddress(user) ?? user).filter((one) => relations.has(one))
  }

  /** They do not know each other any more; false where they did not. */
  forget(user: string, contact: string): boolean {
    const was = this.#options.relations.forget(user, contact)
    this.flush()
    return was
  }

  /** Writes all that waits; false: not now. */
  flush(): boolean {
    for (;;) {
      const changes = this.#options.relations.changes(BATCH)
      if (changes.length === 0) return true
      if (!this.#write(changes)) return false
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    if (!this.flush()) return
    // What is over must not be known again after the next start.
    const { relations, now } = this.#options
    while (relations.endsUnsaid > this.#endsLookedFor && now() >= this.#pausedUntil) this.#lookOn()
  }

  #write(changes: readonly Relation[]): boolean {
    const { store, relations } = this.#options
    if (changes.length === 0 || this.#attempt(() => store.keepRelations(changes))) return true
    relations.keepLater(changes)
    return false
  }

  #lookOn(): void {
    const { store, relations } = this.#options
    const { goneUnsaid, endsUnsaid } = relations
    if (this.#looking === undefined) {
      if (goneUnsaid === this.#lookedFor) return
      this.#lookedFor = goneUnsaid
      this.#endsSought = endsUnsaid
      this.#looking = { after: undefined }
    }
    const { after } = this.#looking
    this.#attempt(() => {
      const found = store.relationsAfter(after, LOOK)
      const forgotten = found.filter((one) => !relations.has(one))
      if (forgotten.length > 0) store.keepRelations(forgotten.map((one) => ({ ...one, marks: 0 })))
      this.#looking = found.length < LOOK ? undefined : { after: found.at(-1) }
      if (this.#looking === undefined) this.#endsLookedFor = this.#endsSought
    })
  }

  #attempt(work: () => void): boolean {
    const { events, now } = this.#options
    try {
      work()
      return true
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      events.recorderFailed(error.reason)
      this.#pausedUntil = now() + PAUSE_MS
      return false
    }
  }
}
