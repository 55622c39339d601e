// Addresses (RFC 7622): `localpart@domain/resource`, split and brought to one canonical form, so that two spellings of
// one address give equal values. Rules see only this form; on the wire an address keeps the bytes it came as.
//
// Most addresses are ASCII and are recognised without any Unicode work. The others are enforced by the profiles of
// PRECIS; one that those refuse is given a second chance as peers of RFC 6122 prepare it (`stringprep.ts`).

import { parseDomain, toUnicodeDomain } from './domain.ts'
import { opaqueString, usernameCaseMapped } from './precis.ts'
import { foldLocal, nodeprep, resourceprep } from './stringprep.ts'

/** An address in canonical form; the domain as `parseDomain` gives it. */
export interface Address {
  readonly local: string | undefined
  readonly domain: string
  readonly resource: string | undefined
}

const MAX_PART = 1023 // bytes, RFC 7622 §3.3, §3.4
const MAX_TEXT = 6 * MAX_PART // characters; composition never shortens a text more than that
const EXCLUDED = /["&'/:<>@]/ // RFC 7622 §3.3.1

/** Reads an address; undefined when the text is none. Never throws. RFC 7622 §3.1. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_TEXT) return undefined
  const slash = text.indexOf('/')
  const end = slash === -1 ? text.length : slash
  const at = text.indexOf('@')
  const hasLocal = at !== -1 && at < end
  const domain = parseDomain(text.slice(hasLocal ? at + 1 : 0, end))
  if (domain === undefined) return undefined
  const local = hasLocal ? prepareLocal(text.slice(0, at)) : undefined
  if (hasLocal && local === undefined) return undefined
  const resource = slash === -1 ? undefined : prepareResource(text.slice(slash + 1))
  if (slash !== -1 && resource === undefined) return undefined
  return { local, domain, resource }
}

/**
 * Is this text, as it stands, an address at that canonical domain? False says nothing; whoever needs to know reads it. For
 * the many stanzas of which no more has to be known: nothing is made, and nothing remembered.
 */
export function isPlainlyAt(text: string, domain: string): boolean {
  const at = text.indexOf('@')
  const end = at + 1 + domain.length
  if (!text.startsWith(domain, at + 1)) return false
  if (at !== -1 && !isAscii(text, LOCAL, 0, at)) return false
  return end === text.length || (text[end] === '/' && isAscii(text, RESOURCE, end + 1))
}

/**
 * Reads an address that vouches for somebody, such as one on a certificate: undefined also where it would become the same as
 * another only by what cannot be seen, or by characters that look like others. It may differ from the canonical form by case,
 * by width, and by how accents are composed; and peers of RFC 6122 must take that form for what it is, who make `ss` of `ß`.
 */
export function parsePlainAddress(text: string): Address | undefined {
  const address = parseAddress(text)
  if (address?.local === undefined || address.resource !== undefined) return undefined
  // Such as the sign for kelvin, which is a K to Unicode.
  if (Array.from(text).some((char) => char.normalize('NFC') !== char)) return undefined
  const at = text.indexOf('@')
  const domain = text
    .slice(at + 1)
    .normalize('NFC')
    .toLowerCase()
  if (domain !== address.domain && domain !== toUnicodeDomain(address.domain)) return undefined
  const local = text.slice(0, at)
  const { local: canonical } = address
  if (!isAscii(local, LOCAL | UPPER) && usernameCaseMapped(local) !== canonical) return undefined
  if (OTHERWISE_FOLDED.test(canonical.normalize('NFD'))) return undefined
  return (nodeprep(canonical) ?? canonical) === canonical ? address : undefined
}

/** Which of the small letters that PRECIS admits stringprep makes others of: RFC 3454 B.2, after decomposition. */
const OTHERWISE_FOLDED = /[\u00DF\u03C2]|\u0345/

/** `local@domain`, or the domain where there is no localpart. */
export const bareAddress = (a: Address): string => (a.local === undefined ? a.domain : `${a.local}@${a.domain}`)

/** The text of an address without its resource. */
export function withoutResource(text: string): string {
  const slash = text.indexOf('/')
  return slash === -1 ? text : text.slice(0, slash)
}

/**
 * Whom a core of RFC 6122 takes this address for: bare, and equal for all spellings that lead to one user there, `roß` and `ross`
 * among them. For questions of policy; undefined when it is no address, its resource apart.
 */
export function foldedAddress(text: string): string | undefined {
  const bare = withoutResource(text)
  const address = parseAddress(bare)
  if (address === undefined) return undefined
  const { local, domain } = address
  return local === undefined ? domain : `${foldLocal(bare.slice(0, bare.indexOf('@')))}@${domain}`
}

/** The whole address as text; `parseAddress` gives the same address back. */
export const formatAddress = (a: Address): string =>
  a.resource === undefined ? bareAddress(a) : `${bareAddress(a)}/${a.resource}`

/** The canonical form of a localpart, or undefined. RFC 7622 §3.3. */
export function prepareLocal(text: string): string | undefined {
  if (isAscii(text, LOCAL)) return text
  if (isAscii(text, LOCAL | UPPER)) return text.toLowerCase()
  const local = usernameCaseMapped(text) ?? nodeprep(text)
  return local === undefined || EXCLUDED.test(local) ? undefined : fitting(local)
}

/** The canonical form of a resource, or undefined. RFC 7622 §3.4. */
export function prepareResource(text: string): string | undefined {
  if (isAscii(text, RESOURCE)) return text
  return fitting(opaqueString(text) ?? resourceprep(text))
}

// What each ASCII character may be part of.
const LOCAL = 1
const UPPER = 2 // of a localpart, after mapping
const RESOURCE = 4
const USES = Uint8Array.from({ length: 0x80 }, (_, code) => {
  if (code < 0x20 || code > 0x7e) return 0
  const char = String.fromCodePoint(code)
  if (char === ' ' || EXCLUDED.test(char)) return RESOURCE
  return RESOURCE | (char >= 'A' && char <= 'Z' ? UPPER : LOCAL)
})

// Is this, from `start` to `end`, a part of fitting length, all of it ASCII characters of these uses?
function isAscii(text: string, uses: number, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f || (USES[code]! & uses) === 0) return false
  }
  return end > start && end - start <= MAX_PART
}

// A prepared part, if its length is allowed.
const fitting = (part: string | undefined): string | undefined =>
  part === undefined || part === '' || Buffer.byteLength(part) > MAX_PART ? undefined : part
