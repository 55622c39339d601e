// Why something comes back, and what the end of a stream means for what waits.

import type { StreamEnd } from '../net/stream.ts'
import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

/** Why a parcel could not be delivered. */
export interface Bounce {
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
  /** It had been let in, so its answer has a place too. */
  readonly letIn?: boolean
}

/** The same for what had been let in. */
export const letIn = ({ reason, detail, reference }: Bounce): Bounce => ({ reason, detail, reference, letIn: true })

/** The same for what had been let in and was on its way when the connection broke. */
export function inDoubt({ detail, ...why }: Bounce): Bounce {
  return letIn({ ...why, detail: detail === '' ? 'it may have arrived' : `${detail}; it may have arrived` })
}

/** Stream errors that only ask for a new stream. RFC 6120 §4.9.3.16, §4.9.3.19, §4.9.3.20 */
const PASSING: ReadonlySet<StreamCondition> = new Set<StreamCondition>(['reset', 'see-other-host', 'system-shutdown'])

/** Would asking again at once change nothing? Any other stream error is the peer's answer; everything else is bad luck. */
export function isFinal({ reason, by, condition }: StreamEnd): boolean {
  if (reason === 'SP-467') return true // Who does not read will not read the rest either.
  return by === 'peer' && condition !== undefined && !PASSING.has(condition)
}

/** A stream that ends within this time of becoming ready counts as a failed attempt, so that nothing spins. */
const SHORT_LIVED_MS = 1000
/** How many short-lived streams in a row before what waits is given up. */
const SHORT_LIVED_LIMIT = 3

/** Counts streams that came to nothing. */
export class ShortLived {
  #inRow = 0

  ended(livedMs: number): void {
    this.#inRow = livedMs < SHORT_LIVED_MS ? this.#inRow + 1 : 0
  }

  /** Was the last one such a stream? */
  get last(): boolean {
    return this.#inRow > 0
  }

  get tooMany(): boolean {
    return this.#inRow >= SHORT_LIVED_LIMIT
  }
}
