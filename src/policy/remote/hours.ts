// Is it within opening hours? By the clock on the wall of a time zone, so that summer time needs no thought.

import type { Hours, OpenHours } from './grants.ts'

const MINUTE_MS = 60_000
const DAY = 1440
const WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Opening hours, ready to be asked. */
export class Clock {
  readonly #hours: Hours
  readonly #format: Intl.DateTimeFormat
  /** Many ask in the same minute. */
  #minute = Number.NaN
  #open = false

  /** @throws RangeError for a time zone that nobody knows */
  constructor(hours: Hours) {
    this.#hours = hours
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    this.#format = new Intl.DateTimeFormat('en-US', { ...parts, timeZone: hours.zone })
  }

  /** At this time (ms)? */
  isOpen(now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      const { day, at } = this.#read(now)
      this.#open = this.#hours.open.some((hours) => holds(hours, day, at))
    }
    return this.#open
  }

  #read(now: number): { readonly day: number; readonly at: number } {
    const parts = new Map(this.#format.formatToParts(now).map(({ type, value }) => [type, value]))
    const day = WEEK.indexOf(parts.get('weekday') ?? '')
    return { day, at: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
  }
}

/** At so many minutes of this day? */
function holds({ days, from, to }: OpenHours, day: number, at: number): boolean {
  if (days.includes(day) && at >= from && at < to) return true
  return days.includes((day + 6) % 7) && at + DAY < to // Begun the day before.
}
