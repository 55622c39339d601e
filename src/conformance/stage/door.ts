// Where the gateway finds the scripted peers: one listener for all of them. Whom it wants is in the header of the stream
// that it opens, and the case that keeps this door is given the connection; nobody else is answered.

import { createServer, type Server, type Socket } from 'node:net'
import { type Line, Transcript } from './transcript.ts'
import { type Item, Wire } from './wire.ts'

/** A stream that the gateway has opened: its header was heard, and nothing was answered. */
export interface Visit {
  readonly wire: Wire
  readonly header: Extract<Item, { kind: 'header' }>
}

/** Where the words of a stream are written down, and as whose. */
export interface Notes {
  readonly transcript: Transcript
  readonly who: readonly [gateway: Line['who'], peer: Line['who']]
}

const PATIENCE_MS = 10_000

export class Door implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #kept = new Map<string, { readonly notes: Notes; readonly take: (visit: Visit) => void }>()

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      void this.#receive(socket)
    })
  }

  static async open(host: string): Promise<Door> {
    const door = new Door()
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject)
      door.#server.listen({ host, port: 0 }, resolve)
    })
    return door
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async #receive(socket: Socket): Promise<void> {
    const transcript = new Transcript(() => performance.now())
    const wire = new Wire(socket, transcript)
    const header = await wire.next(PATIENCE_MS)
    const kept = header?.kind === 'header' ? this.#kept.get(header.attributes['to'] ?? '') : undefined
    if (header?.kind !== 'header' || !kept) return wire.destroy()
    wire.writeDown(kept.notes.transcript, kept.notes.who)
    for (const { text } of transcript.lines) kept.notes.transcript.add(kept.notes.who[0], text)
    kept.take({ wire, header })
  }

  /** Gives every stream that the gateway opens to the domain to `take`, until disposed of. */
  welcome(domain: string, notes: Notes, take: (visit: Visit) => void): Disposable {
    this.#kept.set(domain, { notes, take })
    return { [Symbol.dispose]: () => void this.#kept.delete(domain) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
