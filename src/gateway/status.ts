// The state of a gateway as plain data, for `Control.status()`.

import process from 'node:process'
import type { Finding } from '../config/finding.ts'
import type { Settings } from '../config/settings.ts'
import type { Stream } from '../net/stream.ts'
import { fipsOf } from '../trust/fips.ts'
import { deviations } from '../trust/profiles/fitness.ts'
import type { Budgets } from './links/budgets.ts'
import type { LinkStatus, Service, Status, StreamStatus } from './control.ts'
import { legOf } from './leg.ts'
import type { House } from './house.ts'
import type { Link } from './links/link.ts'

export interface StatusParts {
  readonly version: string
  readonly directory: string
  readonly since: number
  readonly house: House
  readonly listeners: Status['listeners']
  readonly streams: Iterable<Stream>
  /** When the peer of a stream has to prove its name anew, in ms. */
  provenUntil(stream: Stream): number | undefined
  readonly links: Iterable<Link>
  readonly budgets: Budgets
  readonly components: Status['core']['components']
  readonly service: Service
  readonly sending: Status['sending']
  readonly rooms: Status['rooms']
  readonly partner: Status['partner']
  readonly partnerKeys: Status['partnerKeys']
  readonly pending: Status['pending']
  readonly conducts: Status['conducts']
  /** Certificates for the core that are kept. */
  readonly minted: number
  /** Claims under way. */
  readonly dialbacks: number
  readonly needsRestart: readonly string[]
  readonly findings: readonly Finding[]
  readonly records: Status['records']
  readonly relations: Status['relations']
  readonly ledgers: Status['ledgers']
  readonly groups: Status['groups']
  readonly logServers: Status['logServers']
  readonly remote: Status['remote']
  readonly totals: Status['totals']
}

/** One snapshot; nothing in it changes afterwards. */
export function statusOf(parts: StatusParts): Status {
  const { house } = parts
  const { core, federation, limits, evaluation } = house.settings
  const fips = fipsOf()
  return {
    version: parts.version,
    node: process.versions.node,
    pid: process.pid,
    since: new Date(parts.since).toISOString(),
    evaluation,
    directory: parts.directory,
    service: parts.service,
    listeners: parts.listeners,
    domains: house.settings.domains.map(({ domain }) => ({
      domain,
      certificate: house.ownIdentity(domain)?.certificate,
    })),
    core: { protocol: core.protocol, address: hostAndPort(core.host, core.port), components: parts.components },
    partners: house.partners.all.length,
    streams: [...parts.streams].map((stream) => streamStatus(stream, parts.provenUntil(stream), house)),
    links: [...parts.links].map((link): LinkStatus => link.status()),
    queues: { ...parts.budgets.all.used, partners: parts.budgets.use },
    underWay: { bytes: parts.budgets.all.underWay, partners: parts.budgets.underWay },
    sending: parts.sending,
    rooms: parts.rooms,
    ...(parts.partner && { partner: parts.partner }),
    partnerKeys: parts.partnerKeys,
    pending: parts.pending,
    conducts: parts.conducts,
    mintedCertificates: parts.minted,
    cryptography: {
      profile: federation.profile,
      fips,
      deviations: deviations({ ...federation, partners: house.partners.all }, fips),
    },
    dialback: { offered: house.usesDialback, underWay: parts.dialbacks },
    needsRestart: parts.needsRestart,
    findings: parts.findings,
    records: parts.records,
    relations: parts.relations,
    ledgers: parts.ledgers,
    groups: parts.groups,
    logServers: parts.logServers,
    remote: parts.remote,
    limits: { ...limits },
    totals: parts.totals,
  }
}

/** The listener for health and metrics, if there is one. */
export function adminListener({ listen: { admin } }: Settings): Status['listeners'] {
  return admin ? [{ name: 'admin', address: hostAndPort(admin.host, admin.port), tls: 'none' }] : []
}

export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function streamStatus(
  { info, proven, acks, flow }: Stream,
  until: number | undefined,
  { partners }: House,
): StreamStatus {
  const { id, role, pair, peerAddress, bidi, tls, method, certificate, since, counters } = info
  const terms = legOf(info.leg) === 'partner' ? partners.terms(pair.remote) : undefined
  return {
    id,
    leg: legOf(info.leg),
    role,
    local: pair.local,
    remote: pair.remote,
    entry: terms && { domain: terms.domain, matched: terms.matched },
    peerAddress,
    bidi,
    tls: tls && { start: tls.start, version: tls.version, cipher: tls.cipher, group: tls.group },
    method,
    certificate,
    further: proven.slice(1).map((one) => ({ ...one.pair, method: one.method })),
    since: new Date(since).toISOString(),
    provenUntil: until === undefined ? undefined : new Date(until).toISOString(),
    acks: acks && {
      acknowledged: acks.acknowledged,
      unacknowledged: acks.unacknowledgedStanzas,
      unacknowledgedBytes: acks.unacknowledgedBytes,
    },
    unreadBytes: flow.unread,
    unsentBytes: flow.unsent,
    held: flow.held,
    ...counters,
  }
}
