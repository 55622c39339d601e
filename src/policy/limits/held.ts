// What was held back of whom since the start: what had to wait for a limit, and what was refused by which.
//
// Rule 1: bounded: of more than so many the one with the least is forgotten.

import type { ReasonId } from '../../xmpp/reasons.ts'

const MOST = 2000

export interface HeldBack {
  readonly smoothed: number
  /** How much was refused, by reason. */
  readonly refused: Readonly<Partial<Record<ReasonId, number>>>
}

const NOTHING: HeldBack = { smoothed: 0, refused: {} }

export class Held {
  readonly #all = new Map<string, HeldBack>()
  #smoothed = 0

  /** Stanzas of all that had to wait. */
  get smoothed(): number {
    return this.#smoothed
  }

  /** Of one, by the domain of its entry. */
  of(group: string): HeldBack {
    return this.#all.get(group) ?? NOTHING
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
    if (this.#all.size >= MOST && !this.#all.has(group)) {
      const [least] = [...this.#all].toSorted(([, a], [, b]) => sizeOf(a) - sizeOf(b))
      if (least !== undefined) this.#all.delete(least[0])
    }
    this.#all.set(group, held)
  }
}

const sizeOf = ({ smoothed, refused }: HeldBack): number =>
  Object.values(refused).reduce((sum, count) => sum + count, smoothed)
