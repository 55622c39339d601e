// Headers of the PROXY protocol as balancers write them, for tests.

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

export interface BinaryHeader {
  /** Version and command; default: version 2, PROXY. */
  readonly command?: number
  /** Address family and transport. */
  readonly family: number
  /** The addresses, and what follows them. */
  readonly block: Buffer
  /** Default: that of the block. */
  readonly length?: number
}

/** A header of version 2, faults included. */
export function binaryHeader({ command = 0x21, family, block: body, length = body.length }: BinaryHeader): Buffer {
  const fixed = Buffer.from([command, family, length >> 8, length & 0xff])
  return Buffer.concat([SIGNATURE, fixed, body])
}

/** Addresses and ports over IPv4 (12 bytes) or IPv6 (36 bytes), as hex digits of the addresses; `more`: TLVs. */
export function block(source: string, destination: string, more: Buffer = Buffer.alloc(0)): Buffer {
  const ports = Buffer.from('d6d81495', 'hex')
  return Buffer.concat([Buffer.from(source, 'hex'), Buffer.from(destination, 'hex'), ports, more])
}

/** A TLV of version 2. */
export function tlv(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value])
}

/** 192.0.2.77 in version 2, with a TLV such as balancers of the cloud send. */
export const BINARY = binaryHeader({
  family: 0x11,
  block: block('c000024d', 'cb007107', tlv(0xea, Buffer.from('\u0001vpce-0123456789'))),
})
/** 2001:db8::77 in version 2. */
export const BINARY_6 = binaryHeader({
  family: 0x21,
  block: block('20010db8000000000000000000000077', '20010db8000000000000000000000001'),
})
export const TEXT = 'PROXY TCP4 192.0.2.77 203.0.113.7 55000 5269\r\n'
export const TEXT_6 = 'PROXY TCP6 2001:db8::77 2001:db8::1 55000 5269\r\n'
/** The balancer for itself. */
export const LOCAL = binaryHeader({ command: 0x20, family: 0x00, block: Buffer.alloc(0) })
