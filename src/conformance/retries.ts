// When a gateway comes again to servers that hang up on it: each time later, up to a limit, and not all of them at once.
// RFC 6120 §3.3

import { violated } from './ends.ts'
import type { Visits } from './visits.ts'

export interface Retrying {
  /** So often each is come to again. */
  readonly retries: number
  readonly domains: number
  /** The longest time between two attempts, as the settings have it. */
  readonly mostMs: number
}

/** From one thing that is said to each of the domains to the next: attempts are made where there is something to say. */
const SAID_EVERY_MS = 250
/** What the machine may take for an attempt besides. */
const SLACK_MS = 1500
/** At half of the limit and more by chance, of which so much at least must be seen. */
const SPREAD = 1 / 5
const PATIENCE_MS = 60_000

/** @param say something to a domain by its number. @returns what was seen, in words. @throws Ends where that is not so */
export async function retried(
  o: Retrying,
  visits: Pick<Visits, 'next'>,
  say: (domain: number) => void,
): Promise<string> {
  const sayAll = (): void => {
    for (let domain = 1; domain <= o.domains; domain++) say(domain)
  }
  const times = new Map<string, number[]>()
  const until = performance.now() + PATIENCE_MS
  const timer = setInterval(sayAll, SAID_EVERY_MS)
  sayAll()
  try {
    const isSeen = (): boolean => times.size === o.domains && [...times.values()].every((own) => own.length > o.retries)
    while (!isSeen()) {
      const visit = await visits.next(until - performance.now())
      if (!visit) throw violated(`within ${PATIENCE_MS} ms not all were tried ${o.retries} times again`)
      const domain = visit.header.attributes['to'] ?? ''
      times.set(domain, [...(times.get(domain) ?? []), performance.now()])
      visit.wire.destroy()
    }
  } finally {
    clearInterval(timer)
  }
  return judged([...times.values()], o)
}

/** Holds the times at which each was come to, in ms, against what is due. @throws Ends */
export function judged(times: readonly (readonly number[])[], { retries, mostMs }: Retrying): string {
  const intervals = times.map((own) => own.slice(1, retries + 1).map((at, index) => at - own[index]!))
  for (const own of intervals)
    for (const [index, ms] of own.entries()) {
      const [least, most] = [own[index - 1], mostMs + SLACK_MS]
      if (ms > most) throw violated(`it came again after ${Math.round(ms)} ms, though ${mostMs} ms is the limit`)
      // Half of the step is certain; the limit ends what would be twice as much.
      if (index > 0 && ms < mostMs / 2)
        throw violated(`it came again after ${Math.round(ms)} ms, having come after ${Math.round(least!)} ms before`)
    }
  const later = intervals.flatMap((own) => own.slice(1))
  const [least, most] = [Math.min(...later), Math.max(...later)].map(Math.round)
  if (most! - least! < mostMs * SPREAD) throw violated(`it came again to all of them after ${least} to ${most} ms`)
  return `it came again after ${intervals.map((own) => own.map((ms) => `${Math.round(ms)}`).join(', ')).join(' ms; ')} ms`
}
