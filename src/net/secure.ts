// TLS on an open connection, for both roles (RFC 6120 §5).
//
// SECURITY: the certificate is asked for and not judged here: whether it proves the name is `trust/`'s to say, with our
// anchors, our idea of purpose, and the domain instead of the host. A resumed session would show no certificate at all.

import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { connect, TLSSocket } from 'node:tls'
import type { Identity } from '../trust/identity.ts'
import { type Failure, tlsFailure } from './failure.ts'

export interface TlsInfo {
  readonly version: string
  readonly cipher: string
  /** The key-exchange group; undefined where Node does not tell: on the receiving side, and for hybrid groups. */
  readonly group: string | undefined
}

export type Secured =
  | { readonly ok: true; readonly socket: TLSSocket; readonly tls: TlsInfo }
  | ({ readonly ok: false } & Failure)

export interface SecureOptions {
  readonly role: 'receiving' | 'initiating'
  readonly identity: Identity
  /** The domain that is asked for; sent as SNI unless it is an address. */
  readonly remote: string
}

/** Starts the handshake. The socket's further life, errors included, is that of the one given back. */
export function startTls(socket: Socket, { role, identity, remote }: SecureOptions): TLSSocket {
  if (role === 'receiving') {
    return new TLSSocket(socket, {
      isServer: true,
      secureContext: identity.context,
      requestCert: true,
      rejectUnauthorized: false,
    })
  }
  const name = remote.startsWith('[') || isIP(remote) > 0 ? '' : remote // RFC 6066 §3: no literal addresses
  return connect({
    socket,
    secureContext: identity.context,
    servername: name,
    rejectUnauthorized: false,
  })
}

/** Resolves when the handshake is done or has failed. */
export function handshake(socket: TLSSocket, role: SecureOptions['role']): Promise<Secured> {
  return new Promise((resolve) => {
    const fail = (failure: Failure): void => resolve({ ok: false, ...failure })
    const onError = (error: unknown): void => fail(tlsFailure(error))
    socket.once('error', onError)
    socket.once('end', () => fail({ reason: 'SP-355', detail: 'ended during the handshake' }))
    socket.once('close', () => fail({ reason: 'SP-355', detail: 'closed during the handshake' }))
    socket.once(role === 'receiving' ? 'secure' : 'secureConnect', () => {
      // SECURITY: a peer that renegotiates could swap its certificate after it was checked. RFC 6120 §5.3.4
      socket.disableRenegotiation()
      const version = socket.getProtocol() ?? ''
      if (version !== 'TLSv1.3' && version !== 'TLSv1.2') return fail({ reason: 'SP-353', detail: version })
      if (socket.isSessionReused()) return fail({ reason: 'SP-358', detail: '' })
      resolve({ ok: true, socket, tls: { version, cipher: socket.getCipher().name, group: groupOf(socket) } })
    })
  })
}

function groupOf(socket: TLSSocket): string | undefined {
  const key: object | null = socket.getEphemeralKeyInfo()
  return key && 'name' in key && typeof key.name === 'string' && key.name !== '' ? key.name : undefined
}
