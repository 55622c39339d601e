// By which name it is kept how a domain outside behaves, and how much it has sent: whoever has many names has no more by that.
//
// Rule 1: all names of an entry are one, those that its wildcards take in too.
// Rule 2: names in no entry are one with all others in no entry below the same domain that somebody can have registered. Which that is
//         is told by their labels alone, since nobody proves it: the last two, or three where the last is of a country and the
//         one before it is a word under which names are given out there (`co.uk`).
// Rule 3: what an entry's own domain has below it, and the entry does not take in, is not the partner's: it has a name of its own.

import type { PartnerList, PartnerTerms } from '../partners.ts'

/** Words below domains of countries under which names are given out. */
const GIVEN_OUT: ReadonlySet<string> = new Set(
  'ac co com edu go gob gob gouv gov govt gub gv id idv ind info k12 ltd mil muni ne net nhs nic nom or org plc police sch school web'.split(
    ' ',
  ),
)

/** @param domain outside, and the terms of its entry, if it has one */
export function standingOf(domain: string, terms: PartnerTerms | undefined, partners: PartnerList): string {
  if (terms !== undefined) return terms.domain
  const parent = registeredOf(domain)
  return partners.terms(parent) === undefined ? parent : `*.${parent}`
}

/** The domain that somebody can have registered, of which this is one or below which it lies. An address is itself. */
export function registeredOf(domain: string): string {
  const last = domain.lastIndexOf('.')
  const second = domain.lastIndexOf('.', last - 1)
  if (last === -1 || second === -1 || isAddress(domain.slice(last + 1))) return domain
  const isGivenOut = domain.length - last - 1 === 2 && GIVEN_OUT.has(domain.slice(second + 1, last))
  return isGivenOut ? domain.slice(domain.lastIndexOf('.', second - 1) + 1) : domain.slice(second + 1)
}

/** No top-level domain begins with a digit; what ends with a bracket is an address of IPv6. */
const isAddress = (last: string): boolean => /^\d|\]$/.test(last)
