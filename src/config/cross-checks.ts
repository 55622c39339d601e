// What parts of the configuration get wrong together: keys of gateway.yaml among each other, and users against our own
// domains; partners have a file of their own (`partner-checks.ts`). Pure.

import { cardLogIns } from './cards-checks.ts'
import { findingAt, isRecord } from './check.ts'
import { coreProtocol } from './core-checks.ts'
import { foreignDirectories } from './directory-checks.ts'
import { formatPath, type Finding, type PathStep } from './finding.ts'
import { profileOfAll } from './profile-checks.ts'
import { certificatesInVain, foreignUsers, grantedInVain } from './policy-checks.ts'
import type { GatewayReading, PolicyReading } from './readings.ts'
import { remoteUsers } from './remote-checks.ts'
import { DOMAIN, isLoopback, isWithin } from './values.ts'
import type { YamlFile } from './yaml.ts'

/** A finding that files have together; one of them is to be mended. */
export interface Conflict {
  readonly finding: Finding
  /** Names of the partner files involved; `gateway.yaml` and `policy.yaml` where they are. */
  readonly files: readonly string[]
}

export const GATEWAY_FILE = 'gateway.yaml'
export const POLICY_FILE = 'policy.yaml'

/** The checks within gateway.yaml. */
export function checkGateway({ yaml, draft }: GatewayReading): readonly Finding[] {
  if (yaml === undefined) return []
  return [
    ...twinDomains(yaml),
    ...coreProtocol(yaml, draft),
    ...coreNetworks(yaml, draft),
    ...listeners(yaml, draft),
    ...balancers(yaml, draft),
    ...ownCore(yaml, draft),
    ...noWayForCore(yaml, draft),
    ...remoteUsers(yaml, draft),
    ...cardLogIns(yaml, draft),
    ...queueLimits(yaml, draft),
    ...profileOfAll(yaml, draft),
  ]
}

/** The checks of policy.yaml against gateway.yaml. */
export function checkUsers({ draft }: GatewayReading, { yaml, policy }: PolicyReading): readonly Conflict[] {
  if (yaml === undefined || policy === undefined || draft.domains === undefined) return []
  const vain = draft.remote?.length === 0 ? grantedInVain(yaml, policy) : []
  const findings = [
    ...foreignUsers(yaml, policy, new Set(draft.domains)),
    ...foreignDirectories(yaml, policy, new Set(draft.domains)),
    ...vain,
    ...(draft.cards ? [] : certificatesInVain(yaml, policy)),
  ]
  return findings.map((finding) => ({ finding, files: [POLICY_FILE, GATEWAY_FILE] }))
}

type Draft = GatewayReading['draft']

export interface Place {
  readonly host?: string | undefined
  readonly port: number
}

/** Two spellings of one domain are one key for us. */
function twinDomains(yaml: YamlFile): readonly Finding[] {
  const domains = isRecord(yaml.value) ? yaml.value['domains'] : undefined
  if (!isRecord(domains)) return []
  const seen = new Map<string, string>()
  const findings: Finding[] = []
  for (const spelling of Object.keys(domains)) {
    const domain = DOMAIN.read(spelling)
    const twin = domain && seen.get(domain)
    if (twin !== undefined && domain !== undefined) {
      const message = `the same domain as "${twin}"; keep one`
      findings.push(findingAt(yaml, ['domains', spelling], message, { at: 'key' }))
    }
    if (domain !== undefined && twin === undefined) seen.set(domain, spelling)
  }
  return findings
}

function coreNetworks(yaml: YamlFile, { protocol, address, networks }: Draft): readonly Finding[] {
  if (protocol === 'component') return [] // It does not connect.
  const path = ['core', 'networks']
  const core = isRecord(yaml.value) ? yaml.value['core'] : undefined
  const given = isRecord(core) ? core['networks'] : undefined
  if (networks !== undefined && networks.length > 0) {
    return networks.flatMap((network, index) => {
      if (!network.endsWith('/0')) return []
      const message = 'lets every address try to be the core; write the networks that it connects from'
      return [findingAt(yaml, [...path, index], message, { severity: 'warning' })]
    })
  }
  const faulty = given !== undefined && given !== null && networks === undefined
  if (faulty || address === undefined) return []
  if (networks === undefined && isLoopback(address.host)) return []
  return [findingAt(yaml, path, 'missing; write from where the core connects, such as [10.1.0.0/16]')]
}

/** No two listeners on one place; in evaluation all on loopback. */
function listeners(
  yaml: YamlFile,
  { federation = [], core = [], remote = [], admin, evaluation }: Draft,
): readonly Finding[] {
  const all: readonly (readonly [Place, readonly PathStep[]])[] = [
    ...federation.map((place, index) => [place, ['listen', 'federation', index]] as const),
    ...core.map((place, index) => [place, ['listen', 'core', index]] as const),
    ...remote.map((place, index) => [place, ['listen', 'remote', index]] as const),
    ...(admin ? [[admin, ['listen', 'admin']] as const] : []),
  ]
  const findings: Finding[] = []
  for (const [index, [place, path]] of all.entries()) {
    const twin = all.slice(0, index).find(([other]) => overlaps(other, place))
    if (twin !== undefined) {
      const message = `takes the same address and port as ${formatPath(twin[1])}; give each a host or port of its own`
      findings.push(findingAt(yaml, path, message))
    }
    if (evaluation && (place.host === undefined || !isLoopback(place.host))) {
      const message = 'with evaluation: true all listeners are on loopback; write host: 127.0.0.1'
      findings.push(findingAt(yaml, path, message))
    }
  }
  return findings
}

/** Balancers are few and known, and the core is none of them. */
function balancers(yaml: YamlFile, { federation = [], core, networks = [] }: Draft): readonly Finding[] {
  const findings: Finding[] = []
  for (const [index, { proxyProtocol, tls }] of federation.entries()) {
    for (const [place, network] of proxyProtocol.entries()) {
      const path = ['listen', 'federation', index, 'proxyProtocol', place]
      const warn = (message: string) => findings.push(findingAt(yaml, path, message, { severity: 'warning' }))
      if (network.endsWith('/0')) warn('lets everybody say where they come from; write the addresses of the balancers')
      const within = core?.length === 0 && tls === 'starttls' && networks.find((one) => isWithin(one, network))
      if (within) {
        warn(
          `${within} of core.networks is in it, so that the core would be taken for a balancer; give it a listener of its own below listen.core`,
        )
      }
    }
  }
  return findings
}

/** The core on our own listener would have us talk to ourselves. */
function ownCore(yaml: YamlFile, draft: Draft): readonly Finding[] {
  const { address, clients, federation = [], core = [], remote = [] } = draft
  const isOurs = (where: Place | undefined): boolean =>
    where !== undefined &&
    [...federation, ...core, ...remote].some(
      (place) => overlaps(place, where) && (!isAny(place.host) || isLoopback(where.host ?? '')),
    )
  const message =
    'this is our own listener; with core and gateway on one host, give the listeners the outer address (host:) and the core loopback or the inner one'
  return [
    ...(isOurs(address) ? [findingAt(yaml, ['core', 'address'], message)] : []),
    ...(isOurs(clients?.address) ? [findingAt(yaml, ['core', 'clients', 'address'], message)] : []),
  ]
}

/** The core does not come over direct TLS: it needs a listener of the other kind. */
function noWayForCore(yaml: YamlFile, { protocol, federation, core }: Draft): readonly Finding[] {
  if (protocol === 'component' || federation === undefined || core === undefined || core.length > 0) return []
  if (federation.some(({ tls }) => tls === 'starttls')) return []
  const message =
    'the core does not come over direct TLS; add a listener with tls: starttls, such as { port: 5269 }, or one for the core below listen.core'
  return [findingAt(yaml, ['listen', 'federation'], message)]
}

function queueLimits(yaml: YamlFile, { limits }: Draft): readonly Finding[] {
  if (limits === undefined) return []
  const findings: Finding[] = []
  const atMost = (small: keyof typeof limits, large: keyof typeof limits, why: string): void => {
    if (limits[small] <= limits[large]) return
    const message = `write at least as much as limits.${small} (${limits[small]}); ${why}`
    findings.push(findingAt(yaml, ['limits', large], message))
  }
  atMost('stanzaBytes', 'queueBytes', 'a stanza of full size could never wait')
  atMost('queueBytes', 'partnerQueueBytes', 'one queue could not fill up')
  atMost('partnerQueueBytes', 'queuesBytes', 'the queues of one partner could not fill up')
  atMost('queueStanzas', 'partnerQueueStanzas', 'one queue could not fill up')
  atMost('partnerQueueStanzas', 'queuesStanzas', 'the queues of one partner could not fill up')
  return findings
}

/** Would two places collide? A place without a host, or with the unspecified address, is on all addresses. */
export function overlaps(a: Place, b: Place): boolean {
  return a.port === b.port && (isAny(a.host) || isAny(b.host) || a.host === b.host)
}

const isAny = (host: string | undefined): boolean => host === undefined || host === '0.0.0.0' || host === '::'
