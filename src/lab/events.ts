// What happened in the lab lately, numbered, so that a watcher can ask for what came after the last it saw.

import { EventEmitter, once } from 'node:events'

/** Something that happened at a lab server. `stanza` is XML. */
export type Numbered<T> = T & { readonly number: number }

export class EventLog<T extends object> {
  readonly #limit: number
  readonly #events: Numbered<T>[] = []
  readonly #bell = new EventEmitter()
  #next = 1

  /** Keeps the newest `limit` events. */
  constructor(limit: number) {
    this.#limit = limit
    this.#bell.setMaxListeners(0)
  }

  add(event: T): void {
    this.#events.push({ ...event, number: this.#next })
    this.#next += 1
    if (this.#events.length > this.#limit) this.#events.shift()
    this.#bell.emit('event')
  }

  /** The number of the newest event; 0 when there was none. */
  get last(): number {
    return this.#next - 1
  }

  /** What came after event number `after`, as soon as there is anything; nothing when `signal` ends the wait. */
  async after(after: number, signal: AbortSignal): Promise<readonly Numbered<T>[]> {
    while (this.last <= after && !signal.aborted) await once(this.#bell, 'event', { signal }).catch(() => undefined)
    return this.#events.filter((event) => event.number > after)
  }
}
