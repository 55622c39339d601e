// What of a link's queue goes back to its senders, in its order; then there is nothing that sources have to be held for.

import type { ReasonId } from '../../xmpp/reasons.ts'
import { type Bounce, letIn } from '../bounce.ts'
import type { LinkOptions } from './link-options.ts'
import type { Parcel, Parcels } from './parcels.ts'
import type { Held } from './source.ts'

type Options = Pick<LinkOptions, 'bounce' | 'reference' | 'now' | 'limits' | 'pair'>

export class Returns {
  readonly #queue: Parcels
  readonly #held: Held
  readonly #options: Options

  constructor(queue: Parcels, held: Held, options: Options) {
    this.#queue = queue
    this.#held = held
    this.#options = options
  }

  /** One that does not fit. */
  full(parcel: Parcel, reason: ReasonId): void {
    const { bounce, reference, pair } = this.#options
    const detail = `${this.#queue.length} stanzas and ${this.#queue.bytes} bytes wait for ${pair.remote}`
    bounce(parcel, { reason, detail, reference: reference() })
  }

  /** What has waited too long. */
  late(): void {
    const { limits, now, bounce, reference, pair } = this.#options
    const detail = `waited ${Math.round(limits.queueWaitMs / 1000)} s for ${pair.remote}`
    for (const late of this.#queue.takeOlderThan(now() - limits.queueWaitMs)) {
      bounce(late, letIn({ reason: 'SP-623', detail, reference: reference() }))
    }
  }

  /** The stanzas of others: what is our own answer stays. */
  stanzas(why: Bounce): void {
    const stanzas = this.#queue.takeWhere(({ frame }) => frame !== undefined)
    for (const parcel of stanzas) this.#options.bounce(parcel, letIn(why))
    this.#held.release()
  }

  all(why: Bounce): void {
    for (let parcel = this.#queue.take(); parcel; parcel = this.#queue.take()) this.#options.bounce(parcel, letIn(why))
    this.#held.release()
  }
}
