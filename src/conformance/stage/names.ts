// The DNS server that the gateway of a run is told to ask. Its answers are those of the cases; whatever no case speaks of
// does not exist, and nobody else is ever asked.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** One record: an address, or a service with the host and the port of its server. RFC 2782 */
export type NameRecord =
  | string
  | { readonly priority: number; readonly weight: number; readonly port: number; readonly host: string }

export type NameAnswer = 'does not exist' | 'fails' | 'silence' | readonly NameRecord[]

/** Answers a question such as `SRV _xmpp-server._tcp.a.example`; undefined: it is not about something of yours. */
export type NameTeller = (question: string) => NameAnswer | undefined

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA', 33: 'SRV' }
const TTL_S = 60
const HEADER_BYTES = 12
/** Type and class, behind the name. */
const QUESTION_BYTES = 4
/** An answer, recursion wanted and available. RFC 1035 §4.1.1 */
const ANSWERED = 0x8180
const CODES = { fails: 2, 'does not exist': 3 } as const
/** The name of a record is that of the question, which begins behind the header. RFC 1035 §4.1.4 */
const SAME_NAME = 0xc000 | HEADER_BYTES

export class Names implements AsyncDisposable {
  readonly #socket: Socket
  readonly #tellers = new Set<NameTeller>()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (query, from) => this.#reply(query, from))
  }

  static async open(host: string): Promise<Names> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    return new Names(socket)
  }

  /** Where it is asked, `address:port`. */
  get address(): string {
    const { address, port } = this.#socket.address()
    return `${address.includes(':') ? `[${address}]` : address}:${port}`
  }

  /** From now on it is asked too, until it is disposed of. */
  add(teller: NameTeller): Disposable {
    this.#tellers.add(teller)
    return { [Symbol.dispose]: () => void this.#tellers.delete(teller) }
  }

  #reply(query: Buffer, { address, port }: RemoteInfo): void {
    const { name, end } = readName(query)
    if (query.length < end + QUESTION_BYTES) return
    const question = `${TYPES[query.readUInt16BE(end)] ?? 'other'} ${name}`
    let answer: NameAnswer = 'does not exist'
    for (const teller of this.#tellers) answer = teller(question) ?? answer
    if (answer !== 'silence') this.#socket.send(written(query, end, answer), port, address)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}

function written(query: Buffer, end: number, answer: Exclude<NameAnswer, 'silence'>): Buffer {
  const records = typeof answer === 'string' ? [] : answer
  const header = Buffer.from(query.subarray(0, HEADER_BYTES))
  header.writeUInt16BE(ANSWERED | (typeof answer === 'string' ? CODES[answer] : 0), 2)
  header.writeUInt16BE(records.length, 6)
  header.writeUInt32BE(0, 8)
  const type = query.subarray(end, end + 4)
  const body = records.flatMap((record) => {
    const data = typeof record === 'string' ? addressBytes(record) : serviceBytes(record)
    const head = Buffer.alloc(6)
    head.writeUInt32BE(TTL_S)
    head.writeUInt16BE(data.length, 4)
    return [Buffer.of(SAME_NAME >> 8, SAME_NAME & 0xff), type, head, data]
  })
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), ...body])
}

/** The name that is asked for, lower case, and where it ends. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

function serviceBytes({ priority, weight, port, host }: Exclude<NameRecord, string>): Buffer {
  const head = Buffer.alloc(6)
  for (const [index, value] of [priority, weight, port].entries()) head.writeUInt16BE(value, 2 * index)
  const labels = host.split('.').filter((label) => label !== '')
  return Buffer.concat([
    head,
    ...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]),
    Buffer.of(0),
  ])
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [left = [], right = []] = address
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((word) => Number.parseInt(word, 16))))
  const zeros = Array<number>(8 - left.length - right.length).fill(0)
  return Buffer.from([...left, ...zeros, ...right].flatMap((word) => [word >> 8, word & 0xff]))
}
