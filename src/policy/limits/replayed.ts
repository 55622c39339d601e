// Limits held against stanzas that were sent once, by the facts that were kept of them, from the oldest on.
//
// Rule 1: what was too fast and would have waited no longer than a stream may be held has waited, and crosses.

import type { Decision } from '../checkpoint.ts'
import type { Facts } from '../facts.ts'
import { endsRequest, type Limits, Sentry } from './sentry.ts'
import { tooMuch } from './too-much.ts'

export class ReplayedLimits {
  readonly #limits: Limits
  readonly #smoothingMs: number
  readonly #sentries = new Map<string, Sentry | undefined>()

  constructor(limits: Limits, smoothingMs: number) {
    this.#limits = limits
    this.#smoothingMs = smoothingMs
  }

  /** @param standing the name under which the partner is kept now */
  judge(
    { direction, kind: name, type, from, to, payloads, bytes, at }: Facts,
    outside: string,
    standing: string,
  ): Decision {
    const sent = { name, type, from, to, payloads, raw: { length: bytes } }
    const sentry = this.#sentry(outside, standing, direction)
    const exceeded = sentry?.take(sent, at)
    if (exceeded === undefined || (!('reason' in exceeded) && (exceeded.waitMs ?? Infinity) <= this.#smoothingMs)) {
      endsRequest(this.#limits.requests, sent, direction)
      return { verdict: 'pass', reported: [] }
    }
    return tooMuch(exceeded)
  }

  #sentry(outside: string, standing: string, direction: Facts['direction']): Sentry | undefined {
    const key = `${direction} ${standing}`
    if (!this.#sentries.has(key)) this.#sentries.set(key, Sentry.at(this.#limits, outside, direction, standing))
    return this.#sentries.get(key)
  }
}
