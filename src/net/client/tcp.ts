// A client over TCP: STARTTLS or direct TLS first (`stream/client/securing.ts`), then a transport like any other.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { securing } from '../../stream/client/securing.ts'
import type { CloseEffect, Effect, Pair, StreamEvent, TlsEffect, TlsStart } from '../../stream/types.ts'
import type { Identity } from '../../trust/identity.ts'
import type { Verdict } from '../../trust/verdict.ts'
import type { ScanEvent } from '../../xml/scanner.ts'
import type { Bytes } from '../../xml/stretch.ts'
import { streamHeader } from '../../xml/write.ts'
import { toUnicodeDomain } from '../../xmpp/domain.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { newStreamId } from '../introduction.ts'
import type { StreamLimits } from '../limits.ts'
import type { ConnectionOrigin } from '../reception.ts'
import { acceptClient } from '../secure.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { ClientFacts, ClientHandler, ClientTransport, Farewell, OurHeader } from './transport.ts'

/** Who receives clients. */
export interface ClientReception {
  serves(domain: string): boolean
  /** What is shown for a domain of ours; rejects where there is nothing. */
  identity(domain: string): Promise<Identity>
  /** Direct TLS: what is shown to a client that asks for this name, or for none. */
  greet(servername: string | undefined): Identity | undefined
  /** Are clients asked for a certificate? With TLS 1.3 there is no later. */
  asks(): boolean
  /** A client is secured: whoever takes it sets its handler before this returns. */
  welcome(transport: ClientTransport): void
  /** A connection never came that far. `domain`: as asked for. */
  failed(origin: ConnectionOrigin, end: CloseEffect, reference: string, domain: string | undefined): void
  bug(error: unknown, reference: string): void
}

export interface TcpOptions {
  readonly origin: ConnectionOrigin
  readonly tls: TlsStart
  readonly limits: StreamLimits
  readonly reference: string
  readonly reception: ClientReception
  /** TLS is up already: the socket is this. */
  readonly secured?: TLSSocket
}

export class TcpTransport implements ClientTransport, ConnectionOwner {
  readonly role = 'receiving'
  readonly reference: string
  readonly #options: TcpOptions
  readonly #machine: ReturnType<typeof securing>
  readonly #connection: Connection
  #identity: Identity | undefined
  #facts: ClientFacts | undefined
  #handler: ClientHandler | undefined
  #closing = false
  #told = false

  constructor(socket: Socket, options: TcpOptions) {
    const { reception, tls, limits, reference } = options
    this.#options = options
    this.reference = reference
    this.#machine = securing({ serves: (domain) => reception.serves(domain) }, tls)
    this.#connection = new Connection(socket, this.#machine, limits, this)
    this.#connection.whenGone(() => this.#tell('SP-816', 'closed'))
  }

  // --- as a transport ---

  get facts(): ClientFacts {
    if (!this.#facts) throw new Error('nothing is known before TLS')
    return this.#facts
  }

  get handler(): ClientHandler {
    if (!this.#handler) throw new Error('nobody takes the client')
    return this.#handler
  }

  set handler(handler: ClientHandler) {
    this.#handler = handler
  }

  get unread(): number {
    return this.#connection.unread
  }

  get unsent(): number {
    return this.#connection.unsent
  }

  get gone(): Promise<void> {
    return this.#connection.gone
  }

  open({ from, to, id }: OurHeader): void {
    const header = { from: from && toUnicodeDomain(from), to, id, lang: 'en', namespace: NS.client }
    this.#connection.say(streamHeader(header))
  }

  features(children: string): void {
    this.#connection.say(`<stream:features>${children}</stream:features>`)
  }

  send(bytes: Bytes): boolean {
    return this.#connection.write(bytes)
  }

  restart(): void {
    this.#connection.restart()
  }

  authenticated(): void {
    this.#connection.authenticated()
  }

  settled(): void {
    this.#connection.settled()
  }

  hold(): void {
    this.#connection.hold()
  }

  release(): void {
    this.#connection.release()
  }

  close(farewell: Farewell): void {
    this.#closing = true
    this.#connection.end(farewell)
  }

  /** The gateway wants the end of a connection that nobody has welcomed yet. */
  quit(): void {
    if (this.#facts) this.close({ condition: 'system-shutdown', reference: this.reference })
    else this.#connection.quit('SP-471')
  }

  // --- as the owner of the connection ---

  header({ from }: Extract<Effect, { kind: 'header' }>): Buffer {
    const header = { from: from && toUnicodeDomain(from), id: newStreamId(), lang: 'en', namespace: NS.client }
    return Buffer.from(streamHeader(header))
  }

  async identify({ pair }: { readonly pair: Pair }): Promise<StreamEvent> {
    try {
      this.#identity = await this.#options.reception.identity(pair.local)
      return { kind: 'identified', found: true, detail: '' }
    } catch (error) {
      return { kind: 'identified', found: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  wrap(effect: TlsEffect, plain: Socket): Promise<TLSSocket | undefined> | TLSSocket | undefined {
    const { reception, secured } = this.#options
    if (secured) return secured
    const options = { requestCert: reception.asks() }
    if (effect.kind === 'start-tls') return this.#identity && acceptClient(plain, { identity: this.#identity, options })
    const identity = reception.greet(undefined)
    return identity && acceptClient(plain, { identity, choose: (servername) => reception.greet(servername), options })
  }

  verify(): Verdict {
    throw new Error('nobody judges a client here')
  }

  through(): void {
    const { origin, tls: start, reception } = this.#options
    const { tls, chain } = this.#connection
    if (!tls) throw new Error('through without TLS')
    this.#facts = { ...origin, transport: 'tcp', tls: { ...tls, start }, chain, requested: this.#machine.domain }
    reception.welcome(this)
  }

  scanned(event: ScanEvent): void {
    const { handler } = this
    switch (event.kind) {
      case 'header':
        return handler.header(event.header)
      case 'frame':
        return handler.frame(event.frame)
      case 'footer':
        return handler.footer()
      case 'error':
        return handler.fault(event.reason, event.detail, event.condition)
    }
  }

  drained(): void {
    this.#handler?.drained()
  }

  idle(): void {
    this.#handler?.idle()
  }

  over(end: CloseEffect): void {
    const { reception, origin } = this.#options
    if (!this.#facts) {
      this.#told = true
      return reception.failed(origin, end, this.reference, this.#machine.domain)
    }
    // Its deadline, or a bug of ours: the session has the last words.
    if (end.by === 'us') return this.handler.fault(end.reason, end.detail, end.condition ?? 'internal-server-error')
    return this.#tell(end.reason, end.detail)
  }

  bug(error: unknown): void {
    if (this.#handler) this.#handler.bug(error)
    else this.#options.reception.bug(error, this.reference)
  }

  #tell(reason: 'SP-816' | CloseEffect['reason'], detail: string): void {
    if (this.#told) return
    this.#told = true
    this.#handler?.ended(this.#closing ? 'SP-815' : reason, detail)
  }
}
