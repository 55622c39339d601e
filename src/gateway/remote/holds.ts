// Why a client is not read: something has to happen first, the core takes no more, it has said enough for a while, or it does
// not read what it is answered.

import type { ClientTransport } from '../../net/client/transport.ts'
import { Pace } from './pace.ts'

export type Holder = 'phase' | 'pipe' | 'rate' | 'answers'

export interface HoldsParts {
  readonly transport: Pick<ClientTransport, 'hold' | 'release'>
  /** Elements a second. */
  rate(): number
  /** ms since 1970. */
  now(): number
  /** Runs what a timer has caused, and answers for what it throws. */
  guard(act: () => void): void
}

export class Holds {
  readonly #parts: HoldsParts
  readonly #pace: Pace
  readonly #holders = new Set<Holder>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: HoldsParts) {
    this.#parts = parts
    this.#pace = new Pace(parts.rate(), parts.now())
  }

  get any(): boolean {
    return this.#holders.size > 0
  }

  hold(holder: Holder): void {
    if (this.#holders.size === 0) this.#parts.transport.hold()
    this.#holders.add(holder)
  }

  /** Goes on, unless there is another reason. */
  release(holder: Holder): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#parts.transport.release()
  }

  /** The client has said something, stanza or not: enough for now, maybe. */
  spoke(): void {
    const { rate, now, guard } = this.#parts
    const wait = this.#pace.take(rate(), now())
    if (wait === 0 || this.#holders.has('rate')) return
    this.hold('rate')
    this.#timer = setTimeout(() => guard(() => this.release('rate')), wait)
    this.#timer.unref()
  }

  /** It is over. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
