// A stanza that was judged once, judged again under other settings: from the facts that were kept of it, which have no contents.

import { bareAddress, parseAddress } from '../xmpp/address.ts'
import { admissionByTerms } from './admission.ts'
import { decide, type Decision } from './checkpoint.ts'
import type { Author, Facts } from './facts.ts'
import type { FederationMode } from './partner.ts'
import type { PartnerList } from './partners.ts'
import type { Whom } from './whom/whom.ts'

/** Settings to judge under. */
export interface Under {
  readonly partners: PartnerList
  readonly whom: Whom
  readonly mode: FederationMode
  readonly ours: readonly string[]
}

/** What would have been decided, at the time of the stanza. */
export function rejudge(facts: Facts, { partners, whom, mode, ours }: Under): Decision {
  const inbound = facts.direction === 'inbound'
  const outside = inbound ? facts.fromDomain : facts.toDomain
  const user = (inbound ? facts.to : facts.from) ?? ''
  const standingTowards = (domain: string | undefined) => {
    const partner = domain === undefined ? undefined : partners.terms(domain)
    return { partner, whom: whom.towards(partner)?.of(user)?.at(facts.at) }
  }
  const authors = facts.authors?.map(({ address }): Author => {
    const read = parseAddress(address)
    const known = standingTowards(read?.domain)
    const refused = known.partner && admissionByTerms(known.partner, { mode: 'closed', now: facts.at })
    return { address: read ? bareAddress(read) : address, refused, whom: known.partner && known.whom }
  })
  return decide({ ...facts, ...standingTowards(outside), authors, mode, ours })
}
