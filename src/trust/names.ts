// Does a certificate name the domain? RFC 6120 §13.7.2.1, RFC 9525 §6.
//
// Rule 1: the domain is the one that was asked for or claimed, canonical; never an SRV target, never an address.
// Rule 2: DNS-ID, SRV-ID `_xmpp-server` and the legacy XmppAddr count, each alone. The CN never does (RFC 9525 §2).
// Rule 3: `*` counts only as the whole left-most label of a DNS-ID, for exactly one label, with two labels or more
//         to its right (RFC 9525 §6.3; `*.com` is nobody's).

import { isIP } from 'node:net'
import { parseDomain } from '../xmpp/domain.ts'
import { ipBytes } from './general-name.ts'
import type { GeneralName } from './general-name.ts'

/** The first of the names that proves the domain. */
export function findName(names: readonly GeneralName[], domain: string): GeneralName | undefined {
  return names.find((name) => namesDomain(name, domain))
}

/**
 * The same of a host that somebody has named in place of a domain (RFC 9525 §6.1, a reference identity by configuration). SECURITY: no
 * wildcard counts. That of a hosting service is on servers of its other customers too, and one host was named (§7.1).
 */
export const findHost = (names: readonly GeneralName[], host: string): GeneralName | undefined =>
  findName(
    names.filter((name) => name.kind !== 'dns' || !name.value.startsWith('*')),
    host,
  )

function namesDomain(name: GeneralName, domain: string): boolean {
  switch (name.kind) {
    case 'dns':
      return matchesDns(name.value.toLowerCase(), domain)
    case 'srv':
      return name.value.toLowerCase() === `_xmpp-server.${domain}`
    case 'xmpp':
      // A bare domain; anything with `@` or `/` is an address within one, and proves nothing about the whole.
      return parseDomain(name.value) === domain
    case 'ip':
      return ipBytes(domain)?.equals(name.bytes) ?? false
    case 'email':
    case 'upn':
    case 'uri':
    case 'directory':
    case 'other':
      break
  }
  return false
}

function matchesDns(name: string, domain: string): boolean {
  if (ipBytes(domain)) return false
  if (!name.startsWith('*.')) return name === domain
  const rest = name.slice(1)
  const label = domain.length - rest.length
  return rest.includes('.', 1) && label > 0 && domain.endsWith(rest) && !domain.slice(0, label).includes('.')
}

/** A name as people read it: `DNS:…`, `SRV:…`, `XMPP:…`, `IP:…`. */
export function nameText(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `DNS:${name.value}`
    case 'srv':
      return `SRV:${name.value}`
    case 'xmpp':
      return `XMPP:${name.value}`
    case 'email':
      return `EMAIL:${name.value}`
    case 'upn':
      return `UPN:${name.value}`
    case 'uri':
      return `URI:${name.value}`
    case 'ip':
      return `IP:${ipText(name.bytes)}`
    case 'directory':
      return 'DIRECTORY'
    case 'other':
      break
  }
  return `OTHER:${name.type}`
}

function ipText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return bytes.toString('hex')
  const text = bytes.toString('hex').replace(/(.{4})(?=.)/g, '$1:')
  const hostname = isIP(text) === 6 ? URL.parse(`http://[${text}]/`)?.hostname : undefined
  return hostname?.slice(1, -1) ?? text
}
