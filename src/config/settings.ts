// The settings of the gateway as the rest of the program sees them: plain values, milliseconds, bytes, canonical
// domains, absolute file names. Made from a checked gateway.yaml; a change of them is a new value.

import { isDeepStrictEqual } from 'node:util'
import { dirname, join, resolve } from 'node:path'
import type { CertificateChange, FederationMode, ProfileName, Purposes, RevocationMode } from '../policy/partner.ts'
import type { Policy } from '../policy/remote/grants.ts'
import { toCards, type CardsSettings } from './cards-schema.ts'
import { NOTICES } from './notices.ts'
import { NO_POLICY } from './policy-schema.ts'
import type { GatewayFile } from './gateway-schema.ts'
import { PROFILES } from '../trust/profiles/profiles.ts'
import { toLimits, type Limits } from './limits.ts'
import { toLogServers, type LogServerSettings } from './log-schema.ts'
import { type RemoteAddress, toRemoteAddress } from './remote-listeners.ts'
import { proofsOf, type ProofSettings } from './proofs.ts'
import { isLoopback, type HostPort } from './values.ts'

export interface Settings {
  /** What we speak for, in the order of the file; never empty. */
  readonly domains: readonly OwnDomain[]
  readonly core: CoreSettings
  readonly listen: {
    readonly federation: readonly ListenAddress[]
    /** Empty: the core shares the federation listeners. */
    readonly core: readonly ListenAddress[]
    /** Of remote users. */
    readonly remote: readonly RemoteAddress[]
    /** For health and metrics, on loopback; without it nowhere. */
    readonly admin?: HostPort
  }
  readonly federation: {
    readonly mode: FederationMode
    readonly profile: ProfileName
    /** Is the gateway to run only on a provider of cryptography validated under FIPS 140? */
    readonly fips: 'required' | 'reported'
    readonly conceal: boolean
    /** XEP-0288, with partners and with the core. */
    readonly bidi: boolean
    /** Keys that the entry of every partner that is allowed must have. */
    readonly required: readonly string[]
    /** Classes of partners beside those that are built in. */
    readonly classes: readonly string[]
  }
  readonly trust: TrustSettings
  readonly store: { readonly kind: 'sqlite'; readonly file: string }
  readonly dns: {
    /** As `node:dns` takes them; empty: the operating system's. */
    readonly servers: readonly string[]
    readonly timeoutMs: number
    readonly cacheMs: number
    readonly negativeCacheMs: number
    readonly staleMs: number
  }
  readonly administration: {
    /** What administrators accept before a command; undefined: nothing. */
    readonly notice: string | undefined
  }
  readonly clock: { readonly servers: readonly HostPort[] }
  readonly log: { readonly servers: readonly LogServerSettings[] }
  readonly limits: Limits
  /** What policy.yaml says. */
  readonly policy: Policy
  /** Runs the embedded lab and accepts evaluation certificates; all listeners are on loopback then. */
  readonly evaluation: boolean
}

export interface OwnDomain {
  readonly domain: string
  readonly certFile: string
  readonly keyFile: string
  readonly passphraseFile: string | undefined
  /** A certificate with another kind of key. `optional`: it need not be there. */
  readonly second: {
    readonly certFile: string
    readonly keyFile: string
    readonly passphraseFile: string | undefined
    readonly optional: boolean
  }
}

export interface CoreSettings extends HostPort {
  readonly protocol: 's2s' | 'component'
  /** How the component protocol is spoken; undefined: it is not. */
  readonly component: ComponentSettings | undefined
  /** Any one of these proves the core: a CA or its own certificate in a PEM file, or an SPKI pin. Empty: nothing in plaintext does. */
  readonly trust: ProofSettings
  /** CIDR, for `networkSet`. */
  readonly networks: readonly string[]
  /** Where remote users are led; undefined: nowhere. */
  readonly clients: ClientsSettings | undefined
}

/** The port of the core for clients. */
export interface ClientsSettings extends HostPort {
  readonly tls: 'starttls' | 'direct' | 'none'
  readonly trust: ProofSettings
  /** It is told by PROXY protocol where a client comes from. */
  readonly proxyProtocol: boolean
  /** CIDR, for `networkSet`: where plaintext may go with `none`, loopback included. */
  readonly plaintextNetworks: readonly string[]
}

export interface TrustSettings {
  readonly anchors: 'system' | readonly string[]
  /** PEM files. */
  readonly intermediates: readonly string[]
  /** From where certificates say that those of their issuers lie. */
  readonly fetchIssuers: boolean
  /** OIDs. */
  readonly certificatePolicies: readonly string[]
  readonly extendedKeyUsage: Purposes
  readonly revocation: RevocationMode
  readonly certificateChange: CertificateChange
  /** After so long at most a partner proves its name anew; undefined: never. */
  readonly reauthenticateMs: number | undefined
  /** Is asked in place of the responders that certificates name. */
  readonly responder: string | undefined
  /** A directory. */
  readonly crls: string | undefined
  readonly fetch: boolean
  /** CIDR, for `networkSet`. */
  readonly fetchFrom: readonly string[]
  /** Log-in of users by certificate; undefined: there is none. */
  readonly cards: CardsSettings | undefined
}

export interface ComponentSettings {
  readonly connections: 'per-domain' | 'one'
  readonly secretFile: string
  readonly tls: 'direct' | 'none'
  /** CIDR, for `networkSet`: where plaintext may go, loopback included. */
  readonly plaintextNetworks: readonly string[]
}

export interface ListenAddress {
  /** An IP address without brackets; undefined: all addresses. */
  readonly host: string | undefined
  readonly port: number
  /** How TLS begins. */
  readonly tls: 'starttls' | 'direct'
  /** Balancers, CIDR, for `networkSet`: what connects from there says by PROXY protocol whose connection it is. */
  readonly proxyProtocol: readonly string[]
}

const LOOPBACK = ['127.0.0.0/8', '::1/128']

/** A checked file → settings, without a policy of their own. `root` is the directory that holds `federation-config/`, `certs/` and `var/`. */
export function toSettings(read: GatewayFile, root: string): Settings {
  const path = (name: string): string => resolve(root, name)
  return {
    domains: Object.entries(read.domains).map(([domain, files]) => ownDomain(domain, files, path)),
    core: {
      protocol: read.core.protocol,
      ...read.core.address,
      component: componentOf(read.core, path),
      trust: proofsOf(read.core.trust, path),
      networks:
        read.core.networks ?? (read.core.protocol === 's2s' && isLoopback(read.core.address.host) ? LOOPBACK : []),
      clients: clientsOf(read.core, path),
    },
    listen: {
      federation: read.listen.federation.map(({ host, port, tls, proxyProtocol }) => ({
        host,
        port,
        tls,
        proxyProtocol,
      })),
      remote: read.listen.remote.map(toRemoteAddress),
      core: read.listen.core.map(({ host, port, tls }) => ({ host, port, tls, proxyProtocol: [] })),
      ...(read.listen.admin === undefined ? {} : { admin: read.listen.admin }),
    },
    federation: { ...read.federation, fips: read.federation.fips ?? PROFILES[read.federation.profile].fips.is },
    trust: {
      anchors: read.trust.anchors === 'system' ? 'system' : read.trust.anchors.map((name) => path(name)),
      intermediates: read.trust.intermediates.map((name) => path(name)),
      fetchIssuers: read.trust.fetchIssuers,
      certificatePolicies: read.trust.certificatePolicies,
      extendedKeyUsage: read.trust.extendedKeyUsage,
      revocation: read.trust.revocation,
      certificateChange: read.trust.certificateChange,
      reauthenticateMs: read.trust.reauthenticate,
      responder: read.trust.responder,
      crls: read.trust.crls === undefined ? undefined : path(read.trust.crls),
      fetch: read.trust.fetch,
      fetchFrom: read.trust.fetchFrom,
      cards: read.trust.cards && toCards(read.trust.cards, path),
    },
    store: { kind: 'sqlite', file: path(read.store) },
    dns: {
      servers: read.dns.servers,
      timeoutMs: read.dns.timeout,
      cacheMs: read.dns.cache,
      negativeCacheMs: read.dns.negativeCache,
      staleMs: read.dns.stale,
    },
    administration: {
      notice: read.administration.notice ?? NOTICES[PROFILES[read.federation.profile].notice.is],
    },
    clock: read.clock,
    log: { servers: toLogServers(read.log, path) },
    limits: toLimits(read.limits),
    policy: NO_POLICY,
    evaluation: read.evaluation,
  }
}

function ownDomain(
  domain: string,
  { certificate, key, passphraseFile, second }: GatewayFile['domains'][string],
  path: (name: string) => string,
): OwnDomain {
  const certFile = path(certificate ?? join('certs', domain, 'fullchain.pem'))
  const keyFile = path(key ?? join('certs', domain, 'privkey.pem'))
  const passphrase = passphraseFile === undefined ? undefined : path(passphraseFile)
  return {
    ...{ domain, certFile, keyFile, passphraseFile: passphrase },
    second: second
      ? {
          certFile: path(second.certificate),
          keyFile: path(second.key),
          passphraseFile: second.passphraseFile === undefined ? undefined : path(second.passphraseFile),
          optional: false,
        }
      : {
          certFile: join(dirname(certFile), 'fullchain-rsa.pem'),
          keyFile: join(dirname(keyFile), 'privkey-rsa.pem'),
          passphraseFile: passphrase,
          optional: true,
        },
  }
}

function componentOf(core: GatewayFile['core'], path: (name: string) => string): ComponentSettings | undefined {
  const { protocol, connections = 'per-domain', secretFile = '', tls = 'none', plaintextNetworks = [] } = core
  if (protocol !== 'component') return undefined
  return { connections, secretFile: path(secretFile), tls, plaintextNetworks: [...LOOPBACK, ...plaintextNetworks] }
}

function clientsOf(
  { clients, trust }: GatewayFile['core'],
  path: (name: string) => string,
): ClientsSettings | undefined {
  if (clients === undefined) return undefined
  const { address, tls, proxyProtocol, plaintextNetworks = [] } = clients
  return {
    ...address,
    ...{ tls, proxyProtocol },
    trust: proofsOf(clients.trust ?? trust, path),
    plaintextNetworks: [...LOOPBACK, ...plaintextNetworks],
  }
}

const SETTINGS = [
  'domains',
  'core',
  'listen',
  'federation',
  'trust',
  'store',
  'dns',
  'administration',
  'clock',
  'log',
  'limits',
  'policy',
  'evaluation',
] as const satisfies readonly (keyof Settings)[]

/** What a running gateway cannot change: listeners, the store, the lab. */
const NEEDS_RESTART = ['listen', 'store', 'evaluation'] as const

/** The top-level settings in which two values differ. */
export function changedSettings(before: Settings, after: Settings): readonly (keyof Settings)[] {
  return SETTINGS.filter((key) => !isDeepStrictEqual(before[key], after[key]))
}

/**
 * New settings for a gateway that runs: what applies live is taken over, the rest stays as it is until a restart.
 * `needsRestart` names what waits.
 */
export function applyLive(
  running: Settings,
  wanted: Settings,
): { readonly settings: Settings; readonly needsRestart: readonly string[] } {
  const waits = changedSettings(running, wanted).filter((key) => NEEDS_RESTART.some((other) => other === key))
  const { listen, store, evaluation } = running
  return { settings: { ...wanted, listen, store, evaluation }, needsRestart: waits }
}
