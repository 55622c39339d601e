// TLS on an open connection, for both roles: within a stream (RFC 6120 §5) or from the first byte (XEP-0368).
//
// SECURITY: the certificate is asked for and not judged here: whether it proves the name is `trust/`'s to say, with our
// anchors, our idea of purpose, and the domain instead of the host. A resumed session would show no certificate at all.

import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect, type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls'
import type { TlsEffect, TlsInfo } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { ClientHello } from './client-hello.ts'
import { type Failure, heedless, tlsFailure } from './failure.ts'
import type { Party } from './party.ts'
import { peekHello } from './peek.ts'
import { dependsOnClient, keepingStaple, sending, stapleFor } from './staples.ts'

export type Secured =
  | { readonly ok: true; readonly socket: TLSSocket; readonly tls: TlsInfo }
  | ({ readonly ok: false } & Failure)

const AS_SERVER = { isServer: true, requestCert: true, rejectUnauthorized: false } as const
/** XEP-0368 §3. A peer that knows no ALPN is met all the same; one that wants another protocol is not. RFC 7301 §3.2 */
const ALPN = alpnOf(['xmpp-server'])
const CLIENT_ALPN = alpnOf(['xmpp-client'])

/**
 * Protocols as ALPN spells them (RFC 7301 §3.1). A connection keeps a copy for as long as it lasts: of a view in memory of its
 * own; of a list Node makes one in memory that many share, all of which the connection would hold.
 */
export function alpnOf(protocols: readonly string[]): DataView {
  return new DataView(Uint8Array.from(protocols.flatMap((name) => [name.length, ...Buffer.from(name)])).buffer)
}

/**
 * Starts the handshake on the socket it is given, whose further life, errors included, is that of the one given back.
 * Undefined when the client was gone before it said anything.
 */
export type Wrap = (plain: Socket) => TLSSocket | Promise<TLSSocket | undefined>

/**
 * What secures a connection of this party. `known`: what we show, where that has been found already. Undefined when we
 * have nothing to show.
 */
export async function tlsFor(party: Party, effect: TlsEffect, known: Identity | undefined): Promise<Wrap | undefined> {
  if (effect.kind === 'accept-tls') {
    const identity = party.greet?.(undefined)
    return identity && ((plain) => acceptDirect(plain, identity, (servername) => party.greet?.(servername)))
  }
  const { pair, alpn = true } = effect
  const identity = known ?? (await party.identity(pair))
  if (party.role === 'receiving') return (plain) => accept(plain, identity)
  return (plain) =>
    keepingStaple(
      connect({
        socket: plain,
        secureContext: identity.context,
        servername: nameOf(pair.remote),
        rejectUnauthorized: false,
        requestOCSP: true,
        ...(party.tls === 'direct' && alpn ? { ALPNProtocols: ALPN } : {}),
      }),
    )
}

/** The server's part within a stream. */
function accept(plain: Socket, identity: Identity): ReturnType<Wrap> {
  return dependsOnClient(identity) ? acceptKnown(plain, () => identity) : asServer(plain, identity, undefined, {})
}

/** The server's part of direct TLS: shows what `choose` has for the name that the client asks for, else `identity`. */
function acceptDirect(
  plain: Socket,
  identity: Identity,
  choose: (servername: string) => Identity | undefined,
): ReturnType<Wrap> {
  const asked = ({ servername }: ClientHello): Identity | undefined =>
    servername === undefined ? undefined : choose(servername)
  return acceptKnown(plain, (hello) => (hello && asked(hello)) ?? identity, { ALPNProtocols: ALPN })
}

/** What a client of remote users is met with. */
export interface ClientSide {
  readonly identity: Identity
  /** Direct TLS: what to show for the name that the client asks for. */
  choose?(servername: string): Identity | undefined
  /** More of the handshake, such as that a certificate is asked for; by default none is. */
  readonly options?: TLSSocketOptions
}

/** RFC 6120 §5 within a stream; with `choose`, TLS from the first byte (XEP-0368). */
export function acceptClient(plain: Socket, { identity, choose, options = {} }: ClientSide): ReturnType<Wrap> {
  const asking = { requestCert: false, ...options }
  if (!choose) return acceptKnown(plain, () => identity, asking)
  const shown = (hello: ClientHello | undefined): Identity =>
    (hello?.servername === undefined ? undefined : choose(hello.servername)) ?? identity
  return acceptKnown(plain, shown, { ALPNProtocols: CLIENT_ALPN, ...asking })
}

/** Our part towards the client port of the core. */
export function connectAsClient(plain: Duplex, domain: string, context: SecureContext, direct: boolean): TLSSocket {
  return connect({
    socket: plain,
    secureContext: context,
    servername: nameOf(domain),
    rejectUnauthorized: false,
    ...(direct ? { ALPNProtocols: CLIENT_ALPN } : {}),
  })
}

/** Looks at what the client says before TLS begins. */
async function acceptKnown(
  plain: Socket,
  choose: (hello: ClientHello | undefined) => Identity,
  options: TLSSocketOptions = {},
): Promise<TLSSocket | undefined> {
  const hello = await peekHello(plain)
  if (plain.destroyed || plain.readableEnded) return undefined
  return asServer(plain, choose(hello), hello, options)
}

function asServer(
  plain: Socket,
  identity: Identity,
  hello: ClientHello | undefined,
  options: TLSSocketOptions,
): TLSSocket {
  const staple = stapleFor(identity, hello)
  const secured = { ...AS_SERVER, ...options, secureContext: identity.context }
  return staple
    ? sending(staple, (server) => new TLSSocket(plain, { ...secured, server }))
    : new TLSSocket(plain, secured)
}

/** The domain as SNI, which has no literal addresses. RFC 6066 §3 */
const nameOf = (domain: string): string => (domain.startsWith('[') || isIP(domain) > 0 ? '' : domain)

export const GONE: Secured = { ok: false, reason: 'SP-355', detail: 'ended before the handshake' }

/** Resolves when the handshake is done, as it may be already, or has failed. */
export function handshake(socket: TLSSocket, role: Party['role']): Promise<Secured> {
  return new Promise((resolve) => shakeHands(socket, role, resolve))
}

/**
 * Calls `over` when the handshake is done, as it may be already, or has failed: within its end, so that what is written then
 * leaves with that. Nothing of it stays on the socket but that errors are nobody's bug.
 */
export function shakeHands(socket: TLSSocket, role: Party['role'], over: (secured: Secured) => void): void {
  if (socket.getFinished() !== undefined && !socket.destroyed) return over(securedBy(socket))
  const done = role === 'receiving' ? 'secure' : 'secureConnect'
  const settle = (secured: Secured): void => {
    socket.off('error', onError).off('end', onEnd).off('close', onClose).off(done, onDone)
    over(secured)
  }
  const fail = (failure: Failure): void => settle({ ok: false, ...failure })
  const onError = (error: unknown): void => fail(tlsFailure(error))
  const onEnd = (): void => fail({ reason: 'SP-355', detail: 'ended during the handshake' })
  const onClose = (): void => fail({ reason: 'SP-355', detail: 'closed during the handshake' })
  const onDone = (): void => settle(securedBy(socket))
  socket.on('error', heedless).on('error', onError).on('end', onEnd).on('close', onClose).on(done, onDone)
}

function securedBy(socket: TLSSocket): Secured {
  // SECURITY: a peer that renegotiates could swap its certificate after it was checked. RFC 6120 §5.3.4
  socket.disableRenegotiation()
  const version = socket.getProtocol() ?? ''
  if (version !== 'TLSv1.3' && version !== 'TLSv1.2') return { ok: false, reason: 'SP-353', detail: version }
  if (socket.isSessionReused()) return { ok: false, reason: 'SP-358', detail: '' }
  return { ok: true, socket, tls: { version, cipher: socket.getCipher().name, group: groupOf(socket) } }
}

function groupOf(socket: TLSSocket): string | undefined {
  const key: object | null = socket.getEphemeralKeyInfo()
  return key && 'name' in key && typeof key.name === 'string' && key.name !== '' ? key.name : undefined
}
