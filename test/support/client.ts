// A real user at a real server: logs in with @xmpp/client, over STARTTLS if nothing else is said, and keeps what arrives until
// somebody asks.
// A test says what it expects; what arrives first is kept, so no order of waiting can lose a stanza.

import { randomUUID } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import process from 'node:process'
import { setDefaultCACertificates } from 'node:tls'
import { client as xmppClient, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import type { Issued } from './pki.ts'
import type { Cleanup } from './program.ts'
import { PASSWORD } from './server.ts'
import { within } from './within.ts'

export { xml }
export type { Element }

type Entity = ReturnType<typeof xmppClient>

export interface LoginOptions {
  readonly user: string
  readonly domain: string
  /** Of the server. */
  readonly address: string
  /** Default: the port that is known for the way. */
  readonly port?: number
  /** Default: STARTTLS. Over WebSocket the CA is to be named by `useWebSocket` first. */
  readonly way?: ClientWay
  readonly password?: string
  /** Default: PLAIN. */
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-1'
  /** When its connection breaks it comes back by itself, and takes its session up again (XEP-0198). */
  readonly returns?: boolean
  readonly resource?: string
  /** Logs in although the server's certificate proves nothing. */
  readonly unverified?: boolean
}

/** How a client comes. */
export type ClientWay = keyof typeof WAYS

const WAYS = {
  starttls: (host: string, port = 5222) => `xmpp://${host}:${port}`,
  direct: (host: string, port = 5223) => `xmpps://${host}:${port}`,
  websocket: (host: string, port = 443) => `wss://${host}:${port}/xmpp-websocket`,
} as const

interface Waiting {
  readonly matches: (stanza: Element) => boolean
  readonly found: (stanza: Element) => void
}

/** Makes these the CAs that every client of this process trusts. */
export function trustForClients(...anchors: readonly Issued[]): void {
  setDefaultCACertificates(anchors.map((one) => one.pem))
}

export class Client implements AsyncDisposable {
  readonly jid: string
  readonly bare: string
  readonly #entity: Entity
  readonly #inbox: Element[] = []
  readonly #waiting = new Set<Waiting>()
  readonly #listeners = new Set<(stanza: Element) => void>()

  private constructor(entity: Entity) {
    this.#entity = entity
    this.jid = String(entity.jid)
    this.bare = String(entity.jid?.bare())
  }

  /** Logs in, without presence: nobody sees the user yet. */
  static async login(t: Cleanup, o: LoginOptions): Promise<Client> {
    const { way = 'starttls', password = PASSWORD, mechanism = 'PLAIN', returns = false } = o
    const entity = xmppClient({
      service: WAYS[way](o.address.includes(':') ? `[${o.address}]` : o.address, o.port),
      domain: o.domain,
      // The SCRAM of @xmpp/client takes half a second of JavaScript; inside TLS, PLAIN logs in just as really.
      username: o.user,
      credentials: async (authenticate) => {
        await authenticate({ username: bytes(o.user), password }, mechanism, xml('user-agent', {}))
      },
      resource: o.resource ?? `test-${randomUUID().slice(0, 8)}`,
      lang: 'en',
    })
    if (returns) entity.reconnect.delay = 50
    else entity.reconnect.stop()
    entity.timeout = 10_000
    entity.on('error', () => {}) // A failed log-in rejects start(); a broken connection ends in a missed deadline.
    readWholeCharacters(entity)
    if (way !== 'websocket') connectToBareAddresses(entity, o.domain)
    if (!returns) countNothing(entity)
    const early: Element[] = []
    const keep = (stanza: Element): void => void early.push(stanza)
    entity.on('stanza', keep)
    t.after(async () => {
      entity.reconnect.stop()
      if (entity.status === 'online') await entity.stop()
    })
    // @xmpp/starttls passes no options on to TLS.
    if (o.unverified) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      await within(20_000, entity.start(), `the log-in of ${o.user}@${o.domain}`)
    } catch (error) {
      entity.reconnect.stop()
      await entity.disconnect().catch(() => {})
      throw error
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
    entity.off('stanza', keep)
    const client = new Client(entity)
    for (const stanza of early) client.#take(stanza)
    entity.on('stanza', (stanza: Element) => client.#take(stanza))
    return client
  }

  /** Resolves when the connection is over. */
  get gone(): Promise<void> {
    const over = new Promise<void>((resolve) => this.#entity.once('disconnect', () => resolve()))
    return this.online ? within(15_000, over, `the end of ${this.jid}`) : Promise.resolve()
  }

  /** Is the user still logged in? */
  get online(): boolean {
    return this.#entity.status === 'online'
  }

  #take(stanza: Element): void {
    for (const listener of this.#listeners) listener(stanza)
    for (const one of this.#waiting) {
      if (!one.matches(stanza)) continue
      this.#waiting.delete(one)
      one.found(stanza)
      return
    }
    this.#inbox.push(stanza)
  }

  send(stanza: Element): Promise<void> {
    return this.#entity.send(stanza)
  }

  /** Many stanzas in one write. */
  sendMany(stanzas: readonly Element[]): Promise<void> {
    return this.#entity.sendMany(stanzas)
  }

  /** The first stanza that matches, of those that nobody has taken yet or of those to come. Each is given out once. */
  async expect(what: string, matches: (stanza: Element) => boolean, ms = 15_000): Promise<Element> {
    const index = this.#inbox.findIndex(matches)
    const [already] = index < 0 ? [] : this.#inbox.splice(index, 1)
    if (already) return already
    const { promise, resolve } = Promise.withResolvers<Element>()
    const waiting: Waiting = { matches, found: resolve }
    this.#waiting.add(waiting)
    try {
      return await within(ms, promise, () => `${this.jid} expected ${what}; got\n${this.#inbox.slice(-20).join('\n')}`)
    } finally {
      this.#waiting.delete(waiting)
    }
  }

  /** Stanzas that match and that nobody has taken. */
  untaken(matches: (stanza: Element) => boolean): readonly Element[] {
    return this.#inbox.filter(matches)
  }

  /** Calls back for every stanza from now on, taken or not; gives back how to stop. */
  listen(listener: (stanza: Element) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Sends an iq with a fresh id and gives back its answer, whether result or error (RFC 6120 §8.2.3). */
  async ask(type: 'get' | 'set', to: string | undefined, payload: Element, ms?: number): Promise<Element> {
    const id = randomUUID()
    await this.send(xml('iq', { type, id, ...(to ? { to } : {}) }, payload))
    const isAnswer = (s: Element): boolean =>
      s.name === 'iq' && s.attrs['id'] === id && (s.attrs['type'] === 'result' || s.attrs['type'] === 'error')
    return this.expect(`the answer to ${payload.toString()}`, isAnswer, ms)
  }

  /** Fetches the roster and becomes available: from now on subscriptions and messages to the bare address arrive. */
  async appear(...children: readonly Element[]): Promise<void> {
    await this.ask('get', undefined, xml('query', { xmlns: 'jabber:iq:roster' }))
    await this.send(xml('presence', {}, ...children))
    await this.expect(
      'its own presence',
      (s) => s.name === 'presence' && s.attrs['from'] === this.jid && !s.attrs['type'],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#entity.stop()
  }
}

/** @xmpp/sasl takes each character for a byte, which in UTF-8 is true of the first 128 only. */
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/**
 * @xmpp/stream-management 0.14 begins to count a turn of the event loop late, so that what comes right behind `<enabled/>`
 * may be left out; Prosody then throws the client out for acknowledging too little. So it never sees that there are acknowledgements.
 */
function countNothing(entity: Entity): void {
  entity.prependListener('element', (element: Element) => {
    if (!element.is('features')) return
    for (const offered of element.getChildren('sm', 'urn:xmpp:sm:3')) element.remove(offered)
  })
}

/**
 * @xmpp/connection-tcp hands an IPv6 address to the socket with its brackets, which no socket understands; and @xmpp/tls
 * looks for the address in the certificate, and not for the domain.
 */
function connectToBareAddresses(entity: Entity, servername: string): void {
  const parameters = Reflect.get(entity, 'socketParameters') as (service: string) => { readonly host?: string }
  const bare = (service: string): unknown => {
    const given = Reflect.apply(parameters, entity, [service])
    return { ...given, servername, host: given.host?.replace(/^\[(.*)\]$/, '$1') }
  }
  Object.assign(entity, { socketParameters: bare })
}

/** @xmpp/connection decodes each chunk on its own and so breaks a character that two chunks share. */
function readWholeCharacters(entity: Entity): void {
  let decoder = new StringDecoder('utf8')
  let parser = entity.parser
  const onData = (data: Buffer): void => {
    if (entity.parser !== parser) decoder = new StringDecoder('utf8')
    parser = entity.parser
    parser?.write(decoder.write(data))
  }
  Object.assign(entity, { _onData: onData })
}
