// What arrives at the ends of a process, stanza by stanza, and the wait until as much has arrived as was sent.

import type { StanzaCounter } from './counter.ts'
import { now, type Answer } from './orders.ts'

const SILENCE_MS = 15_000

/** What is counted: every stanza, or iq alone. */
export type Counted = 'stanzas' | 'questions'

export class Arrivals {
  readonly #counters: StanzaCounter[] = []
  readonly #counted: Counted
  readonly #silenceMs: number
  #before = { arrived: 0, bytes: 0 }
  #lastAt = 0
  #fault: string | undefined
  #reached: () => void = () => {}
  #wanted = Infinity

  /** @param silenceMs how long nothing may arrive before what is missing is called lost */
  constructor(counted: Counted, silenceMs = SILENCE_MS) {
    this.#counted = counted
    this.#silenceMs = silenceMs
  }

  /** What went wrong first; it fails whatever is waited for. */
  get fault(): string | undefined {
    return this.#fault
  }

  fail(why: string): void {
    this.#fault ??= why
    this.#reached()
  }

  watch(counter: StanzaCounter): void {
    this.#counters.push(counter)
  }

  /** Something has been added to a counter. */
  came(): void {
    this.#lastAt = now()
    if (this.#arrived >= this.#wanted) this.#reached()
  }

  /** From here on everything counts. */
  begin(): void {
    this.#before = this.#total()
  }

  /** Resolves when so much has arrived since the beginning; rejects when it does not, or when more has. */
  async until(wanted: number): Promise<Extract<Answer, { told: 'counted' }>> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wanted = wanted
    this.#reached = resolve
    if (this.#fault !== undefined || this.#arrived >= wanted) resolve()
    const since = now()
    const watch = setInterval(() => {
      if (now() - Math.max(this.#lastAt, since) > this.#silenceMs) resolve()
    }, this.#silenceMs / 50)
    await promise
    clearInterval(watch)
    this.#wanted = Infinity
    if (this.#fault !== undefined) throw new Error(this.#fault)
    const { arrived, bytes } = this.#total()
    const counted = arrived - this.#before.arrived
    if (counted !== wanted) throw new Error(`${wanted} ${this.#counted} were to arrive, ${counted} did`)
    return { told: 'counted', arrived: counted, bytes: bytes - this.#before.bytes, lastAt: this.#lastAt }
  }

  get #arrived(): number {
    return this.#total().arrived - this.#before.arrived
  }

  #total(): { readonly arrived: number; readonly bytes: number } {
    let [arrived, bytes] = [0, 0]
    for (const counter of this.#counters) {
      arrived += counter[this.#counted]
      bytes += counter.bytes
    }
    return { arrived, bytes }
  }
}
