// A socket as TLS is to read it: by the piece. Node's TLS takes what it reads from a socket of its own into a first buffer of
// 64 KiB, and keeps that for as long as the connection lasts; of any other stream, one as large as what there is to read.
//
// Rule: it has nothing of a stream but the looks. What is asked of it is asked of the socket, and what happens to the socket
//       happens to it: a queue of its own, in either direction, would cost a log-in a tenth more time.

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

export class ByThePiece extends Duplex {
  readonly #socket: Socket

  /** `socket`: nobody else reads it, writes to it or ends it from here on; when it is gone, so is this. */
  constructor(socket: Socket) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    socket
      .on('data', (piece: Buffer) => this.emit('data', piece))
      .on('end', () => this.emit('end'))
      .on('error', (error) => this.emit('error', error))
      .on('close', () => {
        // What was read to its end is not over before TLS has handed it on.
        if (!socket.readableEnded || socket.errored) this.emit('close')
      })
  }

  override pause(): this {
    this.#socket.pause()
    return this
  }

  override resume(): this {
    this.#socket.resume()
    return this
  }

  override cork(): void {
    this.#socket.cork()
  }

  override uncork(): void {
    this.#socket.uncork()
  }

  override write(bytes: Buffer, done?: Done | BufferEncoding): boolean {
    return this.#socket.write(bytes, typeof done === 'function' ? done : undefined)
  }

  override end(done?: unknown): this {
    this.#socket.end(typeof done === 'function' ? () => void done() : undefined)
    return this
  }

  override destroy(): this {
    this.#socket.destroy()
    return this
  }
}
