// A stanza that was judged once, judged again under other settings: from the facts that were kept of it, which have no contents.

import { parseAddress } from '../xmpp/address.ts'
import { type Author, authorAt, type Context } from './authors.ts'
import { decide, type Decision } from './checkpoint.ts'
import { needsAcquaintance, type Facts } from './facts.ts'
import type { FederationMode } from './partner.ts'
import type { PartnerList } from './partners.ts'
import type { Acquaintances } from './relations/relations.ts'
import type { Whom } from './whom/whom.ts'

/** Settings to judge under. */
export interface Under {
  readonly partners: PartnerList
  readonly whom: Whom
  readonly mode: FederationMode
  readonly ours: readonly string[]
  /** Whom our users know now; for what was not asked then. */
  readonly relations?: Acquaintances | undefined
}

/** What would have been decided, at the time of the stanza. */
export function rejudge(facts: Facts, { partners, whom, mode, ours, relations }: Under): Decision {
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
  const known = (): boolean => facts.acquainted ?? relations?.knows(user, facts.from ?? '', at) ?? false
  const acquainted = needsAcquaintance(direction, { partner, mode, conduct: facts.conduct }) ? known() : undefined
  return decide({
    ...facts,
    partner,
    shown: partners.shownUnder(partner),
    whom: standing,
    acquainted,
    authors,
    mode,
    ours,
  })
}
