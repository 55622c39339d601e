// The first words of TLS 1.2, as octets: those of a client that offers more than anybody should take, and what stands in those
// of a gateway. RFC 5246 §7.4.1, read by hand, since a library says nothing of what it has agreed on without being asked.

import { randomBytes } from 'node:crypto'
import type { Trait } from '../case.ts'

const HANDSHAKE = 22
const HELLO = { client: 1, server: 2 } as const
const DEFLATE = 1
/** RFC 5746 §3.3: instead of the extension. */
const RENEGOTIATION_SUITE = 0x00ff
/** RFC 6520, RFC 7627, RFC 5746. */
const EXTENSIONS = { heartbeat: 0x000f, 'extended master secret': 0x0017, 'secure renegotiation': 0xff01 } as const

const number = (value: number, octets: number): Buffer => {
  const written = Buffer.alloc(octets)
  written.writeUIntBE(value, 0, octets)
  return written
}
const sized = (octets: number, ...content: readonly Buffer[]): Buffer => {
  const whole = Buffer.concat(content)
  return Buffer.concat([number(whole.length, octets), whole])
}
const words = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => number(value, 2)))
const extension = (type: number, ...content: readonly Buffer[]): Buffer =>
  Buffer.concat([number(type, 2), sized(2, ...content)])

/** Of a client that compresses, beats and binds, and speaks TLS 1.2 at most. */
export function clientGreeting(domain: string): Buffer {
  const name = Buffer.from(domain, 'latin1')
  const extensions = [
    extension(0, sized(2, Buffer.of(0), sized(2, name))),
    extension(10, sized(2, words(0x0018, 0x0017, 0x001d))),
    extension(11, sized(1, Buffer.of(0))),
    extension(13, sized(2, words(0x0503, 0x0403, 0x0805, 0x0804))),
    extension(EXTENSIONS.heartbeat, Buffer.of(1)),
    extension(EXTENSIONS['extended master secret']),
    extension(EXTENSIONS['secure renegotiation'], sized(1)),
  ]
  const hello = Buffer.concat([
    ...[number(0x0303, 2), randomBytes(32), sized(1)],
    ...[sized(2, words(0xc02c, 0xc02b, 0xc030, 0xc02f)), sized(1, Buffer.of(DEFLATE, 0)), sized(2, ...extensions)],
  ])
  return Buffer.concat([Buffer.of(HANDSHAKE), number(0x0301, 2), sized(2, Buffer.of(HELLO.client), sized(3, hello))])
}

/** What a hello offers, or takes. */
export type Traits = ReadonlySet<Trait>

/** undefined: it is not there as a whole yet. @throws when it is no hello */
export function traitsOf(octets: Buffer): Traits | undefined {
  if (octets.length < 9) return undefined
  if (octets[0] !== HANDSHAKE) throw new Error(`no handshake, but ${octets.toString('hex', 0, 16)}`)
  const kind = octets[5]
  if (kind !== HELLO.client && kind !== HELLO.server) throw new Error(`no hello, but a handshake of type ${kind}`)
  const end = 9 + octets.readUIntBE(6, 3)
  if (octets.length < end) return undefined
  const traits = new Set<Trait>()
  let at = 9 + 2 + 32
  at += 1 + octets[at]!
  if (kind === HELLO.client) {
    const suites = 2 + octets.readUInt16BE(at)
    for (let each = at + 2; each < at + suites; each += 2)
      if (octets.readUInt16BE(each) === RENEGOTIATION_SUITE) traits.add('secure renegotiation')
    at += suites
    const methods = octets.subarray(at + 1, at + 1 + octets[at]!)
    if (methods.some((method) => method !== 0)) traits.add('compression')
    at += 1 + methods.length
  } else {
    if (octets[at + 2] !== 0) traits.add('compression')
    at += 3
  }
  for (at += 2; at + 4 <= end; at += 4 + octets.readUInt16BE(at + 2))
    for (const trait of ['heartbeat', 'extended master secret', 'secure renegotiation'] as const)
      if (octets.readUInt16BE(at) === EXTENSIONS[trait]) traits.add(trait)
  return traits
}
