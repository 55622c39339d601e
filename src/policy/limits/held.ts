// What was held back of whom since the start: what had to wait for a limit, and what was refused by which.
//
// Rule 1: bounded, at a cost that does not grow with it: of more than so many the one is forgotten that was held back longest ago, of
//         those that were held back once before all others.

import type { ReasonId } from '../../xmpp/reasons.ts'

const MOST = 2000

export interface HeldBack {
  readonly smoothed: number
  /** How much was refused, by reason. */
  readonly refused: Readonly<Partial<Record<ReasonId, number>>>
}

const NOTHING: HeldBack = { smoothed: 0, refused: {} }

export class Held {
  readonly #once = new Map<string, HeldBack>()
  readonly #again = new Map<string, HeldBack>()
  #smoothed = 0

  /** Stanzas of all that had to wait. */
  get smoothed(): number {
    return this.#smoothed
  }

  /** Of one, by the domain of its entry. */
  of(group: string): HeldBack {
    return this.#again.get(group) ?? this.#once.get(group) ?? NOTHING
  }

  /** One stanza waits. */
  waits(group: string): void {
    const held = this.of(group)
    this.#smoothed += 1
    this.#keep(group, { ...held, smoothed: held.smoothed + 1 })
  }

  refuses(group: string, reason: ReasonId): void {
    const held = this.of(group)
    this.#keep(group, { ...held, refused: { ...held.refused, [reason]: (held.refused[reason] ?? 0) + 1 } })
  }

  #keep(group: string, held: HeldBack): void {
    const isKnown = this.#once.delete(group) || this.#again.delete(group)
    if (this.#once.size + this.#again.size >= MOST) {
      const from = this.#once.size > 0 ? this.#once : this.#again
      for (const oldest of from.keys()) {
        from.delete(oldest)
        break
      }
    }
    const to = isKnown ? this.#again : this.#once
    to.set(group, held)
  }
}
