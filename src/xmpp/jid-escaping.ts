// Names of people at a service that stands for their domains: their whole address in a localpart, its `@` written as JID escaping has it
// (XEP-0106 §4.2).
//
// Rule 1: nothing else is escaped or unescaped: addresses are compared as they are on the wire (§5.1), and two that look alike to
//         people are two.
// Rule 2: each has one such name. SECURITY: what only reads like it is nobody's, since answers would go to another address.

import { prepareLocal } from './address.ts'
import { parseDomain, toUnicodeDomain } from './domain.ts'

const AT = '\\40'

/**
 * The localpart by which somebody is known at a service that stands for their domain: `anna\40example.org` for
 * anna@example.org. Their own localpart stays as it is, so that two people never become one; undefined where it gets too long.
 */
export const decorate = (local: string, domain: string): string | undefined =>
  prepareLocal(`${local}${AT}${toUnicodeDomain(domain)}`)

/**
 * Who is known by this localpart at a service that stands for other domains; undefined: somebody of its own. A domain may be written
 * in many ways, and a name only in one: `isExact`, it is the one that is theirs.
 */
export function undecorate(
  local: string,
): { readonly local: string; readonly domain: string; readonly isExact: boolean } | undefined {
  const at = local.lastIndexOf(AT)
  const domain = at < 1 ? undefined : parseDomain(local.slice(at + AT.length))
  if (domain === undefined) return undefined
  const name = local.slice(0, at)
  return { local: name, domain, isExact: decorate(name, domain) === local }
}
