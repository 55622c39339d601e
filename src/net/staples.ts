// OCSP staples: what a responder said of a certificate, sent along in the handshake by whoever shows it. RFC 6066 §8.

import { createServer, type Server, type TLSSocket } from 'node:tls'
import { type Identity, keyKindOf } from '../trust/identity.ts'
import type { Certificate } from '../trust/certificate.ts'
import type { ClientHello } from './client-hello.ts'

const received = new WeakMap<TLSSocket, Buffer>()

/** Keeps the staple that comes on a connection of ours, if one does. */
export function keepingStaple(socket: TLSSocket): TLSSocket {
  socket.once('OCSPResponse', (staple: Buffer | null) => {
    if (staple && staple.length > 0) received.set(socket, staple)
  })
  return socket
}

/** What came in the handshake. */
export const stapleOf = (socket: TLSSocket): Buffer | undefined => received.get(socket)

/** What a `TLSSocket` takes as its `server` to be asked for a staple. It never listens. */
interface Sender extends Server {
  /** Whose it is. */
  socket?: TLSSocket
}

const senders = new WeakMap<Buffer, Server>()

/** @param make is given the `server` of the socket that it makes, by which a client that wants the staple gets it */
export function sending(staple: Buffer, make: (server: Server) => TLSSocket): TLSSocket {
  // One for each socket that has all from the one for the staple: a whole server takes longer to make than a signature.
  const sender: Sender = Object.create(senderOf(staple))
  sender.socket = make(sender)
  return sender.socket
}

function senderOf(staple: Buffer): Server {
  const known = senders.get(staple)
  if (known) return known
  const server = createServer({})
  server.on('OCSPRequest', function answer(this: Sender, _certificate, _issuer, reply: Reply) {
    reply(null, staple)
    again(this.socket, staple)
  })
  senders.set(staple, server)
  return server
}

type Reply = (error: Error | null, staple: Buffer) => void

/**
 * A client whose share of a key is of no group of ours says hello a second time (RFC 8446 §4.1.4), and OpenSSL then wants the
 * staple a second time. Node tells of the first time alone and gives the staple away with it, so it is laid there once more.
 * There is no public way to do that; where Node has the private one no longer, no staple goes out, as before.
 */
function again(socket: TLSSocket | undefined, staple: Buffer): void {
  const handle: unknown = socket && Reflect.get(socket, '_handle')
  if (takesStaples(handle)) handle.setOCSPResponse(staple)
}

const takesStaples = (handle: unknown): handle is { setOCSPResponse(staple: Buffer): void } =>
  typeof handle === 'object' && handle !== null && 'setOCSPResponse' in handle

/** Must be known what the client says, so that the right staple goes out? */
export function dependsOnClient({ staples }: Identity): boolean {
  return staples.length > 1 && staples.some((staple) => staple.at(Date.now()))
}

/** What to send along with what is shown to such a client: nothing where that is not certain. */
export function stapleFor({ staples }: Identity, hello: ClientHello | undefined): Buffer | undefined {
  const [only, ...others] = staples
  if (others.length === 0) return only?.at(Date.now())
  const shown = hello && shownTo(hello, staples)
  return shown?.at(Date.now())
}

/** The one that OpenSSL will pick. With TLS 1.2 that depends on ciphers too, so only what leaves it no choice is certain. */
function shownTo<T extends { readonly certificate: Certificate }>(
  { modern, schemes, choosy }: ClientHello,
  all: readonly T[],
): T | undefined {
  if (choosy) return undefined
  const usable = all.filter(({ certificate }) => schemesOf(certificate, modern).some((one) => schemes.includes(one)))
  if (usable.length === 1) return usable[0]
  // Both will do: in the order of OpenSSL, EC comes before RSA.
  return modern ? usable.find(({ certificate }) => keyKindOf(certificate) === 'ec') : undefined
}

const ECDSA: Readonly<Record<string, number>> = { prime256v1: 0x0403, secp384r1: 0x0503, secp521r1: 0x0603 }

/** The signatures that can be made with its key. RFC 8446 §4.2.3; only TLS 1.3 binds a curve to a hash. */
function schemesOf(certificate: Certificate, modern: boolean): readonly number[] {
  const { asymmetricKeyType: kind, asymmetricKeyDetails } = certificate.x509.publicKey
  if (kind === 'ec') return modern ? [ECDSA[asymmetricKeyDetails?.namedCurve ?? ''] ?? 0] : Object.values(ECDSA)
  if (kind === 'ed25519') return [0x0807]
  if (kind === 'ed448') return [0x0808]
  return modern ? [0x0804, 0x0805, 0x0806] : [0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601]
}
