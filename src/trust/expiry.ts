// How near a certificate is to its end: the steps at which somebody is told. Pure.

/** Days before the end at which it is told; each is told once. */
export const STEPS = [30, 7, 1] as const

/** The step that has been reached; `expired` after the end, undefined while it is further away than all of them. */
export type Step = (typeof STEPS)[number] | 'expired'

const DAY_MS = 86_400_000

/** The step that a certificate has reached which ends at `notAfter`; both in milliseconds since 1970. */
export function stepOf(notAfter: number, now: number): Step | undefined {
  if (now > notAfter) return 'expired'
  return STEPS.findLast((days) => now > notAfter - days * DAY_MS)
}

/** When the next step is reached; undefined after the last. */
export function nextStepAt(notAfter: number, now: number): number | undefined {
  return [...STEPS.map((days) => notAfter - days * DAY_MS), notAfter].find((at) => at >= now)
}

/** `in 6 days`, `in 23 hours`: how long until then. */
export function untilText(notAfter: number, now: number): string {
  const hours = Math.max(1, Math.round((notAfter - now) / 3_600_000))
  if (hours >= 48) return `in ${Math.floor(hours / 24)} days`
  return `in ${hours} ${hours === 1 ? 'hour' : 'hours'}`
}
