// Is what we have ourselves good enough for the profiles that are wanted: our certificates, and what we compute with?

import { reason } from '../../xmpp/reasons.ts'
import type { CertificateFinding } from '../finding.ts'
import { certificateFinding } from '../finding.ts'
import type { Fips } from '../fips.ts'
import type { OwnEntry } from '../own-certificate.ts'
import type { OwnCertificates } from '../own-certificates.ts'
import type { ProfileName } from './profile.ts'
import { PROFILE_NAMES, PROFILES } from './profiles.ts'

/** What the settings want; `partners`: stricter profiles of some of them. */
export interface Wanted {
  readonly profile: ProfileName
  readonly fips: 'required' | 'reported'
  readonly partners: readonly { readonly profile?: ProfileName }[]
}

/** Certificates of ours that whoever holds a profile refuses: that of all, or that of some partner. */
export function unfitCertificates(
  { profile: ofAll, partners }: Wanted,
  entries: readonly OwnEntry[],
  own: OwnCertificates,
): readonly CertificateFinding[] {
  const wanted = new Set([ofAll, ...partners.flatMap(({ profile }) => profile ?? [])])
  return entries.flatMap(({ domain, certFile }) => {
    const unfit = (profile: ProfileName): string | undefined => own.identity(domain)?.unfit(profile)
    const profile = PROFILE_NAMES.find((one) => wanted.has(one) && unfit(one) !== undefined)
    if (profile === undefined) return []
    const whose = profile === ofAll ? 'federation.profile' : 'of a partner'
    const message = `${unfit(profile)}, which the profile ${profile} (${whose}) does not permit; get a certificate that it permits`
    return [certificateFinding(profile === ofAll ? 'error' : 'warning', certFile, `domains.${domain}`, message)]
  })
}

/** A validated provider is demanded, and there is none. `file`: where the settings are. */
export function missingFips({ fips: wanted }: Wanted, fips: Fips, file: string): readonly CertificateFinding[] {
  if (wanted !== 'required' || fips.on) return []
  const { means, act } = reason('SP-916')
  return [certificateFinding('error', file, 'federation.fips', `SP-916: ${means} This is ${fips.detail}. ${act}`)]
}

/** Where the gateway falls short of a profile that is wanted, that of all or of some partner, by an explicit word of the settings. */
export function deviations({ profile: ofAll, fips: wanted, partners }: Wanted, fips: Fips): readonly string[] {
  if (fips.on) return []
  const demands = (profile: ProfileName | undefined): profile is ProfileName =>
    profile !== undefined && PROFILES[profile].fips.is === 'required'
  const ofPartner = partners.find(({ profile }) => demands(profile))?.profile
  if (!demands(ofAll) && ofPartner === undefined) return []
  const whose = demands(ofAll) ? 'the profile' : `the profile ${ofPartner} of a partner`
  return [`no validated provider of cryptography, which ${whose} demands (federation.fips: ${wanted})`]
}
