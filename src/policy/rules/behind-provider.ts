// Who is served by a provider under a decorated name speaks through it and nowhere else, and a provider speaks for no domain that its
// entry does not name. XEP-0106
//
// SECURITY: any user of a provider may be able to take a name that looks decorated: it costs them a stanza, never the stream of all.

import type { PairRule } from '../rule.ts'
import { TO_OUTSIDERS } from '../whom/clause.ts'

export const behindProvider: PairRule = {
  id: 'behind-provider',
  about:
    'Who has a decorated name is of a domain that this provider serves; a domain that is served does not speak for itself.',
  find({ direction, from, fromDomain = '', via, provenDomains, partner }) {
    // Who has proven nothing hears nothing of this.
    if (direction === 'outbound' || !provenDomains.includes(via ?? fromDomain)) return undefined
    const isServed = partner?.behind === true
    if (via === undefined)
      return isServed
        ? { reason: 'SP-168', detail: `from=${from}, served by ${partner.domain}`, ends: 'stream' }
        : undefined
    if (isServed && partner.domain === via) return undefined
    return { reason: 'SP-167', detail: `from=${from}, provider=${via}`, ends: 'stanza', ...TO_OUTSIDERS }
  },
}
