// People whom a provider serves under decorated names (XEP-0106), by their addresses: whose a name at a provider is, by which name
// somebody is known there, and what goes nowhere because nobody is there.

import { formatAddress, parseAddress, withoutResource } from '../xmpp/address.ts'
import { toUnicodeDomain } from '../xmpp/domain.ts'
import { decorate, undecorate } from '../xmpp/jid-escaping.ts'
import type { Facts } from './facts.ts'
import type { PartnerList } from './partners.ts'
import type { Finding } from './rule.ts'

export type Served = Pick<PartnerList, 'decorates' | 'behind' | 'serves'>

/** A person behind a provider: how their address is written, their domain, and that of the provider. */
export interface Person {
  readonly address: string
  readonly domain: string
  readonly via: string
}

/** What is not ASCII may become the characters of an escape when it is prepared. RFC 8265 §3.3.2 */
const MAY_BE_DECORATED = /\\40|[^ -~]/

/** Who is named by a localpart at a provider, and whether that is how it has to be written. */
export function namedAt(address: string, partners: Served): (Person & { readonly isExact: boolean }) | undefined {
  if (!partners.decorates || !MAY_BE_DECORATED.test(address)) return undefined
  const read = parseAddress(address)
  if (read?.local === undefined || !partners.serves(read.domain)) return undefined
  const person = undecorate(read.local)
  if (person === undefined) return undefined
  const { local, domain, isExact } = person
  return { address: `${local}@${toUnicodeDomain(domain)}${resourceOf(address)}`, domain, via: read.domain, isExact }
}

/**
 * Who has this address at a provider that serves other domains; undefined: whoever it says. A name that only reads like somebody's is
 * that of no person: it stays what it is, and is refused as one for a domain that is not served.
 */
export function personAt(address: string | undefined, partners: Served): Person | undefined {
  const named = address === undefined ? undefined : namedAt(address, partners)
  if (named === undefined || address === undefined) return undefined
  const { via, domain, isExact } = named
  return isExact ? { address: named.address, domain, via } : { address, domain: via, via }
}

/** The address by which somebody is known at the provider that serves them; undefined: they have none, or it gets too long. */
export function decorated(address: string, partners: Served): string | undefined {
  const domain = parseAddress(address)?.domain
  const via = domain === undefined ? undefined : partners.behind(domain)
  return via === undefined ? undefined : decoratedAt(via, address)
}

function decoratedAt(via: string, address: string): string | undefined {
  const read = parseAddress(address)
  const local = read?.local === undefined ? undefined : decorate(read.local, read.domain)
  return local === undefined ? undefined : `${local}@${toUnicodeDomain(via)}${resourceOf(address)}`
}

/**
 * What is to be had against what goes out to this address, beside the rules: at a domain that is served there is nobody but people, and
 * who is served is reached by their own address alone, since it is from there that they answer.
 * @param via who serves the domain of the address, if it is another one
 */
export function nobodyAt(address: string, via: string | undefined, partners: Served): Finding | undefined {
  if (via !== undefined)
    return decorated(address, partners) === undefined ? found(`to=${address}, served by ${via}`) : undefined
  const named = namedAt(address, partners)
  if (named === undefined || partners.behind(named.domain) !== named.via) return undefined
  return found(`to=${address}, served by ${named.via}: write to ${withoutResource(named.address)}`)
}

const found = (detail: string): Finding => ({ reason: 'SP-168', detail, ends: 'stanza' })

/** What came in, with its sender called as they would be under other entries. */
export function asUnder(facts: Facts, partners: Served): Facts {
  const { direction, from, fromDomain, via, provenDomains } = facts
  if (direction === 'outbound' || from === undefined) return facts
  const came = via === undefined || fromDomain === via ? from : (decoratedAt(via, from) ?? from)
  const person = personAt(came, partners)
  if (person === undefined)
    return via === undefined ? facts : { ...facts, from: canonical(came), fromDomain: via, via: undefined }
  const { address, domain } = person
  const isProven = partners.behind(domain) === person.via && provenDomains.includes(person.via)
  const proven = isProven ? [...new Set([...provenDomains, domain])] : provenDomains
  return { ...facts, from: canonical(address), fromDomain: domain, via: person.via, provenDomains: proven }
}

function canonical(address: string): string {
  const read = parseAddress(address)
  return read === undefined ? address : formatAddress(read)
}

// The first slash in an address stands before its resource.
function resourceOf(address: string): string {
  const slash = address.indexOf('/')
  return slash === -1 ? '' : address.slice(slash)
}
