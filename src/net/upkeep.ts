// What is done when one of the clocks of a ready stream has run out (`watch.ts`).

import type { StreamEvent } from '../stream/types.ts'
import type { Input } from './input.ts'
import type { Outgoing } from './outgoing.ts'
import type { Wire } from './stream.ts'
import type { Watched } from './watch.ts'

const SPACE = Buffer.from(' ')

/** The connection that is kept up. */
export interface Kept extends Pick<Wire, 'open' | 'destroy'> {
  /** Tells the automaton, and answers for what that throws. */
  hear(event: StreamEvent): void
  guard(act: () => unknown): void
}

export class Upkeep implements Watched {
  readonly #kept: Kept
  readonly #input: Input
  readonly #out: Outgoing
  readonly #stallMs: number

  constructor(kept: Kept, input: Input, out: Outgoing, stallMs: number) {
    this.#kept = kept
    this.#input = input
    this.#out = out
    this.#stallMs = stallMs
  }

  paused(): boolean {
    return this.#input.held
  }

  stuckSince(): number | undefined {
    return this.#out.output.stuckSince
  }

  idle(): void {
    this.#kept.hear({ kind: 'idle' })
  }

  keepalive(): void {
    this.#kept.guard(() => this.#kept.open && this.#out.output.bufferedBytes === 0 && this.#out.say(SPACE))
  }

  /** The peer reads nothing: words would not reach it either. */
  stalled(): void {
    const seconds = Math.round(this.#stallMs / 1000)
    const detail = `${this.#out.output.bufferedBytes} bytes, none taken for ${seconds} s`
    this.#kept.hear({ kind: 'ended', reason: 'SP-467', detail })
    this.#kept.guard(() => this.#kept.destroy())
  }
}
