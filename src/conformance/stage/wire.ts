// One raw connection in the hands of a test case: what is said goes out as it is, what arrives is read by a parser that is
// not the gateway's own. No XMPP is done by itself.

import type { Socket } from 'node:net'
import { connect as secure, createSecureContext, createServer, type SecureVersion, TLSSocket } from 'node:tls'
import { type Read, Reader } from './reader.ts'
import type { Line, Transcript } from './transcript.ts'

/** What was read, or that there is no more: the connection is over. */
export type Item = Read | { readonly kind: 'closed'; readonly detail: string }

/** A certificate with its key, PEM. */
export interface Shown {
  readonly cert: string
  readonly key: string
  /** DER of its serial number. */
  readonly serial: Buffer
  /** What goes along with it where somebody asks for that in a handshake. */
  readonly staple?: Buffer | undefined
}

export interface Securing {
  readonly as: 'client' | 'server'
  readonly shown: Shown | undefined
  /** Whom a client wants. */
  readonly name: string
  /** The version to speak: alone as a client, at most as a server. */
  readonly most?: SecureVersion | undefined
  readonly suites?: string | undefined
  /** A protocol that a client offers. */
  readonly offers?: string | undefined
  /** A client wants to know what a responder says. */
  readonly wantsStaple?: true | undefined
  /** One to resume, as a client. */
  readonly session?: Buffer | undefined
}

export class Wire {
  #transcript: Transcript
  #who: readonly [gateway: Line['who'], peer: Line['who']]
  readonly #items: Item[] = []
  readonly #bell: (() => void)[] = []
  #socket: Socket
  /** Below TLS. */
  readonly #tcp: Socket
  /** How many octets had come there with the last word. */
  #octets = 0
  #hasEnded = false
  #fault: string | undefined
  #session: Buffer | undefined
  #staple: Buffer | undefined
  #reader: Reader
  /** A character may come in two pieces. */
  #decoder = new TextDecoder()

  /** `who`: as whom the two sides stand in the transcript. */
  constructor(socket: Socket, transcript: Transcript, who: readonly [Line['who'], Line['who']] = ['gateway', 'peer']) {
    this.#socket = socket
    this.#tcp = socket
    this.#transcript = transcript
    this.#who = who
    this.#reader = this.#newReader()
    this.#listen(socket)
  }

  /** From now on here, and as these. */
  writeDown(transcript: Transcript, who: readonly [Line['who'], Line['who']]): void {
    this.#transcript = transcript
    this.#who = who
  }

  /** A new document begins with the next octet: after TLS, after SASL. */
  restart(): void {
    this.#reader = this.#newReader()
  }

  #newReader(): Reader {
    return new Reader((read) => this.#add(read))
  }

  #listen(socket: Socket): void {
    this.#decoder = new TextDecoder()
    socket.on('data', (data: Buffer) => {
      this.#octets = this.#tcp.bytesRead
      const text = this.#decoder.decode(data, { stream: true })
      this.#transcript.add(this.#who[0], text)
      this.#reader.write(text)
    })
    socket.on('end', () => {
      this.#hasEnded = true
    })
    socket.on('error', (error) => {
      this.#fault = error.message
      this.#transcript.add('note', error.message)
    })
    socket.on('close', () => {
      if (socket !== this.#socket) return
      this.#transcript.add('note', 'the connection is over')
      this.#add({ kind: 'closed', detail: 'the connection is over' })
    })
  }

  #add(item: Item): void {
    this.#items.push(item)
    for (const ring of this.#bell.splice(0)) ring()
  }

  /** What is heard next; undefined: nothing within the time. Once the connection is over, that is heard again and again. */
  async next(ms: number): Promise<Item | undefined> {
    const until = performance.now() + ms
    for (;;) {
      const [first] = this.#items
      if (first) return first.kind === 'closed' ? first : this.#items.shift()
      const left = until - performance.now()
      if (left <= 0) return undefined
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#bell.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  /** Says something, and hears octets from there on, up to where they make something; the stream is not read any more. */
  async heardAfter<T>(words: string | Buffer, make: (heard: Buffer) => T | undefined, ms: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let heard = Buffer.alloc(0)
    this.#socket.removeAllListeners('data')
    this.#socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data])
      try {
        const made = make(heard)
        if (made !== undefined) resolve(made)
      } catch (error) {
        reject(error)
      }
    })
    const timer = setTimeout(() => reject(new Error(`nothing whole within ${ms} ms`)), ms)
    this.say(words)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#transcript.add(this.#who[0], `octets ${heard.toString('hex')}`)
    })
  }

  say(words: string | Buffer): void {
    this.#transcript.add(this.#who[1], typeof words === 'string' ? words : `octets ${words.toString('hex')}`)
    if (this.#socket.writable) this.#socket.write(words)
  }

  /** TLS from the next octet on. @throws why there is none */
  async secure(o: Securing): Promise<void> {
    const raw = this.#socket
    raw.removeAllListeners('data')
    const socket = o.as === 'client' ? asClient(raw, o) : asServer(raw, o)
    this.#socket = socket
    this.#session = undefined
    this.#staple = undefined
    socket.on('OCSPResponse', (staple: Buffer | null) => {
      if (staple && staple.length > 0) this.#staple = staple
    })
    socket.on('session', (session: Buffer) => {
      this.#session = session
    })
    await new Promise<void>((resolve, reject) => {
      socket.once(o.as === 'client' ? 'secureConnect' : 'secure', resolve)
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the connection ended in the handshake')))
    })
    const group = o.as === 'client' ? groupOf(socket) : undefined
    this.#transcript.secured({
      gateway: o.as === 'client' ? 'server' : 'client',
      version: socket.getProtocol() ?? 'unknown',
      suite: socket.getCipher().standardName,
      ...(group !== undefined && { group }),
    })
    this.restart()
    this.#listen(socket)
  }

  /** The names for which the gateway's certificate vouches, as OpenSSL prints them; undefined: it has shown none. */
  get shown(): string | undefined {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerX509Certificate()?.subjectAltName : undefined
  }

  /** Of the gateway's certificate, SHA-256. */
  get fingerprint(): string | undefined {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerX509Certificate()?.fingerprint256 : undefined
  }

  /** Whom the gateway, as a client of TLS, has asked for. */
  get asksFor(): string | undefined {
    const name = this.#socket instanceof TLSSocket ? this.#socket.servername : undefined
    return typeof name === 'string' ? name : undefined
  }

  /** The protocol that was agreed on in the handshake. */
  get speaks(): string | undefined {
    const name = this.#socket instanceof TLSSocket ? this.#socket.alpnProtocol : undefined
    return typeof name === 'string' ? name : undefined
  }

  /** What the gateway has sent along with its certificate. */
  get staple(): Buffer | undefined {
    return this.#staple
  }

  /** What the gateway has given to resume a session by. */
  get session(): Buffer | undefined {
    return this.#session
  }

  get isResumed(): boolean {
    return this.#socket instanceof TLSSocket && this.#socket.isSessionReused()
  }

  /** The version of TLS that is spoken. */
  get version(): SecureVersion | undefined {
    const version = this.#socket instanceof TLSSocket ? this.#socket.getProtocol() : undefined
    return version === 'TLSv1.2' || version === 'TLSv1.3' ? version : undefined
  }

  /** The handshake anew, on this connection. @throws why there is none */
  renegotiate(): Promise<void> {
    const socket = this.#socket
    if (!(socket instanceof TLSSocket)) throw new TypeError('there is no TLS')
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the connection ended')))
      socket.renegotiate({}, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Hears whatever is said, until the connection ends. */
  async isClosedWithin(ms: number): Promise<boolean> {
    const until = performance.now() + ms
    for (let left = ms; left > 0; left = until - performance.now())
      if ((await this.next(left))?.kind === 'closed') return true
    return false
  }

  /**
   * Of a connection that is over: what was wrong with its end. Node does not tell of close_notify: octets of TLS after the
   * last word are taken for it, so it must not have come along with that word.
   */
  get disorder(): string | undefined {
    if (this.#fault !== undefined) return `the connection ended by an error: ${this.#fault}`
    if (!this.#hasEnded) return 'the connection ended without its end having been said'
    if (this.#socket instanceof TLSSocket && this.#tcp.bytesRead === this.#octets)
      return 'the connection ended without close_notify'
    return undefined
  }

  /** Closes the connection after what was said. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** By what the keys were agreed; a resumed session of TLS 1.2 has none. */
function groupOf(socket: TLSSocket): string | undefined {
  const info = socket.getEphemeralKeyInfo()
  return info !== null && 'name' in info && typeof info.name === 'string' ? info.name : undefined
}

function asClient(socket: Socket, { shown, name, most, suites, offers, session, wantsStaple }: Securing): TLSSocket {
  // What is not fit for use has to be spoken here, to see that it is refused.
  const older = most === undefined ? {} : ({ minVersion: most, maxVersion: most } as const)
  const ciphers = suites ?? (most === 'TLSv1' || most === 'TLSv1.1' ? 'DEFAULT:@SECLEVEL=0' : undefined)
  return secure({
    ...{ socket, servername: name, rejectUnauthorized: false },
    ...{ cert: shown?.cert, key: shown?.key, session, ...older, ...(ciphers !== undefined && { ciphers }) },
    ...(offers !== undefined && { ALPNProtocols: [offers] }),
    ...(wantsStaple && { requestOCSP: true }),
  })
}

function asServer(socket: Socket, { shown, most }: Securing): TLSSocket {
  const older = most === undefined ? {} : ({ minVersion: 'TLSv1', maxVersion: most } as const)
  // A server of Node forgets the staple where it has to ask the client for another key: it takes any that the client has sent.
  const groups = shown?.staple ? { ecdhCurve: 'P-384:P-256:X25519' } : {}
  const secureContext = createSecureContext({ cert: shown?.cert, key: shown?.key, ...older, ...groups })
  const options = { isServer: true, requestCert: true, rejectUnauthorized: false, secureContext } as const
  return new TLSSocket(socket, shown?.staple ? { ...options, server: sending(shown.staple) } : options)
}

/** Never listens: whoever asks for a staple is given this one. */
function sending(staple: Buffer): ReturnType<typeof createServer> {
  const server = createServer({})
  server.on('OCSPRequest', (_certificate, _issuer, reply: (error: Error | null, staple: Buffer) => void) =>
    reply(null, staple),
  )
  return server
}
