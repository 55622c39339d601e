// Names that no localpart may hold, written so that one may: JID escaping (XEP-0106). Ten characters are written as a backslash and
// two digits of base 16; nothing else is touched, and case counts.
//
// Rule 1: a backslash is written as an escape only where it would be read as the beginning of one (§4.2, §5.2).
// Rule 2: addresses are compared as they are on the wire, never unescaped (§5.1): two that look alike to people are two.

import { type Address, prepareLocal } from './address.ts'
import { parseDomain, toUnicodeDomain } from './domain.ts'

/** XEP-0106 §4.1: the characters that are written otherwise, and how. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
  ['\\', '\\5c'],
])
const CHARACTERS: ReadonlyMap<string, string> = new Map([...ESCAPES].map(([char, escape]) => [escape, char]))
const ESCAPE = /\\(?:2[0267f]|3[ace]|40|5c)/g
const TO_ESCAPE = /[ "&'/:<>@]|\\(?=2[0267f]|3[ace]|40|5c)/g

/** A name as a localpart, not yet prepared; undefined where it begins or ends with a space, of which there is none. §4.1 */
export const escapeLocal = (name: string): string | undefined =>
  name === '' || name.startsWith(' ') || name.endsWith(' ')
    ? undefined
    : name.replaceAll(TO_ESCAPE, (char) => ESCAPES.get(char) ?? char)

/** The name that a localpart is written for; what is no escape stays as it is. §4.3 */
export const unescapeLocal = (local: string): string =>
  local.replaceAll(ESCAPE, (escape) => CHARACTERS.get(escape) ?? escape)

const AT = '\\40'

/**
 * The localpart by which somebody is known at a service that stands for their domain: `anna\40example.org` for
 * anna@example.org. Their own localpart stays as it is, so that two people never become one; undefined where it gets too long.
 */
export const decorate = (local: string, domain: string): string | undefined =>
  prepareLocal(`${local}${AT}${toUnicodeDomain(domain)}`)

/** Who is known by this localpart at a service that stands for other domains; undefined: somebody of its own. */
export function undecorate(local: string): (Pick<Address, 'domain'> & { readonly local: string }) | undefined {
  const at = local.lastIndexOf(AT)
  const domain = at < 1 ? undefined : parseDomain(local.slice(at + AT.length))
  return domain === undefined ? undefined : { local: local.slice(0, at), domain }
}
