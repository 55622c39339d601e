// Domains of addresses (RFC 7622 §3.2): DNS names and IP literals, in one canonical form, the lower-case A-label without
// a trailing dot. Two spellings of one domain give the same string, so domains are compared and used as keys as they are.
//
// U-labels are mapped by UTS 46 without transitional processing (`domainToASCII`), then held to IDNA2008.
// SECURITY: a name whose last label is a number is no name; resolvers would read `127.1` and `0x7f000001` as addresses.

import { domainToASCII, domainToUnicode } from 'node:url'

const MAX_DOMAIN = 253 // RFC 1035 §2.3.4, without the root's dot
const PLAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/

/** The canonical form of a domain, or undefined when the text is none. RFC 7622 §3.2. */
export function parseDomain(text: string): string | undefined {
  let domain = text.endsWith('.') ? text.slice(0, -1) : text
  if (domain.startsWith('[')) return URL.parse(`http://${domain}/`)?.hostname
  if (IPV4.test(domain)) return domain
  domain = domain.toLowerCase()
  if (!PLAIN.test(domain)) domain = domainToASCII(domain)
  return domain.length <= MAX_DOMAIN && PLAIN.test(domain) && !ENDS_IN_NUMBER.test(domain) ? domain : undefined
}

/** A canonical domain with U-labels, for stream headers and stanzas (RFC 7622 §3.2) and for people. */
export function toUnicodeDomain(domain: string): string {
  return domain.includes('xn--') ? domainToUnicode(domain) : domain
}

/** Is the first a name below the second? Both canonical. */
export const isBelow = (domain: string, parent: string): boolean =>
  domain.length > parent.length + 1 && domain.endsWith(parent) && domain[domain.length - parent.length - 1] === '.'
