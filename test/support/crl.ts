// Revocation lists for tests, right and wrong, made by hand: no tool makes the wrong ones.
//
//   crl({ ca, revoked: [leaf] })                                        // current for a day
//   crl({ ca, revoked: [{ serial, reason: 1 }], number: 7, base: 5 })   // a delta

import { sign } from 'node:crypto'
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
}

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
  const tbs = writeDer(
    TAG.sequence,
    integer(1),
    ECDSA,
    nameOf(o.ca),
    time(o.thisUpdate ?? new Date(now - 60_000)),
    ...(o.nextUpdate === 'none' ? [] : [time(o.nextUpdate ?? new Date(now + DAY))]),
    ...(entries.length > 0 ? [writeDer(TAG.sequence, Buffer.concat(entries))] : []),
    ...(extensions.length > 0 ? [writeDer(0xa0, writeDer(TAG.sequence, ...extensions))] : []),
  )
  const signature = sign('sha256', tbs, (o.signer ?? o.ca).keyPem)
  return writeDer(TAG.sequence, tbs, ECDSA, writeDer(TAG.bitString, Buffer.of(0), signature))
}

const ECDSA = writeDer(TAG.sequence, writeOid('1.2.840.10045.4.3.2'))

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
