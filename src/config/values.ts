// How values are written in the files, and what they come to: durations, sizes, addresses, networks, pins, dates, the
// store. Pure: text in, a plain value or undefined out. The sentence that tells an operator how to write a value stands
// beside its reader, so that the two cannot drift.

import { BlockList, isIP } from 'node:net' // Pure parts only: no socket is opened here.
import { parseDomain } from '../xmpp/domain.ts'

/** A reader of one kind of value, and the words that teach it. */
export interface Written<T> {
  readonly how: string
  readonly read: (text: string) => T | undefined
  /** Better words for a text that `read` does not take, where it is plain what was meant. */
  readonly hint?: (text: string) => string | undefined
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `500ms`, `30s`, `5m`, `1h`, `30d` → milliseconds. */
export const DURATION: Written<number> = {
  how: 'write a duration as 500ms, 30s, 5m or 1h',
  read(text) {
    const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
    const factor = UNIT_MS[unit ?? '']
    return factor === undefined ? undefined : Number(digits) * factor
  },
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** `10000`, `512KiB`, `4MiB`, `1GiB` → bytes. */
export const SIZE: Written<number> = {
  how: 'write a size as 10000 (bytes), 512KiB, 4MiB or 1GiB',
  read(text) {
    const [, digits, unit] = /^(\d{1,12})\s?(KiB|MiB|GiB|)$/.exec(text) ?? []
    const factor = UNIT_BYTES[unit ?? 'none']
    return factor === undefined ? undefined : Number(digits) * factor
  },
}

export interface HostPort {
  /** A DNS name, or an IP address without brackets. */
  readonly host: string
  readonly port: number
}

/** `core.corp.internal:5269`, `192.0.2.1:5269`, `[2001:db8::5]:5269`; `usual`: the port that is shown to whoever wrote none. */
const hostPort = (usual: number): Written<HostPort> => ({
  how: `write host:port, such as core.corp.internal:${usual} or [2001:db8::5]:${usual}`,
  read(text) {
    const [, name, digits] = /^(\[[^\]]*\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? []
    if (name === undefined) return undefined
    const host = HOST.read(name)
    const port = Number(digits)
    return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
  },
  hint(text) {
    if (isIP(text) === 6)
      return `write an IPv6 address in brackets and the port behind them, such as [2001:db8::5]:${usual}`
    return HOST.read(text) === undefined ? undefined : `write the port too: ${text}:${usual}`
  },
})

/** Where a server listens for servers. */
export const HOST_PORT = hostPort(5269)
/** Where a server listens for clients. */
export const CLIENTS_PORT = hostPort(5222)

/** A DNS name or an IP address, with or without the brackets of IPv6; comes out without them. */
export const HOST: Written<string> = {
  how: 'write a host name or an IP address',
  read(text) {
    if (isIP(text) === 6) return IP.read(text)
    return parseDomain(text)?.replace(/^\[(.*)\]$/, '$1')
  },
}

/** An address of this machine or another, in canonical form and without brackets. */
export const IP: Written<string> = {
  how: 'write an IP address, such as 192.0.2.1 or 2001:db8::5',
  read(text) {
    const plain = text.replace(/^\[(.*)\]$/, '$1')
    const family = isIP(plain)
    if (family === 0 || plain.includes('%')) return undefined
    return family === 4 ? plain : parseDomain(`[${plain}]`)?.slice(1, -1)
  },
}

/** `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353` → as `node:dns` takes it. */
export const DNS_SERVER: Written<string> = {
  how: 'write the IP address of a DNS server, with a port where it is not 53: 192.0.2.53 or [2001:db8::53]:5353',
  read(text) {
    const alone = IP.read(text)
    if (alone !== undefined) return alone
    const server = HOST_PORT.read(text)
    if (server === undefined || isIP(server.host) === 0) return undefined
    return isIP(server.host) === 6 ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`
  },
}

/** `10.1.0.0/16`, `2001:db8::/32`, or one address → CIDR in canonical form. Bits beyond the prefix must be zero. */
export const NETWORK: Written<string> = {
  how: 'write a network as 10.1.0.0/16 or 2001:db8::/32, with zeros after the prefix, or one address',
  read(text) {
    const network = networkOf(text)
    return network === undefined || network.address !== network.base ? undefined : `${network.base}/${network.prefix}`
  },
  hint(text) {
    const network = networkOf(text)
    return network && `write zeros after the prefix: ${network.base}/${network.prefix}`
  },
}

/** A domain of ours or of a partner, as A-label in lower case. Certificates prove names, so an IP address is none. */
export const DOMAIN: Written<string> = {
  how: 'write a domain name, such as partner.example',
  read(text) {
    const domain = parseDomain(text)
    return domain === undefined || domain.startsWith('[') || isIP(domain) !== 0 ? undefined : domain
  },
}

/** A further domain of a partner: `conference.partner.example`, or `*.labs.partner.example` for all names below. */
export const DOMAIN_PATTERN: Written<string> = {
  how: 'write a domain name, or *.partner.example for all names below it',
  read(text) {
    const below = text.startsWith('*.')
    const domain = DOMAIN.read(below ? text.slice(2) : text)
    return domain === undefined ? undefined : below ? `*.${domain}` : domain
  },
}

/** An SPKI pin: `sha256/` and the base64 of the SHA-256 of the SubjectPublicKeyInfo (the form of RFC 7469 §2.4). */
export const PIN: Written<string> = {
  how: 'write a pin as sha256/ and the 44 characters of base64 of a public key\'s SHA-256, such as "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="',
  read(text) {
    const [, digest] = /^sha256\/([A-Za-z0-9+/]{43}=)$/.exec(text) ?? []
    return digest !== undefined && Buffer.from(digest, 'base64').toString('base64') === digest ? text : undefined
  },
}

/** An object identifier, such as that of a certificate policy. */
export const OID: Written<string> = {
  how: 'write an object identifier, such as 2.16.840.1.101.3.2.1.48.1',
  read: (text) =>
    text.length <= 128 &&
    /^(?:[01]\.(?:[0-9]|[123][0-9])|2\.(?:0|[1-9]\d{0,8}))(?:\.(?:0|[1-9]\d{0,8})){1,30}$/.test(text)
      ? text
      : undefined,
}

/** A day of the calendar, `2027-06-30`. */
export const DATE: Written<string> = {
  how: 'write a date as 2027-06-30',
  read(text) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
    const date = new Date(`${text}T00:00:00Z`)
    return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : undefined
  },
}

/** `sqlite:var/sallyport.db` → the file. */
export const STORE: Written<string> = {
  how: 'write sqlite: and a file, such as sqlite:var/sallyport.db',
  read: (text) => /^sqlite:(?!\/\/)(.*[^/\s])$/.exec(text)?.[1],
  hint: (text) => (/^postgres(?:ql)?:/.test(text) ? `PostgreSQL is not in this release; ${STORE.how}` : undefined),
}

/** `http://ocsp.example/`: what is said there is signed, and asking by TLS would mean to judge a certificate for it. */
export const HTTP_URL: Written<string> = {
  how: 'write http:// and a place, such as http://ocsp.corp.internal/',
  read(text) {
    const url = URL.parse(text)
    return url?.protocol === 'http:' && url.username === '' && url.hash === '' ? url.href : undefined
  },
}

/** Is the host (name or address without brackets) one that never leaves this machine? */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  const family = isIP(host)
  return family === 0 ? false : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** A set of networks as `NETWORK` gives them; IPv4 addresses that arrive mapped into IPv6 count as IPv4. */
export function networkSet(networks: readonly string[]): { readonly has: (address: string) => boolean } {
  if (networks.length === 0) return { has: () => false }
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', prefix = ''] = network.split('/')
    list.addSubnet(base, Number(prefix), base.includes(':') ? 'ipv6' : 'ipv4')
  }
  return {
    has(address) {
      const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
      const family = isIP(plain)
      return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

/** Is the one network a part of the other? Both as CIDR. */
export function isWithin(part: string, whole: string): boolean {
  const [base = '', length] = part.split('/')
  return Number(length) >= Number(whole.split('/')[1]) && networkSet([whole]).has(base)
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** A network as written, and the address that it begins with. */
function networkOf(text: string) {
  const [, written = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = IP.read(written)
  if (address === undefined) return undefined
  const bits = address.includes(':') ? 128 : 32
  const prefix = digits === undefined ? bits : Number(digits)
  if (prefix > bits) return undefined
  const rest = BigInt(bits - prefix)
  const base = (addressBits(address) >> rest) << rest
  return { address, base: addressText(base, bits), prefix }
}

const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'))

function addressBits(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
  const [head = '', tail = ''] = address.split('::')
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n)
}

function addressText(value: bigint, bits: number): string {
  const digits = value.toString(16).padStart(bits / 4, '0')
  if (bits === 128) return IP.read((digits.match(/.{4}/g) ?? []).join(':')) ?? ''
  return (digits.match(/.{2}/g) ?? []).map((part) => Number.parseInt(part, 16)).join('.')
}
