// Where clients come in a test: a real listener with every way in, and a desk that says what any server would and writes
// down what it is told. There is no core behind it.

import { connect, type ConnectionOptions } from 'node:tls'
import { WebSocket, type ClientOptions } from 'ws'
import { Entrance, type Ways } from '../../../src/net/client/entrance.ts'
import type { ClientReception } from '../../../src/net/client/tcp.ts'
import type { ClientHandler, ClientTransport } from '../../../src/net/client/transport.ts'
import { Web, type WebSettings } from '../../../src/net/client/web.ts'
import type { StreamLimits } from '../../../src/net/limits.ts'
import { Listener } from '../../../src/net/listener.ts'
import { Dialog } from '../../support/dialog.ts'
import { type Issued, issue, makeCa } from '../../support/pki.ts'
import { within } from '../../support/within.ts'
import { Happenings, identityOf, LIMITS } from '../gate.ts'

const DOMAINS = ['us.test', 'other.test']
const TO_US: object = { servername: 'us.test' }
export const PATH = '/xmpp-websocket'

export interface DeskOptions extends Partial<WebSettings> {
  readonly ways?: Partial<Omit<Ways, 'web'>> & { readonly web?: boolean }
  readonly limits?: Partial<StreamLimits>
  readonly balancer?: string
}

let papers: ReturnType<typeof issueAll> | undefined

async function issueAll() {
  const ca = await makeCa()
  const [ours, other] = await Promise.all(DOMAINS.map((name) => issue({ ca, names: [name] })))
  return { ca, ours: identityOf(ours!), other: identityOf(other!) }
}

/** How a client comes: the library hands on what it knows of TLS. */
export interface Knock extends ClientOptions {
  readonly path?: string
  readonly protocol?: string
}

export class Desk implements AsyncDisposable {
  /** What transports tell, in words. */
  readonly told = new Happenings<string>()
  /** Reasons of connections that came to nothing. */
  readonly failures = new Happenings<string>()
  readonly bugs: unknown[] = []
  readonly transports = new Happenings<ClientTransport>()
  readonly ca: Issued
  readonly listener: Listener

  static async open(options: DeskOptions = {}): Promise<Desk> {
    const { ca, ours, other } = await (papers ??= issueAll())
    const { ways: { starttls = true, direct = true, web = true } = {}, limits, balancer, ...settings } = options
    const ways = (port: number): Ways => ({
      starttls,
      direct,
      web: web ? new Web({ path: PATH, origins: undefined, url: undefined, ...settings, port, serves }) : undefined,
    })
    const serves = (domain: string): boolean => DOMAINS.includes(domain)
    let desk: Desk | undefined
    const reception: ClientReception = {
      serves,
      identity: () => Promise.resolve(ours),
      asks: () => false,
      greet: (name) => (name === 'other.test' ? other : ours),
      welcome: (transport) => desk!.#receive(transport),
      failed: (_, { reason }) => desk!.failures.add(reason),
      bug: (error) => desk!.bugs.push(error),
    }
    let known: Ways | undefined
    const listener = await Listener.open({
      name: 'remote',
      host: '127.0.0.1',
      port: 0,
      limits: () => ({ ...LIMITS, ...limits }),
      isBalancer: (address) => address === balancer,
      doorman: {
        turnedAway: (_, reason) => desk!.failures.add(reason),
        bug: (error) => desk!.bugs.push(error),
        reference: () => 'REF',
      },
      welcome: (socket, arrival) => {
        known ??= ways(listener.address.port)
        return new Entrance(socket, { ...arrival, ways: known, reception })
      },
    })
    return (desk = new Desk(listener, ca))
  }

  private constructor(listener: Listener, ca: Issued) {
    this.listener = listener
    this.ca = ca
  }

  get place(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.listener.address.port }
  }

  /** A WebSocket, once it is open; rejects with what the handshake said. */
  async websocket({ path = PATH, protocol = 'xmpp', ...options }: Knock = {}): Promise<Talk> {
    const talk = new Talk(
      new WebSocket(`wss://127.0.0.1:${this.place.port}${path}`, protocol === '' ? [] : [protocol], {
        ca: this.ca.fullchainPem,
        ...TO_US,
        perMessageDeflate: false,
        ...options,
      }),
    )
    await talk.opened
    return talk
  }

  /** One that has opened its stream. */
  async stream(options: Knock = {}): Promise<Talk> {
    const talk = await this.websocket(options)
    talk.say(OPEN)
    await talk.heard.next()
    await talk.heard.next()
    await this.told.next()
    return talk
  }

  /** A client of TLS that says what it likes. */
  async tls(options: ConnectionOptions = {}): Promise<Dialog> {
    const dialog = await Dialog.open(this.place)
    await dialog.startTls({ servername: options.servername ?? 'us.test', options })
    return dialog
  }

  /** Does the handshake fail? */
  async refusesTls(options: ConnectionOptions): Promise<string> {
    const socket = connect({ ...this.place, rejectUnauthorized: false, ...options })
    return within(
      5000,
      new Promise<string>((resolve) => {
        socket
          .once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
          .once('secureConnect', () => resolve('none'))
      }),
      'an end of the handshake',
    ).finally(() => socket.destroy())
  }

  #receive(transport: ClientTransport): void {
    const { told } = this
    const handler: ClientHandler = {
      header({ to, lang }) {
        told.add(`header ${to} ${lang}`)
        transport.open({ from: 'us.test', id: 'ID' })
        transport.features("<mechanisms xmlns='m'/>")
      },
      frame({ name, namespace, bytes }) {
        told.add(`${namespace} ${name}`)
        if (name === 'known') {
          transport.authenticated()
          transport.settled()
        }
        if (name === 'again') transport.restart()
        if (name === 'hold') transport.hold()
        if (name === 'bye') transport.close({ reference: 'REF' })
        if (name === 'message') transport.send(Buffer.from(bytes.toString().replace(" xmlns='jabber:client'", '')))
      },
      asked: () => undefined,
      footer() {
        told.add('footer')
        transport.close({ reference: 'REF' })
      },
      fault(reason, _, condition) {
        told.add(`${reason} ${condition}`)
        transport.close({ condition, reference: 'REF' })
      },
      drained: () => told.add('drained'),
      idle: () => told.add('idle'),
      ended: (reason) => told.add(`ended ${reason}`),
      bug: (error) => this.bugs.push(error),
    }
    transport.handler = handler
    this.transports.add(transport)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener[Symbol.asyncDispose]()
    if (this.bugs.length > 0) throw new Error('bugs', { cause: this.bugs })
  }
}

export const OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='us.test' version='1.0'/>"
export const CLOSE = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"

/** A client's side of a WebSocket. */
export class Talk implements Disposable {
  readonly websocket: WebSocket
  readonly heard = new Happenings<string>()
  readonly opened: Promise<void>
  /** The code it was closed with. */
  readonly closed: Promise<number>

  constructor(websocket: WebSocket) {
    this.websocket = websocket
    websocket.on('message', (data: Buffer) => this.heard.add(data.toString()))
    this.closed = within(8000, new Promise((resolve) => websocket.on('close', resolve)), 'the end of a WebSocket')
    this.opened = within(
      5000,
      new Promise((resolve, reject) => websocket.on('open', resolve).on('error', reject)),
      'a WebSocket',
    )
    this.closed.catch(() => {})
    this.opened.catch(() => {})
  }

  say(message: string): void {
    this.websocket.send(message)
  }

  /** Bytes as they are, behind the back of the library. */
  raw(bytes: Buffer): void {
    const { _socket: socket } = this.websocket as unknown as { _socket: { write(bytes: Buffer): void } }
    socket.write(bytes)
  }

  [Symbol.dispose](): void {
    this.websocket.terminate()
  }
}
