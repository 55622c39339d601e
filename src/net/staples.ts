// OCSP staples: what a responder said of a certificate, sent along in the handshake by whoever shows it. RFC 6066 §8.

import type { TLSSocket } from 'node:tls'

const staples = new WeakMap<TLSSocket, Buffer>()

/** Keeps the staple that comes on a connection of ours, if one does. */
export function keepingStaple(socket: TLSSocket): TLSSocket {
  socket.once('OCSPResponse', (staple: Buffer | null) => {
    if (staple && staple.length > 0) staples.set(socket, staple)
  })
  return socket
}

/** What came in the handshake. */
export const stapleOf = (socket: TLSSocket): Buffer | undefined => staples.get(socket)
