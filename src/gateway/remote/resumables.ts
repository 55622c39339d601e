// Sessions that their clients may take up again over another connection (XEP-0198 §5), and what has to be known for it:
// the counts of both sides, and the address. The core has the stanzas.
//
// Rule 1: so many are remembered and no more, of each user and of all, and so much of what was said to them; the oldest is
//         forgotten, and its client starts anew.
// Rule 2: of a session that is lost is known no longer than the core keeps it.
// Rule 3: it is forgotten when it goes on elsewhere, or when the core no longer knows it; not when somebody asks for it.

import type { Counts } from '../../stream/client/counts.ts'

export interface Resumable {
  readonly counts: Counts
  readonly address: string
  /** The core keeps it so long after it is lost; undefined: it has not said. */
  readonly keptMs: number | undefined
  /** Ends the session that is up under this id, if one is. */
  replace(): void
}

export interface ResumableLimits {
  readonly resumable: number
  readonly resumablePerUser: number
  readonly resumptionMs: number
}

interface Kept {
  readonly user: string
  session: Resumable
  /** Once it is lost: when it is forgotten (ms since 1970), and the bytes that it holds. */
  until: number
  bytes: number
}

/** Answers of ours to lost sessions, of all of them together. */
export const MOST_BYTES = 33_554_432
/** No core is believed to keep a session longer. */
const LONGEST_MS = 86_400_000

export class Resumables {
  readonly #limits: () => ResumableLimits
  readonly #kept = new Map<string, Kept>()
  /** Keys, the oldest first. */
  readonly #ofUser = new Map<string, Set<string>>()
  #bytes = 0

  /** `limits`: asked each time, since settings change. */
  constructor(limits: () => ResumableLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#kept.size
  }

  /** Of the answers that lost sessions hold. */
  get bytes(): number {
    return this.#bytes
  }

  /** Remembers a session of this user that is up. SECURITY: an id is of use only to whom it was given to. */
  keep(user: string, id: string, session: Resumable): void {
    const key = keyOf(user, id)
    this.#drop(key)
    const { resumable, resumablePerUser } = this.#limits()
    const own = this.#ofUser.get(user) ?? new Set()
    this.#ofUser.set(user, own.add(key))
    this.#kept.set(key, { user, session, until: Infinity, bytes: 0 })
    for (const oldest of [...own].slice(0, -resumablePerUser)) this.#drop(oldest)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= resumable) break
      this.#drop(oldest)
    }
  }

  /** The session behind an id. */
  find(user: string, id: string): Resumable | undefined {
    return this.#kept.get(keyOf(user, id))?.session
  }

  /** Somebody else takes it up: the session that was up under this id ends, and `by` has it. */
  claim(user: string, id: string, by: Resumable): void {
    const kept = this.#kept.get(keyOf(user, id))
    if (!kept) return
    const { session } = kept
    kept.session = by
    session.replace()
  }

  /** The connection of this session is lost, at this time (ms since 1970); nothing where another has taken it up. */
  lost(user: string, id: string, session: Resumable, now: number): void {
    const kept = this.#kept.get(keyOf(user, id))
    if (kept?.session !== session) return
    this.#bytes += session.counts.keptBytes - kept.bytes
    kept.bytes = session.counts.keptBytes
    kept.session = { ...session, replace: nobody } // It must not keep alive what has ended.
    kept.until = now + Math.min(session.keptMs ?? this.#limits().resumptionMs, LONGEST_MS)
    for (const [key, { bytes }] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) break
      if (bytes > 0) this.#drop(key)
    }
  }

  /** It goes on elsewhere, or never. */
  forget(user: string, id: string): void {
    this.#drop(keyOf(user, id))
  }

  /** Forgets what the core no longer knows either. */
  expire(now: number): void {
    for (const [key, { until }] of this.#kept) if (until <= now) this.#drop(key)
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key)
    if (!kept) return
    this.#kept.delete(key)
    this.#bytes -= kept.bytes
    const own = this.#ofUser.get(kept.user)
    own?.delete(key)
    if (own?.size === 0) this.#ofUser.delete(kept.user)
  }
}

const nobody = (): void => {}

const keyOf = (user: string, id: string): string => `${user} ${id}`
