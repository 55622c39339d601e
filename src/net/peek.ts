// Reads what a TLS client says first, and leaves it in the socket, so that TLS finds it as if nobody had looked.
//
// COMPAT: Node's SNICallback can put one certificate of a context in place, and not the other one of another kind of key.

import type { Duplex } from 'node:stream'
import { type ClientHello, LARGEST_HELLO_BYTES, readClientHello } from './client-hello.ts'

/**
 * Resolves with what the client says, or with undefined when that is nothing we can read; TLS will say what is wrong with
 * it. Never rejects. The deadline is that of the connection: when that is cut, this is over too.
 */
export function peekHello(socket: Duplex): Promise<ClientHello | undefined> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0)
    const settle = (hello: ClientHello | undefined): void => {
      socket.pause()
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
      if (received.length > 0 && !socket.destroyed) socket.unshift(received)
      resolve(hello)
    }
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const reading = readClientHello(received)
      if (reading.kind === 'hello') settle(reading.hello)
      else if (reading.kind === 'unknown' || received.length > LARGEST_HELLO_BYTES) settle(undefined)
    }
    const onEnd = (): void => settle(undefined)
    socket.on('data', onData).on('end', onEnd).on('close', onEnd)
    socket.resume()
  })
}
