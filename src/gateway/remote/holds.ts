// Why a client is not read: something has to happen first, the core takes no more, it has said enough for a while, or it does
// not read what it is answered.

import type { ClientTransport } from '../../net/client/transport.ts'
import { Pace } from './pace.ts'

export type Holder = 'phase' | 'pipe' | 'rate' | 'answers'

const BIT: Readonly<Record<Holder, number>> = { phase: 1, pipe: 2, rate: 4, answers: 8 }

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
  /** A bit for each. */
  #holders = 0
  #timer: NodeJS.Timeout | undefined

  constructor(parts: HoldsParts) {
    this.#parts = parts
    this.#pace = new Pace(parts.rate(), parts.now())
  }

  get any(): boolean {
    return this.#holders !== 0
  }

  hold(holder: Holder): void {
    if (this.#holders === 0) this.#parts.transport.hold()
    this.#holders |= BIT[holder]
  }

  /** Goes on, unless there is another reason. */
  release(holder: Holder): void {
    if ((this.#holders & BIT[holder]) === 0) return
    this.#holders &= ~BIT[holder]
    if (this.#holders === 0) this.#parts.transport.release()
  }

  /** The client has said something, stanza or not, or asked whether we are there: enough for now, maybe. */
  spoke(): void {
    const { rate, now, guard } = this.#parts
    const wait = this.#pace.take(rate(), now())
    if (wait === 0 || (this.#holders & BIT.rate) !== 0) return
    this.hold('rate')
    this.#timer = setTimeout(() => guard(() => this.release('rate')), wait)
    this.#timer.unref()
  }

  /** It is over. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
