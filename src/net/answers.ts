// Answers of DNS, kept for as long as they may be used, and used again while DNS is down. No clock of its own, no sockets.
//
// Rule 1: an answer is kept for its TTL where that is known (addresses; Node does not tell that of SRV records), else for
//         `keepMs`, and never longer than that. That there is nothing is an answer, kept for `keepAbsentMs`. RFC 2308
// Rule 2: that no answer came is no answer: it holds for a moment, so that many who ask at once ask once. RFC 9520 §3.2
//         Where there was an answer within `staleMs`, that one serves meanwhile. RFC 8767: an old address is better than
//         none, and whoever is found there has to prove the name all the same.
// Rule 3: the same question is under way once, whoever asks; what is kept has a bound, and the oldest goes first.

import type { ReasonId } from '../xmpp/reasons.ts'

export interface NoAnswer {
  readonly ok: false
  /** There is no such record: as good an answer as any. */
  readonly absent: boolean
  readonly reason: ReasonId
  readonly code: string
}

export type Answer<T> = { readonly ok: true; readonly value: readonly T[]; readonly ttlMs?: number } | NoAnswer

export interface Keeping {
  readonly keepMs: number
  readonly keepAbsentMs: number
  readonly staleMs: number
  /** Most answers that are kept. */
  readonly most: number
}

export interface AnswersOptions {
  /** Asked each time, since settings change. */
  keeping(): Keeping
  /** Milliseconds that only go up. */
  now(): number
}

interface Kept<T> {
  readonly answer: Answer<T>
  /** Until when it is not asked for again. */
  until: number
  /** Until when it serves if no other comes. */
  readonly staleUntil: number
}

/** A failure to get an answer. */
const KEEP_FAILURE_MS = 1000
/** While an old answer serves, DNS is asked again so often. RFC 8767 §5 */
const RECHECK_MS = 30_000

export class Answers<T> {
  readonly #options: AnswersOptions
  readonly #kept = new Map<string, Kept<T>>()
  readonly #open = new Map<string, Promise<Answer<T>>>()

  constructor(options: AnswersOptions) {
    this.#options = options
  }

  /** How many are kept, fresh or not. */
  get size(): number {
    return this.#kept.size
  }

  /** The answer as it is known, or as `ask` gets it. `ask` must not reject. */
  get(question: string, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const kept = this.#kept.get(question)
    if (kept && this.#options.now() < kept.until) return Promise.resolve(kept.answer)
    const open = this.#open.get(question)
    if (open) return open
    const asking: Promise<Answer<T>> = ask().then((answer) => {
      // Somebody wanted it asked anew in the meantime: this one is from before.
      if (this.#open.get(question) !== asking) return answer
      this.#open.delete(question)
      return this.#keep(question, answer)
    })
    this.#open.set(question, asking)
    return asking
  }

  /** What was answered last; undefined where nothing is known. */
  known(question: string): readonly T[] | undefined {
    const answer = this.#kept.get(question)?.answer
    return answer?.ok ? answer.value : undefined
  }

  /** Has the question asked anew the next time. What is known serves only where no answer comes. */
  renew(question: string): void {
    this.#open.delete(question)
    const kept = this.#kept.get(question)
    if (kept?.answer.ok) kept.until = 0
    else this.#kept.delete(question)
  }

  #keep(question: string, answer: Answer<T>): Answer<T> {
    const { keepMs, keepAbsentMs, staleMs, most } = this.#options.keeping()
    const now = this.#options.now()
    const before = this.#kept.get(question)
    if (!answer.ok && !answer.absent && before?.answer.ok && now < before.staleUntil) {
      before.until = now + RECHECK_MS
      return before.answer
    }
    const forMs = answer.ok ? Math.min(answer.ttlMs ?? keepMs, keepMs) : answer.absent ? keepAbsentMs : KEEP_FAILURE_MS
    this.#kept.delete(question)
    this.#kept.set(question, { answer, until: now + forMs, staleUntil: answer.ok ? now + forMs + staleMs : now })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= most) break
      this.#kept.delete(oldest)
    }
    return answer
  }
}
