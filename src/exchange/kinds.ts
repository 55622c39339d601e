// What lists of partners there are, by what they are known, and what reads an item of each.

import { COLUMNS, fromColumns } from './columns.ts'
import type { Items } from './item.ts'
import { isSaid, type Reading, type Values } from './reading.ts'
import { allowedDomain, blockedDomain, xmppPartner } from './skype-partners.ts'
import { edgeConfiguration, externalAccess, hostingProvider, publicProvider } from './skype-settings.ts'

export const KIND_NAMES = [
  'partners',
  'allowed-domains',
  'blocked-domains',
  'xmpp-partners',
  'hosting-providers',
  'public-providers',
  'external-access',
  'edge-configuration',
] as const

export type KindName = (typeof KIND_NAMES)[number]

interface Kind {
  /** What makes such a list. */
  readonly about: string
  /** The name of its type in PowerShell, in part. */
  readonly type: RegExp | undefined
  /** Properties that only this kind has, any of which tells; where none does, the list does not say what it is. */
  readonly has: readonly string[]
  /** Properties that `read` looks at, or of which nothing can come. */
  readonly knows: readonly string[]
  read(values: Values, isTable: boolean): Reading
}

const DOMAINS = ['Domain', 'Comment']
const PROVIDERS = ['Name', 'ProxyFqdn', 'VerificationLevel', 'Enabled']

export const KINDS: Readonly<Record<KindName, Kind>> = {
  partners: {
    ...{ about: 'our own table, as `partner export` writes it', type: undefined },
    ...{ has: ['domain', 'status'], knows: COLUMNS, read: fromColumns },
  },
  'allowed-domains': {
    ...{ about: 'Get-CsAllowedDomain', type: /\.AllowedDomain\b/, read: allowedDomain },
    has: ['MarkForMonitoring'],
    knows: [...DOMAINS, 'ProxyFqdn', 'VerificationLevel', 'MarkForMonitoring'],
  },
  'blocked-domains': {
    ...{ about: 'Get-CsBlockedDomain', type: /\.BlockedDomain\b/, read: blockedDomain },
    ...{ has: [], knows: DOMAINS },
  },
  'xmpp-partners': {
    ...{ about: 'Get-CsXmppAllowedPartner', type: /\.XmppAllowedPartner\b/, read: xmppPartner },
    has: ['TlsNegotiation', 'SaslNegotiation', 'SupportDialbackNegotiation'],
    knows: [
      ...['Domain', 'Description', 'AdditionalDomains', 'PartnerType', 'ProxyFqdn', 'ConnectionLimit'],
      ...['TlsNegotiation', 'SaslNegotiation', 'SupportDialbackNegotiation', 'EnableKeepAlive'],
    ],
  },
  'hosting-providers': {
    ...{ about: 'Get-CsHostingProvider', type: /HostingProvider\b/, read: hostingProvider },
    has: ['EnabledSharedAddressSpace', 'HostsOCSUsers'],
    knows: [
      ...PROVIDERS,
      ...['EnabledSharedAddressSpace', 'HostsOCSUsers', 'IsLocal', 'AutodiscoverUrl', 'SipClientPort'],
    ],
  },
  'public-providers': {
    ...{ about: 'Get-CsPublicProvider', type: /PublicProvider\b/, read: publicProvider },
    has: ['NameDecorationDomain', 'IconUrl'],
    knows: [
      ...[...PROVIDERS, 'IconUrl', 'NameDecorationDomain', 'NameDecorationRoutingDomain'],
      ...['NameDecorationExcludedDomainList', 'EnableSkypeIdRouting', 'EnableSkypeDirectorySearch'],
    ],
  },
  'external-access': {
    ...{ about: 'Get-CsExternalAccessPolicy', type: /\.ExternalAccessPolicy\b/, read: externalAccess },
    has: ['EnableFederationAccess', 'EnableXmppAccess', 'EnableOutsideAccess'],
    knows: [
      ...['Description', 'EnableFederationAccess', 'EnableXmppAccess', 'EnableOutsideAccess'],
      ...['EnablePublicCloudAccess', 'EnablePublicCloudAudioVideoAccess'],
    ],
  },
  'edge-configuration': {
    ...{
      about: 'Get-CsAccessEdgeConfiguration',
      type: /AccessEdge(?:Settings|Configuration)\b/,
      read: edgeConfiguration,
    },
    has: ['AllowFederatedUsers', 'AllowOutsideUsers'],
    knows: [
      ...['AllowAnonymousUsers', 'AllowFederatedUsers', 'AllowOutsideUsers', 'DefaultRouteFqdn', 'SkypeSearchUrl'],
      ...['EnablePartnerDiscovery', 'EnableArchivingDisclaimer', 'KeepCrlsUpToDateForPeers', 'RoutingMethod'],
      ...[
        'BeClearingHouse',
        'CertificatesDeletedPercentage',
        'DiscoveredPartnerReportPeriodMinutes',
        'IsPublicProvider',
      ],
      ...['DiscoveredPartnerStandardRate', 'DiscoveredPartnerVerificationLevel', 'DnsSrvCacheRecordCount'],
      ...['EnableDiscoveredPartnerContactsLimit', 'EnableUserReplicator', 'MarkSourceVerifiableOnOutgoingMessages'],
      ...['MaxAcceptedCertificatesStored', 'MaxContactsPerDiscoveredPartner', 'MaxRejectedCertificatesStored'],
      ...['OutgoingTlsCountForFederatedPartners', 'VerificationLevel'],
    ],
  },
}

/** What PowerShell adds to every object. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  ...['Identity', 'Element', 'Anchor', 'Key', 'ScopeClass', 'TypedIdentity', 'XsAnyElements', 'XsAnyAttributes'],
  ...['Priority', 'PSComputerName', 'PSShowComputerName', 'PSSourceJobInstanceId', 'RunspaceId', 'ConfigId', 'Tenant'],
])

/** What a list is of, by the type it names or else by its properties; undefined where that is not plain. */
export function kindOf({ items, type }: Items): KindName | undefined {
  if (type !== undefined) {
    const typed = KIND_NAMES.find((name) => KINDS[name].type?.test(type))
    if (typed !== undefined) return typed
  }
  const names = new Set(items.slice(0, LOOKED_AT).flatMap(({ values }) => Object.keys(values)))
  if (KINDS.partners.has.every((name) => names.has(name))) return 'partners'
  const told = KIND_NAMES.find((name) => name !== 'partners' && KINDS[name].has.some((one) => names.has(one)))
  if (told !== undefined) return told
  const isBlocked =
    names.has('Domain') && names.has('Comment') && !names.has('ProxyFqdn') && !names.has('VerificationLevel')
  return isBlocked ? 'blocked-domains' : undefined
}

const LOOKED_AT = 100

/** Properties of an item that say something and of which nothing is known. */
export function strangersIn(kind: KindName, values: Values): readonly string[] {
  if (kind === 'partners') return [] // They are faults there.
  return Object.keys(values).filter(
    (name) => !EVERYWHERE.has(name) && !KINDS[kind].knows.includes(name) && isSaid(values[name]),
  )
}
