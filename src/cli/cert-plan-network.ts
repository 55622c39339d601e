// The part of `cert plan` about the network: what to publish in DNS, what the firewall has to let through, and whom
// certificates have asked. Follows from the settings and from our certificates alone.

import type { Settings } from '../config/settings.ts'
import { isLoopback } from '../config/values.ts'
import type { Place } from './cert-words.ts'
import { addressRecord, defaultHost, srvRecord } from './dns-records.ts'
import type { FirewallRule } from './firewall-rule.ts'
import { hostPort } from './quickstart-plan.ts'

/** The records that lead partners to the gateway, and those that let a CA issue. RFC 6120 §3.2.1, XEP-0368 §3 */
export function dnsRecords({ domains, listen }: Settings): readonly string[] {
  const host = defaultHost(domains[0]?.domain ?? '')
  const entrances = new Map(listen.federation.map(({ tls, port }) => [tls, port]))
  const services = [...entrances].flatMap(([tls, port]) =>
    domains.map(({ domain }) => srvRecord(domain, port, host, tls)),
  )
  const address = listen.federation.find((place) => place.host !== undefined && !isLoopback(place.host))?.host
  return [...services, addressRecord(host, address)]
}

/** A host that certificates of ours name, for whom and for what. */
export interface AskedHost {
  readonly host: string
  readonly port: number
  /** Certificates by subject. */
  readonly namedBy: readonly string[]
  readonly for: readonly string[]
}

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ldap:': 389, 'ldaps:': 636 }
const WHAT: Readonly<Record<Place['kind'], string>> = {
  ocsp: 'revocation (OCSP)',
  crl: 'revocation lists (CRL)',
  issuer: 'intermediates (AIA)',
}

/** The hosts behind what certificates of ours name; what is no URL of a host is left out. */
export function askedHosts(places: readonly Place[]): readonly AskedHost[] {
  const hosts = new Map<string, { host: string; port: number; namedBy: Set<string>; what: Set<string> }>()
  for (const { kind, url, of } of places) {
    const { hostname = '', port = '', protocol = '' } = URL.parse(url) ?? {}
    const number = port === '' ? PORTS[protocol] : Number(port)
    if (hostname === '' || number === undefined) continue
    const key = `${hostname}:${number}`
    const known = hosts.get(key) ?? { host: hostname, port: number, namedBy: new Set(), what: new Set() }
    known.namedBy.add(of)
    known.what.add(WHAT[kind])
    hosts.set(key, known)
  }
  return [...hosts.values()].map(({ host, port, namedBy, what }) => ({
    host,
    port,
    namedBy: [...namedBy],
    for: [...what],
  }))
}

/** What has to get through, both ways. `asked`: whom our own certificates name. */
export function firewallRules(settings: Settings, asked: readonly AskedHost[]): readonly FirewallRule[] {
  const { listen, dns } = settings
  const outer = listen.federation.find(({ host }) => host !== undefined)?.host ?? 'gateway'
  const resolvers = dns.servers.length > 0 ? dns.servers.join(', ') : 'your resolvers'
  return [
    ...listen.federation.map(({ host = outer, port, tls }): FirewallRule => {
      const how = tls === 'direct' ? ', with direct TLS' : ''
      return { from: 'anywhere', to: host, port: `tcp ${port}`, verdict: 'allow', why: `partners connect to us${how}` }
    }),
    {
      from: outer,
      to: 'anywhere',
      port: 'tcp 5269 and 5270 (SRV may say others)',
      verdict: 'allow',
      why: 'we connect to partners',
    },
    { from: outer, to: resolvers, port: 'udp and tcp 53', verdict: 'allow', why: 'to find partners' },
    ...coreRules(settings, outer),
    ...fetchRules(settings, outer),
    ...asked.map(({ host, port, for: what }): FirewallRule => {
      return {
        from: 'partners',
        to: host,
        port: `tcp ${port}`,
        verdict: 'allow',
        why: `our certificate names it: ${what.join(', ')}`,
      }
    }),
  ]
}

function coreRules({ core, listen }: Settings, outer: string): readonly FirewallRule[] {
  if (isLoopback(core.host)) return []
  const [inner] = listen.core
  const to: FirewallRule = {
    from: inner?.host ?? outer,
    to: core.host,
    port: `tcp ${core.port}`,
    verdict: 'allow',
    why: core.component ? 'the gateway is a component of the core' : 'partners reach the core',
  }
  if (core.component) return [to]
  const from = core.networks.length === 0 ? core.host : core.networks.join(', ')
  const entrance = inner ?? listen.federation.find(({ tls }) => tls === 'starttls')
  return [
    to,
    {
      from,
      to: inner?.host ?? outer,
      port: `tcp ${entrance?.port ?? 5269}`,
      verdict: 'allow',
      why: 'the core sends to partners',
    },
  ]
}

/** What is fetched about certificates of partners, as far as the settings let it. */
function fetchRules({ trust }: Settings, outer: string): readonly FirewallRule[] {
  const rules: FirewallRule[] = []
  const allow = (to: string, port: string, why: string): void => {
    rules.push({ from: outer, to, port, verdict: 'allow', why })
  }
  if (trust.revocation !== 'off' && trust.fetch) {
    const responder =
      trust.responder === undefined ? undefined : askedHosts([{ kind: 'ocsp', url: trust.responder, of: '' }])[0]
    if (responder)
      allow(
        hostPort(responder),
        `tcp ${responder.port}`,
        'whether certificates of partners were revoked (`trust.responder`)',
      )
    allow('public addresses', 'tcp 80, 389', 'OCSP responders and CRLs that certificates of partners name')
    for (const network of trust.fetchFrom) allow(network, 'tcp 80, 389', 'the same, in a network of `trust.fetchFrom`')
  }
  if (trust.fetchIssuers) allow('public addresses', 'tcp 80', 'intermediates that partners do not send (AIA)')
  return rules
}
