// The internal CA: with it the gateway shows the core, for each outside domain, a certificate of that domain's name. The
// core trusts this one CA and federates with strict checking, as if every partner were at its door.
//
// Rule 1: it cannot become us. Path length 0, and critical name constraints exclude our domains, so that who steals
//         its key still cannot show the core, or anyone who trusts this CA, one of our names.
// Rule 2: when the settings gain a domain that the CA does not exclude, the CA is refused, not silently replaced:
//         the core must be given the new one.

import { isBelow } from '../xmpp/domain.ts'
import { ORGANIZATION } from './ca-files.ts'
import type { CaKind, CaPlace } from './ca-files.ts'
import type { NameConstraints } from './extensions.ts'
import type { CertificateFinding } from './finding.ts'
import { ipBytes } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { domainName, nameConstraints } from './issue.ts'
import { domainSubject } from './issuer.ts'
import { MintingCa } from './minting-ca.ts'

const HOUR_MS = 3_600_000

export interface InternalCaOptions extends Omit<CaPlace, 'kind'> {
  /** Our own domains, canonical: the CA must not be able to vouch for them. */
  readonly excludes: readonly string[]
  /** The most identities kept ready. */
  readonly capacity?: number
}

/** Opens the CA, or makes it on first use. Without `ca`, the findings say why and what to do. */
export function openInternalCa({ directory, excludes, now, capacity = 1024 }: InternalCaOptions): Promise<{
  readonly ca: MintingCa | undefined
  readonly findings: readonly CertificateFinding[]
}> {
  return MintingCa.open({
    ...{ directory, now, capacity, kind: kindFor(excludes) },
    ...{ lifetimeMs: 24 * HOUR_MS, renewBeforeMs: 8 * HOUR_MS },
    // Whoever verified a certificate for a domain of ours would refuse it anyway.
    minting(domain, signer) {
      if (excludedBy(signer.constraints, domain))
        throw new Error(`the internal CA does not vouch for ${domain}: it is ours, or no name`)
      return { subject: domainSubject(domain, ORGANIZATION), names: [domainName(domain)] }
    },
  })
}

function kindFor(ours: readonly string[]): CaKind {
  return {
    name: 'internal CA',
    extensions: [nameConstraints({ excluded: exclusions(ours) })],
    fault({ constraints }) {
      const exposed = ours.filter((domain) => !excludedBy(constraints, domain))
      return exposed.length > 0 ? `could vouch for ${exposed.join(', ')}, which is ours` : undefined
    },
  }
}

/** Is no CA that the core is to trust able to vouch for any of these domains? */
export function excludesAll({ certificates }: Pick<MintingCa, 'certificates'>, domains: readonly string[]): boolean {
  return certificates.every(({ constraints }) => domains.every((domain) => excludedBy(constraints, domain)))
}

/**
 * What the CA must not vouch for. A DNS name excludes what is below it too (RFC 5280 §4.2.1.10). The wildcard one level
 * up would cover the domain without being below it. The otherName forms of XMPP cannot be compared by OpenSSL,
 * so one exclusion of each makes it refuse every leaf that carries one: ours never do.
 */
function exclusions(domains: readonly string[]): readonly GeneralName[] {
  const names = domains.filter((domain) => !ipBytes(domain))
  const outermost = names.filter((domain) => !names.some((other) => isBelow(domain, other)))
  const wildcards = new Set(outermost.map(wildcardAbove).filter((name) => name !== undefined))
  return [
    ...outermost.map((value) => ({ kind: 'dns', value }) as const),
    ...Array.from(wildcards, (value) => ({ kind: 'dns', value }) as const),
    { kind: 'ip', bytes: Buffer.alloc(8) }, // 0.0.0.0/0 and ::/0: partners are names, never addresses
    { kind: 'ip', bytes: Buffer.alloc(32) },
    { kind: 'xmpp', value: outermost[0] ?? '' },
    { kind: 'srv', value: `_xmpp-server.${outermost[0] ?? ''}` },
  ]
}

function wildcardAbove(domain: string): string | undefined {
  const dot = domain.indexOf('.')
  return dot < 0 ? undefined : `*${domain.slice(dot)}`
}

/** Can a CA with these constraints not vouch for the domain? */
function excludedBy({ excluded }: NameConstraints, domain: string): boolean {
  if (!excluded.some(({ kind }) => kind === 'xmpp') || !excluded.some(({ kind }) => kind === 'srv')) return false
  if (ipBytes(domain)) return excluded.some((name) => name.kind === 'ip' && name.bytes.every((byte) => byte === 0))
  return excluded.some((name) => name.kind === 'dns' && (name.value === domain || isBelow(domain, name.value)))
}
