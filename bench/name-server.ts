// The DNS of a measurement, as far as a server needs it to find a partner: the service of each is on a port of localhost,
// and everything else does not exist. RFC 1035 §4.1, RFC 2782
//
// COMPAT: ejabberd 23.01 asks Erlang's resolver for services but libc for addresses, and so this machine's own DNS; what
// `localhost` is, everybody knows without asking (RFC 6761 §6.3).

import { createSocket } from 'node:dgram'
import type { Cleanup } from '../test/support/program.ts'
import { HOST } from './setting.ts'

const TYPE_SRV = 33
const CLASS_IN = 1
const TTL_SECONDS = 3600
const SERVICE = '_xmpp-server._tcp.'
const TARGET = [9, ...Buffer.from('localhost'), 0]
const HEADER_BYTES = 12
/** Points back to the name in the question. */
const QUESTION_NAME = [0xc0, HEADER_BYTES]

export interface NameServerOptions {
  readonly port: number
  /** Domains that are found, and the port of all of them. */
  readonly domains: readonly string[]
  readonly servicePort: number
}

/** Resolves when it can be asked. */
export async function nameServer(t: Cleanup, o: NameServerOptions): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const reply = answer(query, o)
    if (reply) socket.send(reply, port, address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).bind(o.port, HOST, resolve)
  })
  t.after(() => void socket.close())
}

function answer(query: Buffer, { domains, servicePort }: NameServerOptions): Buffer | undefined {
  const asked = readQuestion(query)
  if (!asked) return undefined
  const { name, type, end } = asked
  const isThere = name.startsWith(SERVICE) && domains.includes(name.slice(SERVICE.length))
  const records = isThere && type === TYPE_SRV ? [service(servicePort)] : []
  const header = Buffer.alloc(HEADER_BYTES)
  query.copy(header, 0, 0, 2)
  // An authoritative answer, recursion available; with the questioner's wish for recursion; NXDOMAIN where there is nothing.
  header.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | (isThere ? 0 : 3), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...records])
}

function readQuestion(
  query: Buffer,
): { readonly name: string; readonly type: number; readonly end: number } | undefined {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase())
    at += 1 + length
  }
  const end = at + 5
  if (end > query.length) return undefined
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end }
}

function service(port: number): Buffer {
  const data = [0, 0, 0, 0, port >> 8, port & 255, ...TARGET]
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(TYPE_SRV, 0)
  fixed.writeUInt16BE(CLASS_IN, 2)
  fixed.writeUInt32BE(TTL_SECONDS, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.from([...QUESTION_NAME, ...fixed, ...data])
}
