// The HTTP side of a listener for remote users, behind TLS: host metadata to read, and the handshake of XMPP over WebSocket
// (RFC 6455 §4.2, RFC 7395 §3.1). One request for each connection.
//
// Rule 1: what is not there is answered alike, whatever was asked for and how; nobody learns what serves here.
// Rule 2: a page is taken by where it comes from (Origin), whatever it knows. What is no page has no origin.
// Rule 3: there is one deadline for all of it, the handshake of TLS included.
// SECURITY: nothing is compressed, since what an attacker may choose lies beside what they want to know (RFC 7457 §2.6).

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import { quote } from '../../stream/quote.ts'
import { parseDomain } from '../../xmpp/domain.ts'
import { heedless } from '../failure.ts'
import type { StreamLimits } from '../limits.ts'
import { HOST_META } from './host-meta.ts'

export interface WebSettings {
  /** Where the WebSocket is, such as `/xmpp-websocket`. */
  readonly path: string
  /** Whose pages may connect; undefined: those of our domains themselves. */
  readonly origins: readonly string[] | undefined
  /** Where clients find it, if that is not where we listen. */
  readonly url: string | undefined
}

/** Why a request came to nothing. */
export type WebRefusal = 'SP-860' | 'SP-861' | 'SP-862' | 'SP-863'

/** Who made a request, and what becomes of it: one of these is called, once. */
export interface Visitor {
  readonly limits: StreamLimits
  /** Has read host metadata. */
  served(): void
  welcome(websocket: WebSocket): void
  refused(reason: WebRefusal, detail: string): void
}

export interface WebOptions extends WebSettings {
  /** Where we listen. */
  readonly port: number
  serves(domain: string): boolean
}

/** Largest head of a request: a browser may have cookies of the same name to send along. */
const HEAD_BYTES = 8_192
/** Most parts of one message, and of one frame as they arrive. A browser sends few. */
const PARTS = 256
const CHUNKS = 4_096

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

export class Web {
  readonly #options: WebOptions
  readonly #server: Server
  readonly #visitors = new WeakMap<Duplex, Visitor>()

  constructor(options: WebOptions) {
    this.#options = options
    this.#server = createServer({
      maxHeaderSize: HEAD_BYTES,
      requireHostHeader: false, // its answer would be another
      keepAlive: false,
    })
    this.#server.maxHeadersCount = 0 // none is left out unseen; their bytes are bounded
    this.#server.keepAliveTimeout = 1
    this.#server
      .on('request', this.#onRequest)
      .on('checkContinue', this.#onRequest)
      .on('checkExpectation', this.#onRequest)
      .on('upgrade', this.#onUpgrade)
      .on('connect', (_, socket) => this.#refuse(socket, NOT_FOUND, 'SP-861', 'CONNECT'))
      .on('clientError', (error, socket) => this.#refuse(socket, BAD_REQUEST, 'SP-862', error.message))
  }

  /** Takes a secured connection. */
  take(socket: TLSSocket, visitor: Visitor): void {
    this.#visitors.set(socket, visitor)
    this.#server.emit('connection', socket)
    socket.resume() // somebody may have looked at it
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '' } = request
    const describe = HOST_META.get(url)
    const domain = this.#domainOf(request)
    if (!describe || domain === undefined || (method !== 'GET' && method !== 'HEAD')) {
      const detail = `${quote(`${method} ${url}`)} of ${quote(request.headers.host ?? '')}`
      return this.#refuse(request.socket, NOT_FOUND, 'SP-861', detail)
    }
    this.#visitors.get(request.socket)?.served()
    this.#visitors.delete(request.socket)
    const { type, body } = describe(this.#urlFor(domain))
    response.sendDate = false
    response.writeHead(200, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      // XEP-0156 §4: any page may read it, and it says nothing that is not public.
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
    })
    response.end(method === 'HEAD' ? undefined : body)
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { method = '', url = '', headersDistinct: headers } = request
    const upgrade = headers['upgrade']?.join(',').toLowerCase()
    if (url !== this.#options.path || method !== 'GET' || upgrade !== 'websocket') {
      const asked = quote(`${method} ${url}`)
      return this.#refuse(socket, NOT_FOUND, 'SP-861', `${asked} with Upgrade: ${quote(upgrade ?? '')}`)
    }
    const origins = headers['origin'] ?? []
    if (!origins.every((origin) => this.#isFriend(origin)) || origins.length > 1) {
      return this.#refuse(socket, FORBIDDEN, 'SP-860', quote(origins.join(', ')))
    }
    const protocols = (headers['sec-websocket-protocol'] ?? []).join(',').split(',')
    if (!protocols.some((protocol) => protocol.trim() === 'xmpp')) {
      return this.#refuse(socket, BAD_REQUEST, 'SP-863', quote(protocols.join(',')))
    }
    this.#shakeHands(request, socket, head)
  }

  #shakeHands(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const visitor = this.#visitors.get(socket)
    if (!visitor) return void socket.destroy()
    const { limits } = visitor
    const handshake = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      skipUTF8Validation: true, // the scanner's to say
      maxPayload: limits.after.stanzaBytes,
      maxFragments: PARTS,
      maxBufferedChunks: CHUNKS,
      handleProtocols: () => 'xmpp',
    })
    handshake.on('wsClientError', (error) => this.#refuse(socket, BAD_REQUEST, 'SP-862', error.message))
    handshake.handleUpgrade(request, socket, head, (websocket) => {
      this.#visitors.delete(socket)
      visitor.welcome(websocket)
    })
  }

  #refuse(socket: Duplex, answer: string, reason: WebRefusal, detail: string): void {
    const visitor = this.#visitors.get(socket)
    this.#visitors.delete(socket)
    socket.on('error', heedless)
    if (socket.writable) socket.end(answer)
    else socket.destroy()
    visitor?.refused(reason, detail)
  }

  /** The domain of ours that a request is for. */
  #domainOf({ headersDistinct }: IncomingMessage): string | undefined {
    const hosts = headersDistinct['host'] ?? []
    const domain = hosts.length === 1 ? parseDomain(hosts[0]!.replace(/:\d{1,5}$/, '')) : undefined
    return domain !== undefined && this.#options.serves(domain) ? domain : undefined
  }

  #urlFor(domain: string): string {
    const { url, port, path } = this.#options
    return url ?? `wss://${domain}${port === 443 ? '' : `:${port}`}${path}`
  }

  #isFriend(origin: string): boolean {
    const { origins, serves } = this.#options
    if (origins) return origins.includes(origin)
    const domain = origin.startsWith('https://') ? parseDomain(origin.slice('https://'.length)) : undefined
    return domain !== undefined && serves(domain)
  }
}
