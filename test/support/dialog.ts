// One end of a raw connection in a test's hands: say this, expect that. No XMPP is done for the test, so that it can do
// what no server would.
//
//   const d = await Dialog.open({ host: '127.0.0.1', port })
//   await d.say(header).expect(/<starttls/)
//   await d.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").expect(/<proceed/)
//   await d.startTls({ certificate })

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, createSecureContext, TLSSocket } from 'node:tls'
import type { Issued } from './pki.ts'
import { within } from './within.ts'

const PATIENCE_MS = 5000

export interface DialogTls {
  /** Shown to the other side; absent: none. */
  readonly certificate?: Pick<Issued, 'fullchainPem' | 'keyPem'> | undefined
  /** Who does the server's part of the handshake; default: the other side. */
  readonly server?: boolean
  readonly servername?: string
  /** ALPN of a server: whoever offers none of these is refused. RFC 7301 §3.2 */
  readonly protocols?: readonly string[]
  readonly options?: ConnectionOptions
  /** Sees the socket before the handshake. */
  readonly observe?: (socket: TLSSocket) => void
}

export class Dialog implements AsyncDisposable {
  readonly #raw: Socket
  #socket: Socket | TLSSocket
  #heard = ''
  #all = ''
  #over: 'no' | 'ended' | 'closed' = 'no'
  #error: unknown
  #wake = Promise.withResolvers<void>()

  constructor(socket: Socket) {
    this.#raw = socket
    this.#socket = socket
    this.#listen(socket)
  }

  static async open(where: {
    readonly host: string
    readonly port: number
    readonly localAddress?: string
  }): Promise<Dialog> {
    const socket = connect({ ...where, allowHalfOpen: true, noDelay: true })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.once('connect', resolve).once('error', reject)
    await within(PATIENCE_MS, promise, `a connection to ${where.host}:${where.port}`)
    return new Dialog(socket)
  }

  get socket(): Socket | TLSSocket {
    return this.#socket
  }

  /** Everything heard and not yet consumed by `expect`. */
  get heard(): string {
    return this.#heard
  }

  /** Everything heard so far, before TLS too. */
  get all(): string {
    return this.#all
  }

  /** What broke the connection, if something did. */
  get error(): unknown {
    return this.#error
  }

  say(words: string | Buffer): this {
    if (this.#socket.writable) this.#socket.write(words)
    return this
  }

  /** Waits until what was heard matches, and consumes it up to the end of the match. */
  async expect(pattern: RegExp, patienceMs = PATIENCE_MS): Promise<RegExpExecArray> {
    return within(
      patienceMs,
      (async () => {
        for (;;) {
          const match = pattern.exec(this.#heard)
          if (match) {
            this.#heard = this.#heard.slice(match.index + match[0].length)
            return match
          }
          if (this.#over !== 'no') throw new Error(`over (${this.#over}) instead of ${String(pattern)}: ${this.#heard}`)
          await this.#wake.promise
        }
      })(),
      () => `${String(pattern)}; heard: ${this.#heard}`,
    )
  }

  /**
   * Waits until the other side has ended its half, or the connection; gives what was heard and not consumed. Who has heard the
   * last word ends its own half, as servers do.
   */
  async end(): Promise<string> {
    await within(
      PATIENCE_MS,
      (async () => {
        for (let ended = false; this.#over === 'no';) {
          const isLast = this.#all.endsWith('</stream:stream>')
          if (isLast && !ended) this.#socket.end()
          ended = isLast
          await this.#wake.promise
        }
      })(),
      () => `the end; heard: ${this.#heard}`,
    )
    return this.#heard
  }

  /** The TLS handshake; from then on everything goes through it. */
  async startTls({
    certificate,
    server = false,
    servername = '',
    protocols,
    options = {},
    observe,
  }: DialogTls): Promise<TLSSocket> {
    const plain = this.#socket
    plain.removeAllListeners()
    plain.on('error', () => {})
    const secureContext = createSecureContext({
      ...(certificate ? { cert: certificate.fullchainPem, key: certificate.keyPem } : {}),
      ...(options.minVersion ? { minVersion: options.minVersion } : {}),
      ...(options.maxVersion ? { maxVersion: options.maxVersion } : {}),
      ...(options.ciphers ? { ciphers: options.ciphers } : {}),
      ...(options.sigalgs ? { sigalgs: options.sigalgs } : {}),
      ...(options.ecdhCurve === undefined ? {} : { ecdhCurve: options.ecdhCurve }),
    })
    const socket = server
      ? new TLSSocket(plain, {
          isServer: true,
          secureContext,
          requestCert: true,
          rejectUnauthorized: false,
          ...(protocols ? { ALPNProtocols: [...protocols] } : {}),
        })
      : connectTls({ ...options, socket: plain, secureContext, servername, rejectUnauthorized: false })
    observe?.(socket)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.once(server ? 'secure' : 'secureConnect', resolve).once('error', reject)
    socket.once('close', () => reject(new Error('closed during the handshake')))
    await within(PATIENCE_MS, promise, 'the TLS handshake')
    this.#socket = socket
    this.#heard = ''
    this.#listen(socket)
    return socket
  }

  /** Breaks the connection with a TCP reset, from below TLS. */
  reset(): void {
    this.#raw.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await Promise.resolve()
  }

  #listen(socket: Socket | TLSSocket): void {
    const wake = (): void => {
      this.#wake.resolve()
      this.#wake = Promise.withResolvers<void>()
    }
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      this.#heard += String(text)
      this.#all += String(text)
      wake()
    })
    socket.on('end', () => {
      if (this.#over === 'no') this.#over = 'ended'
      wake()
    })
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => {
      this.#over = 'closed'
      wake()
    })
  }
}

/** A listener whose connections are dialogs: a peer to be dialled. */
export class DialogHost implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #waiting: Dialog[] = []
  #wake = Promise.withResolvers<void>()
  #accepted = 0

  private constructor(server: Server) {
    this.#server = server
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => {
      this.#accepted += 1
      this.#waiting.push(new Dialog(socket))
      this.#wake.resolve()
      this.#wake = Promise.withResolvers<void>()
    })
  }

  static async open(host = '127.0.0.1', port = 0): Promise<DialogHost> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    return new DialogHost(server)
  }

  get accepted(): number {
    return this.#accepted
  }

  /** The next connection that comes, or came and was not asked for yet. */
  async next(): Promise<Dialog> {
    const patience = new AbortController()
    const wait = async (): Promise<Dialog> => {
      while (!patience.signal.aborted) {
        const dialog = this.#waiting.shift()
        if (dialog) return dialog
        await this.#wake.promise
      }
      throw new Error('it came too late')
    }
    try {
      return await within(PATIENCE_MS, wait(), 'a connection')
    } finally {
      patience.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const dialog of this.#waiting) await dialog[Symbol.asyncDispose]()
  }
}
