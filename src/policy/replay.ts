// A stanza that was judged once, judged again under other settings: from the facts that were kept of it, which have no contents.

import { parseAddress } from '../xmpp/address.ts'
import { type Author, authorAt, type Context } from './authors.ts'
import { decide, type Decision, decisionOf } from './checkpoint.ts'
import type { ConductState } from './conduct/conduct.ts'
import { type Crossing, type Facts, needsAcquaintance } from './facts.ts'
import type { FederationMode } from './partner.ts'
import type { PartnerList, PartnerTerms } from './partners.ts'
import type { Acquaintances } from './relations/relations.ts'
import { behindProvider } from './rules/behind-provider.ts'
import { asUnder, nobodyAt } from './served.ts'
import type { Whom } from './whom/whom.ts'

/** Settings to judge under. */
export interface Under extends Pick<Crossing, 'conduct'> {
  readonly partners: PartnerList
  readonly whom: Whom
  readonly mode: FederationMode
  readonly ours: readonly string[]
  /** Whom our users know now; for what was not asked then. */
  readonly relations?: Acquaintances | undefined
}

/**
 * What would have been decided, at the time of the stanza. How domains behaved is known from then. Where one has an entry that had
 * none, or the other way round, something else counts of it: what `under.conduct` says.
 */
export function rejudge(then: Facts, under: Under): Decision {
  const { partners, whom, mode, ours, relations } = under
  const facts = asUnder(then, partners)
  const { direction, at } = facts
  const inbound = direction === 'inbound'
  const outside = inbound ? facts.fromDomain : facts.toDomain
  const user = (inbound ? facts.to : facts.from) ?? ''
  const partner = outside === undefined ? undefined : partners.terms(outside)
  const standing = whom.towards(partner)?.of(user)?.at(at)
  const isAsThen = outside === undefined || (facts.partner === undefined) === (partner === undefined)
  const conduct = isAsThen ? facts.conduct : under.conduct?.(outside, partner)
  const authors = facts.authors?.flatMap((author): readonly Author[] => {
    const conductOf = (domain: string, terms: PartnerTerms | undefined): ConductState => {
      if ((author.isListed === true) !== (terms !== undefined)) return under.conduct?.(domain, terms) ?? 'normal'
      return author.refused === 'SP-162' ? 'blocked' : 'normal'
    }
    const context: Context = { direction, user, outside, partner, partners, whom, ours, at, conduct: conductOf }
    const read = parseAddress(author.address)
    const now = read && authorAt(read, author.hears, context)
    return now === undefined ? [] : [now]
  })
  const known = (): boolean => facts.acquainted ?? relations?.knows(user, facts.from ?? '', at) ?? false
  const acquainted = needsAcquaintance(direction, { partner, mode, conduct }) ? known() : undefined
  const shown = partners.shownUnder(partner)
  const decision = decide({ ...facts, partner, conduct, shown, whom: standing, acquainted, authors, mode, ours })
  const { to = '', toDomain = '' } = facts
  const nobody = inbound || decision.verdict !== 'pass' ? undefined : nobodyAt(to, partners.behind(toDomain), partners)
  return nobody === undefined ? decision : decisionOf(behindProvider, nobody)
}
