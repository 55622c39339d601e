// People whom a provider serves under decorated names (XEP-0106): anna\\40example.org@provider.example there is anna@example.org here.
// What goes over a provider's streams, and what is remembered of it, has the decorated address; the core, the rules and whatever is
// written down have that of the person.
//
// Rule 1: only `from` and `to` of a stanza are written otherwise; addresses inside are whoever's who wrote them.

import type { PartnerList } from '../policy/partners.ts'
import type { Frame } from '../xml/frame.ts'
import { withAddress } from '../xml/respell.ts'
import type { Asked } from '../xml/stanza-error.ts'
import { parseAddress } from '../xmpp/address.ts'
import { toUnicodeDomain } from '../xmpp/domain.ts'
import { decorate, undecorate } from '../xmpp/jid-escaping.ts'
import type { Leg } from './control.ts'
import { type Spelling, spelling } from './names.ts'

type Served = Pick<PartnerList, 'decorates' | 'behind' | 'serves'>

/** A person behind a provider: how their address is written, their domain, and that of the provider. */
export interface Person {
  readonly address: string
  readonly domain: string
  readonly via: string
}

/** What is not ASCII may become the characters of an escape when it is prepared. RFC 8265 §3.3.2 */
const MAY_BE_DECORATED = /\\40|[^ -~]/

/**
 * Who has this address at a provider that serves other domains; undefined: whoever it says. A name that only reads like somebody's is
 * that of no person: it stays what it is, and is refused as one for a domain that is not served.
 */
export function personAt(address: string | undefined, partners: Served): Person | undefined {
  if (!partners.decorates || address === undefined || !MAY_BE_DECORATED.test(address)) return undefined
  const read = parseAddress(address)
  if (read?.local === undefined || !partners.serves(read.domain)) return undefined
  const person = undecorate(read.local)
  if (person === undefined) return undefined
  if (!person.isExact) return { address, domain: read.domain, via: read.domain }
  const bare = `${person.local}@${toUnicodeDomain(person.domain)}`
  return { address: bare + resourceOf(address), domain: person.domain, via: read.domain }
}

/** The address by which somebody is known at the provider that serves them; undefined: they have none, or it gets too long. */
export function decorated(address: string, partners: Served): string | undefined {
  const read = parseAddress(address)
  const via = read && partners.behind(read.domain)
  if (read?.local === undefined || via === undefined) return undefined
  const local = decorate(read.local, read.domain)
  return local === undefined ? undefined : `${local}@${toUnicodeDomain(via)}${resourceOf(address)}`
}

/** The address of the person, where it is a decorated one. */
export function undecorated(address: Spelling, partners: Served): Spelling {
  const person = personAt(address.wire, partners)
  return (person && spelling(person.address)) ?? address
}

/** A stanza that comes from somebody, from the person. */
export const fromPerson = (frame: Frame, person: Person): Frame => withAddress(frame, 'from', person.address)

/** A stanza as whoever is inside has it. */
export function asInside(frame: Frame, partners: Served): Frame {
  const [from, to] = [personAt(frame.from, partners), personAt(frame.to, partners)]
  return from || to ? frame.with({ ...(from && { from: from.address }), ...(to && { to: to.address }) }) : frame
}

/** What is answered on a leg, as it was asked there, and the person that it was asked of where that is who has a decorated name. */
export function askedOn(
  leg: Leg,
  asked: Asked,
  partners: Served,
): { readonly asked: Asked; readonly person: Person | undefined } {
  const person = leg === 'core' ? personAt(asked.to, partners) : undefined
  const from = leg === 'partner' && asked.from !== undefined ? decorated(asked.from, partners) : undefined
  if (person === undefined && from === undefined) return { asked, person }
  const { name, type, id } = asked
  return { asked: { name, type, id, from: from ?? asked.from, to: person?.address ?? asked.to }, person }
}

// The first slash in an address stands before its resource.
function resourceOf(address: string): string {
  const slash = address.indexOf('/')
  return slash === -1 ? '' : address.slice(slash)
}
