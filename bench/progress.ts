// How far a run is, and how long it will still take. What each part is expected to take is corrected by what those before
// it took, so that a slow machine is found out after the first few.

export class Progress {
  readonly #expected: readonly number[]
  readonly #startedMs: number
  #done = 0

  /** @param expected seconds for each part, in their order @param startedMs a clock's time at the beginning */
  constructor(expected: readonly number[], startedMs: number) {
    this.#expected = expected
    this.#startedMs = startedMs
  }

  /** A part is over. */
  advance(): void {
    this.#done += 1
  }

  /** Seconds until the end. */
  secondsLeft(nowMs: number): number {
    const [done, left] = [this.#expected.slice(0, this.#done), this.#expected.slice(this.#done)].map(sum)
    if (!done) return left ?? 0
    return ((left ?? 0) * (nowMs - this.#startedMs)) / 1000 / done
  }

  /** `7 of 48, 3:20 so far, about 25 min left`: the part that begins now, and the time. */
  tell(nowMs: number): string {
    const sinceStart = clock((nowMs - this.#startedMs) / 1000)
    return `${this.#done + 1} of ${this.#expected.length}, ${sinceStart} so far, about ${minutes(this.secondsLeft(nowMs))} left`
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** `3:07` */
export function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** As people say it: `40 s`, `25 min`. */
export function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.round(seconds / 60)} min`
}
