// A world with a wall: a core server that sees nothing but the gateway, the gateway, and partners outside. Each part is
// a real program at its own loopback address, with its own view of DNS and its own certificates.

import { readFile } from 'node:fs/promises'
import { trustForClients } from '../support/client.ts'
import { dns } from '../support/dns.ts'
import type { DnsServer } from '../support/dns.ts'
import { Gateway, type GatewayOptions } from '../support/gateway.ts'
import { issue, makeCa } from '../support/pki.ts'
import type { Issued, IssueOptions } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import type { ServerOptions, StartServer, XmppServer } from '../support/server.ts'
import { OURS, USERS, conferenceOf, places } from './places.ts'
import type { Family, Places } from './places.ts'

/** What core and gateway share where the gateway is a component. */
export const COMPONENT_SECRET = 'open barley'

export interface WorldOptions {
  /** Of the /24 of loopback that it has to itself. */
  readonly number: number
  /** Which addresses everybody has, and no others; default: IPv4. */
  readonly family?: Family | undefined
  readonly core: StartServer
  /** Domains outside and the addresses of their servers. Room services have the same address. */
  readonly outside: Readonly<Record<string, string>>
  /** The core can make streams that go both ways. Prosody only. */
  readonly bidi?: boolean
  /** Everybody outside, the gateway too, is found and met by direct TLS on port 5270, and in no other way. */
  readonly directTls?: 'only'
  /** The core knows the gateway as its component for everybody outside, rooms included: over so many connections. */
  readonly component?: 'one' | 'per-domain' | undefined
  /** Where others find the core, and the gateway from inside and outside, if not at their own addresses. */
  readonly via?: Partial<Pick<Places, 'core' | 'inner' | 'outer'>>
  /** What the certificates of the outer half are like, that of their CA too. */
  readonly certificates?: Pick<IssueOptions, 'key' | 'hash'>
  /** More of `gateway.yaml`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Remote users are let in. */
  readonly remote?: GatewayOptions['remote']
  /** Entries of the partner list, by domain. */
  readonly partners?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface World {
  readonly at: Places
  /** The CA that everybody outside believes, the gateway too. */
  readonly publicCa: Issued
  readonly core: XmppServer
  /** What the core was started with: for another one in its place. */
  readonly coreOptions: ServerOptions
  readonly gateway: Gateway
  /** What the gateway and the partners ask. */
  readonly outerDns: DnsServer
}

/** Builds the inner half and the gateway; partners are started by the test. */
export async function buildWorld(t: Cleanup, o: WorldOptions): Promise<World> {
  const at = places(o.number, o.family)
  const via = { ...at, ...o.via }
  const ours = [OURS, conferenceOf(OURS)]
  const [publicCa, coreCa] = [await makeCa(o.certificates), await makeCa()]
  const outside = Object.entries(o.outside)
  const [outerDns] = await Promise.all([
    dns(t, {
      address: at.outerDns,
      hosts: Object.fromEntries([[OURS, via.outer] as const, ...outside].map(([name, to]) => [`xmpp.${name}`, to])),
      [o.directTls ? 'directTls' : 'federation']: Object.fromEntries(
        [OURS, ...outside.map(([domain]) => domain)].flatMap((domain) =>
          [domain, conferenceOf(domain)].map((name) => [name, { host: `xmpp.${domain}` }]),
        ),
      ),
    }),
    dns(t, { address: at.innerDns, everythingElse: via.inner }),
  ])
  const gateway = await Gateway.start(t, {
    domains: Object.fromEntries(
      await Promise.all(
        ours.map(async (name) => [name, await issue({ ca: publicCa, names: [name], ...o.certificates })] as const),
      ),
    ),
    core: via.core,
    coreTrust: coreCa,
    anchors: [publicCa],
    inner: at.inner,
    outer: at.outer,
    dns: at.outerDns,
    ...(o.component ? { component: { secret: COMPONENT_SECRET, connections: o.component } } : {}),
    ...(o.partners ? { partners: o.partners } : {}),
    ...(o.remote ? { remote: o.remote } : {}),
    settings: {
      ...o.settings,
      ...(o.directTls
        ? {
            listen: {
              federation: [{ host: at.outer, port: 5270, tls: 'direct' }],
              core: [{ host: at.inner, port: 5269 }],
            },
          }
        : {}),
    },
  })
  const coreOptions: ServerOptions = {
    address: at.core,
    dns: at.innerDns,
    anchors: [{ pem: await readFile(gateway.internalCaFile, 'utf8') }],
    bidi: o.bidi ?? false,
    usersCa: await readFile(gateway.usersCaFile, 'utf8').catch(() => undefined),
    hosts: [
      {
        domain: OURS,
        conference: conferenceOf(OURS),
        certificate: await issue({ ca: coreCa, names: ours }),
        users: USERS,
      },
    ],
    ...(o.component
      ? {
          components: {
            names: outside.flatMap(([domain]) => [domain, conferenceOf(domain)]),
            secret: COMPONENT_SECRET,
            connections: o.component,
          },
        }
      : {}),
  }
  const core = await o.core(t, coreOptions)
  trustForClients(publicCa, coreCa)
  return { at, publicCa, core, coreOptions, gateway, outerDns }
}
