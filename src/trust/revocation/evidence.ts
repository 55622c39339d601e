// What CAs and their responders have said, kept for as long as it holds: in memory as it was understood, and by a keeper,
// which survives a restart, as it came.
//
// Rule 1: one thing is fetched once, however many ask for it at the same time; and after it failed, not again for a while.
// Rule 2: what the keeper has is read and judged as if it had just come: it proves nothing by being there.
// Rule 3: what is known does not give way to what was said before it.
// Rule 4: what is good enough for one who asks may be too little for another, who asks for it anew: once in a while, since it
//         is the same most times.
// Rule 5: bounded by number and by octets; what was used longest ago goes first.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Fetched } from './fetch.ts'

/** Something said, as it came, and until when it holds (milliseconds since 1970). */
export interface Kept {
  readonly octets: Buffer
  readonly until: number
}

/** Keeps what was said over a restart. Neither may throw, nor reject. */
export interface Keeper {
  recall(place: string): Kept | undefined | Promise<Kept | undefined>
  keep(place: string, kept: Kept): void
}

/**
 * What was made of the octets: `until` it may be used again; where `again` is said, it is fetched anew from then on, and what is
 * known serves where that fails. `passing`: a fault of ours, which is not held against the place.
 */
export type Understood<T> =
  | {
      readonly ok: true
      readonly value: T
      readonly until: number
      readonly again?: number | undefined
      readonly bytes: number
    }
  | { readonly ok: false; readonly reason: ReasonId; readonly detail: string; readonly passing?: boolean }

export interface Question<T> {
  /** What it is about; the same for the same thing. */
  readonly place: string
  obtain(): Promise<Fetched>
  read(octets: Buffer): Understood<T> | Promise<Understood<T>>
  /** Fetch it though what is known still holds; where that fails, what is known serves on. */
  readonly renew: boolean
  /** Is what is known enough? Absent: it always is. */
  fits?(value: T): boolean | Promise<boolean>
}

export interface EvidenceOptions<T> {
  readonly keeper: Keeper | undefined
  now(): number
  most(): { readonly entries: number; readonly bytes: number }
  /** Hears how each fetch ended. */
  fetched(outcome: 'ok' | ReasonId): void
  /** Why something that came does not take the place of what is known: it was said before. Absent: it always does. */
  older?(fresh: T, known: T): Failure | undefined
}

type Known<T> = Extract<Understood<T>, { readonly ok: true }>
/** `came`: when, in milliseconds since 1970; undefined: before the start. */
type Held<T> = Known<T> & { readonly came: number | undefined }
type Failure = Extract<Understood<never>, { readonly ok: false }>

/** How long a failure is remembered. */
const RETRY_MS = 60_000
/** More than that under way at once are refused: somebody sends chains that have no end. */
const MOST_OPEN = 256

export class Evidence<T> {
  readonly #o: EvidenceOptions<T>
  readonly #known = new Map<string, Held<T>>()
  readonly #failed = new Map<string, { readonly failure: Failure; readonly until: number }>()
  readonly #open = new Map<string, Promise<Understood<T>>>()
  readonly #recalling = new Map<string, Promise<Held<T> | undefined>>()
  #bytes = 0

  constructor(o: EvidenceOptions<T>) {
    this.#o = o
  }

  get figures(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#known.size, bytes: this.#bytes }
  }

  /** Never rejects. */
  async get(question: Question<T>): Promise<Understood<T>> {
    const { place, renew } = question
    const known = this.#inMemory(place)
    if (known && !renew && !(await this.#isDue(known, question))) return known
    let open = this.#open.get(place)
    if (!open) {
      if (this.#open.size >= MOST_OPEN)
        return known ?? { ok: false, reason: 'SP-343', detail: `${place}: ${MOST_OPEN} other things are being fetched` }
      open = this.#find(question, known).finally(() => this.#open.delete(place))
      this.#open.set(place, open)
    }
    const fresh = await open
    return fresh.ok ? fresh : (known ?? fresh)
  }

  /** What is in memory and still holds. Nobody is asked for it. */
  known(place: string): T | undefined {
    return this.#inMemory(place)?.value
  }

  /** What is in memory, or the keeper has, and still holds. Nobody is asked for it. Never rejects. */
  async held(question: Question<T>): Promise<Known<T> | undefined> {
    const { keeper } = this.#o
    return this.#inMemory(question.place) ?? (keeper && this.#recalled(question, keeper))
  }

  /** Something that came by another way. Gives back what counts now: that, or what is known. */
  put(place: string, understood: Known<T>): T {
    const known = this.#inMemory(place)
    if (known && this.#o.older?.(understood.value, known.value)) return known.value
    this.#remember(place, understood)
    return understood.value
  }

  async #isDue({ again = Infinity, came = -Infinity, value }: Held<T>, { fits }: Question<T>): Promise<boolean> {
    const now = this.#o.now()
    return again <= now || (came + RETRY_MS <= now && fits !== undefined && !(await fits(value)))
  }

  #inMemory(place: string): Held<T> | undefined {
    const known = this.#known.get(place)
    if (!known) return undefined
    this.#forget(place)
    if (known.until > this.#o.now()) this.#hold(place, known)
    return this.#known.get(place)
  }

  async #find(question: Question<T>, known: Held<T> | undefined): Promise<Understood<T>> {
    const { place, renew } = question
    const { keeper } = this.#o
    const kept = known ?? (keeper && (await this.#recalled(question, keeper)))
    if (kept && !renew && !(await this.#isDue(kept, question))) return kept
    const failed = this.#failed.get(place)
    if (failed && failed.until > this.#o.now() && !renew) return kept ?? failed.failure
    const fresh = await this.#obtain(question)
    return fresh.ok ? fresh : (kept ?? fresh)
  }

  /** What the keeper has, where it still holds. */
  async #recalled(question: Question<T>, keeper: Keeper): Promise<Held<T> | undefined> {
    const { place } = question
    const recall = this.#recalling.get(place) ?? this.#recall(question, keeper)
    this.#recalling.set(place, recall)
    return recall.finally(() => this.#recalling.delete(place))
  }

  async #recall({ place, read }: Question<T>, keeper: Keeper): Promise<Held<T> | undefined> {
    const kept = await keeper.recall(place)
    if (!kept || kept.until <= this.#o.now()) return undefined
    const understood = await read(kept.octets)
    if (!understood.ok || understood.until <= this.#o.now()) return undefined
    return this.#hold(place, { ...understood, came: undefined })
  }

  async #obtain({ place, obtain, read }: Question<T>): Promise<Understood<T>> {
    const fetched = await obtain()
    const came: Understood<T> = fetched.ok ? await read(fetched.octets) : fetched
    const known = this.#inMemory(place)
    const understood = (came.ok && known && this.#o.older?.(came.value, known.value)) || came
    this.#o.fetched(understood.ok ? 'ok' : understood.reason)
    if (understood.ok) {
      this.#failed.delete(place)
      this.#remember(place, understood)
      if (fetched.ok) this.#o.keeper?.keep(place, { octets: fetched.octets, until: understood.until })
    } else if (!understood.passing) {
      this.#failed.delete(place)
      this.#failed.set(place, { failure: understood, until: this.#o.now() + RETRY_MS })
      if (this.#failed.size > this.#o.most().entries) this.#failed.delete(this.#failed.keys().next().value!)
    }
    return understood
  }

  #remember(place: string, understood: Known<T>): void {
    this.#hold(place, { ...understood, came: this.#o.now() })
  }

  #hold(place: string, known: Held<T>): Held<T> {
    this.#forget(place)
    this.#known.set(place, known)
    this.#bytes += known.bytes
    const { entries, bytes } = this.#o.most()
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= entries && this.#bytes <= bytes) break
      this.#forget(oldest)
    }
    return known
  }

  #forget(place: string): void {
    this.#bytes -= this.#known.get(place)?.bytes ?? 0
    this.#known.delete(place)
  }
}
