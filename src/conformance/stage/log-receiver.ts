// A log server of a run: syslog over TLS (RFC 5425), which keeps what it is sent, and holds every message against RFC 5424.

import { once } from 'node:events'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Shown } from './wire.ts'

/** RFC 5424 §6: priority, version, UTC time, host, program, process, kind, no structured data, ASCII. */
const MESSAGE =
  /^<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]{1,255} sallyport \d+ [!-~]{1,32} - ([ -~]+)$/
/** Receivers should take so much, and need not take more. RFC 5425 §4.3.1 */
const LONGEST = 8192

export interface LogReceiverOptions {
  readonly host: string
  readonly shown: Pick<Shown, 'cert' | 'key'>
  /** Who writes to it has to show a certificate of this CA (PEM); undefined: anybody may. */
  readonly clients: string | undefined
}

export class LogReceiver implements AsyncDisposable {
  readonly #o: LogReceiverOptions
  readonly #connections = new Set<TLSSocket>()
  readonly #messages: string[] = []
  readonly #faults: string[] = []
  #server: Server | undefined
  #port = 0

  private constructor(options: LogReceiverOptions) {
    this.#o = options
  }

  static async open(options: LogReceiverOptions): Promise<LogReceiver> {
    const receiver = new LogReceiver(options)
    await receiver.there()
    return receiver
  }

  /** `host:port`. */
  get address(): string {
    const { host } = this.#o
    return `${host.includes(':') ? `[${host}]` : host}:${this.#port}`
  }

  /** The lines of JSON that it was sent, in their order. */
  get messages(): readonly string[] {
    return this.#messages
  }

  /** What was no message, or not framed as one. */
  get faults(): readonly string[] {
    return this.#faults
  }

  /** It takes connections, at the same place as before. */
  async there(): Promise<void> {
    const { host, shown, clients } = this.#o
    const asking = clients === undefined ? {} : { requestCert: true, rejectUnauthorized: true, ca: clients }
    const server = createServer({ cert: shown.cert, key: shown.key, ...asking }, (socket) => this.#take(socket))
    server.on('tlsClientError', () => undefined)
    this.#server = server.listen(this.#port, host)
    await once(server, 'listening')
    const place = server.address()
    this.#port = typeof place === 'object' && place !== null ? place.port : 0
  }

  /** It is gone, with all of its connections. */
  async away(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#connections) socket.destroy()
    await closed
  }

  #take(socket: TLSSocket): void {
    this.#connections.add(socket)
    let rest = Buffer.alloc(0)
    socket.on('error', () => undefined).on('close', () => this.#connections.delete(socket))
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      for (let end = this.#frame(rest); end !== undefined; end = this.#frame(rest)) rest = rest.subarray(end)
      if (this.#faults.length > 0) socket.destroy()
    })
  }

  /** Reads the first message, if it is whole. @returns where it ends */
  #frame(octets: Buffer): number | undefined {
    const blank = octets.indexOf(' ')
    if (blank < 0) return undefined
    const digits = octets.toString('latin1', 0, blank)
    const end = blank + 1 + Number(digits)
    if (!/^[1-9]\d*$/.test(digits) || Number(digits) > LONGEST) {
      this.#faults.push(`no length of a message: ${digits.slice(0, 100)}`)
      return undefined
    }
    if (octets.length < end) return undefined
    const text = octets.toString('utf8', blank + 1, end)
    const json = MESSAGE.exec(text)?.[2]
    if (json === undefined) this.#faults.push(`no message of RFC 5424: ${text.slice(0, 200)}`)
    else this.#messages.push(json)
    return end
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.away()
  }
}
