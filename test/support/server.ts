// What tests want of a real XMPP server, whichever it is: domains with users and rooms, a certificate, a DNS view, one
// address. `prosody.ts` and `ejabberd.ts` make one. Limits and shapers are off in both, so that time is the gateway's.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, writeIdentity } from './pki.ts'
import type { Issued } from './pki.ts'
import type { Cleanup, Log } from './program.ts'

/** Everybody's password. */
export const PASSWORD = 'sesame'

export interface Host {
  readonly domain: string
  /** The room service: a domain below, under the same certificate. */
  readonly conference?: string
  readonly certificate: Issued
  readonly users: readonly string[]
}

export interface ServerOptions {
  /** Its own loopback address: 5222 for clients, 5269 for servers. */
  readonly address: string
  /** Address of its DNS server. */
  readonly dns: string
  /** Whom it trusts. */
  readonly anchors: readonly { readonly pem: string }[]
  readonly hosts: readonly Host[]
  /** With direct TLS for other servers too, on port 5270. Prosody only. */
  readonly directTls?: boolean
  /** External components that it serves, on port 5347; then it has no streams with other servers. */
  readonly components?: ComponentsOptions
  /** With streams that carry stanzas both ways (XEP-0288). Prosody only. */
  readonly bidi?: boolean
  /** Of one that was there before, whose users, contacts and words it takes over; absent: a new one. */
  readonly folder?: string
  /** `dialback`: whom no certificate proves, here or there, may do so by dialback. Default: certificate, and nothing else. */
  readonly proof?: 'certificate' | 'dialback'
  /** False: a server that knows no TLS, and does dialback in the clear with other servers. */
  readonly tls?: boolean
  /** Who vouches for users that log in by certificate (SASL EXTERNAL), PEM; Prosody then knows no passwords. */
  readonly usersCa?: string | undefined
  /** What a client may use and other tests do without: an archive (MAM), client states (CSI), and upload slots. */
  readonly extras?: boolean
  /** Clients may connect in every way at the ports of `CLIENT_PORTS`. */
  readonly everyWay?: boolean
  /** ejabberd only: the one SCRAM that it offers; default: SHA-1. Prosody offers both. */
  readonly scramHash?: 'sha256'
  /** ejabberd only: whoever enters a room that is not there makes it, from wherever they are; Prosody has it so. */
  readonly openRooms?: boolean
  /** ejabberd only: at the ports for clients a PROXY header comes first. */
  readonly proxyProtocol?: boolean
  /** ejabberd only: after so many failed log-ins an address is banned, unless it is one of `spared`, a network. */
  readonly bans?: { readonly failures: number; readonly spared?: string }
}

/** Where clients connect, by how TLS begins there. */
export const CLIENT_PORTS = { starttls: 5222, direct: 5223, none: 5225 } as const

export interface ComponentsOptions {
  readonly names: readonly string[]
  readonly secret: string
  /** ejabberd only: one connection gets the stanzas for all names (its default), or each for its own. */
  readonly connections: 'one' | 'per-domain'
  /** ejabberd only: a component may speak for any name. */
  readonly anySender?: boolean
  /** ejabberd only: with TLS from the first byte. */
  readonly tls?: boolean
}

export const COMPONENT_PORT = 5347

/** The service for upload slots of a domain, with `extras`. */
export const uploadOf = (domain: string): string => `upload.${domain}`

/** Where it takes and gives files by plain HTTP, with `extras`; what slots name is https:// of that service. */
export const UPLOAD_PORT = 5280

export type ServerKind = 'prosody' | 'ejabberd'

export interface XmppServer {
  readonly kind: ServerKind
  readonly address: string
  readonly log: Log
  /** Where everything it knows is. */
  readonly folder: string
  /** Connections from other servers that it has accepted so far. */
  inboundConnections(): number
  /** Pulls the plug; resolves when it is gone. Its users and rooms go with it. */
  kill(): Promise<void>
  /** Lets it end in good order; resolves when it is gone. */
  stop(): Promise<void>
  /** Lets it close its streams with other servers, in good order. */
  closeStreams(): Promise<void>
}

export type StartServer = (t: Cleanup, options: ServerOptions) => Promise<XmppServer>

export interface Prepared {
  readonly folder: string
  readonly anchorsFile: string
  /** Files per domain. */
  readonly identities: ReadonlyMap<string, { readonly certFile: string; readonly keyFile: string }>
}

/** A folder of the server's own with its certificates and anchors. */
export async function prepare(t: Cleanup, o: ServerOptions): Promise<Prepared> {
  const folder = o.folder ?? (await temporaryFolder(t))
  const identities = new Map<string, { certFile: string; keyFile: string }>()
  for (const [number, host] of o.hosts.entries()) {
    // Named by number: Erlang reads file names by the locale, and a domain need not be ASCII.
    identities.set(host.domain, await writeIdentity(join(folder, 'certs', String(number)), host.certificate))
  }
  await mkdir(join(folder, 'data'), { recursive: true })
  const anchorsFile = join(folder, 'anchors.pem')
  if (o.usersCa !== undefined) await writeFile(usersFileOf(folder), o.usersCa)
  await writeFile(anchorsFile, o.anchors.map((one) => one.pem).join(''))
  return { folder, anchorsFile, identities }
}

/** Where `usersCa` is. */
export const usersFileOf = (folder: string): string => join(folder, 'users.pem')
