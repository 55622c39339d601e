// Days that stand in entries of partners: by when somebody looks at one again, and its last. Looked at once a minute; who
// reads the log is told at each step, once.
//
// Rule: bounded; of very many entries, what was told longest ago may be told again.

import type { Finding } from '../config/finding.ts'
import { reminderFindings, remindersOf, type Reminder } from '../config/reminders.ts'
import type { PartnerReading } from '../config/readings.ts'
import type { HouseEvents } from '../observe/house-events.ts'

export interface RemindersOptions {
  readings(): Iterable<PartnerReading>
  now(): number
  readonly events: Pick<HouseEvents, 'partnerDue'>
}

const LOOK_MS = 60_000
const MOST_TOLD = 40_000
const REASONS = { review: 'SP-107', expires: 'SP-108' } as const

export class Reminders implements Disposable {
  readonly #o: RemindersOptions
  readonly #told = new Map<string, Reminder['step']>()
  readonly #timer: NodeJS.Timeout

  constructor(options: RemindersOptions) {
    this.#o = options
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref()
  }

  /** Looks at all of them. */
  look(): void {
    for (const { domain, owner, what, day, step, days } of this.#due()) {
      const key = `${domain} ${what} ${day}`
      const told = this.#told.get(key)
      this.#told.delete(key)
      this.#told.set(key, step)
      if (told !== step) this.#o.events.partnerDue({ domain, owner, what, day, step, days, reason: REASONS[what] })
    }
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MOST_TOLD) break
      this.#told.delete(oldest)
    }
  }

  findings(): readonly Finding[] {
    return reminderFindings(this.#due())
  }

  /** How many are due, by what for. */
  get figures(): { readonly review: number; readonly expires: number } {
    const due = this.#due()
    const review = due.filter(({ what }) => what === 'review').length
    return { review, expires: due.length - review }
  }

  #due(): readonly Reminder[] {
    return remindersOf(this.#o.readings(), this.#o.now())
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
