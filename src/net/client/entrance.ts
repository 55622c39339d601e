// A port where clients may come in more than one way: STARTTLS, direct TLS, and HTTPS with XMPP over WebSocket. Which one a
// client takes is seen from its first byte, from what it offers by ALPN (RFC 7301), and else from the first byte within TLS.
//
// Rule 1: looking costs a byte, or a first word of TLS, and all of it together the time of a negotiation.
// Rule 2: what is no way in is cut without a word. So is one that offers other protocols only, such as `xmpp-server`.
// Rule 3: who goes on to a stream over TCP has a transport of its own from there on, as on a port of one way.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import type { TlsInfo, TlsStart } from '../../stream/types.ts'
import { peerChain } from '../../trust/peer-chain.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { Departing } from '../departing.ts'
import { heedless } from '../failure.ts'
import type { Arrival, Guest } from '../listener.ts'
import type { StreamLimits } from '../limits.ts'
import { peekByte } from '../peek.ts'
import { acceptClient, alpnOf, GONE, handshake } from '../secure.ts'
import { type ClientReception, TcpTransport } from './tcp.ts'
import type { Visitor, Web } from './web.ts'
import { WebSocketTransport } from './websocket.ts'

/** The ways in. */
export interface Ways {
  readonly starttls: boolean
  readonly direct: boolean
  readonly web: Web | undefined
}

export interface EntranceOptions extends Omit<Arrival, 'tls'> {
  readonly ways: Ways
  readonly reception: ClientReception
}

const HANDSHAKE = 0x16
const isXml = (byte: number): boolean => byte === 0x3c || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
const isHttp = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a

const XMPP = 'xmpp-client' // XEP-0368 §3
const HTTP = 'http/1.1'

export class Entrance extends Departing implements Guest {
  readonly #plain: Socket
  readonly #options: EntranceOptions
  readonly #began = performance.now()
  readonly #deadline: NodeJS.Timeout
  /** Who goes on, once somebody does. */
  #transport: TcpTransport | WebSocketTransport | undefined
  /** What became of it is told. */
  #told = false

  constructor(plain: Socket, options: EntranceOptions) {
    super()
    this.#plain = plain
    this.#options = options
    this.#deadline = setTimeout(() => this.#fail('SP-430', 'before a stream'), options.limits.negotiationMs)
    plain.on('error', heedless).on('close', () => {
      this.#fail('SP-214', 'closed before a stream')
      this.depart()
    })
    this.#enter().catch((error: unknown) => {
      options.reception.bug(error, options.reference)
      this.#fail('SP-491', String(error))
    })
  }

  get settled(): boolean {
    return this.#transport instanceof WebSocketTransport
  }

  leave(): void {
    if (this.#transport instanceof TcpTransport) this.#transport.quit()
    else if (this.#transport)
      this.#transport.close({ condition: 'system-shutdown', reference: this.#options.reference })
    else this.#fail('SP-471', '')
  }

  async #enter(): Promise<void> {
    const { ways } = this.#options
    if (ways.starttls) {
      const first = await peekByte(this.#plain)
      if (first === undefined) return
      if (isXml(first)) return this.#stream(this.#plain, 'starttls')
      if (first !== HANDSHAKE) return this.#fail('SP-868', `byte ${first}`)
    }
    const secured = await this.#secure()
    if (!secured.ok) return this.#fail(secured.reason, secured.detail)
    const { socket, tls } = secured
    switch (await this.#protocolOf(socket)) {
      case XMPP:
        return this.#stream(socket, 'direct', { secured: socket })
      case HTTP:
        return ways.web!.take(socket, this.#visitor(socket, tls))
      default:
    }
  }

  async #secure(): ReturnType<typeof handshake> {
    const { reception, ways } = this.#options
    const identity = reception.greet(undefined)
    if (!identity) return { ok: false, reason: 'SP-360', detail: '' }
    const ALPNProtocols = alpnOf([...(ways.direct ? [XMPP] : []), ...(ways.web ? [HTTP] : [])])
    const choose = (servername: string) => reception.greet(servername)
    const socket = await acceptClient(this.#plain, {
      identity,
      choose,
      options: { ALPNProtocols, requestCert: reception.asks() },
    })
    return socket ? handshake(socket, 'receiving') : GONE
  }

  /** What is spoken within TLS; undefined: it is over. */
  async #protocolOf(socket: TLSSocket): Promise<typeof XMPP | typeof HTTP | undefined> {
    const { direct, web } = this.#options.ways
    const agreed = socket.alpnProtocol
    if (!web || agreed === XMPP) return XMPP
    if (!direct || agreed === HTTP) return HTTP
    const first = await peekByte(socket)
    if (first === undefined) return undefined
    if (isXml(first)) return XMPP
    if (isHttp(first)) return HTTP
    this.#fail('SP-868', `byte ${first} within TLS`)
    return undefined
  }

  /** What is left of the time. */
  get #limits(): StreamLimits {
    const { limits } = this.#options
    const spent = Math.floor(performance.now() - this.#began)
    return { ...limits, negotiationMs: Math.max(1, limits.negotiationMs - spent) }
  }

  #stream(socket: Socket, tls: TlsStart, secured: { readonly secured?: TLSSocket } = {}): void {
    if (this.#told || socket.destroyed) return
    this.#go()
    const { reception, reference, origin } = this.#options
    const options = { reception, reference, origin: { ...origin, tls }, tls, limits: this.#limits, ...secured }
    this.#transport = new TcpTransport(socket, options)
  }

  #visitor(socket: TLSSocket, tls: TlsInfo): Visitor {
    const { limits } = this.#options
    return {
      limits,
      served: () => (this.#told = true),
      refused: (reason, detail) => this.#tell(reason, detail),
      welcome: (websocket) => this.#welcome(websocket, socket, tls),
    }
  }

  #welcome(websocket: WebSocket, socket: TLSSocket, tls: TlsInfo): void {
    if (this.#told) return
    this.#go()
    const { reception, reference, origin } = this.#options
    const facts = {
      ...origin,
      transport: 'websocket',
      tls: { ...tls, start: 'direct' },
      chain: peerChain(socket),
      requested: undefined,
    } as const
    const transport = new WebSocketTransport(websocket, socket, { facts, limits: this.#limits, reference })
    this.#transport = transport
    try {
      reception.welcome(transport)
    } catch (error) {
      reception.bug(error, reference)
      transport.destroy()
    }
  }

  /** Somebody else answers for the connection from here on. */
  #go(): void {
    this.#told = true
    clearTimeout(this.#deadline)
  }

  #fail(reason: ReasonId, detail: string): void {
    clearTimeout(this.#deadline)
    if (this.#transport) return
    this.#plain.destroy()
    this.#tell(reason, detail)
  }

  #tell(reason: ReasonId, detail: string): void {
    if (this.#told) return
    this.#told = true
    const { reception, origin, reference } = this.#options
    const end = { kind: 'close', reason, detail, by: 'us', condition: undefined, say: 'nothing' } as const
    reception.failed(origin, end, reference, undefined)
  }
}
