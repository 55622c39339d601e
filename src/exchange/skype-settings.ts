// What of Skype for Business names no domains and so becomes no entry: Get-CsHostingProvider, Get-CsPublicProvider,
// Get-CsExternalAccessPolicy and Get-CsAccessEdgeConfiguration. What each asked for is told, with the place where it is said here.

import { flagOf, wordOf, wordsOf, type Reading, type Values } from './reading.ts'

const nameOf = (values: Values): string => wordOf(values, 'Identity') ?? wordOf(values, 'Name') ?? 'without a name'

export function hostingProvider(values: Values): Reading {
  const shared = flagOf(values, 'EnabledSharedAddressSpace') === true
  const words = shared
    ? 'some of your own users are there (EnabledSharedAddressSpace), and one domain is on one side of the wall here'
    : NO_DOMAINS
  return { left: provider(values, words) }
}

export function publicProvider(values: Values): Reading {
  const names = ['NameDecorationDomain', 'NameDecorationRoutingDomain', 'NameDecorationExcludedDomainList']
  const decorated = names.flatMap((name) => wordsOf(values, name).words)
  const words = decorated.length === 0 ? '' : `; its decorated names (${decorated.join(', ')}) are of SIP`
  return { left: provider(values, `${NO_DOMAINS}${words}`) }
}

const NO_DOMAINS =
  'it names no domains; add those behind it that speak XMPP, with `provider:` where a certificate of its own is to prove them'

function provider(values: Values, words: string): string {
  const off = flagOf(values, 'Enabled') === false ? ', which was off,' : ''
  return `the provider ${nameOf(values)}${off} stands for the SIP server ${wordOf(values, 'ProxyFqdn') ?? '(none)'}: ${words}`
}

/** Switches of a policy, and what they are about. */
const ACCESS = {
  EnableXmppAccess: 'talk to XMPP partners',
  EnableFederationAccess: 'talk to federated domains',
  EnablePublicCloudAccess: 'talk to public providers',
  EnableOutsideAccess: 'log in from outside',
} as const

export function externalAccess(values: Values): Reading {
  const said = Object.entries(ACCESS).flatMap(([name, what]) => {
    const flag = flagOf(values, name)
    return flag === undefined ? [] : [`${flag ? 'may' : 'may not'} ${what}`]
  })
  const whose = nameOf(values).toLowerCase() === 'global' ? 'everybody' : `users with the policy ${nameOf(values)}`
  const where =
    'say in policy.yaml who that is: `policies:` for partners, `remote:` for logging in (its users are in Get-CsUser, not here)'
  return { left: `${whose} ${said.join(', ') || 'may nothing'}; ${where}` }
}

/** Settings of all, and what says it here. */
const EDGE: Readonly<Record<string, (on: boolean) => string | undefined>> = {
  AllowFederatedUsers: (on) =>
    on
      ? undefined
      : 'AllowFederatedUsers False: nobody outside was talked to, whatever the lists say; import none of them',
  EnablePartnerDiscovery: (on) =>
    on ? 'EnablePartnerDiscovery True let unknown domains in; see `federation.mode` in gateway.yaml' : undefined,
  AllowOutsideUsers: (on) =>
    on ? 'AllowOutsideUsers True: users log in from outside; see `listen.remote` in gateway.yaml' : undefined,
  AllowAnonymousUsers: (on) => (on ? 'AllowAnonymousUsers True: there are no guests here' : undefined),
  KeepCrlsUpToDateForPeers: (on) =>
    on ? 'KeepCrlsUpToDateForPeers True: see `trust.revocation` in gateway.yaml' : undefined,
  EnableArchivingDisclaimer: (on) =>
    on ? 'EnableArchivingDisclaimer True: partners are told nothing here' : undefined,
}

export function edgeConfiguration(values: Values): Reading {
  const said = Object.entries(EDGE).flatMap(([name, words]) => {
    const on = flagOf(values, name)
    return on === undefined ? [] : (words(on) ?? [])
  })
  const route = wordOf(values, 'DefaultRouteFqdn')
  const routed = route === undefined ? [] : [`the default route by ${route} is one of SIP`]
  return { left: [...said, ...routed, 'these are settings of the whole gateway and no entries'].join('; ') }
}
