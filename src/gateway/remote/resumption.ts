// What one session has to do with resumption (XEP-0198 §5): it takes up another one, and may be taken up itself.

import type { Counting } from '../../stream/client/counting.ts'
import type { Enabled } from '../../stream/client/log-in.ts'
import type { RelayEvent } from '../../stream/client/relay-types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { Resumable, Resumables } from './resumables.ts'

export interface ResumptionParts {
  readonly counting: Counting
  readonly resumables: Resumables
  now(): number
  /** Ends the session, because another goes on with it. */
  replace(): void
}

export class Resumption {
  readonly #parts: ResumptionParts
  /** As others find this session: `id` is its own, or that of the one that it is about to take up. */
  #mine: { readonly user: string; readonly id: string; readonly session: Resumable } | undefined

  constructor(parts: ResumptionParts) {
    this.#parts = parts
  }

  /** The client of this user wants a session back; what comes of it, for the relay. */
  want(user: string, frame: Frame): RelayEvent {
    const { counting, resumables } = this.#parts
    const wanted = counting.want(frame, (id) => resumables.find(user, id)?.counts)
    const found = wanted && resumables.find(user, wanted.id)
    if (!found) return { kind: 'remembered', bytes: undefined, address: undefined }
    const { id, bytes } = wanted
    const session = { ...found, replace: () => this.#parts.replace() }
    this.#mine = { user, id, session }
    resumables.claim(user, id, session)
    return { kind: 'remembered', bytes, address: found.address }
  }

  /** The core has said that both sides count. */
  enabled(user: string, address: string, { id, keptMs }: Enabled): void {
    this.forget() // Another id takes the place of one.
    if (id === undefined) return
    const { counting, resumables, replace } = this.#parts
    const session = { counts: counting.counts, address, keptMs, replace: () => replace() }
    this.#mine = { user, id, session }
    resumables.keep(user, id, session)
  }

  /** The core has taken it up again: from here on it is this one. */
  resumed(): void {
    if (this.#mine) this.#parts.resumables.keep(this.#mine.user, this.#mine.id, this.#mine.session)
  }

  /** The client may come back for it. */
  lost(): void {
    const { resumables, now } = this.#parts
    if (this.#mine) resumables.lost(this.#mine.user, this.#mine.id, this.#mine.session, now())
  }

  /** Nobody comes back for it, or the core no longer knows it. */
  forget(): void {
    const { resumables } = this.#parts
    const mine = this.#mine
    this.#mine = undefined
    if (mine && resumables.find(mine.user, mine.id) === mine.session) resumables.forget(mine.user, mine.id)
  }
}
