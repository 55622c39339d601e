// Remote users over WebSocket: @xmpp/client as in a browser, and a raw one whose every word is the test's.

import { client as xmppClient, xml } from '@xmpp/client'
import { WebSocket } from 'ws'
import type { Issued } from './pki.ts'
import type { Cleanup } from './program.ts'
import { within } from './within.ts'

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'

export interface Where {
  readonly url: string
  readonly domain: string
  readonly ca: Issued
}

/** From now on the WebSocket of this process, which @xmpp/client uses, believes this CA for this name. */
export function useWebSocket({ domain, ca }: Where): void {
  const tls: object = { ca: ca.pem, servername: domain }
  class Trusting extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, tls)
    }
  }
  Object.assign(globalThis, { WebSocket: Trusting })
}

/** Logs in with whatever @xmpp/client chooses; rejects when that comes to nothing. */
export async function logInOverWebSocket(
  t: Cleanup,
  where: Where,
  username: string,
  password: string,
): Promise<ReturnType<typeof xmppClient>> {
  useWebSocket(where)
  const entity = xmppClient({ service: where.url, domain: where.domain, username, password, resource: 'browser' })
  entity.reconnect.stop()
  entity.on('error', () => {}) // start() rejects with it
  t.after(async () => {
    if (entity.status === 'online') await entity.stop()
  })
  await within(20_000, entity.start(), `the log-in of ${username}`)
  return entity
}

export { xml }

/** How it comes; default: as a program that is no page, without compression and without a certificate. */
export interface Coming {
  /** Shown in the handshake. */
  readonly certificate?: Pick<Issued, 'fullchainPem' | 'keyPem'> | undefined
  /** Offers permessage-deflate, as browsers do. */
  readonly compresses?: boolean
  /** The page that it says to be. */
  readonly origin?: string
  /** Its own address. */
  readonly localAddress?: string
}

/** A client that says what the test says. */
export class RawWebSocket {
  readonly websocket: WebSocket
  /** The code it was closed with. */
  readonly closed: Promise<number>
  readonly #where: Where
  readonly #heard: string[] = []
  #waiting: (() => void) | undefined

  private constructor(websocket: WebSocket, where: Where) {
    this.websocket = websocket
    this.#where = where
    websocket.on('message', (data: Buffer) => {
      this.#heard.push(data.toString())
      this.#waiting?.()
    })
    this.closed = new Promise((resolve) => websocket.on('close', resolve))
    websocket.on('close', () => this.#waiting?.())
  }

  /** Rejects with what the handshake said. */
  static async open(where: Where, o: Coming = {}): Promise<RawWebSocket> {
    const { url, domain, ca } = where
    const { certificate, compresses = false, origin, localAddress } = o
    const shown = certificate && { cert: certificate.fullchainPem, key: certificate.keyPem }
    const tls: object = { ca: ca.pem, servername: domain, localAddress, ...shown }
    const from = origin === undefined ? {} : { origin }
    const websocket = new WebSocket(url, ['xmpp'], { perMessageDeflate: compresses, ...from, ...tls })
    const opened = new Promise((resolve, reject) => websocket.on('open', resolve).on('error', reject))
    const raw = new RawWebSocket(websocket, where)
    await within(10_000, opened, 'a WebSocket')
    return raw
  }

  say(message: string): this {
    this.websocket.send(message)
    return this
  }

  /** The same message, in so many frames. */
  sayInParts(message: string, parts: number): this {
    const bytes = Buffer.from(message)
    const size = Math.ceil(bytes.length / parts)
    for (let at = 0; at < bytes.length; at += size)
      this.websocket.send(bytes.subarray(at, at + size), { binary: false, fin: at + size >= bytes.length })
    return this
  }

  /** Bytes as they are, behind the back of the library. */
  raw(bytes: Buffer): void {
    const { _socket: socket } = this.websocket as unknown as { _socket: { write(bytes: Buffer): void } }
    socket.write(bytes)
  }

  /** The next message that matches; others are passed over. */
  async expect(pattern: RegExp): Promise<string> {
    const look = async (): Promise<string> => {
      for (;;) {
        const said = this.#heard.shift()
        if (said === undefined && this.websocket.readyState === WebSocket.CLOSED)
          throw new Error(`over instead of ${String(pattern)}`)
        if (said === undefined) await new Promise<void>((resolve) => (this.#waiting = resolve))
        else if (pattern.test(said)) return said
      }
    }
    return within(10_000, look(), String(pattern))
  }

  /** Opens the stream, and says what is offered. */
  header(): Promise<string> {
    this.say(`<open xmlns='${FRAMING}' to='${this.#where.domain}' version='1.0'/>`)
    return this.expect(/^<stream:features /)
  }

  /** Logs in, and opens the stream that follows. */
  async logIn(user: string, password: string): Promise<string> {
    await this.header()
    const words = Buffer.from(`\0${user}\0${password}`).toString('base64')
    this.say(`<auth xmlns='${SASL}' mechanism='PLAIN'>${words}</auth>`)
    await this.expect(/^<success /)
    return this.header()
  }

  /** Takes an address; gives it. */
  async bind(resource: string): Promise<string> {
    this.say(
      `<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    )
    const [, address = ''] = /<jid>([^<]*)/.exec(await this.expect(/<jid>/)) ?? []
    return address
  }

  /** The network is gone. */
  cut(): void {
    this.websocket.terminate()
  }
}
