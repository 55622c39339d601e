// A look at a server as a partner sees it: connects, begins TLS, takes note of what is shown, and goes. Nothing is proven
// and nothing is believed.
//
// Rule 1: one look, one version of TLS, with or without SNI: what a server shows may depend on both.
// Rule 2: no word is said inside TLS.

import type { Socket } from 'node:net'
import { connect } from 'node:tls'
import { elementKind } from '../stream/elements.ts'
import type { TlsInfo, TlsStart } from '../stream/types.ts'
import { peerChain } from '../trust/peer-chain.ts'
import { BEFORE_AUTHENTICATION } from '../xml/limits.ts'
import { Scanner } from '../xml/scanner.ts'
import { streamHeader } from '../xml/write.ts'
import { toUnicodeDomain } from '../xmpp/domain.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { connectTo } from './connect.ts'
import type { Failure } from './failure.ts'
import { handshake } from './secure.ts'
import { keepingStaple, stapleOf } from './staples.ts'

export interface LookOptions {
  /** An IP address. */
  readonly host: string
  readonly port: number
  readonly tls: TlsStart
  /** Whom the stream is for, canonical. */
  readonly domain: string
  /** Who we say we are; nobody, since nothing is proven: a name below `invalid` (RFC 6761 §6.4). */
  readonly from: string
  /** Say the domain as SNI? */
  readonly sni: boolean
  readonly version: 'TLSv1.2' | 'TLSv1.3'
  /** As a peer that verifies no signatures but those of RSA. */
  readonly rsaOnly?: boolean
  /** For everything together. */
  readonly timeoutMs: number
}

export type Look =
  | {
      readonly ok: true
      readonly tls: TlsInfo
      /** DER, in the order sent. */
      readonly chain: readonly Buffer[]
      /** An OCSP response that came along. RFC 6066 §8 */
      readonly staple: Buffer | undefined
    }
  | ({ readonly ok: false } & Failure)

const RSA = 'rsa_pss_rsae_sha256:rsa_pkcs1_sha256'

/** Looks once. Never rejects. */
export async function look(options: LookOptions): Promise<Look> {
  const { host, port, timeoutMs } = options
  const signal = AbortSignal.timeout(timeoutMs)
  const connected = await connectTo({ host, port, timeoutMs, localAddress: undefined, signal })
  if (!connected.ok) return { ok: false, ...connected.lost }
  const socket = connected.won
  const late = Promise.withResolvers<Look>()
  const tooLate = (): void => late.resolve(failed('SP-354', `not done within ${timeoutMs} ms`))
  signal.addEventListener('abort', tooLate, { once: true })
  try {
    return await Promise.race([late.promise, lookOver(socket, options)])
  } finally {
    signal.removeEventListener('abort', tooLate)
    socket.destroy()
  }
}

async function lookOver(plain: Socket, { tls, domain, from, sni, version, rsaOnly }: LookOptions): Promise<Look> {
  const fault = tls === 'starttls' ? await askForTls(plain, domain, from) : undefined
  if (fault) return { ok: false, ...fault }
  const socket = keepingStaple(
    connect({
      socket: plain,
      servername: sni ? domain : '',
      rejectUnauthorized: false,
      requestOCSP: true,
      minVersion: version,
      maxVersion: version,
      ...(rsaOnly === true ? { sigalgs: RSA } : {}),
      ...(tls === 'direct' ? { ALPNProtocols: ['xmpp-server'] } : {}),
    }),
  )
  const secured = await handshake(socket, 'initiating')
  socket.on('error', () => {}) // What comes after the look is of no interest.
  if (!secured.ok) return secured
  const seen: Look = { ok: true, tls: secured.tls, chain: peerChain(socket), staple: stapleOf(socket) }
  socket.destroy()
  return seen
}

/** RFC 6120 §5.4.2: the header, the features, `<starttls/>` and `<proceed/>`. Undefined: TLS may begin. */
function askForTls(socket: Socket, domain: string, from: string): Promise<Failure | undefined> {
  const { promise, resolve } = Promise.withResolvers<Failure | undefined>()
  const scanner = new Scanner(BEFORE_AUTHENTICATION)
  const onData = (bytes: Buffer): void => {
    scanner.push(bytes)
    for (let event = scanner.next(); event; event = scanner.next()) {
      if (event.kind === 'header') continue
      if (event.kind !== 'frame') return resolve(failed('SP-352', `no STARTTLS: ${event.kind}`))
      const kind = elementKind(event.frame)
      if (kind === 'features') socket.write(`<starttls xmlns='${NS.tls}'/>`)
      else
        return resolve(
          kind === 'proceed' ? undefined : failed('SP-352', `no STARTTLS: ${event.frame.bytes.toString('utf8')}`),
        )
    }
  }
  const onEnd = (): void => resolve(failed('SP-355', 'ended before TLS'))
  socket.on('data', onData)
  socket.once('end', onEnd)
  socket.once('close', onEnd)
  socket.write(streamHeader({ to: toUnicodeDomain(domain), from }))
  return promise.finally(() => {
    socket.off('data', onData)
    socket.off('end', onEnd)
    socket.off('close', onEnd)
    socket.pause()
  })
}

const failed = (reason: ReasonId, detail: string): { readonly ok: false } & Failure => ({ ok: false, reason, detail })
