// A list of what a CA has revoked, as it publishes it. RFC 5280 §5

import { createPrivateKey, sign } from 'node:crypto'
import { readAll, readDer, TAG, writeDer, writeOid } from '../../trust/der.ts'

export const ECDSA_SHA384 = '1.2.840.10045.4.3.3'
const OID_CRL_NUMBER = '2.5.29.20'

export interface ListContent {
  /** DER of the certificate of the CA. */
  readonly issuer: Buffer
  /** Its key, PEM. */
  readonly key: string
  /** DER of the serial numbers. */
  readonly revoked: readonly Buffer[]
  readonly number: number
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
}

/** DER of the list, signed with P-384 and SHA-384. */
export function revocationList(o: ListContent): Buffer {
  const algorithm = writeDer(TAG.sequence, writeOid(ECDSA_SHA384))
  const entries = o.revoked.map((serial) => writeDer(TAG.sequence, serial, time(o.thisUpdate)))
  const number = Buffer.alloc(5)
  number.writeUInt32BE(o.number, 1)
  const extension = writeDer(
    TAG.sequence,
    writeOid(OID_CRL_NUMBER),
    writeDer(TAG.octetString, writeDer(TAG.integer, shortest(number))),
  )
  const tbs = writeDer(
    TAG.sequence,
    writeDer(TAG.integer, Buffer.of(1)),
    algorithm,
    partOf(o.issuer, 'subject'),
    time(o.thisUpdate),
    time(o.nextUpdate),
    ...(entries.length > 0 ? [writeDer(TAG.sequence, ...entries)] : []),
    writeDer(0xa0, writeDer(TAG.sequence, extension)),
  )
  const signature = sign('SHA384', tbs, createPrivateKey(o.key))
  return writeDer(TAG.sequence, tbs, algorithm, writeDer(TAG.bitString, Buffer.of(0), signature))
}

/** DER of a part of a certificate. RFC 5280 §4.1 */
export const partOf = (certificate: Buffer, part: keyof typeof PARTS): Buffer =>
  readAll(readAll(readDer(certificate).content)[0]!.content)[PARTS[part]]!.whole

const PARTS = { serial: 1, subject: 5, key: 6 } as const

/** As few octets as the number takes. X.690 §8.3.2 */
function shortest(octets: Buffer): Buffer {
  const first = octets.findIndex((octet, i) => octet !== 0 || i === octets.length - 1)
  return octets.subarray(octets[first]! > 0x7f ? first - 1 : first)
}

/** GeneralizedTime of milliseconds since 1970. */
export const time = (ms: number): Buffer =>
  writeDer(TAG.generalizedTime, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, ''), 'latin1'))
