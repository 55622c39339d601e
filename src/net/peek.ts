// Reads what a client says first, and leaves it in the socket, so that whoever reads it then finds it as if nobody had looked.
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
    // Put together only when they can be enough, so that a byte at a time costs no more than all at once.
    const chunks: Buffer[] = []
    let length = 0
    let least = 0
    const settle = (hello: ClientHello | undefined): void => {
      socket.pause()
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
      if (length > 0 && !socket.destroyed) socket.unshift(Buffer.concat(chunks))
      resolve(hello)
    }
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      length += chunk.length
      if (length < least && length <= LARGEST_HELLO_BYTES) return
      const reading = readClientHello(Buffer.concat(chunks))
      if (reading.kind === 'hello') settle(reading.hello)
      else if (reading.kind === 'unknown' || length > LARGEST_HELLO_BYTES) settle(undefined)
      else least = reading.least
    }
    const onEnd = (): void => settle(undefined)
    socket.on('data', onData).on('end', onEnd).on('close', onEnd)
    socket.resume()
  })
}

/** Resolves with the first byte that comes, or with undefined when none does. Never rejects; the deadline is that of the connection. */
export function peekByte(socket: Duplex): Promise<number | undefined> {
  return new Promise((resolve) => {
    const settle = (chunk?: Buffer): void => {
      socket.pause()
      socket.off('data', settle).off('end', onEnd).off('close', onEnd)
      if (chunk && !socket.destroyed) socket.unshift(chunk)
      resolve(chunk?.[0])
    }
    const onEnd = (): void => settle()
    socket.on('data', settle).on('end', onEnd).on('close', onEnd)
    socket.resume()
  })
}
