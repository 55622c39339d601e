// By which name it is kept how a domain outside behaves, and how much it has sent: whoever has many names has no more by that.
//
// Rule 1: all names of an entry are one, those that its wildcards take in too.
// Rule 2: names in no entry are one with all others in no entry below the same domain that somebody can have registered. Which that is
//         the public suffix list tells (publicsuffix.org), the part of registries alone: below a domain of somebody who
//         gives out names himself, such as one for hosts with changing addresses, they cost nothing, so all of these are one.
// Rule 3: what an entry's own domain has below it, and the entry does not take in, is not the partner's: it has a name of its own.

import { getDomain } from 'tldts'
import type { PartnerList, PartnerTerms } from '../partners.ts'

/** @param domain outside, and the terms of its entry, if it has one */
export function standingOf(domain: string, terms: PartnerTerms | undefined, partners: PartnerList): string {
  if (terms !== undefined) return terms.domain
  const parent = registeredOf(domain)
  return partners.terms(parent) === undefined ? parent : `*.${parent}`
}

/** The domain that somebody can have registered, of which this is one or below which it lies. What is none is itself: an address too. */
const registeredOf = (domain: string): string => getDomain(domain, AS_IT_IS) ?? domain

/** It is a domain or an address already, checked where it came in. */
const AS_IT_IS = { extractHostname: false, validateHostname: false }
