// The places at which servers of peers stand: each a port of its own, so that a case can tell where the gateway came. One
// version of IP has one address for all of them, but for the usual port.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { pid } from 'node:process'
import type { Place } from '../case.ts'
import { BlackHole } from './black-hole.ts'
import { freePorts } from './instance.ts'

/** Where a server stands: at which address and port, and what becomes of who comes. */
export interface Standing {
  readonly host: string
  readonly port: number
}

/** Whoever comes is answered there: by STARTTLS, or by TLS from the first octet on. */
const ANSWERING = ['first', 'second', 'third', 'direct', 'half'] as const
const USUAL_PORT = 5269
const V4 = '127.0.0.1'
const V6 = '::1'

export class Places implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack()
  readonly #standing = new Map<Place, Standing>()
  readonly #sockets = new Set<Socket>()

  /** `take`: is given each connection to a place where somebody answers. */
  static async open(ip: 4 | 6, hasBoth: boolean, take: (socket: Socket, place: Place) => void): Promise<Places> {
    await using stack = new AsyncDisposableStack()
    const places = stack.use(new Places())
    const host = ip === 4 ? V4 : V6
    const open = (place: Place, at: Standing, answers: boolean): Promise<void> =>
      places.#open(place, at, (socket) => answers && take(socket, place))
    for (const place of ANSWERING) await open(place, { host, port: 0 }, true)
    await open('silent', { host, port: 0 }, false)
    await open('usual', { host: ip === 4 ? ownAddress() : V6, port: USUAL_PORT }, true).catch(() => undefined)
    const [dead] = await freePorts(host, 1)
    places.#standing.set('dead', { host, port: dead! })
    // Over IPv4 somebody answers there; over IPv6 whatever comes is lost.
    if (hasBoth && ip === 4) places.#stack.use(await BlackHole.open(V6, places.at('half')!.port))
    else places.#standing.delete('half')
    stack.move()
    return places
  }

  /** One place alone, where somebody answers. */
  static async one(at: Standing, take: (socket: Socket, place: Place) => void): Promise<Places> {
    await using stack = new AsyncDisposableStack()
    const places = stack.use(new Places())
    await places.#open('first', at, (socket) => take(socket, 'first'))
    stack.move()
    return places
  }

  async #open(place: Place, at: Standing, come: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => undefined)
      come(socket)
    })
    await listening(server, at)
    this.#stack.defer(() => new Promise<void>((resolve) => server.close(() => resolve())))
    const address = server.address()
    this.#standing.set(place, { host: at.host, port: typeof address === 'object' ? (address?.port ?? 0) : 0 })
  }

  /** undefined: there is no such place on this machine. */
  at(place: Place): Standing | undefined {
    return this.#standing.get(place)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await this.#stack.disposeAsync()
  }
}

async function listening(server: Server, { host, port }: Standing): Promise<void> {
  server.listen({ host, port })
  await once(server, 'listening')
}

/** One that a gateway of this machine, or another run, does not use. */
const ownAddress = (): string => `127.53.${(pid >> 8) & 0xff}.${pid & 0xff || 1}`
