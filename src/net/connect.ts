// One TCP connection, as streams need it: half-open, without delay, and watched by the kernel.

import { connect, type Socket } from 'node:net'
import { connectFailure, type Failure, heedless } from './failure.ts'

const KEEPALIVE_PROBE_MS = 60_000

/** What becomes of an attempt that is no longer wanted. */
export const CANCELLED: Failure = { reason: 'SP-217', detail: 'no longer wanted' }

export interface ConnectOptions {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  readonly localAddress: string | undefined
  readonly signal: AbortSignal
  /** It is read as it is, also where TLS is spoken over it (`client/by-the-piece.ts`): TLS does not take its place. */
  readonly plain?: boolean
}

/** Where those are read into, one after the other. */
const SHARED = Buffer.allocUnsafeSlow(65_536)

/** A TCP connection, or why there is none. Never rejects. */
export function connectTo(
  options: ConnectOptions,
): Promise<{ readonly ok: true; readonly won: Socket } | { readonly ok: false; readonly lost: Failure }> {
  const { host, port, timeoutMs, localAddress, signal, plain = false } = options
  if (signal.aborted) return Promise.resolve({ ok: false, lost: CANCELLED })
  return new Promise((resolve) => {
    const reading = plain ? new SharedReading() : undefined
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_PROBE_MS,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(reading && { onread: reading }),
    })
    if (reading) reading.socket = socket
    const settle = (lost: Failure | undefined): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      // Who has the socket now listens too, but not for ever; and the connection is to keep nothing of how it was made.
      socket.on('error', heedless).off('error', fail)
      if (lost) socket.destroy()
      resolve(lost ? { ok: false, lost } : { ok: true, won: socket })
    }
    const cancel = (): void => settle(CANCELLED)
    const fail = (error: unknown): void => settle(connectFailure(error))
    const timer = setTimeout(() => settle({ reason: 'SP-212', detail: `no answer within ${timeoutMs} ms` }), timeoutMs)
    signal.addEventListener('abort', cancel, { once: true })
    socket.on('error', fail).once('connect', () => settle(undefined))
  })
}

/** A connection lasts, and keeps this: so it is made out here, where it holds nothing of the attempt. */
class SharedReading {
  readonly buffer = SHARED
  socket: Socket | undefined

  readonly callback = (count: number): boolean => this.socket?.push(shared(count)) ?? true
}

/**
 * What was read last. By itself Node 26 keeps a buffer as large as that for nearly every read, until it is collected, where
 * others are read by TLS meanwhile: then the whole heap is looked through every second.
 */
function shared(count: number): Buffer {
  const own = Buffer.allocUnsafeSlow(count)
  SHARED.copy(own, 0, 0, count)
  return own
}
