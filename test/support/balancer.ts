// A balancer of a test: passes TCP connections on, each with a PROXY protocol header in front. It looks at nothing else.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface BalancerOptions {
  readonly to: { readonly host: string; readonly port: number }
  readonly header: string | Buffer
  /** The header goes out before the client has said anything; otherwise together with its first bytes. */
  readonly alone?: boolean
  /** Where it connects from. */
  readonly from?: string
}

export class Balancer implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async open({ to, header, alone = false, from = '127.0.0.1' }: BalancerOptions): Promise<Balancer> {
    const server = createServer({ noDelay: true })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
    await promise
    const balancer = new Balancer(server)
    server.on('connection', (client) => {
      const onward = connect({ ...to, localAddress: from, noDelay: true })
      for (const socket of [client, onward]) {
        balancer.#sockets.add(socket)
        socket.on('error', () => {})
      }
      client.on('close', () => onward.destroy())
      onward.on('close', () => client.destroy())
      onward.pipe(client)
      if (alone) {
        onward.write(header)
        client.pipe(onward)
        return
      }
      client.once('data', (first) => {
        onward.write(Buffer.concat([Buffer.from(header), Buffer.from(first)]))
        client.pipe(onward)
      })
    })
    return balancer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
