// A listening socket: takes connections within the caps, and drives a receiving stream on each.
//
// Rule 1: a failed accept (EMFILE and its like) is told and survived.
// Rule 2: a connection beyond the caps is cut before anything is read from it.
// Rule 3: a listed balancer says first whose connection it is (PROXY protocol); from all others no such word is understood.
// Rule 4: with direct TLS the certificate is chosen before the stream names its domain, so it is held against it then.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { receiving } from '../stream/receiving.ts'
import type { ReceivingRules, TlsStart } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import { streamCondition } from '../xmpp/reasons.ts'
import { ConnectionCaps, plainAddress } from './caps.ts'
import { Driver } from './driver.ts'
import type { StreamLimits } from './limits.ts'
import { observed, Observers } from './observer.ts'
import { introduced } from './proxy.ts'
import type { ConnectionOrigin, Reception, TurnedAway } from './reception.ts'

export interface ListenerOptions {
  /** What the listener is called in status and in the origin of its connections. */
  readonly name: string
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** How TLS begins; default: starttls. */
  readonly tls?: TlsStart
  readonly reception: Reception
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

const KEEPALIVE_PROBE_MS = 60_000

export class Listener implements AsyncDisposable {
  readonly name: string
  /** Where it really listens. */
  readonly address: AddressInfo
  readonly #server: Server
  readonly #options: ListenerOptions
  readonly #caps: ConnectionCaps
  readonly #drivers = new Set<Driver>()
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
    server.listen({ host: options.host, port: options.port }, resolve)
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
    this.#caps = options.caps ?? new ConnectionCaps(() => options.limits())
    server.on('connection', this.#onConnection)
    server.on('error', (error) => options.onAcceptError?.(error))
  }

  /** Connections that are open now, ready or not. */
  get connections(): number {
    return this.#drivers.size + this.#unnamed.size
  }

  /** Stops listening and ends what is not ready yet. Ready streams live on; they are their owner's. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    for (const socket of this.#unnamed) socket.resetAndDestroy()
    const unready = [...this.#drivers].filter((driver) => !driver.stream)
    for (const driver of unready) driver.quit('SP-471', {})
    await Promise.all(unready.map((driver) => driver.gone))
    // The server counts ready streams as its own; whoever waits for `close` does not.
    if (this.#drivers.size === 0) await closed
  }

  /** Closes, ready streams included, and waits until all connections are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const driver of this.#drivers) driver.quit('SP-471', {})
    await this.close()
    await Promise.all([...this.#drivers].map((driver) => driver.gone))
  }

  readonly #onConnection = (socket: Socket): void => {
    const { name, tls = 'starttls' } = this.#options
    const limits = this.#options.limits()
    socket.on('error', () => {}) // the driver listens too; before it does, and after it has gone, nobody else would
    const address = socket.remoteAddress
    if (address === undefined) return void socket.destroy() // gone before it was accepted
    const remoteAddress = plainAddress(address)
    const origin: ConnectionOrigin = { remoteAddress, listener: name, tls }
    const isBalancer = this.#options.isBalancer?.(remoteAddress) ?? false
    const refused = this.#caps.enter(remoteAddress, isBalancer || this.#options.trusts?.(remoteAddress))
    if (refused) return this.#turnAway(socket, origin, refused, '')
    const place = { address: remoteAddress }
    socket.once('close', () => this.#caps.leave(place.address))
    if (isBalancer) void this.#introduce(socket, { ...origin, balancer: remoteAddress }, place, limits)
    else this.#welcome(socket, origin, limits)
  }

  /** Waits for the word of a balancer, and goes on with the client it names. */
  async #introduce(
    socket: Socket,
    origin: ConnectionOrigin,
    place: { address: string },
    limits: StreamLimits,
  ): Promise<void> {
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
    this.#welcome(socket, behind, { ...limits, negotiationMs: Math.max(1, limits.negotiationMs - spent) })
  }

  #turnAway(socket: Socket, origin: ConnectionOrigin, reason: TurnedAway, detail: string): void {
    socket.resetAndDestroy()
    this.#options.reception.turnedAway?.(origin, reason, detail)
  }

  #welcome(socket: Socket, origin: ConnectionOrigin, limits: StreamLimits): void {
    const { reception } = this.#options
    const reference = reception.reference()
    try {
      this.#drive(socket, origin, reference, limits)
    } catch (error) {
      reception.bug?.(error, reference)
      socket.destroy()
    }
  }

  #drive(socket: Socket, origin: ConnectionOrigin, reference: string, limits: StreamLimits): void {
    const { reception, tls = 'starttls' } = this.#options
    let shown: Identity | undefined
    const rules = reception.rules(origin)
    const machine = receiving(tls === 'direct' ? covered(rules, () => shown) : rules, limits.saslAttempts, tls)
    const observers = new Observers(reception.observers?.(origin, reference) ?? [])
    const driver = new Driver(socket, observed(machine, observers), {
      role: 'receiving',
      tls,
      limits,
      reference,
      remoteAddress: origin.remoteAddress,
      pair: undefined,
      observers,
      identity: (pair) => reception.identity(pair),
      greet: (servername) => {
        const identity = reception.greet?.(servername)
        shown = identity ?? shown
        return identity
      },
      verify: (pair, chain, _, secured) => reception.verify(pair, chain, reception.leg(pair, origin), secured),
      judge: async (claim, chain, secured) => {
        if (!reception.judge) throw new Error('nobody judges claims')
        return reception.judge(claim, chain, origin, secured)
      },
      leg: (pair) => reception.leg(pair, origin),
      ready: (stream) => reception.ready(stream),
      failed: (failure) => reception.failed(failure),
      bug: (error, at) => reception.bug?.(error, at),
    })
    this.#drivers.add(driver)
    void driver.gone.then(() => this.#drivers.delete(driver))
  }
}

/** The same rules, and a stream is only for a domain that the certificate already shown covers. */
function covered(rules: ReceivingRules, shown: () => Identity | undefined): ReceivingRules {
  return {
    opens(pair) {
      const refusal = rules.opens(pair)
      if (refusal || shown()?.covers(pair.local)) return refusal
      const detail = `asks for ${pair.local}, and was shown ${shown()?.certificate.names.join(', ') ?? 'nothing'}`
      return { condition: streamCondition('SP-362'), reason: 'SP-362', detail }
    },
    admits: (pair) => rules.admits(pair),
    get bidi() {
      return rules.bidi === true
    },
    dialback: (pair) => rules.dialback?.(pair),
  }
}
