// What is told of the keys of partners, as plain data and in words. Pure.

import type { KeyChange } from '../../trust/known-keys.ts'
import type { CertificateSummary } from '../../trust/verdict.ts'
import type { PartnerKey } from './memory.ts'

/** A key of a domain, for whoever looks at the partner. Times are ISO 8601, UTC. */
export interface KeyStatus {
  readonly domain: string
  readonly spki: string
  /** `open`: nobody has confirmed it; `held`: and until somebody does, it proves nothing. */
  readonly state: 'known' | 'open' | 'held' | 'refused'
  readonly change: KeyChange
  readonly explanation: string
  /** With which it was shown last; undefined: it has not been seen. */
  readonly certificate: CertificateSummary | undefined
  /** The sides of TLS on which the domain has shown it: `client` where it connects to us. */
  readonly sides: readonly ('client' | 'server')[]
  readonly firstSeen: string
  readonly lastSeen: string
  /** `sallyport why` tells of the change. */
  readonly reference: string | undefined
  readonly decided: { readonly at: string; readonly by: string | undefined } | undefined
}

/** What an administrator says of keys of a domain. */
export interface KeyVerdict {
  readonly domain: string
  readonly pins: readonly string[]
  /** `confirm`: they are the partner's. `refuse`: they are not. */
  readonly say: 'confirm' | 'refuse'
  /** Who says so, in their own words. */
  readonly by: string | undefined
}

/** What may be asked of the keys of partners, and said of them. */
export interface KeyControl {
  /** Those of all names of the entry that covers the domain, or of the domain itself; undefined: all that wait for a decision. */
  list(domain?: string): readonly KeyStatus[]
  /** Puts in force what an administrator says of keys, seen or not yet; undefined: more than are kept of a domain, and nothing has changed. */
  decide(verdict: KeyVerdict): readonly KeyStatus[] | undefined
}

/** A key that was not known. */
export interface KeyNotice {
  readonly key: PartnerKey
  /** The keys that were known by then. */
  readonly known: readonly PartnerKey[]
  readonly held: boolean
}

/** What was decided about a key. */
export interface KeyDecision {
  readonly key: PartnerKey
  readonly confirmed: boolean
  readonly by: string | undefined
}

const EXPLANATIONS: Readonly<Record<KeyChange, string>> = {
  first: 'the first one seen',
  'other-side': 'the first one seen on that side of TLS',
  renewed: 'in place of one that was due',
  early: 'none of the known ones was due',
  'other-ca': 'another CA vouches for it',
  'self-signed': 'no CA vouches for it',
  'not-told': 'an administrator has named others',
  told: 'named by an administrator',
}

/** What a key was when it came. */
export const explanationOf = (change: KeyChange): string => EXPLANATIONS[change]

/** What was and what is, on one line. */
export function changeText({ key, known }: Pick<KeyNotice, 'key' | 'known'>): string {
  const [before] = known.toSorted((a, b) => b.lastSeen - a.lastSeen)
  const was = before ? `; known: ${keyText(before)}` : ''
  return `its key is ${keyText(key)}: ${explanationOf(key.change)}${was}`
}

function keyText({ spki, certificate }: PartnerKey): string {
  if (!certificate) return `${spki} (not seen)`
  return `${spki}, issued by ${certificate.issuer} until ${certificate.notAfter.slice(0, 10)}`
}

export function keyStatus(key: PartnerKey, held: boolean): KeyStatus {
  const { domain, spki, state, change, certificate, sides, firstSeen, lastSeen, reference, decidedAt } = key
  return {
    domain,
    spki,
    state: state === 'open' && held ? 'held' : state,
    change,
    explanation: explanationOf(change),
    certificate,
    sides,
    firstSeen: new Date(firstSeen).toISOString(),
    lastSeen: new Date(lastSeen).toISOString(),
    reference,
    decided: decidedAt === undefined ? undefined : { at: new Date(decidedAt).toISOString(), by: key.decidedBy },
  }
}
