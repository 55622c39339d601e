// Where the gateway finds the scripted peers, at several places. Whom it wants is in the header of the stream that it opens,
// or in the name by which it asks in TLS, and the case that keeps this door is given the connection; nobody else is answered.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { domainToASCII } from 'node:url'
import type { Place } from '../case.ts'
import { Places, type Standing } from './places.ts'
import { type Line, Transcript } from './transcript.ts'
import { type Item, type Shown, Wire } from './wire.ts'

/** A stream that the gateway has opened: its header was heard, and nothing was answered. */
export interface Visit {
  readonly wire: Wire
  readonly header: Extract<Item, { kind: 'header' }>
  readonly place: Place
}

/** Where the words of a stream are written down, and as whose. */
export interface Notes {
  readonly transcript: Transcript
  readonly who: readonly [gateway: Line['who'], peer: Line['who']]
  /** What is shown where TLS begins at once. */
  readonly shown?: Shown | undefined
}

const PATIENCE_MS = 10_000
/** What is spoken behind TLS that begins at once. XEP-0368 §3 */
const ALPN = 'xmpp-server'

interface Kept {
  readonly notes: Notes
  readonly take: (visit: Visit) => void
}

export class Door implements AsyncDisposable {
  readonly #kept = new Map<string, Kept>()
  #places: Places | undefined

  static async open(ip: 4 | 6, hasBoth: boolean): Promise<Door> {
    const door = new Door()
    door.#places = await Places.open(ip, hasBoth, (socket, place) => void door.#receive(socket, place))
    return door
  }

  /** At one place alone, which is the first. */
  static async at(host: string, port: number): Promise<Door> {
    const door = new Door()
    door.#places = await Places.one({ host, port }, (socket, place) => void door.#receive(socket, place))
    return door
  }

  /** undefined: there is no such place on this machine. */
  at(place: Place): Standing | undefined {
    return this.#places?.at(place)
  }

  async #receive(raw: Socket, place: Place): Promise<void> {
    const transcript = new Transcript(() => performance.now())
    const socket = place === 'direct' ? await this.#secured(raw) : raw
    const wire = new Wire(socket, transcript)
    const header = await wire.next(PATIENCE_MS)
    const kept = header?.kind === 'header' ? this.#keeps(header.attributes['to'] ?? '') : undefined
    if (header?.kind !== 'header' || !kept) return wire.destroy()
    wire.writeDown(kept.notes.transcript, kept.notes.who)
    kept.notes.transcript.add('note', `the gateway has come to the ${place} place`)
    for (const { text } of transcript.lines) kept.notes.transcript.add(kept.notes.who[0], text)
    kept.take({ wire, header, place })
  }

  /**
   * TLS from the first octet on. Whom it wants stands in that, and is looked for before: a context that is chosen within the
   * handshake would lose the protocol that is agreed on.
   */
  async #secured(raw: Socket): Promise<TLSSocket> {
    await Promise.race([once(raw, 'readable'), once(raw, 'close')]).catch(() => undefined)
    const hello: unknown = raw.read()
    if (Buffer.isBuffer(hello)) raw.unshift(hello)
    const wanted = [...this.#kept].find(([domain]) => Buffer.isBuffer(hello) && hello.includes(domain))
    const { shown, transcript } = wanted?.[1].notes ?? {}
    const socket = new TLSSocket(raw, {
      ...{ isServer: true, requestCert: true, rejectUnauthorized: false, ALPNProtocols: [ALPN] },
      secureContext: createSecureContext({ cert: shown?.cert, key: shown?.key }),
    })
    socket.once('secure', () =>
      transcript?.secured({
        ...{ gateway: 'client', version: socket.getProtocol() ?? 'unknown', suite: socket.getCipher().standardName },
      }),
    )
    return socket
  }

  /** Who keeps the door of a domain, or that of the domains below it. */
  #keeps(name: string): Kept | undefined {
    const domain = domainToASCII(name)
    return this.#kept.get(domain) ?? this.#kept.get(`*.${domain.slice(domain.indexOf('.') + 1)}`)
  }

  /** Gives every stream that the gateway opens to the domain (or below `*.domain`) to `take`, until disposed of. */
  welcome(domain: string, notes: Notes, take: (visit: Visit) => void): Disposable {
    this.#kept.set(domain, { notes, take })
    return { [Symbol.dispose]: () => void this.#kept.delete(domain) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#places?.[Symbol.asyncDispose]()
  }
}
