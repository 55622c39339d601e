// Limits under settings that may not be in force, with nothing sent yet: for dry runs, cases and replays.

import type { Settings } from '../config/settings.ts'
import { Meters } from '../policy/limits/meters.ts'
import { Requests } from '../policy/limits/requests.ts'
import type { Limits } from '../policy/limits/sentry.ts'
import { termsOf, UNLIMITED } from '../policy/limits/terms.ts'
import type { PartnerList } from '../policy/partners.ts'

/** They count from nothing, and of nobody's conduct. */
export function limitsUnder({ policy, limits }: Settings, partners: PartnerList): Limits {
  const { meteredSenders: senders, meteredRecipients: recipients, burstMs } = limits
  return {
    meters: new Meters(0, () => ({ senders, recipients })),
    requests: new Requests(0, () => limits),
    terms: (domain) => termsOf(partners.find(domain)?.limits, policy.limits ?? UNLIMITED, burstMs),
  }
}
