// Which entries of partners somebody has to look at, because a day is near or over that stands in them. Pure.

import { findingAt } from './check.ts'
import type { Finding } from './finding.ts'
import type { PartnerReading } from './readings.ts'

/** Days before a day at which it is told, as with certificates (`trust/expiry.ts`). */
const STEPS = [30, 7, 1] as const
const DAY_MS = 86_400_000
/** As many are named one by one. */
const MOST_NAMED = 100

export interface Reminder {
  readonly domain: string
  readonly owner: string | undefined
  /** `review`: somebody is to look at it by then. `expires`: nothing crosses after it. */
  readonly what: 'review' | 'expires'
  readonly day: string
  readonly step: (typeof STEPS)[number] | 'over'
  /** Whole days from today until the day, in UTC; 0: it is today, or over. */
  readonly days: number
  readonly reading: PartnerReading
}

/** Those that are due, the nearest first. Only of entries that admit something. */
export function remindersOf(readings: Iterable<PartnerReading>, now: number): readonly Reminder[] {
  const due: Reminder[] = []
  for (const reading of readings) {
    const { partner } = reading
    if (partner?.status !== 'allowed') continue
    for (const what of ['review', 'expires'] as const) {
      const day = partner[what]
      if (day === undefined) continue
      const left = dayOf(Date.parse(`${day}T00:00:00Z`)) - dayOf(now)
      const step = left < 0 ? 'over' : STEPS.findLast((days) => left <= days)
      if (step === undefined) continue
      const days = Math.max(0, left)
      due.push({ domain: partner.domain, owner: partner.owner, what, day, step, days, reading })
    }
  }
  return due.toSorted((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1))
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

/** The same for whoever reads findings. */
export function reminderFindings(due: readonly Reminder[]): readonly Finding[] {
  const named = due.slice(0, MOST_NAMED).flatMap(({ reading: { yaml }, what, ...reminder }) => {
    const severity = 'warning' as const
    return yaml === undefined ? [] : [findingAt(yaml, [what], sentence({ what, ...reminder }), { severity })]
  })
  const more = due.length - MOST_NAMED
  const [first] = named
  if (more <= 0 || first === undefined) return named
  const message = `${more} more days of review and last days are near or over; the nearest come first`
  return [...named, { ...first, line: undefined, path: '', message }]
}

function sentence({ domain, what, day, step, days, owner }: Omit<Reminder, 'reading'>): string {
  const whom = owner === undefined ? '' : ` (ask ${owner})`
  const when = step === 'over' ? 'is over' : days === 0 ? 'is today' : `is in ${days === 1 ? '1 day' : `${days} days`}`
  if (what === 'review')
    return `the review of ${domain} ${when}: look at the entry${whom}, then \`sallyport partner set ${domain} --review <date>\``
  const mend = `\`sallyport partner set ${domain} --until <date>\` gives it a new end`
  return step === 'over'
    ? `the last day of ${domain}, ${day}, is over, and it admits nothing; ${mend}, or remove it${whom}`
    : `the last day of ${domain} ${when}, and then its streams end; ${mend}${whom}`
}
