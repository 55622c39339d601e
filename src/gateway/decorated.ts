// People whom a provider serves under decorated names (XEP-0106): anna\\40example.org@provider.example there is anna@example.org here.
// What goes over a provider's streams, and what is remembered of it, has the decorated address; the core, the rules and whatever is
// written down have that of the person.
//
// Rule 1: only `from` and `to` of a stanza are written otherwise; addresses inside are whoever's who wrote them.

import type { Finding } from '../policy/rule.ts'
import { decorated, nobodyAt, type Person, personAt, type Served } from '../policy/served.ts'
import type { Frame } from '../xml/frame.ts'
import { withAddress } from '../xml/respell.ts'
import type { Asked } from '../xml/stanza-error.ts'
import type { Leg } from './leg.ts'
import { type Spelling, spelling } from './names.ts'

/** The address of the person, where it is a decorated one. */
export function undecorated(address: Spelling, partners: Served): Spelling {
  const person = personAt(address.wire, partners)
  return (person && spelling(person.address)) ?? address
}

/** A stanza that comes from somebody, from the person. */
export const fromPerson = (frame: Frame, person: Person): Frame => withAddress(frame, 'from', person.address)

/**
 * A stanza as it goes out, or why nobody is there.
 * @param via who serves the domain that it is for
 */
export function asOutside(frame: Frame, via: string | undefined, partners: Served): Frame | Finding {
  const { to = '' } = frame
  const there = via === undefined ? undefined : decorated(to, partners)
  return there === undefined ? (nobodyAt(to, via, partners) ?? frame) : withAddress(frame, 'to', there)
}

/** A stanza as it is remembered. */
export function asRemembered(frame: Frame, partners: Served): Frame {
  const nameOf = (address: string | undefined): string | undefined =>
    address === undefined || !partners.decorates ? undefined : decorated(address, partners)
  const [from, to] = [nameOf(frame.from), nameOf(frame.to)]
  return from || to ? frame.with({ ...(from && { from }), ...(to && { to }) }) : frame
}

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
