// Writes down every decision, in batches and beside the traffic: `record` only notes, a timer writes.
//
// Rule 1: no trouble of the store stops traffic. It is counted each time, and told once per interval.
// Rule 2: everything is bounded. Too many at once: what passed is skipped first, and where it is far too many, nearly all of
//         it; a record that somebody may ask about by its reference goes last, the oldest first.
// Rule 3: what waits can be asked about like what is written.

import type { Events } from '../observe/events.ts'
import {
  ANSWER,
  StoreError,
  type DecisionRecord,
  type RecentQuery,
  type Retention,
  type Store,
} from '../store/store.ts'
import { withoutContents } from './without-contents.ts'

export interface RecorderLimits {
  /** How long a record waits at most while the store is well. */
  readonly flushMs: number
  /** Most records in one transaction, which stops traffic while it lasts (some 10 µs each). */
  readonly batch: number
  /** Most records of what passed between two flushes; the others are skipped. Where CROWD times as many come, a few will do. */
  readonly passes: number
  /** Most records of everything else that may wait while the store is not well. */
  readonly others: number
  /** How often trouble is told. */
  readonly tellMs: number
  /** How often old records are deleted. */
  readonly pruneMs: number
}

const LIMITS: RecorderLimits = {
  flushMs: 100,
  batch: 25,
  passes: 200,
  others: 20_000,
  tellMs: 60_000,
  pruneMs: 60_000,
}

const CROWD = 4
/** Of the records that would be kept, in a crowd. */
const FEW = 0.1

/** The first pause after a failure; each further one doubles it, up to the last. */
const PAUSE_MS = { first: 200, last: 10_000 }

export interface RecorderOptions {
  readonly store: Store
  readonly events: Pick<
    Events,
    'recorderTrouble' | 'recorderRecovered' | 'recorderFailed' | 'recordsWritten' | 'recordsLost' | 'recordsSkipped'
  >
  /** Asked before every pruning, so that changed settings apply. */
  retention(): Retention
  readonly limits?: Partial<RecorderLimits>
  /** Milliseconds since 1970. */
  now(): number
}

/** `skipped`: what passed, too much of it at once. `lost`: what could not be written. */
export interface RecorderFigures {
  readonly written: number
  readonly waiting: number
  readonly skipped: number
  readonly lost: number
}

type State =
  | { readonly phase: 'well' }
  | { readonly phase: 'unwell'; readonly failures: number; readonly retryAt: number }

export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions
  readonly #limits: RecorderLimits
  readonly #passes: Waiting[] = []
  /** How many more of what passed are taken before the next flush, and how many have come since the last. */
  #room: number
  #came = 0
  /** Each by its place in the order in which they came, from `#oldest` on, with no place empty. */
  readonly #others = new Map<number, Waiting>()
  #oldest = 0
  readonly #byReference = new Map<string, DecisionRecord>()
  #number = 0
  #state: State = { phase: 'well' }
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  readonly #pruneTimer: NodeJS.Timeout
  #pruning = false
  #closed = false
  #written = 0
  #skipped = 0
  #lost = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#limits = { ...LIMITS, ...options.limits }
    this.#room = this.#limits.passes
    this.#pruneTimer = setInterval(() => this.#prune(), this.#limits.pruneMs).unref()
  }

  /** Notes a decision; it is written within `flushMs` while the store is well. Never throws. */
  record(record: DecisionRecord): void {
    if (record.verdict === 'pass') this.#notePass(record)
    else this.#noteOther(record)
    this.#timer ??= setTimeout(() => this.#flushSoon(), this.#pauseMs()).unref()
  }

  /** Writes what waits, now. Never throws; what could not be written waits on. */
  flush(): void {
    this.#makeRoom()
    while (this.#waiting > 0 && this.#writeBatch()) {
      // As many batches as there are.
    }
  }

  /** The record behind a reference, also while it waits. @throws StoreError */
  why(reference: string): DecisionRecord | undefined {
    return this.#byReference.get(reference) ?? this.#options.store.decision(reference)
  }

  /** The record that the answer with this reference in it was lost, also while it waits. @throws StoreError */
  lostAnswer(reference: string): DecisionRecord | undefined {
    const waiting = [...this.#others.values()].find(
      ({ record }) => record.kind === ANSWER && record.cause === reference,
    )
    return waiting?.record ?? this.#options.store.lostAnswer(reference)
  }

  /** The newest records, of all domains or of one; newest first. @throws StoreError */
  recent({ domain, limit }: RecentQuery): readonly DecisionRecord[] {
    const touches = ({ pair, partner }: DecisionRecord): boolean =>
      domain === undefined || pair?.remote === domain || partner === domain
    const waiting = inOrder([...this.#others.values(), ...this.#passes]).filter(touches)
    return [...waiting.toReversed(), ...this.#options.store.recentDecisions({ domain, limit })].slice(0, limit)
  }

  get figures(): RecorderFigures {
    return { written: this.#written, waiting: this.#waiting, skipped: this.#skipped, lost: this.#lost }
  }

  /** Writes what waits and stops; the store stays open, for it is its owner's. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    clearInterval(this.#pruneTimer)
    this.flush()
    if (this.#waiting > 0) this.#lose('refusal', this.#waiting)
  }

  get #waiting(): number {
    return this.#passes.length + this.#others.size
  }

  /** Is there room for what passed? Otherwise whoever would record it had better `skip` it. */
  get takesPasses(): boolean {
    const state = this.#state
    const mayWait = state.phase === 'well' || this.#options.now() >= state.retryAt
    return mayWait && this.#room > 0
  }

  /** Leaves out what passed, and counts it. */
  skip(): void {
    this.#came += 1
    this.#skipped += 1
    this.#options.events.recordsSkipped(1)
  }

  #notePass(record: DecisionRecord): void {
    if (!this.takesPasses) return this.skip()
    this.#came += 1
    this.#room -= 1
    this.#passes.push({ number: this.#number++, record })
  }

  #noteOther(record: DecisionRecord): void {
    this.#others.set(this.#oldest + this.#others.size, { number: this.#number++, record })
    if (record.reference !== undefined) this.#byReference.set(record.reference, record)
    if (this.#others.size <= this.#limits.others) return
    this.#forgetOldest(1)
    this.#lose('refusal', 1)
  }

  /** The oldest of what is not a pass, so many of them. */
  #oldestOthers(most: number): readonly Waiting[] {
    const count = Math.min(most, this.#others.size)
    return Array.from({ length: count }, (_, n) => this.#others.get(this.#oldest + n)!)
  }

  #forgetOldest(count: number): void {
    for (const { record } of this.#oldestOthers(count)) {
      this.#others.delete(this.#oldest++)
      if (record.reference !== undefined) this.#byReference.delete(record.reference)
    }
  }

  #lose(kind: 'pass' | 'refusal', number: number): void {
    this.#lost += number
    this.#options.events.recordsLost(kind, number)
  }

  #pauseMs(): number {
    const state = this.#state
    if (state.phase === 'well') return this.#limits.flushMs
    return Math.max(this.#limits.flushMs, state.retryAt - this.#options.now())
  }

  #flushSoon(): void {
    this.#makeRoom()
    this.#writeOn()
  }

  #makeRoom(): void {
    const { passes } = this.#limits
    this.#room = this.#came > passes * CROWD ? Math.ceil(passes * FEW) : passes
    this.#came = 0
  }

  /** One batch in one go; more wait for the next turn, so that no pause of the traffic is longer than one batch. */
  #writeOn(): void {
    this.#timer = undefined
    if (this.#waiting === 0) return
    const went = this.#writeBatch()
    if (this.#waiting === 0) return
    this.#timer = went
      ? setTimeout(() => this.#writeOn(), 1).unref()
      : setTimeout(() => this.#flushSoon(), this.#pauseMs()).unref()
  }

  /** Writes the oldest that wait, at most one batch; false when that failed. */
  #writeBatch(): boolean {
    const others = this.#oldestOthers(this.#limits.batch)
    const passes = this.#passes.splice(0, this.#limits.batch - others.length)
    try {
      const rows = inOrder([...others, ...passes]).map(withoutContents)
      const taken = this.#options.store.appendDecisions(rows)
      this.#written += taken
      this.#options.events.recordsWritten(taken)
    } catch (error) {
      const lost = passes.length + this.#passes.splice(0).length
      if (lost > 0) this.#lose('pass', lost)
      this.#failed(error)
      return false
    }
    this.#forgetOldest(others.length)
    this.#recovered()
    return true
  }

  #failed(error: unknown): void {
    const failures = this.#state.phase === 'unwell' ? this.#state.failures + 1 : 1
    const pause = Math.min(PAUSE_MS.last, PAUSE_MS.first * 2 ** (failures - 1))
    this.#state = { phase: 'unwell', failures, retryAt: this.#options.now() + pause }
    this.#tell(error)
  }

  #tell(error: unknown): void {
    const { events, now } = this.#options
    const reason = error instanceof StoreError ? error.reason : 'SP-702'
    events.recorderFailed(reason)
    if (now() - this.#toldAt < this.#limits.tellMs) return
    this.#toldAt = now()
    const detail = error instanceof Error ? error.message : String(error)
    events.recorderTrouble({ reason, detail, waiting: this.#waiting, lost: this.#lost })
  }

  #recovered(): void {
    if (this.#state.phase === 'well') return
    this.#state = { phase: 'well' }
    this.#toldAt = Number.NEGATIVE_INFINITY
    this.#options.events.recorderRecovered(this.#lost)
  }

  /** Deletes in steps, with the traffic in between. */
  #prune(): void {
    if (this.#pruning) return
    this.#pruning = true
    const step = (): void => {
      if (this.#closed) return
      try {
        const { store, retention, now } = this.#options
        if (store.prune(retention(), now(), this.#limits.batch) > 0) {
          setImmediate(step)
          return
        }
      } catch (error) {
        this.#tell(error)
      }
      this.#pruning = false
    }
    step()
  }
}

interface Waiting {
  readonly number: number
  readonly record: DecisionRecord
}

const inOrder = (waiting: readonly Waiting[]): readonly DecisionRecord[] =>
  waiting.toSorted((a, b) => a.number - b.number).map(({ record }) => record)
