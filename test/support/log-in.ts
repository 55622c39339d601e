// Somebody at the door for clients who tries passwords: direct TLS, the words of a client written by hand, and a clock.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { within } from './within.ts'

export interface Door {
  readonly host: string
  readonly port: number
  readonly domain: string
  /** Where they come from. */
  readonly from: string
}

export interface Tried {
  /** `success`, the condition of a `<failure/>`, or `closed`. */
  readonly outcome: string
  /** Was a challenge shown? */
  readonly challenged: boolean
  readonly ms: number
}

const PATIENCE_MS = 60_000

/** A connection of a client, as far as the log-in. */
export class Knock implements Disposable {
  readonly #socket: TLSSocket
  readonly #domain: string
  #text = ''
  #ended = false
  #changed = Promise.withResolvers<void>()

  private constructor(socket: TLSSocket, domain: string) {
    this.#socket = socket
    this.#domain = domain
    const tell = (): void => {
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    }
    socket.on('data', (data: Buffer) => {
      this.#text += data.toString('latin1')
      tell()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#ended = true
      tell()
    })
  }

  /** Resolves when the features are there; undefined where it was turned away before. */
  static async at({ host, port, domain, from }: Door): Promise<Knock | undefined> {
    const socket = connect({
      ...{ host, port, localAddress: from, servername: domain },
      ALPNProtocols: ['xmpp-client'],
      rejectUnauthorized: false,
    })
    const knock = new Knock(socket, domain)
    knock.#say(
      `<stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`,
    )
    const features = await knock.#hear(/<stream:features>.*<\/stream:features>/)
    if (features === undefined) knock[Symbol.dispose]()
    return features === undefined ? undefined : knock
  }

  /** One attempt by PLAIN. */
  async plain(user: string, password: string): Promise<Tried> {
    return await this.#timed(async () => {
      this.#auth('PLAIN', `\0${user}\0${password}`)
      return { outcome: await this.#outcome(), challenged: false }
    })
  }

  /** One attempt by SCRAM-SHA-1. RFC 5802 §3 */
  async scram(user: string, password: string): Promise<Tried> {
    return await this.#timed(async () => {
      const bare = `n=${user},r=fyko+d2lbbFgONRv9qkxdawL`
      this.#auth('SCRAM-SHA-1', `n,,${bare}`)
      const [, text = '', condition] =
        (await this.#hear(/<challenge[^>]*>([^<]+)<\/challenge>|<failure[^>]*><([a-z-]+)/)) ?? []
      if (text === '') return { outcome: condition ?? 'closed', challenged: false }
      const first = Buffer.from(text, 'base64').toString()
      const [, nonce = '', salt = '', rounds = '1'] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(first) ?? []
      const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 20, 'sha1')
      const hmac = (key: Buffer, data: string): Buffer => createHmac('sha1', key).update(data).digest()
      const key = hmac(salted, 'Client Key')
      const final = `c=biws,r=${nonce}`
      const signature = hmac(createHash('sha1').update(key).digest(), `${bare},${first},${final}`)
      const proof = Buffer.from(key.map((byte, at) => byte ^ (signature[at] ?? 0)))
      const response = Buffer.from(`${final},p=${proof.toString('base64')}`).toString('base64')
      this.#say(`<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${response}</response>`)
      return { outcome: await this.#outcome(), challenged: true }
    })
  }

  /** One attempt by SCRAM-SHA-1 that answers the challenge with these words, whatever they are; the time is that of the answer. */
  async odd(user: string, words: string): Promise<Tried> {
    this.#auth('SCRAM-SHA-1', `n,,n=${user},r=fyko+d2lbbFgONRv9qkxdawL`)
    const challenged = (await this.#hear(/<challenge|<failure[^>]*><([a-z-]+)/))?.[0] === '<challenge'
    return await this.#timed(async () => {
      this.#say(words)
      return { outcome: await this.#outcome(), challenged }
    })
  }

  /** The condition that the stream ends with. RFC 6120 §4.9 */
  async parting(): Promise<string> {
    return (await this.#hear(/<stream:error>\s*<([a-z-]+)/))?.[1] ?? 'closed'
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #auth(mechanism: string, message: string): void {
    const text = Buffer.from(message).toString('base64')
    this.#say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${text}</auth>`)
  }

  async #outcome(): Promise<string> {
    const heard = await this.#hear(/<success|<failure[^>]*><([a-z-]+)/)
    if (heard === undefined) return 'closed'
    return heard[1] ?? 'success'
  }

  async #timed(attempt: () => Promise<Omit<Tried, 'ms'>>): Promise<Tried> {
    const since = performance.now()
    return { ...(await attempt()), ms: performance.now() - since }
  }

  #say(text: string): void {
    this.#socket.write(text)
  }

  /** The next words that match, and takes them; undefined when the connection ends before. */
  async #hear(words: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const found = words.exec(this.#text)
      if (found) {
        this.#text = this.#text.slice(found.index + found[0].length)
        return found
      }
      if (this.#ended) return undefined
      await within(
        PATIENCE_MS,
        this.#changed.promise,
        () => `${this.#domain}: ${words.source} in ${this.#text.slice(-500)}`,
      )
    }
  }
}
