// The streams that the gateway opens to the peer of a performance, in order.

import { violated } from './ends.ts'
import type { Place, Step } from './case.ts'
import type { Door, Notes, Visit } from './stage/door.ts'

const PATIENCE_MS = 15_000

/** The steps that are about where the gateway goes, and what it asks before. */
export type NamesStep = Extract<
  Step,
  | { arrives: unknown }
  | { nobodyArrives: unknown }
  | { spreads: unknown }
  | { retries: unknown }
  | { asked: unknown }
  | { neverAsked: unknown }
>

export const isAboutNames = (step: Step): step is NamesStep =>
  'arrives' in step ||
  'nobodyArrives' in step ||
  'spreads' in step ||
  'retries' in step ||
  'asked' in step ||
  'neverAsked' in step

export class Visits implements Disposable {
  readonly #waiting: Visit[] = []
  readonly #all: Visit[] = []
  readonly #stack = new DisposableStack()
  #ring: (() => void) | undefined

  /** Keeps the door of the peer, and of the domains below it. */
  constructor(door: Pick<Door, 'welcome'>, peer: string, notes: Notes) {
    const take = (visit: Visit): void => {
      this.#waiting.push(visit)
      this.#all.push(visit)
      this.#ring?.()
    }
    for (const domain of [peer, `*.${peer}`]) this.#stack.use(door.welcome(domain, notes, take))
  }

  /** The next one; undefined: none within the time. */
  async next(ms: number): Promise<Visit | undefined> {
    if (this.#waiting.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, ms)
      this.#ring = resolve
      await promise
      clearTimeout(timer)
    }
    return this.#waiting.shift()
  }

  /** @throws Ends where it comes to another place, or not at all */
  async arrival(place: Place, ms = PATIENCE_MS): Promise<Visit> {
    const visit = await this.next(ms)
    if (!visit) throw violated('the gateway opened no stream')
    if (visit.place !== place) throw violated(`it came to the ${visit.place} place, not the ${place}`)
    return visit
  }

  /** @throws Ends where one is opened within the time */
  async nobody(ms: number): Promise<void> {
    const visit = await this.next(ms)
    if (visit) throw violated(`it came to the ${visit.place} place`)
  }

  /** @throws Ends where so many do not come to all of the places, to each more than to the next */
  async spread({ spreads, over }: Extract<Step, { spreads: unknown }>): Promise<string> {
    for (let count = 0; count < over; count++)
      if (!(await this.next(PATIENCE_MS))) throw violated(`of ${over} streams only ${count} were opened`)
    const counts = spreads.map((place) => this.#all.filter((visit) => visit.place === place).length)
    const told = spreads.map((place, index) => `${counts[index]!} at the ${place}`).join(', ')
    if (counts.includes(0) || counts.some((count, index) => index > 0 && count >= counts[index - 1]!))
      throw violated(told)
    return told
  }

  [Symbol.dispose](): void {
    for (const { wire } of this.#all) wire.destroy()
    this.#stack.dispose()
  }
}
