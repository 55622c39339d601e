// What keeps settings from being taken over although every file in itself is good.

import { join } from 'node:path'
import type { Finding } from '../config/finding.ts'
import { GATEWAY_FILE } from '../config/cross-checks.ts'
import type { Settings } from '../config/settings.ts'
import { isLoopback } from '../config/values.ts'
import type { Partner } from '../policy/partner.ts'
import { fipsOf, type Fips } from '../trust/fips.ts'
import type { OwnCertificates } from '../trust/own-certificates.ts'
import { excludesAll } from '../trust/internal-ca.ts'
import type { MintingCa } from '../trust/minting-ca.ts'
import { missingFips, unfitCertificates } from '../trust/profiles/fitness.ts'
import type { House } from './house.ts'

/** The files, each good in itself. */
export interface Wanted {
  readonly settings: Settings
  readonly partners: readonly Partner[]
}

/** All that is against them, with these certificates, in a process with such cryptography. */
export function objections(wanted: Wanted, own: OwnCertificates, fips: Fips = fipsOf()): readonly Finding[] {
  const { settings } = wanted
  const terms = { ...settings.federation, partners: wanted.partners }
  return [
    ...exposedEvaluation(settings, own),
    ...unfitCertificates(terms, settings.domains, own),
    ...missingFips(terms, fips, GATEWAY_FILE),
  ]
}

/**
 * What is against settings that would take the place of those of a house, beyond their files: domains that cannot be
 * served, or not safely. `place`: where the internal CA lies.
 */
export function objectionsTo(
  wanted: Wanted,
  own: OwnCertificates,
  from: { readonly house: Pick<House, 'isOurs'>; readonly ca: MintingCa; readonly place: string },
): readonly Finding[] {
  const domains = wanted.settings.domains.map(({ domain }) => domain)
  const unproven = new Set(domains.filter((domain) => !from.house.isOurs(domain) && !own.identity(domain)))
  const missing = own.findings().filter(({ path }) => unproven.has(path.replace('domains.', '')))
  const excluded = excludesAll(from.ca, domains)
  return [...missing, ...objections(wanted, own), ...(excluded ? [] : [notExcluded(from.place)])]
}

/** SECURITY: evaluation certificates prove nothing to anybody, so they are not shown where anybody could meet them. */
function exposedEvaluation({ listen, domains }: Settings, own: OwnCertificates): readonly Finding[] {
  const open = [...listen.federation, ...listen.core].find(({ host }) => host === undefined || !isLoopback(host))
  if (!open) return []
  return domains
    .filter(({ domain }) => own.identity(domain)?.evaluation)
    .map(({ domain, certFile }) => ({
      severity: 'error',
      file: certFile,
      line: undefined,
      path: `domains.${domain}`,
      message: `an evaluation certificate, but ${open.host ?? 'every address'} is listened on; get a real certificate, or listen on loopback`,
    }))
}

/** The internal CA could vouch for a domain that has become ours since it was made. */
function notExcluded(directory: string): Finding {
  return {
    severity: 'error',
    file: join(directory, 'ca.pem'),
    line: undefined,
    path: '',
    message:
      'could vouch for a domain that is ours now; stop the gateway, move the directory away, start again and give the core the new ca.pem',
  }
}
