// A stanza that was judged once, judged again under other settings: from the facts that were kept of it, which have no contents.

import { parseAddress } from '../xmpp/address.ts'
import { type Author, authorAt, type Context } from './authors.ts'
import { decide, type Decision } from './checkpoint.ts'
import type { Facts } from './facts.ts'
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
  const partner = outside === undefined ? undefined : partners.terms(outside)
  const standing = whom.towards(partner)?.of(user)?.at(facts.at)
  const { direction, at } = facts
  const context: Context = { direction, user, outside, partner, partners, whom, ours, at }
  const authors = facts.authors?.flatMap(({ address, hears }): readonly Author[] => {
    const read = parseAddress(address)
    const author = read && authorAt(read, hears, context)
    return author === undefined ? [] : [author]
  })
  return decide({ ...facts, partner, whom: standing, authors, mode, ours })
}
