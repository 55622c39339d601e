// From a certificate to the address of its holder, by rules in an order that an administrator has written.
//
// Rule 1: the first rule that finds an address of ours decides; the later ones are not asked. It may find several.
// Rule 2: the common name, like every field, counts only where a rule says so.
// Rule 3: what one issuer of cards has checked another may not have: a rule may hold for one of them alone.
// Rule 4: a pattern is held against the whole of a field: who forgets an anchor admits nobody by it.
// SECURITY: fields are bounded before a pattern sees them, and an address that is not in the form of RFC 7622, or has a
//           resource, is none. Upper and lower case are one; what looks like another address is none.

import { bareAddress, parseAddress, parsePlainAddress } from '../../xmpp/address.ts'
import type { Certificate } from '../certificate.ts'
import { attributesOf } from '../distinguished-name.ts'
import { ALT_NAMES, isAltName, SUBJECT_FIELDS, wholePattern, type CardField } from './fields.ts'
import { pairKey } from './pairs.ts'

export type CardRule = {
  readonly from: CardField
  /** Fingerprints of the anchors that it holds for; undefined: for all. */
  readonly issuers?: ReadonlySet<string> | undefined
} &
  /** The name is the address. */
  (
    | { readonly matches?: undefined }
    /** What matches is put into the template: `{0}` is all of it, `{1}` the first group. */
    | { readonly matches: string; readonly to: string }
    /** What matches, or its first group where there is one, is looked up by `pairKey`. */
    | { readonly matches: string; readonly pairs: ReadonlyMap<string, string> }
  )

/** More characters than these are no field of a card. */
const LONGEST_FIELD = 256
/** Of one kind in one certificate. */
const MOST_FIELDS = 16

/** What a certificate says of its holder: addresses of ours, canonical and bare, each once, and the number of the rule. */
export interface Holder {
  readonly addresses: readonly string[]
  /** Counted from 1; undefined: no rule found anything. */
  readonly rule: number | undefined
}

/**
 * @param path leaf first, anchor last
 * @param isOurs asked of canonical domains
 */
export function holderOf(
  path: readonly Certificate[],
  rules: readonly CardRule[],
  isOurs: (domain: string) => boolean,
): Holder {
  const [certificate] = path
  const anchor = path.at(-1)?.fingerprint ?? ''
  for (const [index, rule] of rules.entries()) {
    if (!certificate || (rule.issuers && !rule.issuers.has(anchor))) continue
    const found = fieldsOf(certificate, rule.from).flatMap((field) => applied(rule, field) ?? [])
    const addresses = found.flatMap((text) => addressIn(text, isOurs) ?? [])
    if (addresses.length > 0) return { addresses: [...new Set(addresses)], rule: index + 1 }
  }
  return { addresses: [], rule: undefined }
}

/** Whom a log-in is for, or why it is nobody. */
export type Choice =
  | { readonly address: string }
  | { readonly reason: 'SP-882' | 'SP-883' | 'SP-884'; readonly detail: string }

/**
 * The address that somebody with this certificate logs in as.
 * @param authzid what the client asks for; undefined: what the certificate says. RFC 6120 §6.3.8
 */
export function chooseAddress({ addresses }: Holder, authzid: string | undefined): Choice {
  const [only, ...others] = addresses
  if (only === undefined)
    return { reason: 'SP-882', detail: 'no rule of trust.cards.addresses finds an address of ours' }
  if (authzid === undefined) {
    if (others.length === 0) return { address: only }
    return { reason: 'SP-883', detail: `it names ${addresses.join(', ')}, and the client did not say which` }
  }
  const asked = parseAddress(authzid)
  const wanted = asked?.local === undefined || asked.resource !== undefined ? undefined : bareAddress(asked)
  if (wanted !== undefined && addresses.includes(wanted)) return { address: wanted }
  return {
    reason: 'SP-884',
    detail: `it names ${addresses.join(', ')}, and the client asks for ${wanted ?? 'no address'}`,
  }
}

/** The texts of one kind in a certificate, as they stand. */
export function fieldsOf({ subject, extensions }: Certificate, from: CardField): readonly string[] {
  const texts = isAltName(from)
    ? extensions.names.flatMap((name) => (name.kind === ALT_NAMES[from] && 'value' in name ? [name.value] : []))
    : attributesOf(subject).flatMap(({ type, text }) => (type === SUBJECT_FIELDS[from] ? [text] : []))
  return texts.filter((text) => text.length <= LONGEST_FIELD).slice(0, MOST_FIELDS)
}

/** What a rule makes of a field; undefined: nothing. */
function applied(rule: CardRule, field: string): string | undefined {
  if (rule.matches === undefined) return field
  const match = whole(rule.matches).exec(field)
  if (!match) return undefined
  if ('pairs' in rule) return rule.pairs.get(pairKey(match[1] ?? match[0]))
  return rule.to.replace(/\{(\d)\}/g, (_, group: string) => match[Number(group)] ?? '')
}

const patterns = new Map<string, RegExp>()
const MOST_PATTERNS = 256

/** A pattern for the whole of a field. */
function whole(pattern: string): RegExp {
  let known = patterns.get(pattern)
  if (!known) {
    known = wholePattern(pattern)
    if (patterns.size >= MOST_PATTERNS) patterns.clear()
    patterns.set(pattern, known)
  }
  return known
}

/** The bare address that a text is, where it is one of ours. */
function addressIn(text: string, isOurs: (domain: string) => boolean): string | undefined {
  const address = parsePlainAddress(text)
  return address && isOurs(address.domain) ? bareAddress(address) : undefined
}
