// Addresses (RFC 7622): `localpart@domain/resource`, split and brought to one canonical form, so that two spellings of
// one address give equal values. Most addresses are ASCII and are recognised without any Unicode work.

import { parseDomain } from './domain.ts'

/** An address in canonical form; the domain as `parseDomain` gives it. */
export interface Address {
  readonly local: string | undefined
  readonly domain: string
  readonly resource: string | undefined
}

/** Reads an address; undefined when the text is none. RFC 7622 §3.1. */
export function parseAddress(text: string): Address | undefined {
  const slash = text.indexOf('/')
  const bare = slash === -1 ? text : text.slice(0, slash)
  const resource = slash === -1 ? undefined : text.slice(slash + 1)
  const at = bare.indexOf('@')
  const local = at === -1 ? undefined : bare.slice(0, at).toLowerCase()
  const domain = parseDomain(at === -1 ? bare : bare.slice(at + 1))
  if (domain === undefined || local === '' || resource === '') return undefined
  return { local, domain, resource }
}

/** `local@domain`, or the domain where there is no localpart. */
export const bareAddress = (a: Address): string => (a.local === undefined ? a.domain : `${a.local}@${a.domain}`)

/** The whole address as text; `parseAddress` gives the same address back. */
export const formatAddress = (a: Address): string =>
  a.resource === undefined ? bareAddress(a) : `${bareAddress(a)}/${a.resource}`
