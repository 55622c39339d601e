// A connection from a listed balancer, until it is known whose it is: reads the PROXY protocol header and nothing behind
// it, whatever the pieces it comes in.
//
// Rule 1: what follows the header goes back into the socket, so that STARTTLS and direct TLS find it as from a client.
// Rule 2: a balancer that speaks for itself and says no word behind its header, or no word at all, is a health check.
// COMPAT: HAProxy 2.6 speaks for itself by its own address in version 1, instead of UNKNOWN.

import type { Duplex } from 'node:stream'
import { readProxyHeader } from './proxy-header.ts'

export type ProxyOutcome =
  /** `client`: the real address; undefined where the balancer speaks for itself. */
  | { readonly kind: 'introduced'; readonly client: string | undefined }
  | { readonly kind: 'probe' }
  | { readonly kind: 'refused'; readonly reason: 'SP-206' | 'SP-207'; readonly detail: string }

/** `balancer`: its address. Resolves when it is known whose connection it is, or that it goes no further. Never rejects; the socket is paused then. */
export function introduced(socket: Duplex, balancer: string, timeoutMs: number): Promise<ProxyOutcome> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0)
    /** The header is there and names nobody: is it more than a health check? */
    let nameless = false

    const settle = (outcome: ProxyOutcome): void => {
      clearTimeout(timer)
      socket.pause()
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
      if (outcome.kind === 'introduced' && received.length > 0) socket.unshift(received)
      resolve(outcome)
    }
    const refuse = (reason: 'SP-206' | 'SP-207', detail: string): void => settle({ kind: 'refused', reason, detail })
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      if (nameless) return settle({ kind: 'introduced', client: undefined })
      const reading = readProxyHeader(received)
      switch (reading.kind) {
        case 'more':
          return undefined
        case 'faulty':
          return refuse('SP-206', reading.detail)
        case 'header': {
          const client = reading.client === balancer ? undefined : reading.client
          received = received.subarray(reading.bytes)
          nameless = client === undefined
          if (!nameless || received.length > 0) settle({ kind: 'introduced', client })
        }
      }
    }
    const onEnd = (): void => {
      if (nameless || received.length === 0) settle({ kind: 'probe' })
      else refuse('SP-206', `ended after ${received.length} bytes of a header`)
    }
    const timer = setTimeout(() => {
      if (nameless) settle({ kind: 'probe' })
      else refuse('SP-207', `${received.length} bytes of a header within ${timeoutMs} ms`)
    }, timeoutMs)
    socket.on('data', onData).on('end', onEnd).on('close', onEnd)
  })
}
