import * as fc from 'fast-check'
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { proxyHeader, type ProxyReading, readProxyHeader } from '../../../src/net/proxy-header.ts'
import { BINARY, BINARY_6, binaryHeader, block, LOCAL, TEXT, TEXT_6, tlv } from '../../support/proxy.ts'

const V4 = block('c000024d', 'cb007107')
const V6 = '20010db8000000000000000000000077'
const filled = (length: number): Buffer => Buffer.alloc(length, 0x5a)
const binary = (family: number, bytes: Buffer, command = 0x21, length = bytes.length): Buffer =>
  binaryHeader({ family, block: bytes, command, length })

/** Headers, and the client that they name. */
const GOOD: readonly (readonly [what: string, header: string | Buffer, client: string | undefined])[] = [
  ['version 1, IPv4', TEXT, '192.0.2.77'],
  ['version 1, IPv6', TEXT_6, '2001:db8::77'],
  ['version 1, another way to write the address', 'PROXY TCP6 2001:DB8:0:0:0::0077 ::1 1 65535\r\n', '2001:db8::77'],
  ['version 1, IPv4 within IPv6', 'PROXY TCP6 ::ffff:192.0.2.77 ::1 0 1\r\n', '192.0.2.77'],
  ['version 1, unknown', 'PROXY UNKNOWN\r\n', undefined],
  ['version 1, unknown, and words', 'PROXY UNKNOWN ffff::f 192.0.2.1 never mind\r\n', undefined],
  ['version 1, the longest line', `PROXY UNKNOWN ${'f'.repeat(91)}\r\n`, undefined],
  ['version 2, IPv4, with a TLV', BINARY, '192.0.2.77'],
  ['version 2, IPv6', BINARY_6, '2001:db8::77'],
  ['version 2, IPv4 within IPv6', binary(0x21, block('00000000000000000000ffffc000024d', V6)), '192.0.2.77'],
  [
    'version 2, many TLVs',
    binary(0x11, Buffer.concat([V4, tlv(0x20, filled(1000)), tlv(4, filled(99))])),
    '192.0.2.77',
  ],
  ['version 2, the longest', binary(0x11, Buffer.concat([V4, filled(4096 - 16 - 12)])), '192.0.2.77'],
  ['version 2, LOCAL', LOCAL, undefined],
  ['version 2, LOCAL with addresses, which do not count', binary(0x11, V4, 0x20), undefined],
  ['version 2, LOCAL of a family that nobody knows', binary(0xff, filled(3), 0x20), undefined],
  ['version 2, unspecified', binary(0x00, Buffer.alloc(0)), undefined],
  ['version 2, unspecified, with bytes', binary(0x00, filled(20)), undefined],
  ['version 2, a UNIX socket', binary(0x31, filled(216)), undefined],
]

const FAULTY: readonly (readonly [what: string, header: string | Buffer, detail: RegExp])[] = [
  ['a stream', "<?xml version='1.0'?>", /no header/],
  ['TLS', Buffer.from('160301', 'hex'), /no header/],
  ['small letters', 'proxy TCP4 ', /no header/],
  ['a line that does not end', `PROXY UNKNOWN ${'f'.repeat(93)}`, /longer than 107/],
  ['a line that ends one byte late', `PROXY UNKNOWN ${'f'.repeat(92)}\r\n`, /longer than 107/],
  ['a lonely line feed', `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n${'f'.repeat(80)}`, /longer than 107/],
  ['another family', 'PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n', /version 1/],
  ['UDP', 'PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n', /version 1/],
  ['IPv6 as IPv4', 'PROXY TCP4 2001:db8::1 192.0.2.2 1 2\r\n', /version 1/],
  ['IPv4 as IPv6', 'PROXY TCP6 192.0.2.1 2001:db8::1 1 2\r\n', /version 1/],
  ['an address with zeros in front', 'PROXY TCP4 192.0.02.1 192.0.2.2 1 2\r\n', /version 1/],
  ['an address with a zone', 'PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n', /version 1/],
  ['a name', 'PROXY TCP4 peer.test 192.0.2.2 1 2\r\n', /version 1/],
  ['a port too high', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n', /version 1/],
  ['a port with a zero in front', 'PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n', /version 1/],
  ['two blanks', 'PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n', /version 1/],
  ['a word too many', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n', /version 1/],
  ['nothing but the word', 'PROXY \r\n', /version 1/],
  ['version 1 in binary', binary(0x11, V4, 0x11), /0x11/],
  ['a command that does not exist', binary(0x11, V4, 0x22), /0x22/],
  ['UDP in binary', binary(0x12, V4), /0x12/],
  ['a family that does not exist', binary(0x41, V4), /0x41/],
  ['too few bytes for IPv4', binary(0x11, V4.subarray(1)), /11 bytes/],
  ['too few bytes for IPv6', binary(0x21, V4), /12 bytes/],
  ['too few bytes for a UNIX socket', binary(0x31, V4), /12 bytes/],
  ['a length beyond the bound', binary(0x11, V4, 0x21, 4081), /4097 bytes/],
  ['the greatest length', binary(0x11, V4, 0x20, 65_535), /65551 bytes/],
]

/** Feeds it byte by byte; gives the first reading that is final, and how many bytes it took. */
function byByte(header: Buffer): { readonly reading: ProxyReading; readonly took: number } {
  for (let took = 0; took <= header.length; took++) {
    const reading = readProxyHeader(header.subarray(0, took))
    if (reading.kind !== 'more') return { reading, took }
  }
  return { reading: { kind: 'more' }, took: header.length }
}

describe('a header', () => {
  for (const [what, written, client] of GOOD) {
    test(`${what}: whole, byte by byte, and with a stream behind it`, () => {
      const header = Buffer.from(written)
      const expected: ProxyReading = { kind: 'header', bytes: header.length, client }
      deepEqual(readProxyHeader(header), expected)
      deepEqual(byByte(header), { reading: expected, took: header.length })
      deepEqual(readProxyHeader(Buffer.concat([header, Buffer.from('<stream:stream>')])), expected)
    })
  }
})

describe('no header', () => {
  for (const [what, written, detail] of FAULTY) {
    test(what, () => {
      const bytes = Buffer.from(written)
      for (const reading of [readProxyHeader(bytes), byByte(bytes).reading]) {
        ok(reading.kind === 'faulty', reading.kind)
        ok(detail.test(reading.detail), reading.detail)
      }
    })
  }
  test('is known by its first byte', () => {
    equal(byByte(Buffer.from("<?xml version='1.0'?>")).took, 1)
    equal(byByte(Buffer.from('PROXX')).took, 5)
    equal(byByte(binary(0x11, V4, 0x31)).took, 13)
  })
})

test('whatever comes, it never throws, never takes more than its bound, and a verdict stays whatever follows', () => {
  const reached = { header: 0, faulty: 0, more: 0 }
  const headers = GOOD.map(([, header]) => Buffer.from(header))
  // A good header of which a few bytes are changed, and some cut off or added.
  const spoilt = fc
    .tuple(
      fc.constantFrom(...headers),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 2 }),
      fc.nat(20),
      fc.uint8Array({ maxLength: 20 }),
    )
    .map(([header, changes, cut, added]) => {
      const bytes = Buffer.from(header)
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return Buffer.concat([cut > 10 ? bytes.subarray(0, -cut) : bytes, added])
    })
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: spoilt }, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const received = Buffer.from(bytes)
      const { reading, took } = byByte(received)
      reached[reading.kind] += 1
      deepEqual(readProxyHeader(received), reading)
      if (reading.kind === 'more') ok(received.length < 4096)
      if (reading.kind === 'header') equal(reading.bytes, took)
    }),
    { numRuns: 2000 },
  )
  for (const [kind, times] of Object.entries(reached)) ok(times > 100, `${kind}: ${times}`)
})

test('what is written is read: in one family, and IPv4 in IPv6 where there are two', () => {
  for (const [client, arrived, line] of [
    ['192.0.2.77', '127.0.0.1', 'PROXY TCP4 192.0.2.77 127.0.0.1 0 5222\r\n'],
    ['2001:db8::77', '::1', 'PROXY TCP6 2001:db8::77 ::1 0 5222\r\n'],
    ['192.0.2.77', '::1', 'PROXY TCP6 ::ffff:192.0.2.77 ::1 0 5222\r\n'],
    ['2001:db8::77', '127.0.0.1', 'PROXY TCP6 2001:db8::77 ::ffff:127.0.0.1 0 5222\r\n'],
  ] as const) {
    const written = proxyHeader({ address: client, port: 0 }, { address: arrived, port: 5222 })
    equal(written, line)
    deepEqual(readProxyHeader(Buffer.from(written)), { kind: 'header', bytes: line.length, client })
  }
  const zoned = proxyHeader({ address: 'fe80::1%eth0', port: 0 }, { address: 'fe80::2%eth0', port: 5222 })
  equal(zoned, 'PROXY TCP6 fe80::1 fe80::2 0 5222\r\n')
})
