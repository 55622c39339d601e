// The domain outside is a partner in good standing. From inside, the sender is told at once; from outside, a domain that
// is not admitted (any longer) loses its stream.

import { admissionByTerms } from '../admission.ts'
import type { PartnerTerms } from '../partners.ts'
import type { PairRule } from '../rule.ts'

export const partnerAdmitted: PairRule = {
  id: 'partner-admitted',
  about: 'The domain outside is admitted: known, allowed, and not past its last day.',
  find({ direction, fromDomain, toDomain, partner, mode, at }) {
    const reason = admissionByTerms(partner, { mode, now: at })
    if (reason === undefined) return undefined
    const inbound = direction === 'inbound'
    const entry = partner === undefined ? '' : `, ${entryText(partner)}`
    return { reason, detail: `domain=${inbound ? fromDomain : toDomain}${entry}`, ends: inbound ? 'stream' : 'stanza' }
  },
}

/** The entry, and the name of it that matched where that is another one. */
const entryText = ({ domain, matched }: PartnerTerms): string =>
  matched === domain ? `entry=${domain}` : `entry=${domain}, matched=${matched}`
