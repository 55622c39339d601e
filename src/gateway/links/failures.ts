// What has gone wrong on a link: the last failure, how long to wait after it, and streams that came to nothing.

import { BackOff, type BackOffLimits } from './back-off.ts'
import { type Bounce, ShortLived } from '../bounce.ts'

interface Failure extends Bounce {
  /** In ms. */
  readonly at: number
}

export interface FailuresOptions {
  readonly limits: BackOffLimits
  /** From 0 to 1, as `Math.random`. */
  random(): number
  /** Hears until when nothing is tried, in ms. */
  waits?(until: number): void
}

export class Failures {
  readonly #backOff: BackOff
  readonly #shortLived = new ShortLived()
  readonly #waits: FailuresOptions['waits']
  #last: Failure | undefined

  constructor({ limits, random, waits }: FailuresOptions) {
    this.#backOff = new BackOff(limits, random)
    this.#waits = waits
  }

  /** The last one, unless all has been well since. */
  get last(): Failure | undefined {
    return this.#last
  }

  /** Until when nothing is tried, in ms; undefined: it may be tried. */
  until(now: number): number | undefined {
    return this.#backOff.until(now)
  }

  /** Nothing came of it. */
  failed({ reason, detail, reference }: Bounce, now: number): Bounce {
    this.#last = { reason, detail, reference, at: now }
    this.#backOff.failed(now)
    const until = this.#backOff.until(now)
    if (until !== undefined) this.#waits?.(until)
    return this.#last
  }

  /** There is a stream. */
  mended(): void {
    this.#last = undefined
  }

  /** A stream has ended after this time. */
  lived(ms: number): void {
    this.#shortLived.ended(ms)
    if (!this.#shortLived.last) this.#backOff.reset()
  }

  /** Did the last stream end at once? */
  get lastWasShort(): boolean {
    return this.#shortLived.last
  }

  /** Did too many streams in a row end at once? */
  get hopeless(): boolean {
    return this.#shortLived.tooMany
  }

  /** Somebody says that things have changed. */
  forget(): void {
    this.#last = undefined
    this.#backOff.reset()
  }
}
