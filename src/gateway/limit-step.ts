// What limits say of a stanza in a dry run: how it stands with each, and which of them it would exceed. Nothing is taken.

import { Bucket } from '../policy/limits/bucket.ts'
import type { Exceeded } from '../policy/limits/meters.ts'
import type { TooManyRequests } from '../policy/limits/requests.ts'
import { type Limits, Sentry } from '../policy/limits/sentry.ts'
import { tooMuch } from '../policy/limits/too-much.ts'
import type { Facts } from '../policy/facts.ts'
import type { Decision } from '../policy/checkpoint.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import type { PartnerList } from '../policy/partners.ts'
import type { Frame } from '../xml/frame.ts'
import { parseAddress } from '../xmpp/address.ts'
import type { Explanation } from './control.ts'
import { PATIENCE_PER_SECOND } from './entrance.ts'

export interface LimitsAsked extends Limits {
  /** How long a stream may be held (ms). */
  readonly smoothingMs: number
  readonly partners: PartnerList
  /** Is it known what was sent? */
  readonly areLive: boolean
}

/** So many like it in such a time, from nothing on. */
export interface Burst {
  readonly times: number
  readonly withinMs: number
  /** To one, or each to another. */
  readonly recipients: 'one' | 'many'
}

export interface LimitAnswer {
  readonly step: Explanation['trail'][number]
  /** Absent: it keeps within them. */
  readonly refusal?: Extract<Decision, { verdict: 'refuse' }>
}

const ABOUT = 'Who sends it keeps within the limits of what may be sent, and the requests that wait are not too many.'

/** Undefined: nothing is limited between the two. */
export function limitStep(frame: Frame, facts: Facts, limits: LimitsAsked, burst?: Burst): LimitAnswer | undefined {
  const { direction, fromDomain, toDomain, partner, at } = facts
  const outside = (direction === 'inbound' ? fromDomain : toDomain) ?? ''
  const sentry = Sentry.at(limits, outside, direction, standingOf(outside, partner, limits.partners))
  if (sentry === undefined) return undefined
  const exceeded = burst ? exceededBy(frame, burst, sentry, limits, at) : sentry.wouldExceed(frame, at)
  const note = burst ? `${burst.times} in ${burst.withinMs} ms` : noteOf(frame, sentry, limits, at)
  if (exceeded === undefined) return { step: { rule: 'limits', about: ABOUT, note, finding: undefined } }
  if (!burst && !('reason' in exceeded) && exceeded.waitMs !== undefined && exceeded.waitMs <= limits.smoothingMs) {
    const wait = `${note}; it would wait ${exceeded.waitMs} ms`
    return { step: { rule: 'limits', about: ABOUT, note: wait, finding: undefined } }
  }
  const refusal = tooMuch(exceeded)
  const { reason, detail = '' } = refusal
  return { step: { rule: 'limits', about: ABOUT, note, finding: { reason, detail } }, refusal }
}

/** How it stands with each. */
function noteOf(frame: Frame, sentry: Sentry, { areLive }: LimitsAsked, at: number): string {
  const whose = (user: string | undefined): string => (user === undefined ? 'partner' : user)
  const said = [
    ...sentry.standing(frame.from, at).map(({ user, limit, now, most }) => {
      const what = limit.endsWith('PerSecond') ? `${now} of ${most} may go at once` : `${now} of ${most} today`
      return `${whose(user)}: ${limit} ${what}`
    }),
    ...sentry.waiting(frame).map(({ user, now, most }) => `${whose(user)}: pendingRequests ${now} of ${most} wait`),
  ]
  const text = said.length === 0 ? 'nothing is limited of it' : said.join('; ')
  return areLive ? text : `${text} (as if nothing had been sent)`
}

/** What the first that is refused of so many exceeds; what is too fast waits, as far as a stream may be held. */
function exceededBy(
  frame: Frame,
  { times, withinMs, recipients }: Burst,
  sentry: Sentry,
  { smoothingMs }: LimitsAsked,
  at: number,
): Exceeded | TooManyRequests | undefined {
  const [patience, held] = [new Bucket(), { perSecond: PATIENCE_PER_SECOND, most: smoothingMs }]
  let now = at
  for (let n = 0; n < times; n++) {
    now = Math.max(now, at + (n * withinMs) / times)
    const one = recipients === 'many' ? frame.with({ to: another(frame.to ?? '', n) }) : frame
    for (let exceeded = sentry.take(one, now); exceeded; exceeded = sentry.take(one, now)) {
      if ('reason' in exceeded || exceeded.waitMs === undefined) return exceeded
      const { waitMs } = exceeded
      if (waitMs > smoothingMs || patience.wait(waitMs, held, now) > 0) return exceeded
      patience.take(waitMs, held, now)
      now += waitMs
    }
  }
  return undefined
}

/** Somebody else at the same domain. */
function another(to: string, n: number): string {
  const { local = 'user', domain = to } = parseAddress(to) ?? {}
  return n === 0 ? to : `${local}-${n}@${domain}`
}
