// Passes connections on, octet by octet, until they are cut: what stands behind it can end as a program does, with every
// connection it had.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Relay implements AsyncDisposable {
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  private constructor(host: string, to: number) {
    this.#server = createServer((socket) => {
      const further = connect({ host, port: to })
      for (const [one, other] of [
        [socket, further],
        [further, socket],
      ] as const) {
        this.#sockets.add(one)
        one.pipe(other)
        // A connection that is cut ends both of its halves.
        one.on('error', () => other.destroy())
        one.on('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
      }
    })
  }

  /** Takes connections at one port and passes them on to another. */
  static async open(host: string, port: number, to: number): Promise<Relay> {
    const relay = new Relay(host, to)
    relay.#server.listen(port, host)
    await once(relay.#server, 'listening')
    return relay
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }
}
