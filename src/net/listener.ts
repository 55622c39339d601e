// A listening socket: takes connections within the caps, and hands each to whoever receives here; by default that is a
// receiving stream of a server.
//
// Rule 1: a failed accept (EMFILE and its like) is told and survived.
// Rule 2: a connection beyond the caps is cut before anything is read from it.
// Rule 3: a listed balancer says first whose connection it is (PROXY protocol); from all others no such word is understood.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TlsStart } from '../stream/types.ts'
import { Caller } from './caller.ts'
import { ConnectionCaps, plainAddress } from './caps.ts'
import { Driver } from './driver.ts'
import { heedless } from './failure.ts'
import type { StreamLimits } from './limits.ts'
import { introduced } from './proxy.ts'
import type { ConnectionOrigin, Reception } from './reception.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

/** Whoever is there on a connection that was taken. */
export interface Guest {
  /** Is it through its negotiation, so that it lives on when the listener closes? */
  readonly settled: boolean
  /** We go: it is to end in good order. */
  leave(): void
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>
}

/** A connection that was taken, as its guest is told of it. */
export interface Arrival {
  readonly origin: ConnectionOrigin
  readonly tls: TlsStart
  readonly limits: StreamLimits
  readonly reference: string
}

/** Receives a connection; gives back why it is turned away, if it is. */
export type Welcome = (socket: Socket, arrival: Arrival) => Guest | ReasonId

/** Who hears of connections that come to nothing, and makes what comes of the others: streams between servers, or another thing. */
export type Host =
  | { readonly reception: Reception }
  | {
      readonly doorman: Pick<Reception, 'turnedAway' | 'bug' | 'reference'>
      readonly welcome: Welcome
    }

export type ListenerOptions = ListenerPlace & Host

export interface ListenerPlace {
  /** What the listener is called in status and in the origin of its connections. */
  readonly name: string
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** How TLS begins; default: starttls. */
  readonly tls?: TlsStart
  /** Asked at each connection, since settings change. */
  limits(): StreamLimits
  /** Shared by listeners that are counted together; default: caps of its own. */
  readonly caps?: ConnectionCaps
  /** Does the cap per address not hold for this one? A core opens a stream for each pair of domains, all from one place. */
  trusts?(remoteAddress: string): boolean
  /** Does a balancer connect from there? Then a PROXY protocol header comes first, and what it says counts. */
  isBalancer?(remoteAddress: string): boolean
  /** An accept that failed; the listener goes on. */
  onAcceptError?(error: Error): void
}

/** Where a connection counts, and who is there, once somebody is. */
interface Place {
  address: string
  guest: Guest | undefined
}

/** Connections that may wait to be accepted, as far as the system allows: when a network is back, all of it comes at once. */
const BACKLOG = 4096
const KEEPALIVE_PROBE_MS = 60_000

export class Listener implements AsyncDisposable {
  readonly name: string
  /** Where it really listens. */
  readonly address: AddressInfo
  readonly #server: Server
  readonly #options: ListenerPlace
  readonly #doorman: Pick<Reception, 'turnedAway' | 'bug' | 'reference'>
  readonly #receive: Welcome
  readonly #caps: ConnectionCaps
  readonly #guests = new Set<Guest>()
  /** Connections of balancers that have not said whose they are. */
  readonly #unnamed = new Set<Socket>()

  /** Listens; rejects with Node's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`) when that cannot be done. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_PROBE_MS,
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, resolve)
    await promise
    server.off('error', reject)
    return new Listener(server, options)
  }

  private constructor(server: Server, options: ListenerOptions) {
    const address = server.address()
    if (!address || typeof address === 'string') throw new Error('not a TCP listener')
    this.name = options.name
    this.address = address
    this.#server = server
    this.#options = options
    this.#doorman = 'reception' in options ? options.reception : options.doorman
    this.#receive = 'reception' in options ? drivers(options.reception) : options.welcome
    this.#caps = options.caps ?? new ConnectionCaps(() => options.limits())
    server.on('connection', this.#onConnection)
    server.on('error', (error) => options.onAcceptError?.(error))
  }

  /** Connections that are open now, ready or not. */
  get connections(): number {
    return this.#guests.size + this.#unnamed.size
  }

  /** Stops listening and ends what is not ready yet. Ready streams live on; they are their owner's. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    for (const socket of this.#unnamed) socket.resetAndDestroy()
    const unready = [...this.#guests].filter(({ settled }) => !settled)
    for (const guest of unready) guest.leave()
    await Promise.all(unready.map(({ gone }) => gone))
    // The server counts ready streams as its own; whoever waits for `close` does not.
    if (this.#guests.size === 0) await closed
  }

  /** Closes, ready streams included, and waits until all connections are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const guest of this.#guests) guest.leave()
    await this.close()
    await Promise.all([...this.#guests].map(({ gone }) => gone))
  }

  readonly #onConnection = (socket: Socket): void => {
    const { name, tls = 'starttls' } = this.#options
    const limits = this.#options.limits()
    socket.on('error', heedless) // the driver listens too; before it does, and after it has gone, nobody else would
    const address = socket.remoteAddress
    if (address === undefined) return void socket.destroy() // gone before it was accepted
    const remoteAddress = plainAddress(address)
    const origin: ConnectionOrigin = { remoteAddress, listener: name, tls }
    const isBalancer = this.#options.isBalancer?.(remoteAddress) ?? false
    const refused = this.#caps.enter(remoteAddress, isBalancer || this.#options.trusts?.(remoteAddress))
    if (refused) return this.#turnAway(socket, origin, refused, '')
    const place: Place = { address: remoteAddress, guest: undefined }
    socket.on('close', () => {
      this.#caps.leave(place.address)
      if (place.guest) this.#guests.delete(place.guest)
    })
    if (isBalancer) void this.#introduce(socket, { ...origin, balancer: remoteAddress }, place, limits)
    else this.#welcome(socket, origin, place, limits)
  }

  /** Waits for the word of a balancer, and goes on with the client it names. */
  async #introduce(socket: Socket, origin: ConnectionOrigin, place: Place, limits: StreamLimits): Promise<void> {
    const began = performance.now()
    this.#unnamed.add(socket)
    const outcome = await introduced(socket, origin.remoteAddress, limits.negotiationMs)
    this.#unnamed.delete(socket)
    if (outcome.kind === 'probe') return void socket.destroy()
    if (outcome.kind === 'refused') return this.#turnAway(socket, origin, outcome.reason, outcome.detail)
    const { client } = outcome
    const behind = client === undefined ? origin : { ...origin, remoteAddress: client }
    const refused = client === undefined ? undefined : this.#caps.move(place.address, client)
    if (refused) return this.#turnAway(socket, behind, refused, '')
    place.address = behind.remoteAddress
    const spent = Math.floor(performance.now() - began)
    this.#welcome(socket, behind, place, { ...limits, negotiationMs: Math.max(1, limits.negotiationMs - spent) })
  }

  #turnAway(socket: Socket, origin: ConnectionOrigin, reason: ReasonId, detail: string): void {
    socket.resetAndDestroy()
    this.#doorman.turnedAway?.(origin, reason, detail)
  }

  #welcome(socket: Socket, origin: ConnectionOrigin, place: Place, limits: StreamLimits): void {
    const { tls = 'starttls' } = this.#options
    const reference = this.#doorman.reference()
    try {
      const guest = this.#receive(socket, { origin, tls, limits, reference })
      if (typeof guest === 'string') return this.#turnAway(socket, origin, guest, '')
      place.guest = guest
      this.#guests.add(guest)
    } catch (error) {
      this.#doorman.bug?.(error, reference)
      socket.destroy()
    }
  }
}

/** A stream of a server on each connection. */
export function drivers(reception: Reception): Welcome {
  return (socket, { origin, tls, limits, reference }) => {
    const caller = new Caller(reception, { origin, tls, limits, reference })
    const driver = new Driver(socket, caller.machine(), caller)
    return {
      get settled() {
        return driver.stream !== undefined
      },
      leave: () => driver.quit('SP-471', {}),
      get gone() {
        return driver.gone
      },
    }
  }
}
