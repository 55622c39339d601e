// When the groups of one directory are read: all of them together every `refresh`, those in trouble sooner.
//
// Rule 1: each directory at its own pace. One that is away is asked for a few, and left alone longer each time.
// Rule 2: what one round brings is handed over together, unless it takes too long.
// Rule 3: whatever is under way or waits ends at once when nobody wants it any more.

import type { GroupAnswer } from '../../net/search-group.ts'
import type { Directory } from '../../policy/directory.ts'
import { readMany, type Answered } from './reading.ts'

/** After a reading that came to nothing it is tried again no later than this. */
const AGAIN_MS = 30_000
/** The same where the policy waits for it. */
const AGAIN_SOON_MS = 5_000
/** A directory that stays away is tried no more seldom than this. */
const SELDOM_MS = 300_000
/** So long answers of a round wait for each other. */
const TOGETHER_MS = 30_000

/** A group as far as its reader has to know it. */
export interface Readable {
  readonly directory: Directory
  readonly known: unknown
  readonly trouble: unknown
  reading: Promise<void> | undefined
  /** When the directory was asked for it last. */
  askedAt: number
}

export interface ReaderOptions<Group> {
  now(): number
  random(): number
  /** Never rejects. */
  read(group: Group, signal: AbortSignal): Promise<GroupAnswer>
  answered(round: readonly Answered<Group>[]): Promise<void>
}

export class DirectoryReader<Group extends Readable> implements AsyncDisposable {
  readonly #o: ReaderOptions<Group>
  readonly #groups = new Set<Group>()
  readonly #rounds = new Set<Promise<void>>()
  readonly #over = new AbortController()
  /** When all are read again; infinite while nobody knows. */
  #allAt = Infinity
  /** When those in trouble are. */
  #againAt = Infinity
  /** Rounds in a row in which the directory failed. */
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: ReaderOptions<Group>) {
    this.#o = options
  }

  add(group: Group): void {
    this.#groups.add(group)
  }

  /** @returns whether others are left */
  delete(group: Group): boolean {
    this.#groups.delete(group)
    return this.#groups.size > 0
  }

  /** Is the directory left alone for now, since it failed? */
  get isResting(): boolean {
    return this.#failures > 0 && this.#o.now() < this.#againAt
  }

  /** All are read within so long. */
  allWithin(ms: number): void {
    this.#allAt = Math.min(this.#allAt, this.#o.now() + ms)
    this.#plan()
  }

  /** Reads these, unless that is under way. Never rejects. */
  async read(wanted: readonly Group[]): Promise<void> {
    const fresh = wanted.filter(({ reading }) => reading === undefined)
    if (fresh.length > 0) {
      // Whoever was left out when the directory failed comes first.
      const round = this.#round(fresh.toSorted((one, other) => one.askedAt - other.askedAt))
      for (const group of fresh) group.reading = round
      this.#rounds.add(round)
      void round.finally(() => this.#rounds.delete(round))
    }
    await Promise.all(wanted.map(async ({ reading }) => reading))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    clearTimeout(this.#timer)
    await Promise.all(this.#rounds)
  }

  async #round(groups: readonly Group[]): Promise<void> {
    const { signal } = this.#over
    let answers: Answered<Group>[] = []
    let since = this.#o.now()
    const handOver = async (): Promise<void> => {
      const [some, isWanted] = [answers, !signal.aborted]
      answers = []
      since = this.#o.now()
      if (isWanted) await this.#o.answered(some.filter(({ group }) => this.#groups.has(group)))
    }
    const read = (group: Group): Promise<GroupAnswer> => {
      if (!this.#groups.has(group) || signal.aborted) return Promise.resolve(UNWANTED)
      group.askedAt = this.#o.now()
      return this.#o.read(group, signal)
    }
    const early: Promise<void>[] = []
    const isAway = await readMany(groups, read, (one) => {
      answers.push(one)
      if (this.#o.now() - since >= TOGETHER_MS) early.push(handOver())
    })
    await Promise.all([...early, handOver()])
    for (const group of groups) group.reading = undefined
    this.#failures = isAway ? this.#failures + 1 : 0
    const now = this.#o.now()
    this.#againAt = now + this.#pause()
    if (this.#allAt === Infinity) this.#allAt = now + this.#refreshMs()
    this.#plan()
  }

  #refreshMs(): number {
    return Math.min(...Array.from(this.#groups, ({ directory }) => directory.refreshMs))
  }

  /** Until those in trouble are read again. */
  #pause(): number {
    const isWaitedFor = [...this.#groups].some(({ known }) => known === undefined)
    const [first, most] = isWaitedFor ? [AGAIN_SOON_MS, AGAIN_MS] : [AGAIN_MS, SELDOM_MS]
    const once = Math.min(this.#refreshMs(), first)
    const later = Math.min(once * 2 ** Math.max(0, this.#failures - 1), most)
    return later * (0.9 + this.#o.random() / 5) // Not all at the moment at which it comes back.
  }

  #plan(): void {
    clearTimeout(this.#timer)
    if (this.#over.signal.aborted || this.#groups.size === 0) return
    const inTrouble = [...this.#groups].some(({ trouble }) => trouble !== undefined)
    // One that is away is not asked for all, however often that would be.
    const at = this.#failures > 0 ? this.#againAt : Math.min(this.#allAt, inTrouble ? this.#againAt : Infinity)
    if (at === Infinity) return
    this.#timer = setTimeout(() => this.#due(), Math.max(0, at - this.#o.now())).unref()
  }

  #due(): void {
    const isAll = this.#o.now() >= this.#allAt
    if (isAll) this.#allAt = Infinity
    const wanted = [...this.#groups].filter(({ trouble }) => isAll || trouble !== undefined)
    if (wanted.some(({ reading }) => reading === undefined)) void this.read(wanted)
    else if (wanted.length === 0) this.#plan() // A timer may fire a moment before its time.
  }
}

const UNWANTED: GroupAnswer = { failed: 'incomplete', detail: 'nobody waits for it any more' }
