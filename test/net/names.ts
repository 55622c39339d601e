// A DNS server whose answers are plain data: for tests that ask what comes of an answer, not who gives it.

import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

export type Answer =
  | 'nxdomain'
  | 'servfail'
  | 'silence'
  | 'nothing'
  | readonly (
      | string
      | { readonly priority: number; readonly weight: number; readonly port: number; readonly name: string }
    )[]

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA', 33: 'SRV' }
const RCODES: Readonly<Record<string, number>> = { nxdomain: 3, servfail: 2 }

export interface Names extends AsyncDisposable {
  /** `address:port`, for the resolver. */
  readonly server: string
  /** What was asked, in order: `SRV _xmpp-server._tcp.a.test`. */
  readonly asked: readonly string[]
}

/** Answers by `TYPE name`; whatever is not there does not exist. */
export async function names(answers: Readonly<Record<string, Answer | Promise<Answer>>>, ttl = 60): Promise<Names> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const reply = async (query: Buffer, { port, address }: RemoteInfo): Promise<void> => {
    const { name, end } = readName(query, 12)
    const type = TYPES[query.readUInt16BE(end)] ?? '?'
    const question = `${type} ${name}`
    asked.push(question)
    const answer = (await answers[question]) ?? 'nxdomain'
    if (answer === 'silence') return
    const records = typeof answer === 'string' ? [] : answer
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | (typeof answer === 'string' ? (RCODES[answer] ?? 0) : 0), 2)
    header.writeUInt16BE(records.length, 6)
    header.writeUInt32BE(0, 8)
    const body = records.map((record) => {
      const data = typeof record === 'string' ? addressBytes(record) : srvBytes(record)
      const head = Buffer.from([0xc0, 0x0c, 0, query[end + 1] ?? 0, 0, 1, 0, 0, 0, 0, 0, 0])
      head.writeUInt32BE(ttl, 6)
      head.writeUInt16BE(data.length, 10)
      return Buffer.concat([head, data])
    })
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...body]), port, address)
  }
  socket.on('message', (query, from) => void reply(query, from))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function readName(query: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = start
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => (label === '' ? [] : [Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])

function srvBytes(record: { priority: number; weight: number; port: number; name: string }): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt16BE(record.priority, 0)
  head.writeUInt16BE(record.weight, 2)
  head.writeUInt16BE(record.port, 4)
  return Buffer.concat([head, nameBytes(record.name)])
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [left = '', right = ''] = address.split('::')
  const words = (half: string): number[] =>
    half === '' ? [] : half.split(':').map((word) => Number.parseInt(word, 16))
  const [a, b] = [words(left), words(right)]
  const all = [...a, ...Array<number>(8 - a.length - b.length).fill(0), ...b]
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]))
}
