// Domains of addresses (RFC 7622 §3.2): DNS names and IP literals, in one canonical form, the lower-case A-label without
// a trailing dot. Two spellings of one domain give the same string, so domains are compared and used as keys as they are.
//
// A name is letters, digits and hyphens, labels of 1 to 63 and 253 characters in all, after mapping. No underscores.
// SECURITY: a name whose last label is a number is no name; resolvers would read 127.1 and 0x7f000001 as addresses.
// COMPAT: labels such as `r3---sn` (RFC 5890 §2.3.1 reserves `--` in third place) exist and are taken for names.

import { toAscii, toUnicode } from './idna.ts'

const MAX_TEXT = 1023 // RFC 7622 §3.2; nothing longer is looked at
const MAX_NAME = 253 // RFC 1035 §2.3.4, without the dot of the root
const LDH = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const A_LABEL = /(?:^|\.)xn--/
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const BRACKETED = /^\[[0-9A-Fa-f:.]+\]$/

/** The canonical form of a domain, or undefined when the text is none. Never throws. RFC 7622 §3.2. */
export function parseDomain(text: string): string | undefined {
  if (isPlainName(text)) return text
  if (text.length > MAX_TEXT) return undefined
  if (text.startsWith('[')) return parseIpv6(withoutDot(text))
  const lower = withoutDot(text).toLowerCase()
  if (LDH.test(lower)) return parseLdh(lower)
  const ascii = toAscii(text)
  return ascii === undefined ? undefined : parseLdh(withoutDot(ascii))
}

/** A canonical domain with U-labels, for stream headers and stanzas (RFC 7622 §3.2) and for people. */
export function toUnicodeDomain(domain: string): string {
  if (!domain.includes('xn--') || !A_LABEL.test(domain)) return domain
  const unicode = toUnicode(domain)
  return parseDomain(unicode) === domain ? unicode : domain
}

/** Is the first a name below the second? Both canonical. */
export const isBelow = (domain: string, parent: string): boolean =>
  domain.length > parent.length + 1 && domain.endsWith(parent) && domain[domain.length - parent.length - 1] === '.'

/** Is this canonical domain an IP literal, which has no DNS and no names below it? */
export const isIpLiteral = (domain: string): boolean => domain.startsWith('[') || IPV4.test(domain)

// Nearly every domain is a canonical name already. This says so in one pass, without a regular expression; whatever it
// does not recognise, A-labels among it, is looked at closely.
function isPlainName(text: string): boolean {
  if (text.length > MAX_NAME) return false
  let length = 0 // of the label so far
  let startsWithDigit = false
  let previous = DOT
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (length === 0 || previous === HYPHEN) return false
      length = 0
    } else {
      const isDigit = code >= 0x30 && code <= 0x39
      if (code === HYPHEN) {
        if (length === 0 || previous === HYPHEN) return false
      } else if (!isDigit && (code < 0x61 || code > 0x7a)) return false
      if (length === 0) startsWithDigit = isDigit
      if (++length > 63) return false
    }
    previous = code
  }
  return length > 0 && previous !== HYPHEN && !startsWithDigit
}

const DOT = 0x2e
const HYPHEN = 0x2d

// Letters in lower case, digits, hyphens and dots: a name or an IPv4 address.
function parseLdh(text: string): string | undefined {
  if (text.length > MAX_NAME || !LDH.test(text)) return undefined
  if (ENDS_IN_NUMBER.test(text)) return IPV4.test(text) ? text : undefined
  return A_LABEL.test(text) && toAscii(text) !== text ? undefined : text
}

// RFC 3986 §3.2.2; written as RFC 5952 says.
const parseIpv6 = (text: string): string | undefined =>
  BRACKETED.test(text) ? URL.parse(`http://${text}/`)?.hostname : undefined

// RFC 7622 §3.2: the dot of the root is stripped before anything else.
const withoutDot = (text: string): string => (text.endsWith('.') ? text.slice(0, -1) : text)
