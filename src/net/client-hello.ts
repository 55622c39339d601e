// The first words of a TLS client, read before TLS begins: which name it asks for, and what it can verify. RFC 8446 §4.1.2.
// Pure. It decides only what we show; whether the words are right is for OpenSSL to say.

/** What a client says of itself. */
export interface ClientHello {
  /** Undefined where it asks for none. RFC 6066 §3 */
  readonly servername: string | undefined
  /** Does it want to know what a responder says of our certificate? RFC 6066 §8 */
  readonly wantsStaple: boolean
  /** TLS 1.3. */
  readonly modern: boolean
  /** The signatures it can verify, as SignatureScheme. RFC 8446 §4.2.3 */
  readonly schemes: readonly number[]
  /** It has more to say about signatures: of those within certificates. */
  readonly choosy: boolean
}

/** `more`: it is not complete before there are `least` bytes. `unknown`: it is none, or none that we read. */
export type HelloReading =
  | { readonly kind: 'more'; readonly least: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }

/** A longer one is not read; those of post-quantum clients have 1.5 to 2 KiB. */
export const LARGEST_HELLO_BYTES = 16_384

const UNKNOWN: HelloReading = { kind: 'unknown' }
const HANDSHAKE = 22
const CLIENT_HELLO = 1
const EXTENSION = { servername: 0, status: 5, schemes: 13, versions: 43, certificateSchemes: 50 } as const

/** Reads the bytes that have come so far. */
export function readClientHello(bytes: Buffer): HelloReading {
  const fragments: Buffer[] = []
  let at = 0
  let over = false // something else follows, or nothing that may
  for (; at < Math.min(bytes.length, LARGEST_HELLO_BYTES); at += 5 + bytes.readUInt16BE(at + 3)) {
    over = bytes[at] !== HANDSHAKE
    if (over || bytes.length < at + 5) break
    over = bytes.readUInt16BE(at + 3) === 0 // RFC 8446 §5.1 forbids empty ones
    if (over) break
    fragments.push(bytes.subarray(at + 5, at + 5 + bytes.readUInt16BE(at + 3)))
  }
  const message = Buffer.concat(fragments)
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return UNKNOWN
  const end = message.length < 4 ? undefined : 4 + message.readUIntBE(1, 3)
  if (end !== undefined && message.length >= end) return readBody(message.subarray(4, end))
  if (over || at >= LARGEST_HELLO_BYTES || (end ?? 0) > LARGEST_HELLO_BYTES) return UNKNOWN
  // The rest of the record; where that cannot be all, the head of another and what is missing then.
  const later = (end ?? 4) - message.length - Math.max(0, at - bytes.length)
  return { kind: 'more', least: later > 0 ? at + 5 + later : at }
}

function readBody(body: Buffer): HelloReading {
  try {
    const extensions = new Map<number, Buffer>()
    let at = 2 + 32
    at += 1 + body.readUInt8(at) // session
    at += 2 + body.readUInt16BE(at) // ciphers
    at += 1 + body.readUInt8(at) // compression
    if (at < body.length) {
      const end = at + 2 + body.readUInt16BE(at)
      for (at += 2; at < end;) {
        const content = at + 4
        const next = content + body.readUInt16BE(at + 2)
        if (next > end || end > body.length) return UNKNOWN
        extensions.set(body.readUInt16BE(at), body.subarray(content, next))
        at = next
      }
    }
    const hello = {
      servername: readServername(extensions.get(EXTENSION.servername)),
      wantsStaple: extensions.get(EXTENSION.status)?.[0] === 1,
      modern: readNumbers(extensions.get(EXTENSION.versions), 1).includes(0x0304),
      schemes: readNumbers(extensions.get(EXTENSION.schemes), 2),
      choosy: extensions.has(EXTENSION.certificateSchemes),
    }
    return { kind: 'hello', hello }
  } catch (error) {
    if (error instanceof RangeError) return UNKNOWN // It ends where something should be.
    throw error
  }
}

/** The first host name of a ServerNameList. */
function readServername(list: Buffer | undefined): string | undefined {
  if (!list || list.readUInt8(2) !== 0) return undefined
  const end = 5 + list.readUInt16BE(3)
  return end > list.length ? undefined : list.subarray(5, end).toString('latin1')
}

/** Numbers of two octets behind the length of them all, which has `prefix` octets. */
function readNumbers(list: Buffer | undefined, prefix: number): readonly number[] {
  if (!list) return []
  const numbers: number[] = []
  for (let at = prefix; at + 2 <= list.length; at += 2) numbers.push(list.readUInt16BE(at))
  return numbers
}
