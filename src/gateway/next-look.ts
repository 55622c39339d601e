// When it is asked anew whether certificates still hold: shortly before what was said of them is out of date, and at least once
// in `limits.revocationAgain`. RFC 6120 §13.7.2.3

import type { Standing } from '../trust/revocation/standing.ts'

/** So long before the end of what was said it is asked anew: a tenth of the time, and an hour at most. */
const EARLY_MS = 3_600_000
/** Nobody is asked more often than that. */
export const RETRY_MS = 60_000

/**
 * When to look next, as `now`, ms since 1970. Who says nothing is asked again soon, then less and less often, but each hour.
 * @param standing undefined: nobody is asked
 * @param againMs so long at most
 * @param unsaid how often in a row nobody knew
 */
export function nextLook(standing: Standing | undefined, now: number, againMs: number, unsaid: number): number {
  if (!standing) return now + againMs
  if (standing.status !== 'good') return now + Math.min(againMs, EARLY_MS, RETRY_MS * 2 ** Math.max(unsaid - 1, 0))
  const left = standing.until - now
  return now + Math.min(againMs, Math.max(left - Math.min(left / 10, EARLY_MS), RETRY_MS))
}
