// What `quickstart` is asked to make, read from its options. Pure, but for the addresses of this machine.

import { networkInterfaces } from 'node:os'
import { CLIENTS_PORT, DOMAIN, HOST_PORT, IP, isLoopback, NETWORK, PIN, type HostPort } from '../config/values.ts'
import { suggest } from '../config/suggest.ts'
import { UsageError, type Arguments } from './arguments.ts'
import { COMPONENT_KINDS, type ComponentKind } from './component-lines.ts'
import { CORE_KINDS, type CoreKind } from './core-lines.ts'
import { DNS_VIEWS, type DnsViewKind } from './dns-view.ts'
import { defaultHost } from './dns-records.ts'
import { isIP } from 'node:net'

export interface Plan {
  /** The domain, then its room services. */
  readonly domains: readonly string[]
  readonly core: HostPort
  readonly coreKinds: readonly CoreKind[]
  readonly dnsView: DnsViewKind
  /** The gateway is to be a component of this kind of server; undefined: a server beside it. */
  readonly component: ComponentKind | undefined
  /** Where it may then be met in plaintext, beside loopback. */
  readonly plaintextNetworks: readonly string[]
  /** A PEM file or a pin; undefined: `certs/core/ca.pem`, which the operator puts there. */
  readonly coreTrust: { readonly file: string } | { readonly pin: string } | undefined
  readonly coreNetworks: readonly string[]
  /** The core lives on this host, and holds its port on one address of it. */
  readonly beside: boolean
  readonly listen: HostOrAll
  /** The core's own listener; undefined: it uses the one for partners. */
  readonly inner: HostPort | undefined
  /** Where the core finds the gateway, as far as it is known. */
  readonly gatewayForCore: string
  /** The gateway's name in public DNS. */
  readonly host: string
  readonly evaluation: boolean
  /** Is there a listener for direct TLS too? */
  readonly directTls: boolean
  /** Where clients of the core connect, if remote users come through us; `websocket`: also from browsers. */
  readonly remote: { readonly clients: HostPort; readonly websocket: boolean } | undefined
}

export interface HostOrAll {
  readonly host: string | undefined
  readonly port: number
}

const PORT = 5269
const CLIENT_PORT = 5222
/** Where direct TLS is mostly found. */
export const DIRECT_PORT = 5270
const LOOPBACK = '127.0.0.1'
/** Where a core on the gateway's own host finds the gateway, unless told otherwise. */
const BESIDE = '127.0.53.2'
/** High ports for evaluation: no root, and no clash with a core on this host or with the set-up of `start`. */
const EVALUATION = { federation: 15_369, core: 15_370 } as const

/** @throws UsageError */
export function readPlan(words: Arguments): Plan {
  const read = <T>(
    name: string,
    kind: { readonly how: string; readonly read: (text: string) => T | undefined },
  ): T | undefined => {
    const text = words.option(name)
    return text === undefined ? undefined : (kind.read(text) ?? fail(`--${name}: ${kind.how}`))
  }
  const domain =
    DOMAIN.read(words.required('domain')) ?? fail(`"${words.required('domain')}" is no domain: ${DOMAIN.how}`)
  const rooms = (words.options('conference') ?? []).map(
    (text) => DOMAIN.read(text) ?? fail(`--conference: ${DOMAIN.how}`),
  )
  const core =
    read('core', HOST_PORT) ??
    fail('--core is missing: say where your internal server is, such as --core core.corp.internal:5269')
  const evaluation = words.flag('evaluation') || words.flag('self-signed')
  const outer = read('listen', IP)
  const beside = isOnThisHost(core.host)
  const component = componentOf(words)
  if (component && isIP(core.host) === 0)
    fail('--core: the lines for a component need the address that the core listens on')
  const inner = read('inner', IP) ?? (beside && outer !== undefined && !evaluation && !component ? BESIDE : undefined)
  if (inner !== undefined && outer === undefined && !evaluation)
    fail('--inner needs --listen: two listeners on one port need an address each')
  if (evaluation && inner !== undefined && !isLoopback(inner))
    fail('with --evaluation everything is on loopback: --inner 127.0.53.2, for example')
  if (inner !== undefined && inner === outer) fail('--inner and --listen are the same address; leave --inner out')
  if (!evaluation && outer === undefined && beside && core.port === PORT) {
    fail(`the core holds port ${PORT} on this host; say with --listen which outer address the gateway takes`)
  }
  const networks = words
    .options('core-network')
    ?.map((text) => NETWORK.read(text) ?? fail(`--core-network: ${NETWORK.how}`))
  const plaintextNetworks = (words.options('plaintext-network') ?? []).map(
    (text) => NETWORK.read(text) ?? fail(`--plaintext-network: ${NETWORK.how}`),
  )
  if (!component && plaintextNetworks.length > 0) fail('--plaintext-network is for --core-protocol component only')
  const kind = oneOf('core-kind', words.option('core-kind'), CORE_KINDS)
  const directTls = words.flag('direct-tls')
  if (directTls && evaluation) fail('--direct-tls is not for --evaluation: write the listener into gateway.yaml')
  const remote = remoteOf(words, core)
  if (remote && evaluation)
    fail('--remote is not for --evaluation: write listen.remote and core.clients into gateway.yaml')
  if (remote && outer === undefined && isOnThisHost(remote.clients.host))
    fail('the core has clients on this host; say with --listen which outer address the gateway takes')
  const listen: HostOrAll = evaluation ? { host: LOOPBACK, port: EVALUATION.federation } : { host: outer, port: PORT }
  const gatewayForCore =
    inner ??
    (evaluation ? LOOPBACK : beside ? BESIDE : (outer ?? ownAddress(core.host) ?? '<inner address of this gateway>'))
  if (kind === 'openfire' && words.option('dns-view') !== undefined && isIP(gatewayForCore) === 4)
    fail('--dns-view: Openfire finds a gateway at an IPv4 address without a view of DNS; leave it out')
  return {
    domains: [...new Set([domain, ...rooms])],
    core,
    coreKinds: kind === undefined ? CORE_KINDS : [kind],
    dnsView: oneOf('dns-view', words.option('dns-view'), DNS_VIEWS) ?? 'dnsmasq',
    component,
    plaintextNetworks,
    coreTrust: trustOf(words.option('core-trust')),
    coreNetworks: component
      ? []
      : (networks ?? (beside && !evaluation ? networkBeside(core.host, inner ?? BESIDE) : networkOf(core.host))),
    beside,
    listen,
    inner:
      inner === undefined
        ? evaluation && !component
          ? { host: LOOPBACK, port: EVALUATION.core }
          : undefined
        : { host: inner, port: PORT },
    gatewayForCore,
    host:
      words.option('host') === undefined
        ? defaultHost(domain)
        : (read('host', DOMAIN) ?? fail(`--host: ${DOMAIN.how}`)),
    evaluation,
    directTls,
    remote,
  }
}

/** Where remote users are led, if there are to be any: by default to the usual port of the core. */
function remoteOf(words: Arguments, core: HostPort): Plan['remote'] {
  const websocket = words.flag('websocket')
  const text = words.option('core-clients')
  if (!words.flag('remote')) {
    const idle = websocket ? 'websocket' : text === undefined ? undefined : 'core-clients'
    return idle === undefined ? undefined : fail(`--${idle} is for --remote only`)
  }
  const clients = text === undefined ? { host: core.host, port: CLIENT_PORT } : CLIENTS_PORT.read(text)
  return { clients: clients ?? fail(`--core-clients: ${CLIENTS_PORT.how}`), websocket }
}

/** `10.1.0.10:5269`, `[2001:db8::5]:5269` */
export const hostPort = ({ host, port }: HostPort): string => `${bracketed(host)}:${port}`

/** A host before a port: an IPv6 address in brackets. */
export const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)

function fail(message: string): never {
  throw new UsageError(message, 'quickstart')
}

/** The word of an option that takes one of these. */
function oneOf<Word extends string>(name: string, text: string | undefined, words: readonly Word[]): Word | undefined {
  const word = words.find((one) => one === text)
  if (text === undefined || word !== undefined) return word
  const near = suggest(text, words)
  return fail(`--${name} is one of ${words.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`)
}

/** What the core is, where the gateway is to be its component. */
function componentOf(words: Arguments): ComponentKind | undefined {
  const protocol = oneOf('core-protocol', words.option('core-protocol'), ['s2s', 'component'])
  if (protocol !== 'component') return undefined
  const misplaced = ['inner', 'core-network', 'core-trust', 'dns-view'].find(
    (name) => words.options(name) !== undefined,
  )
  if (misplaced !== undefined)
    fail(
      `a component core does not connect to us, shows no certificate and asks no DNS for us: leave --${misplaced} out`,
    )
  const kind = COMPONENT_KINDS.find((one) => one === words.option('core-kind'))
  return kind ?? fail(`--core-protocol component needs --core-kind, one of ${COMPONENT_KINDS.join(', ')}`)
}

function trustOf(text: string | undefined): Plan['coreTrust'] {
  if (text === undefined) return undefined
  if (!text.startsWith('sha256/')) return { file: text }
  return PIN.read(text) === undefined ? fail(`--core-trust: ${PIN.how}`) : { pin: text }
}

/** The core connects from its own address, unless told otherwise. */
function networkOf(host: string): readonly string[] {
  if (isLoopback(host)) return []
  const family = isIP(host)
  if (family === 0)
    return fail(
      '--core names the core by a DNS name: say with --core-network from where it connects, such as 10.1.0.10 or 10.1.0.0/16',
    )
  return [`${host}/${family === 6 ? 128 : 32}`]
}

/** On one host a connection to loopback comes from loopback, and one to any other address of it from that address. */
function networkBeside(core: string, gateway: string): readonly string[] {
  if (!isLoopback(gateway)) return networkOf(gateway)
  return isLoopback(core) ? [] : [isIP(gateway) === 6 ? '::1/128' : '127.0.0.0/8']
}

const isOnThisHost = (host: string): boolean =>
  isLoopback(host) || addressesHere().some(({ address }) => address === host)

const addressesHere = () => Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])

/** The address of this machine that is nearest to the core: in its network, or else the only one there is. */
function ownAddress(core: string): string | undefined {
  const family = isIP(core) === 6 ? 'IPv6' : 'IPv4'
  const ours = addressesHere().filter(
    (address) => !address.internal && address.family === family && !address.address.startsWith('fe80:'),
  )
  const prefix = core.split('.').slice(0, 3).join('.')
  const near = family === 'IPv4' ? ours.find(({ address }) => address.startsWith(`${prefix}.`)) : undefined
  return (near ?? (ours.length === 1 ? ours[0] : undefined))?.address
}
