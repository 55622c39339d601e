// What becomes of presence that has been seen when the settings change: whoever is now kept apart sees each other go, what a partner
// is shown otherwise is asked for anew, and what was taken back is asked for where it may be seen again.
//
// Rule 1: only what begins a thing is a matter of direction and of hours; what is seen is ended by a wall, by a rule that does not
//         allow it, and by a detail that shows nobody.
// Rule 2: behind a nick of a room is somebody, as far as the room tells; it is seen of them.

import { isDeepStrictEqual } from 'node:util'
import { isLess } from '../../policy/shown.ts'
import { keepsApart, objection } from '../../policy/whom/clause.ts'
import { parseAddress } from '../../xmpp/address.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { House } from '../house.ts'
import type { Journal } from '../journal.ts'
import type { Presences } from './presences.ts'
import { isBelieved, type Role, type Sight, type Sights } from './sights.ts'

export interface Changing {
  /** The settings before. */
  readonly former: House
  readonly house: House
  readonly presences: Presences
  readonly journal: Pick<Journal, 'takenBack'>
  mayBeSeen(sight: Sight): boolean
  /** May both domains be spoken to? */
  reachable(domain: string): boolean
  /** Of whom nothing is remembered but that they are there: shows just that, to a room they are in. */
  showAnew(sight: Sight): void
}

/** Does the work in steps. */
export function* changing(o: Changing): Iterable<unknown> {
  for (const sights of o.presences.all()) {
    yield sights
    const isOutbound = o.house.isOurs(sights.from)
    const outside = isOutbound ? sights.to : sights.from
    // Who is not admitted at all, or not ours any more, is taken leave of elsewhere.
    if (isOutbound === o.house.isOurs(sights.to) || o.house.admission(outside) !== undefined) continue
    yield* changingBetween(sights, outside, isOutbound, o)
  }
}

function* changingBetween(sights: Sights, outside: string, isOutbound: boolean, o: Changing): Iterable<unknown> {
  const [before, after] = [o.former, o.house].map(({ partners }) => partners.shownUnder(partners.terms(outside)))
  const isOtherwise = isOutbound && !isDeepStrictEqual(before, after)
  const isReachable = o.reachable(sights.from) && o.reachable(sights.to)
  let [contacts, occupants] = [0, 0]
  // Nothing is kept from before a pause: meanwhile it may have been forgotten.
  for (const sight of sights.all()) {
    if (!o.mayBeSeen(sight)) {
      if (isBelieved(sight.belief)) {
        if (sight.role === 'contact') contacts += 1
        else occupants += 1
        sights.turn(sight, 'due')
      } else if (sight.belief === 'ask') sights.turn(sight, 'taken')
    } else if (sight.belief === 'taken') {
      if (isReachable) sights.turn(sight, 'ask')
    } else if (isOtherwise && sight.belief === 'seen') {
      if (sight.role === 'contact') sights.turn(sight, 'doubted')
      else if (sight.role === 'guest' && isLess(after, before)) o.showAnew(sight)
    }
    yield sight
  }
  // Oneself last: after that one sees nobody in the room any more.
  if (occupants > 0)
    for (const sight of [...sights.waiting('due')]) if (sight.role === 'self') sights.turn(sight, 'due')
  const taken = {
    leg: isOutbound ? 'core' : 'partner',
    domain: outside,
    reason: 'SP-173',
    contacts,
    occupants,
  } as const
  if (contacts + occupants > 0) o.journal.takenBack(taken)
}

const PAYLOADS: Readonly<Record<Role, readonly { readonly namespace: string; readonly name: string }[]>> = {
  contact: [],
  guest: [{ namespace: NS.muc, name: 'x' }],
  occupant: [{ namespace: NS.mucUser, name: 'x' }],
  self: [{ namespace: NS.mucUser, name: 'x' }],
}

/**
 * May one see the other, as things stand?
 * @param behind who is behind a nick, as far as it is known
 */
export function mayBeSeen(
  house: Pick<House, 'isOurs' | 'partners' | 'whom'>,
  { from, to, role }: Pick<Sight, 'from' | 'to' | 'role'>,
  behind: (nick: string) => readonly string[],
  at: number,
): boolean {
  const { partners, whom } = house
  const isOurs = (domain: string): boolean => house.isOurs(domain)
  const isOutbound = isOurs(from.domain)
  const [user, outside] = isOutbound ? [from, to] : [to, from]
  const partner = partners.terms(outside.domain)
  if (isOutbound && role === 'contact' && partners.shownUnder(partner)?.detail === 'none') return false
  for (const somebody of role === 'contact' ? [] : behind(from.text)) {
    const domain = parseAddress(somebody)?.domain ?? ''
    // Our room shows one of ours to them, or theirs shows somebody else to one of ours.
    const [ofOurs, ofThem] = isOutbound ? [somebody, partner] : [user.bare, partners.terms(domain)]
    if (isOutbound !== isOurs(domain) || (!isOutbound && ofThem === undefined)) continue
    const decides = whom.towards(ofThem)?.of(ofOurs)?.at(at).decides
    if (decides !== undefined && keepsApart(decides)) return false
  }
  const standing = whom.towards(partner)?.of(user.bare)?.at(at)
  if (standing === undefined) return true
  const { isOpen: _hours, ...clause } = { ...standing.decides, direction: 'both' } as const
  const stanza = {
    kind: 'presence',
    type: undefined,
    id: undefined,
    from: from.text,
    to: to.text,
    payloads: PAYLOADS[role],
  } as const
  return (
    objection(clause, standing.user, { ...stanza, direction: isOutbound ? 'outbound' : 'inbound', partner }) ===
    undefined
  )
}
