// GeneralName: the names a certificate carries and the names a CA is constrained to. RFC 5280 §4.2.1.6; the two
// otherName forms of XMPP are RFC 4985 (SRVName) and RFC 6120 §13.7.1.4 (XmppAddr).
//
// Rule: reading judges nothing. A name that does not look like a host name is kept as it is, and matches nothing.

import { DerError, TAG, expectProper, expectTag, readAll, readDer, readOid, writeDer, writeOid } from './der.ts'
import type { DerValue } from './der.ts'
import { readName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'

export const OID_XMPP_ADDR = '1.3.6.1.5.5.7.8.5'
export const OID_DNS_SRV = '1.3.6.1.5.5.7.8.7'
/** The user principal name of Microsoft's directory, on smart cards. */
export const OID_UPN = '1.3.6.1.4.1.311.20.2.3'

export type GeneralName =
  | { readonly kind: 'dns'; readonly value: string }
  /** `_service.name`, RFC 4985 §2. */
  | { readonly kind: 'srv'; readonly value: string }
  | { readonly kind: 'xmpp'; readonly value: string }
  /** `user@realm`, which need not be a domain of DNS. */
  | { readonly kind: 'upn'; readonly value: string }
  /** Address octets; in a constraint, address and mask. */
  | { readonly kind: 'ip'; readonly bytes: Buffer }
  | { readonly kind: 'email'; readonly value: string }
  | { readonly kind: 'uri'; readonly value: string }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  | { readonly kind: 'other'; readonly type: string }

const TAGS = {
  other: 0xa0,
  email: 0x81,
  dns: 0x82,
  x400: 0xa3,
  directory: 0xa4,
  edi: 0xa5,
  uri: 0x86,
  ip: 0x87,
  registeredId: 0x88,
} as const

/** Reads one GeneralName. */
export function readGeneralName(value: DerValue): GeneralName {
  switch (value.tag) {
    case TAGS.dns:
      return { kind: 'dns', value: ia5(value) }
    case TAGS.email:
      return { kind: 'email', value: ia5(value) }
    case TAGS.uri:
      return { kind: 'uri', value: ia5(value) }
    case TAGS.ip:
      return { kind: 'ip', bytes: value.content }
    case TAGS.directory:
      return { kind: 'directory', name: readName(value.content) }
    case TAGS.other:
      return readOtherName(value)
    case TAGS.x400:
    case TAGS.edi:
    case TAGS.registeredId:
      return { kind: 'other', type: `GeneralName ${value.tag & 0x1f}` }
    default:
      throw new DerError('an unknown form of GeneralName')
  }
}

function readOtherName(value: DerValue): GeneralName {
  const [typeValue, wrapped, ...rest] = readAll(value)
  const type = readOid(typeValue)
  if (rest.length > 0) throw new DerError('an otherName with too much in it')
  const inner = expectProper(readDer(expectTag(wrapped, 0xa0)))
  // An XmppAddr as IA5String is wrong, and seen; both encodings say the same.
  if (type === OID_XMPP_ADDR && (inner.tag === TAG.utf8String || inner.tag === TAG.ia5String))
    return { kind: 'xmpp', value: utf8(inner.content) }
  if (type === OID_UPN && inner.tag === TAG.utf8String) return { kind: 'upn', value: utf8(inner.content) }
  if (type === OID_DNS_SRV && inner.tag === TAG.ia5String) return { kind: 'srv', value: ia5(inner) }
  return { kind: 'other', type }
}

// SECURITY: a NUL in a name once made two programs read two names; a certificate with such a name is none. Letters
// outside ASCII are wrong too, but seen; they stay what they are and match nothing.
function ia5({ bytes, start, end }: DerValue): string {
  for (let i = start; i < end; i++)
    if (bytes[i]! < 0x20 || bytes[i] === 0x7f) throw new DerError('a control character in a name')
  return bytes.toString('latin1', start, end)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Buffer): string {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new DerError('a name that is not UTF-8')
  }
  if (/\p{Cc}/u.test(text)) throw new DerError('a control character in a name')
  return text
}

/** Writes one GeneralName. `other` cannot be written: its value was not kept. */
export function writeGeneralName(name: GeneralName): Buffer {
  switch (name.kind) {
    case 'dns':
      return writeDer(TAGS.dns, Buffer.from(name.value, 'latin1'))
    case 'email':
      return writeDer(TAGS.email, Buffer.from(name.value, 'latin1'))
    case 'uri':
      return writeDer(TAGS.uri, Buffer.from(name.value, 'latin1'))
    case 'ip':
      return writeDer(TAGS.ip, name.bytes)
    case 'directory':
      return writeDer(TAGS.directory, name.name.raw)
    case 'srv':
      return writeOtherName(OID_DNS_SRV, writeDer(TAG.ia5String, Buffer.from(name.value, 'latin1')))
    case 'xmpp':
      return writeOtherName(OID_XMPP_ADDR, writeDer(TAG.utf8String, Buffer.from(name.value, 'utf8')))
    case 'upn':
      return writeOtherName(OID_UPN, writeDer(TAG.utf8String, Buffer.from(name.value, 'utf8')))
    case 'other':
      break
  }
  throw new TypeError(`cannot write an otherName of type ${name.type}`)
}

function writeOtherName(type: string, value: Buffer): Buffer {
  return writeDer(TAGS.other, writeOid(type), writeDer(0xa0, value))
}

/** The octets of an IP literal (`192.0.2.1`, `2001:db8::1`, with or without brackets); undefined when it is none. */
export function ipBytes(text: string): Buffer | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bare)) {
    const octets = bare.split('.').map(Number)
    return octets.every((octet) => octet < 256) ? Buffer.from(octets) : undefined
  }
  if (!bare.includes(':') || !/^[0-9a-f:.]+$/i.test(bare)) return undefined
  const mapped = bare.match(/^(.*:)(\d+\.\d+\.\d+\.\d+)$/)
  const tail = mapped ? ipBytes(mapped[2]!) : undefined
  if (mapped && !tail) return undefined
  const text6 = mapped ? `${mapped[1]}${tail!.toString('hex', 0, 2)}:${tail!.toString('hex', 2)}` : bare
  const halves = text6.split('::')
  if (halves.length > 2) return undefined
  const [head = [], rear = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - rear.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...rear]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
