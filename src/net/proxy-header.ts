// What a balancer says of a connection before it hands on the first byte: the PROXY protocol of HAProxy, version 1 (a line
// of text, §2.1 of its specification) and version 2 (binary, §2.2). Pure: the bytes so far in, what they come to out.
//
// Rule 1: a header is judged at the first byte that can belong to none, and never grows beyond its bound.
// Rule 2: nothing in it is believed but the address of the client, and that in canonical form. TLVs are skipped.

import { isIPv4, isIPv6, SocketAddress } from 'node:net' // Pure parts only.
import { plainAddress } from './caps.ts'

export type ProxyReading =
  /** A beginning of a header. */
  | { readonly kind: 'more' }
  /**
   * A whole header, so many bytes long. Without a client it is the balancer that speaks for itself: a health check, or a
   * client of which it can tell nothing.
   */
  | { readonly kind: 'header'; readonly bytes: number; readonly client: string | undefined }
  | { readonly kind: 'faulty'; readonly detail: string }

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const WORD = Buffer.from('PROXY ', 'latin1')
/** The longest line of version 1, with its end. */
const LINE_BYTES = 107
/** Version 2 before its addresses: signature, version and command, family, length. */
const FIXED_BYTES = 16
/** The longest header of version 2 that is taken; balancers send some dozens of bytes, with the names of a TLS client some hundreds. */
const LONGEST_BYTES = 4096

const MORE: ProxyReading = { kind: 'more' }
const faulty = (detail: string): ProxyReading => ({ kind: 'faulty', detail })

/** Reads the header at the beginning of what has been received; what is behind it is not looked at. */
export function readProxyHeader(received: Buffer): ProxyReading {
  if (received.length === 0) return MORE
  if (begins(received, SIGNATURE)) return received.length < FIXED_BYTES ? shortBinary(received) : binary(received)
  if (begins(received, WORD)) return line(received)
  return faulty('no header')
}

/** Is one of the two the beginning of the other? */
function begins(received: Buffer, mark: Buffer): boolean {
  const shared = Math.min(received.length, mark.length)
  return received.subarray(0, shared).equals(mark.subarray(0, shared))
}

// --- version 1 ---

function line(received: Buffer): ProxyReading {
  const end = received.subarray(0, LINE_BYTES).indexOf('\r\n', 0, 'latin1')
  if (end < 0) return received.length >= LINE_BYTES ? faulty(`a line longer than ${LINE_BYTES} bytes`) : MORE
  const bytes = end + 2
  const text = received.toString('latin1', 0, end)
  // What follows UNKNOWN is ignored.
  if (text === 'PROXY UNKNOWN' || text.startsWith('PROXY UNKNOWN ')) return { kind: 'header', bytes, client: undefined }
  const [, family, source = '', destination = '', ...ports] =
    /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(text) ?? []
  const known = family === '4' ? isIPv4 : isIPv6
  const good = family !== undefined && known(source) && known(destination) && ports.every(isPort)
  return good && !source.includes('%')
    ? { kind: 'header', bytes, client: canonical(source) }
    : faulty('no line of version 1')
}

const isPort = (digits: string): boolean => Number(digits) <= 65_535 && String(Number(digits)) === digits

// --- version 2 ---

const VERSION = 0x20
const LOCAL = 0x0
const PROXY = 0x1
/** Address family and transport → where the client's address stands, and how many bytes all addresses take. */
const FAMILIES: ReadonlyMap<number, { readonly source: number; readonly all: number }> = new Map([
  [0x00, { source: 0, all: 0 }], // unspecified
  [0x11, { source: 4, all: 12 }], // TCP over IPv4
  [0x21, { source: 16, all: 36 }], // TCP over IPv6
  [0x31, { source: 0, all: 216 }], // a UNIX socket: no address to speak of
])

function shortBinary(received: Buffer): ProxyReading {
  return (received.length > 12 && commandFault(received)) || MORE
}

function binary(received: Buffer): ProxyReading {
  const fault = commandFault(received)
  if (fault) return fault
  const length = received.readUInt16BE(14)
  const bytes = FIXED_BYTES + length
  if (bytes > LONGEST_BYTES) return faulty(`a header of ${bytes} bytes; ${LONGEST_BYTES} are allowed`)
  const local = received.readUInt8(12) === VERSION + LOCAL
  const family = FAMILIES.get(received.readUInt8(13))
  // With LOCAL, the receiver "must discard the protocol block including the family".
  if (!local && !family) return faulty(`family and transport 0x${received.toString('hex', 13, 14)}`)
  if (!local && family && length < family.all) return faulty(`${length} bytes for addresses that take ${family.all}`)
  if (received.length < bytes) return MORE
  const source = local || !family ? 0 : family.source
  const client = source === 0 ? undefined : canonical(addressText(received.subarray(FIXED_BYTES, FIXED_BYTES + source)))
  return { kind: 'header', bytes, client }
}

function commandFault(received: Buffer): ProxyReading | undefined {
  const command = received.readUInt8(12)
  if (command === VERSION + LOCAL || command === VERSION + PROXY) return undefined
  return faulty(`version and command 0x${received.toString('hex', 12, 13)}`)
}

/** The text of an address of 4 or 16 bytes. */
function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  return (bytes.toString('hex').match(/.{4}/g) ?? []).join(':')
}

/** An address and a port; 0: not known. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** A header of version 1 for whoever is told whose connection it is. IPv4 and IPv6 in one are both written as IPv6. */
export function proxyHeader(client: Place, arrived: Place): string {
  const both = [client, arrived].map(({ address }) => address)
  const family = both.every((address) => isIPv4(address)) ? '4' : '6'
  const [from, to] = both.map((address) =>
    // The zone of a link-local address means something on this machine only. RFC 4007 §11
    family === '6' && isIPv4(address) ? `::ffff:${address}` : address.replace(/%.*$/, ''),
  )
  return `PROXY TCP${family} ${from} ${to} ${client.port} ${arrived.port}\r\n`
}

/** The one way to write an address, so that nobody has two. */
function canonical(address: string): string {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return plainAddress(new SocketAddress({ address, family }).address)
}
