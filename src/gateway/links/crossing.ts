// Two ends that connect to each other at once, with streams that go both ways (XEP-0288). If each took the other's stream
// and gave up its own, none would be left: so one of them does, and both know which.

import { onTheClock } from '../../net/dial.ts'
import type { Delay } from '../../net/race.ts'
import type { Pair } from '../../stream/types.ts'
import { ADOPTED } from './link-state.ts'

/** The one that insists does so no longer: by then the other end knows that it has got through, or nothing reaches it. */
const INSIST_MS = 1000

/**
 * The peer has got through to us while we connect to it. Whose name comes first takes that stream at once; the other goes on
 * with its own attempt, and takes it when that is in vain or takes long.
 * @param attempt aborted when the peer's stream is taken
 * @param take takes it; false: there is nothing to take, or the attempt is over
 */
export function cross(pair: Pair, attempt: AbortController, take: () => boolean, delay: Delay = onTheClock): void {
  const yieldNow = (): void => {
    if (take()) attempt.abort(ADOPTED)
  }
  if (pair.local < pair.remote) return yieldNow()
  attempt.signal.addEventListener('abort', delay(INSIST_MS, yieldNow), { once: true })
}
