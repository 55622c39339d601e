// What an OCSP responder answers about one certificate. RFC 6960 §4.2

import { createHash, createPrivateKey, sign } from 'node:crypto'
import { readAll, readDer, TAG, writeDer, writeOid } from '../../trust/der.ts'
import { ECDSA_SHA384, partOf, time } from './revocation-list.ts'

const OID_BASIC = '1.3.6.1.5.5.7.48.1.1'
const SHA1 = '1.3.14.3.2.26'
const ENUMERATED = 0x0a

export interface AnswerContent {
  /** DER of the CA that has issued the certificate, and of the number of that. */
  readonly issuer: Buffer
  readonly serial: Buffer
  readonly status: 'good' | 'revoked' | 'unknown'
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** Who signs: DER of the certificate, which goes along where it is not that of the CA, and the key, PEM. */
  readonly signer: { readonly certificate: Buffer; readonly key: string }
}

/** DER of the answer, signed with P-384 and SHA-384. */
export function ocspAnswer({ issuer, serial, status, thisUpdate, nextUpdate, signer }: AnswerContent): Buffer {
  const said = writeDer(
    TAG.sequence,
    certificateId(issuer, serial),
    statusOf(status, thisUpdate),
    time(thisUpdate),
    writeDer(0xa0, time(nextUpdate)),
  )
  const tbs = writeDer(
    TAG.sequence,
    writeDer(0xa1, partOf(signer.certificate, 'subject')),
    time(thisUpdate),
    writeDer(TAG.sequence, said),
  )
  const basic = writeDer(
    TAG.sequence,
    tbs,
    writeDer(TAG.sequence, writeOid(ECDSA_SHA384)),
    writeDer(TAG.bitString, Buffer.of(0), sign('SHA384', tbs, createPrivateKey(signer.key))),
    ...(signer.certificate.equals(issuer) ? [] : [writeDer(0xa0, writeDer(TAG.sequence, signer.certificate))]),
  )
  const bytes = writeDer(TAG.sequence, writeOid(OID_BASIC), writeDer(TAG.octetString, basic))
  return writeDer(TAG.sequence, writeDer(ENUMERATED, Buffer.of(0)), writeDer(0xa0, bytes))
}

/** DER of an answer that says nothing but that somebody should ask again later. RFC 6960 §4.2.1 */
export const TRY_LATER = writeDer(TAG.sequence, writeDer(ENUMERATED, Buffer.of(3)))

/** DER of the number of the certificate that a request is about. RFC 6960 §4.1.1 */
export function askedAbout(request: Buffer): Buffer | undefined {
  const [tbs] = readAll(readDer(request, TAG.sequence).content)
  const list = tbs && readAll(tbs.content).find(({ tag }) => tag === TAG.sequence)
  const [first] = list ? readAll(list.content) : []
  const [id] = first ? readAll(first.content) : []
  return id && readAll(id.content)[3]?.whole
}

const hash = (octets: Buffer): Buffer => createHash('sha1').update(octets).digest()

const certificateId = (issuer: Buffer, serial: Buffer): Buffer =>
  writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeOid(SHA1), Buffer.of(5, 0)),
    writeDer(TAG.octetString, hash(partOf(issuer, 'subject'))),
    writeDer(TAG.octetString, hash(readAll(readDer(partOf(issuer, 'key')).content)[1]!.content.subarray(1))),
    serial,
  )

function statusOf(status: AnswerContent['status'], since: number): Buffer {
  if (status === 'revoked') return writeDer(0xa1, time(since))
  return writeDer(status === 'good' ? 0x80 : 0x82)
}
