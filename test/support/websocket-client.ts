// Remote users over WebSocket: @xmpp/client as in a browser, and a raw one whose every word is the test's.

import { client as xmppClient, xml } from '@xmpp/client'
import { WebSocket } from 'ws'
import { reachWebSocket, type Reached } from '../../src/net/client/reach-websocket.ts'
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

/** A client that says what the test says. */
export class RawWebSocket {
  readonly #reached: Reached
  readonly #where: Where

  private constructor(reached: Reached, where: Where) {
    this.#reached = reached
    this.#where = where
  }

  static async open(where: Where): Promise<RawWebSocket> {
    const { url, domain, ca } = where
    return new RawWebSocket(await reachWebSocket({ url, ca: ca.pem, servername: domain, timeoutMs: 5000 }), where)
  }

  say(message: string): this {
    this.#reached.send(message)
    return this
  }

  /** The next message that matches; others are passed over. */
  async expect(pattern: RegExp): Promise<string> {
    const look = async (): Promise<string> => {
      for (;;) {
        const said = await this.#reached.next()
        if (said === undefined) throw new Error(`over instead of ${String(pattern)}`)
        if (pattern.test(said)) return said
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

  /** The network is gone. */
  cut(): void {
    this.#reached.cut()
  }
}
