// Revocation lists for tests, right and wrong, made by hand: no tool makes the wrong ones.
//
//   crl({ ca, revoked: [leaf] })                                        // current for a day
//   crl({ ca, revoked: [{ serial, reason: 1 }], number: 7, base: 5 })   // a delta

import { createPrivateKey, sign } from 'node:crypto'
import { TAG, readAll, readDer, writeDer, writeOid } from '../../src/trust/der.ts'
import type { Issued } from './pki.ts'

const DAY = 86_400_000

export interface RevokedEntry {
  readonly serial: Buffer
  readonly reason?: number
  readonly at?: Date
  /** DER of further Extension values. */
  readonly extensions?: readonly Buffer[]
}

export interface CrlOptions {
  readonly ca: Issued
  readonly revoked?: readonly (Issued | RevokedEntry)[]
  readonly thisUpdate?: Date
  /** `'none'`: left out. */
  readonly nextUpdate?: Date | 'none'
  readonly number?: number
  readonly base?: number
  /** The content of an IssuingDistributionPoint. */
  readonly scope?: readonly Buffer[]
  /** DER of further Extension values. */
  readonly extensions?: readonly Buffer[]
  /** Signed by this one's key instead. */
  readonly signer?: Issued
  /** Default: SHA-256. */
  readonly hash?: Hash
}

type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** The content octets of a serial number. */
export function serialOf({ der }: Issued): Buffer {
  const [tbs] = readAll(readDer(der).content)
  return readAll(tbs!.content)[1]!.content
}

/** DER of an Extension. */
export function extension(oid: string, body: Buffer, critical = false): Buffer {
  const flag = critical ? [writeDer(TAG.boolean, Buffer.of(0xff))] : []
  return writeDer(TAG.sequence, writeOid(oid), ...flag, writeDer(TAG.octetString, body))
}

/** A name of a distribution point: `uri`, as a certificate or a CRL writes it. */
export const pointName = (uri: string): Buffer =>
  writeDer(0xa0, writeDer(0xa0, writeDer(0x86, Buffer.from(uri, 'latin1'))))

/** `cRLDistributionPoints` with these URIs, as an extension of a certificate. */
export function distributionPoints(...uris: readonly string[]): { oid: string; critical: boolean; value: Buffer } {
  const value = writeDer(TAG.sequence, ...uris.map((uri) => writeDer(TAG.sequence, pointName(uri))))
  return { oid: '2.5.29.31', critical: false, value }
}

/** `freshestCRL` with one URI: where the deltas are. */
export const freshest = (uri: string): Buffer =>
  extension('2.5.29.46', writeDer(TAG.sequence, writeDer(TAG.sequence, pointName(uri))))

/** DER of a CRL. */
export function crl(o: CrlOptions): Buffer {
  const now = Date.now()
  const entries = (o.revoked ?? []).map((one) => entryOf('der' in one ? { serial: serialOf(one) } : one))
  const extensions = [
    ...(o.number === undefined ? [] : [extension('2.5.29.20', integer(o.number))]),
    ...(o.base === undefined ? [] : [extension('2.5.29.27', integer(o.base), true)]),
    ...(o.scope ? [extension('2.5.29.28', writeDer(TAG.sequence, ...o.scope), true)] : []),
    ...(o.extensions ?? []),
  ]
  const { hash = 'SHA-256', signer = o.ca } = o
  const key = createPrivateKey(signer.keyPem)
  const algorithm = ALGORITHMS[key.asymmetricKeyType === 'rsa' ? 'RSA' : 'ECDSA'][hash]
  const tbs = writeDer(
    TAG.sequence,
    integer(1),
    algorithm,
    nameOf(o.ca),
    time(o.thisUpdate ?? new Date(now - 60_000)),
    ...(o.nextUpdate === 'none' ? [] : [time(o.nextUpdate ?? new Date(now + DAY))]),
    ...(entries.length > 0 ? [writeDer(TAG.sequence, Buffer.concat(entries))] : []),
    ...(extensions.length > 0 ? [writeDer(0xa0, writeDer(TAG.sequence, ...extensions))] : []),
  )
  const signature = sign(hash, tbs, key)
  return writeDer(TAG.sequence, tbs, algorithm, writeDer(TAG.bitString, Buffer.of(0), signature))
}

const ecdsa = (oid: string): Buffer => writeDer(TAG.sequence, writeOid(oid))
const rsa = (oid: string): Buffer => writeDer(TAG.sequence, writeOid(oid), Buffer.of(5, 0))
const ALGORITHMS: Readonly<Record<'RSA' | 'ECDSA', Readonly<Record<Hash, Buffer>>>> = {
  RSA: {
    'SHA-1': rsa('1.2.840.113549.1.1.5'),
    'SHA-256': rsa('1.2.840.113549.1.1.11'),
    'SHA-384': rsa('1.2.840.113549.1.1.12'),
    'SHA-512': rsa('1.2.840.113549.1.1.13'),
  },
  ECDSA: {
    'SHA-1': ecdsa('1.2.840.10045.4.1'),
    'SHA-256': ecdsa('1.2.840.10045.4.3.2'),
    'SHA-384': ecdsa('1.2.840.10045.4.3.3'),
    'SHA-512': ecdsa('1.2.840.10045.4.3.4'),
  },
}

/** The subject of a certificate, as it is written there. */
function nameOf({ der }: Issued): Buffer {
  const [tbs] = readAll(readDer(der).content)
  return readAll(tbs!.content)[5]!.whole
}

function entryOf({ serial, reason, at, extensions = [] }: RevokedEntry): Buffer {
  const all = [
    ...(reason === undefined ? [] : [extension('2.5.29.21', writeDer(0x0a, Buffer.of(reason)))]),
    ...extensions,
  ]
  return writeDer(
    TAG.sequence,
    writeDer(TAG.integer, serial),
    time(at ?? new Date(Date.now() - DAY)),
    ...(all.length > 0 ? [writeDer(TAG.sequence, ...all)] : []),
  )
}

const integer = (value: number): Buffer => writeDer(TAG.integer, Buffer.of(value))

const time = (date: Date): Buffer =>
  writeDer(TAG.generalizedTime, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, ''), 'latin1'))
