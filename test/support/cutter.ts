// A wire between a test's client and a server, which can be cut after any byte, or swallow everything from some moment on.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Cutter implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** How many bytes from the client may pass; the rest of its connection is cut. */
  #after = Infinity
  #passed = 0
  #swallows = false

  private constructor(server: Server) {
    this.#server = server
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
    this.port = (server.address() as AddressInfo).port
  }

  static async open(to: { readonly host: string; readonly port: number }, host = '127.0.0.1', port = 0) {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
    const cutter = new Cutter(server)
    server.on('connection', (client) => cutter.#join(client, connect({ ...to, noDelay: true })))
    return cutter
  }

  /** Bytes of clients that have passed so far. */
  get passed(): number {
    return this.#passed
  }

  /** The next connection is cut, hard, once so many bytes of its client have passed. */
  cutAfter(bytes: number): void {
    this.#after = bytes
    this.#passed = 0
  }

  /** From now on nothing passes in either direction, and nobody is told. */
  swallow(): void {
    this.#swallows = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** From now on new connections are as good as any; those that were swallowed are gone. */
  heal(): void {
    this.#swallows = false
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, server: Socket): void {
    const cut = (): void => {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
      if (this.#swallows) socket.pause()
    }
    client.on('data', (bytes: Buffer) => {
      const pass = bytes.subarray(0, Math.max(0, this.#after - this.#passed))
      this.#passed += bytes.length
      // What passes arrives, even when the cut follows at once.
      if (this.#passed < this.#after) server.write(pass)
      else server.write(pass, () => setImmediate(cut))
    })
    server.on('data', (bytes: Buffer) => client.write(bytes))
    client.on('end', () => server.end())
    server.on('end', () => client.end())
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }
}
