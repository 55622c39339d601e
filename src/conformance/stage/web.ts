// Two servers without more than a run needs of them: one that answers HTTP, and one that gives out lists as a directory does.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { readAll, TAG, writeDer } from '../../trust/der.ts'

/** What is answered; undefined: there is no such thing. `silence`: the connection is held, and nothing is said. */
export type Answered = Buffer | 'silence' | undefined

/** A server at an address; it ends with all its connections. */
export class Serving implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(speak: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => undefined)
      speak(socket)
    })
  }

  static async open(host: string, speak: (socket: Socket) => void): Promise<Serving> {
    const serving = new Serving(speak)
    serving.#server.listen(0, host)
    await once(serving.#server, 'listening')
    return serving
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** One request per connection, by GET or by POST with a body of known length. RFC 9112 */
export function speakHttp(answer: (path: string, body: Buffer) => Promise<Answered>): (socket: Socket) => void {
  return (socket) => {
    let read = Buffer.alloc(0)
    socket.on('data', (data: Buffer) => {
      read = Buffer.concat([read, data])
      const end = read.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = read.toString('latin1', 0, end)
      const body = read.subarray(end + 4)
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
      if (body.length < length) return
      socket.removeAllListeners('data')
      const path = head.split(' ')[1] ?? '/'
      void respond(socket, answer(path, body))
    })
  }
}

async function respond(socket: Socket, answer: Promise<Answered>): Promise<void> {
  const octets = await answer
  if (octets === 'silence') return
  const status = octets ? '200 OK' : '404 Not Found'
  const header = `HTTP/1.1 ${status}\r\nContent-Length: ${octets?.length ?? 0}\r\nConnection: close\r\n\r\n`
  socket.end(Buffer.concat([Buffer.from(header), octets ?? Buffer.alloc(0)]))
}

/** Of RFC 4511 §4: what a client sends, and what it is answered. */
const LDAP = { bind: 0x60, bound: 0x61, search: 0x63, entry: 0x64, done: 0x65 } as const
const ENUMERATED = 0x0a
const NO_SUCH_OBJECT = 32
const ATTRIBUTE = 'certificateRevocationList;binary'

/** Anybody may bind; a search finds the one entry that it names, with its list. RFC 4511, RFC 4523 */
export function speakLdap(list: (entry: string) => Promise<Answered>): (socket: Socket) => void {
  return (socket) => {
    let read = Buffer.alloc(0)
    socket.on('data', (data: Buffer) => {
      read = Buffer.concat([read, data])
      const messages = wholeMessages(read)
      if (!messages) return
      read = Buffer.alloc(0)
      for (const message of messages) void reply(socket, message, list)
    })
  }
}

type Message = ReturnType<typeof readAll>[number]

/** undefined: the last one is not there yet. */
function wholeMessages(octets: Buffer): readonly Message[] | undefined {
  try {
    return readAll(octets)
  } catch {
    return undefined
  }
}

async function reply(socket: Socket, message: Message, list: (entry: string) => Promise<Answered>): Promise<void> {
  const [id, operation] = readAll(message.content)
  if (!id || !operation) return void socket.destroy()
  const say = (tag: number, ...content: readonly Buffer[]): void =>
    void socket.write(writeDer(TAG.sequence, id.whole, writeDer(tag, ...content)))
  const result = (code: number): Buffer[] => [writeDer(ENUMERATED, Buffer.of(code)), text(''), text('')]
  if (operation.tag === LDAP.bind) return say(LDAP.bound, ...result(0))
  if (operation.tag !== LDAP.search) return void socket.end()
  const name = readAll(operation.content)[0]?.content.toString() ?? ''
  const found = await list(name)
  if (found === 'silence') return
  if (!found) return say(LDAP.done, ...result(NO_SUCH_OBJECT))
  const value = writeDer(TAG.set, writeDer(TAG.octetString, found))
  say(LDAP.entry, text(name), writeDer(TAG.sequence, writeDer(TAG.sequence, text(ATTRIBUTE), value)))
  say(LDAP.done, ...result(0))
}

const text = (words: string): Buffer => writeDer(TAG.octetString, Buffer.from(words))
