// The part of `check --online` about how remote users find us: what DNS says to their clients (RFC 6120 §3.2.1, XEP-0368 §3),
// and what https:// of each domain says to those in browsers (XEP-0156). What it should say is in `check-remote.ts`.

import type { RemoteAddress } from '../config/remote-listeners.ts'
import type { Settings } from '../config/settings.ts'
import { HOST_META } from '../net/client/host-meta.ts'
import { readHostMeta, type HostMeta } from '../net/client/read-host-meta.ts'
import type { Resolver, Target } from '../net/resolve.ts'
import { loadAnchors } from '../trust/anchors.ts'
import { encodePem } from '../trust/pem.ts'
import type { Checked } from './checked.ts'
import { gatewayHost } from './check-online.ts'
import { HAND_ON, waysOver, webUrl } from './check-remote.ts'
import { clientRecord } from './dns-records.ts'
import { bracketed } from './quickstart-plan.ts'

/** What is asked of DNS. */
export type ClientQuestions = Pick<Resolver, 'federation' | 'clients' | 'addresses'>

export interface WaysIn {
  readonly settings: Settings
  /** Our domains that have users, as far as the core says so. */
  readonly users: readonly string[]
  readonly resolver: ClientQuestions
  /** How a document at https:// is read; default: over the network. */
  readonly read?: typeof readHostMeta
}

interface Way {
  readonly port: number
  readonly tls: 'starttls' | 'direct'
}

export async function checkWaysIn(o: WaysIn): Promise<readonly Checked[]> {
  const { settings, users, resolver, read = readHostMeta } = o
  const { domains, listen } = settings
  const ways = listen.remote.flatMap((address) => waysOver(address).map((tls): Way => ({ port: address.port, tls })))
  const webs = listen.remote.filter(({ web }) => web !== undefined)
  const first = domains[0]!.domain
  const host = gatewayHost(first, ways.length > 0 ? await resolver.federation(first) : undefined)
  const records = users.map((domain) => (ways.length > 0 ? publishedTo(domain, { ways, host, resolver }) : []))
  const anchors = webs.length > 0 ? await publicAnchors(settings) : []
  const reading = { webs, anchors, resolver, read, timeoutMs: settings.limits.negotiationMs }
  const documents = users.map((domain) => (webs.length > 0 ? servedTo(domain, reading) : []))
  return (await Promise.all([...records, ...documents])).flat()
}

interface Entrances {
  readonly ways: readonly Way[]
  /** The gateway's name in public DNS. */
  readonly host: string
  readonly resolver: ClientQuestions
}

/** What clients find in DNS about a domain. */
async function publishedTo(domain: string, { ways, host, resolver }: Entrances): Promise<readonly Checked[]> {
  const about = { area: 'remote', subject: domain } as const
  const publish = (missing: readonly Way[]): string => {
    const records = missing.map(({ port, tls }) => clientRecord(domain, port, host, tls))
    return `Publish ${records.join(' and ')}, and an address for that host.`
  }
  const found = await resolver.clients(domain)
  if (!found.ok) {
    const message = `clients do not find it: ${found.detail}`
    return [{ ...about, severity: 'error', message, act: publish(ways) }]
  }
  const { targets } = found
  const lost = await withoutAddress(targets, resolver)
  const led = targets.map((target) => `${bracketed(target.host)}:${wayText(target)}`).join(', ')
  if (lost.length > 0) {
    const all = lost.length === targets.length
    const message = all
      ? `clients are led to ${led}, and find no address: ${lost.join(', ')}`
      : `clients are led to ${led}; without an address: ${lost.join(', ')}`
    const act = all ? publish(ways) : 'Publish an address for these hosts, or take them out of the SRV records.'
    return [{ ...about, severity: all ? 'error' : 'warning', message, act }]
  }
  const leads = ({ port, tls }: Way): boolean => targets.some((one) => one.port === port && one.tls === tls)
  const open = ({ port, tls }: Target): boolean => ways.some((one) => one.port === port && one.tls === tls)
  const closed = targets.filter((target) => !open(target))
  if (closed.length > 0) {
    const missing = ways.filter((way) => !leads(way))
    const message = `clients are led to ${led}, and this gateway listens on port ${ways.map(wayText).join(', ')}`
    const act = missing.length > 0 ? publish(missing) : `Take ${closed.map(wayText).join(', ')} out of the SRV records.`
    return [
      { ...about, severity: 'warning', message, act: `Fine where a balancer translates ports; otherwise: ${act}` },
    ]
  }
  const unused = ways.filter((way) => !leads(way))
  const message = `clients are led to ${led}`
  if (unused.length === 0) return [{ ...about, severity: 'ok', message }]
  const rest = `${message}; no record leads to port ${unused.map(wayText).join(', ')}`
  return [{ ...about, severity: 'ok', message: rest, act: `Where clients are to find it: ${publish(unused)}` }]
}

async function withoutAddress(targets: readonly Target[], resolver: ClientQuestions): Promise<readonly string[]> {
  const lost: string[] = []
  for (const { host } of targets) {
    const resolution = await resolver.addresses(host)
    if (!resolution.ok) lost.push(`${host} (${resolution.detail})`)
  }
  return lost
}

const wayText = ({ port, tls }: Way): string => `${port}${tls === 'direct' ? ' (direct TLS)' : ''}`

interface Reading {
  readonly webs: readonly RemoteAddress[]
  readonly anchors: readonly string[]
  readonly resolver: ClientQuestions
  readonly read: typeof readHostMeta
  readonly timeoutMs: number
}

/** What clients in browsers read at https:// of a domain. */
async function servedTo(domain: string, o: Reading): Promise<readonly Checked[]> {
  const { webs, anchors, resolver, read, timeoutMs } = o
  const wanted = webs.flatMap((address) => webUrl(domain, address) ?? [])
  const addresses: ClientQuestions['addresses'] = (host) => resolver.addresses(host)
  const seen = await Promise.all(
    [...HOST_META.keys()].map(async (path) => {
      const found = await read({ origin: `https://${domain}`, path, anchors, timeoutMs, addresses })
      return { path, fault: faultOf(found, wanted) }
    }),
  )
  const about = { area: 'remote', subject: domain } as const
  const faults = seen.flatMap(({ path, fault }): readonly Checked[] =>
    fault === undefined
      ? []
      : [
          {
            ...about,
            severity: 'warning',
            message: `clients in browsers: https://${domain}${path}: ${fault}`,
            act: HAND_ON,
          },
        ],
  )
  const message = `clients in browsers find ${wanted.join(', ')} by https://${domain}/.well-known/host-meta`
  return faults.length > 0 ? faults : [{ ...about, severity: 'ok', message }]
}

function faultOf(read: HostMeta, wanted: readonly string[]): string | undefined {
  if (!read.ok) return read.detail
  const { urls, anyPage } = read
  if (urls.length === 0) return 'it names no WebSocket for XMPP'
  if (!urls.some((url) => wanted.includes(url)))
    return `it leads to ${urls.join(', ')}, and not to ${wanted.join(', ')}`
  return anyPage ? undefined : 'pages from elsewhere may not read it: Access-Control-Allow-Origin is not *'
}

/** Who vouches for a web server: those of the operating system, as for browsers, and those of the settings. PEM. */
async function publicAnchors({ trust }: Settings): Promise<readonly string[]> {
  const sources = trust.anchors === 'system' ? (['system'] as const) : (['system', trust.anchors] as const)
  const loaded = await Promise.all(sources.map((source) => loadAnchors(source)))
  return loaded.flatMap(({ anchors }) =>
    [...anchors.byFingerprint.values()].map(({ raw }) => encodePem('CERTIFICATE', raw)),
  )
}
