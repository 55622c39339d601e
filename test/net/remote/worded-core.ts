// The client port of a core that says what the test has written, to everybody who comes: what no installed server says.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Issued } from '../../support/pki.ts'

export interface Said {
  /** How its address is written. */
  readonly host?: string
  readonly port?: number
  /** Spoken from the first byte; undefined: plaintext. */
  readonly certificate?: Issued
  /** Behind our header: features, or an error and the end. */
  words(connection: number): string
}

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='core' from='corp.example' version='1.0'>"

export const features = (...all: readonly string[]): string => `<stream:features>${all.join('')}</stream:features>`

export const mechanisms = (...all: readonly string[]): string =>
  `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${all.map((one) => `<mechanism>${one}</mechanism>`).join('')}</mechanisms>`

export const streamError = (condition: string, text = ''): string =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${text}</${condition}></stream:error></stream:stream>`

export class WordedCore implements AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #connections = 0

  private constructor(server: Server, host: string, { certificate, words }: Said) {
    this.#server = server
    this.host = host
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (plain) => {
      const number = (this.#connections += 1)
      this.#sockets.add(plain)
      plain.on('error', () => {})
      const socket = certificate ? secured(plain, certificate) : plain
      socket.on('error', () => {})
      let heard = ''
      socket.on('data', (bytes: Buffer) => {
        const before = heard
        heard += bytes.toString('latin1')
        if (!before.includes('<stream:stream') && heard.includes('<stream:stream')) socket.write(HEADER + words(number))
        if (heard.endsWith('</stream:stream>')) socket.end('</stream:stream>')
      })
    })
  }

  static async open(said: Said): Promise<WordedCore> {
    const { host = '127.0.0.1', port = 0 } = said
    const server = createServer()
    server.listen(port, host)
    await once(server, 'listening')
    return new WordedCore(server, host, said)
  }

  /** How often somebody came. */
  get connections(): number {
    return this.#connections
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await Promise.resolve()
  }
}

function secured(plain: Socket, { fullchainPem, keyPem }: Issued): TLSSocket {
  return new TLSSocket(plain, {
    isServer: true,
    secureContext: createSecureContext({ cert: fullchainPem, key: keyPem }),
    ALPNProtocols: ['xmpp-client'],
  })
}
