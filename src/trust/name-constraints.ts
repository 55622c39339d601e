// May this CA vouch for these names? Name constraints, RFC 5280 §4.2.1.10, §6.1.3 (b) and (c).
//
// Rule 1: excluded wins; where a form of name has permitted subtrees, a name of that form must be in one of them.
// Rule 2: a form that cannot be compared here, constrained and present, is refused.
// SECURITY: constraints on DNS names are held against SRVName and XmppAddr too. RFC 4985 and RFC 6120 leave a gap
//           there: a CA limited to one DNS tree could otherwise name any XMPP domain by an otherName.
// SECURITY: a wildcard is excluded when any name it covers is.

import { parseDomain } from '../xmpp/domain.ts'
import type { Certificate } from './certificate.ts'
import { emailsOf, isWithinName } from './distinguished-name.ts'
import type { NameConstraints } from './extensions.ts'
import type { GeneralName } from './general-name.ts'
import { nameText } from './names.ts'

/** Names × constraints of one certificate; beyond it the check is refused rather than done. */
const MOST_COMPARISONS = 100_000

/** What is wrong with the certificate's names under these constraints, in words; undefined when nothing is. */
export function findViolation(certificate: Certificate, constraints: NameConstraints): string | undefined {
  const names = namesOf(certificate)
  const { permitted, excluded } = constraints
  if (names.length * (permitted.length + excluded.length) > MOST_COMPARISONS) return 'too many names and constraints'
  for (const name of names) {
    if (excluded.some((base) => sameForm(name, base) && isWithin(name, base, 'excluded') !== 'outside'))
      return `${nameText(name)} is excluded`
    const bases = permitted.filter((base) => sameForm(name, base))
    if (bases.length > 0 && !bases.some((base) => isWithin(name, base, 'permitted') === 'within'))
      return `${nameText(name)} is not permitted`
  }
  return undefined
}

/** The names as constraints see them: the subject is one, and XMPP's own forms count as DNS names besides. */
function namesOf({ subject, extensions }: Certificate): readonly GeneralName[] {
  const names: GeneralName[] = []
  if (subject.rdns.length > 0) names.push({ kind: 'directory', name: subject })
  if (!extensions.names.some((name) => name.kind === 'email'))
    for (const value of emailsOf(subject)) names.push({ kind: 'email', value })
  for (const name of extensions.names) {
    names.push(name)
    if (name.kind === 'srv') names.push({ kind: 'dns', value: name.value.replace(/^_[^.]*\./, '') })
    // What is no domain at all proves nothing (`names.ts`), so nothing is lost by leaving it out.
    const domain = name.kind === 'xmpp' ? parseDomain(name.value.replace(/^.*@|\/.*$/gs, '')) : undefined
    if (domain !== undefined) names.push({ kind: 'dns', value: domain })
  }
  return names
}

function sameForm(name: GeneralName, base: GeneralName): boolean {
  return name.kind === base.kind && (name.kind !== 'other' || (base.kind === 'other' && name.type === base.type))
}

type Side = 'permitted' | 'excluded'

function isWithin(name: GeneralName, base: GeneralName, side: Side): 'within' | 'outside' | 'unknown' {
  let within: boolean | undefined
  if (name.kind === 'dns' && base.kind === 'dns') within = withinDns(lower(name.value), lower(base.value), side)
  else if (name.kind === 'ip' && base.kind === 'ip') within = withinNetwork(name.bytes, base.bytes)
  else if (name.kind === 'directory' && base.kind === 'directory') within = isWithinName(name.name, base.name)
  else if (name.kind === 'email' && base.kind === 'email') within = withinMail(name.value, base.value)
  else if (name.kind === 'uri' && base.kind === 'uri') within = withinUri(name.value, lower(base.value))
  return within === undefined ? 'unknown' : within ? 'within' : 'outside'
}

const lower = (text: string): string => text.toLowerCase()

function withinDns(name: string, base: string, side: Side): boolean {
  // A leading dot is not RFC 5280's, but common: names below only. When in doubt, more is excluded.
  const bare = base.startsWith('.') ? base.slice(1) : base
  if (bare === '' || name.endsWith(`.${bare}`)) return true
  if (name === bare) return bare === base || side === 'excluded'
  return side === 'excluded' && name.startsWith('*.') && name.slice(2) === bare.slice(bare.indexOf('.') + 1)
}

/** RFC 4632-style: address and mask, 8 octets or 32. */
function withinNetwork(address: Buffer, network: Buffer): boolean | undefined {
  if ((address.length !== 4 && address.length !== 16) || (network.length !== 8 && network.length !== 32))
    return undefined
  if (network.length !== address.length * 2) return false
  return address.every((octet, i) => ((octet ^ network[i]!) & network[address.length + i]!) === 0)
}

function withinMail(mailbox: string, base: string): boolean {
  const at = mailbox.lastIndexOf('@')
  const host = lower(mailbox.slice(at + 1))
  const baseAt = base.lastIndexOf('@')
  if (baseAt >= 0) return host === lower(base.slice(baseAt + 1)) && mailbox.slice(0, at) === base.slice(0, baseAt)
  return withinHost(host, lower(base))
}

function withinUri(uri: string, base: string): boolean | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#:[\]]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1]
  if (host === undefined || /^[\d.]+$/.test(host)) return undefined
  return withinHost(lower(host), base)
}

function withinHost(host: string, base: string): boolean {
  return base.startsWith('.') ? host.endsWith(base) && host.length > base.length : host === base
}
