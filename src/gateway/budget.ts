// Shared allowances: what all queues of a partner may hold together, and all queues there are. A stanza must fit into
// each.

import type { ReasonId } from '../xmpp/reasons.ts'

export interface Allowance {
  readonly stanzas: number
  readonly bytes: number
}

export class Budget {
  readonly #allowed: () => Allowance
  readonly #exhausted: ReasonId
  readonly #above: Budget | undefined
  #stanzas = 0
  #bytes = 0

  /**
   * @param allowed asked each time, since settings change
   * @param exhausted why something comes back that does not fit
   * @param above the wider allowance that this one is a part of
   */
  constructor(allowed: () => Allowance, exhausted: ReasonId, above?: Budget) {
    this.#allowed = allowed
    this.#exhausted = exhausted
    this.#above = above
  }

  get used(): Allowance {
    return { stanzas: this.#stanzas, bytes: this.#bytes }
  }

  /** Half of this allowance, or of one above it, is used: who feeds its queues should be held. */
  get halfUsed(): boolean {
    const { stanzas, bytes } = this.#allowed()
    return this.#stanzas * 2 >= stanzas || this.#bytes * 2 >= bytes || (this.#above?.halfUsed ?? false)
  }

  /** Takes a stanza if it still fits; otherwise says why not, and everything is as it was. */
  take(bytes: number): ReasonId | undefined {
    const allowed = this.#allowed()
    if (this.#stanzas >= allowed.stanzas || this.#bytes + bytes > allowed.bytes) return this.#exhausted
    const above = this.#above?.take(bytes)
    if (above) return above
    this.#count(1, bytes)
    return undefined
  }

  /** Takes a stanza whether it fits or not. */
  owe(bytes: number): void {
    this.#count(1, bytes)
    this.#above?.owe(bytes)
  }

  /** Gives a stanza back. */
  give(bytes: number): void {
    this.#count(-1, -bytes)
    this.#above?.give(bytes)
  }

  #count(stanzas: number, bytes: number): void {
    this.#stanzas += stanzas
    this.#bytes += bytes
  }
}
