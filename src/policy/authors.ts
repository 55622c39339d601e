// Who else has a part in a stanza beside its sender and its recipient: whose words it carries, of whom it tells, who is behind
// the nick it comes from or goes to. So that nobody who is kept out comes in, and nobody behind a wall is heard beyond it, by
// way of somebody who may speak.
//
// Rule 1: what comes in is judged by those outside whose words it has, and by who of ours is behind the nick it goes to; what goes
//         out, the other way round.
// Rule 2: of whom there is no entry, nothing is known but how their domain behaves: unless it is blocked for that, they speak by
//         leave of whoever carries their words.
// Rule 3: a decorated name at a provider that serves other domains (XEP-0106) stands for the provider and for the person: for both it
//         is asked.

import type { Frame } from '../xml/frame.ts'
import { bareAddress, parseAddress, withoutResource, type Address } from '../xmpp/address.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { admissionByTerms } from './admission.ts'
import type { Crossing } from './facts.ts'
import type { Direction } from './partner.ts'
import type { PartnerList, PartnerTerms } from './partners.ts'
import { namedAt } from './served.ts'
import { keepsApart, type Standing } from './whom/clause.ts'
import type { Whom } from './whom/whom.ts'

/** Somebody who has a part in a stanza, and what holds for them. */
export interface Author {
  readonly address: string
  /** It is for them, behind a nick; absent: it is by them, or tells of them. */
  readonly hears?: true | undefined
  /** Their domain has an entry. */
  readonly isListed?: true | undefined
  /** Why their domain is not admitted, where it has an entry, or is blocked for its conduct. */
  readonly refused?: ReasonId | undefined
  /** What policies say of the user of ours and the party outside, of whom they are one. */
  readonly whom?: Standing | undefined
}

/** Who is behind nicks in rooms, as far as it is known. */
export interface Nicks {
  readonly size: number
  /** Who is behind the nick that a stanza comes from; nobody where it says so itself, or only ends something. */
  speaking(frame: Frame): readonly string[]
  /** Who is behind the nick that it is for. */
  hearing(frame: Frame): readonly string[]
}

/** What may carry words of others. */
const CARRIERS: ReadonlySet<string> = new Set([
  'urn:xmpp:forward:0', // XEP-0297
  'urn:xmpp:carbons:2', // XEP-0280
  'urn:xmpp:mam:0', // XEP-0313
  'urn:xmpp:mam:1', // XEP-0313
  'urn:xmpp:mam:2', // XEP-0313
  'urn:xmpp:delay', // XEP-0203
  'jabber:x:delay', // XEP-0091
  'http://jabber.org/protocol/address', // XEP-0033
  'urn:xmpp:mix:core:0', // XEP-0369
  'urn:xmpp:mix:core:1', // XEP-0369
  'urn:xmpp:mix:presence:0', // XEP-0403
  NS.mucUser,
])

const mayCarry = ({ payloads }: Frame): boolean => payloads.some(({ namespace }) => CARRIERS.has(namespace))

/** Is it known who is behind its sender or its recipient? */
export const isNick = (frame: Frame, { nicks }: Crossing): boolean =>
  nicks !== undefined && nicks.size > 0 && (nicks.speaking(frame).length > 0 || nicks.hearing(frame).length > 0)

/** May others have a part in it than its sender and its recipient? */
export const mayHaveAuthors = (frame: Frame, crossing: Crossing): boolean =>
  (crossing.authors !== undefined && mayCarry(frame)) || isNick(frame, crossing)

/** Those who have a part in it and are to be judged; `partner`: the terms of the outside party. */
export function authorsIn(
  frame: Frame,
  crossing: Crossing,
  partner: PartnerTerms | undefined,
  at: number,
): readonly Author[] | undefined {
  if (!mayHaveAuthors(frame, crossing)) return undefined
  const { direction, nicks } = crossing
  const [user, other] = direction === 'inbound' ? [frame.to, frame.from] : [frame.from, frame.to]
  const outside = other === undefined ? undefined : parseAddress(other)?.domain
  const context: Context = { ...crossing, user, outside, partner, at }
  const carried = mayCarry(frame) ? (crossing.authors?.(frame) ?? []) : []
  const found = new Map<string, Author>()
  const judge = (text: string, hears?: true): void => {
    const bare = withoutResource(text)
    for (const one of [bare, namedAt(bare, crossing.partners)?.address]) {
      const address = one === undefined ? undefined : parseAddress(one)
      const author = address && authorAt(address, hears, context)
      if (author !== undefined) found.set(`${hears} ${author.address}`, author)
    }
  }
  for (const text of carried) judge(text)
  for (const text of nicks?.speaking(frame) ?? []) judge(text)
  for (const text of nicks?.hearing(frame) ?? []) judge(text, true)
  return [...found.values()]
}

/** What a stanza is judged in. */
export interface Context extends Pick<Crossing, 'conduct'> {
  readonly direction: Direction
  /** The user of ours whom it names as sender or recipient. */
  readonly user: string | undefined
  /** The domain of the party outside, and its terms. */
  readonly outside: string | undefined
  readonly partner: PartnerTerms | undefined
  readonly partners: PartnerList
  readonly whom?: Whom | undefined
  readonly ours: readonly string[]
  readonly at: number
}

/** What holds for somebody who has a part in a stanza; undefined where nothing is to be judged. */
export function authorAt(address: Address, hears: true | undefined, context: Context): Author | undefined {
  const { direction, user, outside, partner, partners, whom, ours, at } = context
  const isOurs = ours.includes(address.domain)
  if ((direction === 'inbound') !== (isOurs === (hears === true)) || address.domain === outside) return undefined
  const known = { address: bareAddress(address), ...(hears && { hears }) }
  if (isOurs) {
    const standing = whom?.towards(partner)?.of(known.address)?.at(at)
    return { ...known, ...(standing && { whom: standing }) }
  }
  const terms = partners.terms(address.domain)
  const isBlocked = context.conduct?.(address.domain, terms) === 'blocked'
  if (terms === undefined) return isBlocked ? { ...known, refused: 'SP-162' } : undefined
  const refused = admissionByTerms(terms, { mode: 'closed', now: at }) ?? (isBlocked ? 'SP-162' : undefined)
  const standing = whom
    ?.towards(terms)
    ?.of(user ?? '')
    ?.at(at)
  return { ...known, isListed: true, ...(refused && { refused }), ...(standing && { whom: standing }) }
}

/** By what somebody is kept from having a part in a stanza: a reason of theirs, or the name of a wall or a rule. */
export function keptBy({ refused, whom }: Author): string | undefined {
  return refused ?? (whom !== undefined && keepsApart(whom.decides) ? whom.decides.name : undefined)
}
