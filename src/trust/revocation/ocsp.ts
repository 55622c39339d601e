// Asking an OCSP responder about one certificate, and what its answer says. RFC 6960; RFC 5019 for what is asked.
//
// Rule 1: an answer counts when it is about this very certificate, current, and signed by the CA that issued the certificate
//         or by a responder which that CA itself has certified for that. RFC 6960 §3.2, §4.2.2.2
// Rule 2: what is signed below `standard` says nothing. What is signed below a stricter profile vouches for nobody under
//         that, and may revoke: a certificate that is refused under a lax profile is refused under each stricter one.
// Rule 3: no nonce: answers that were made beforehand, and staples, have none. How old one may be is its own to say.
// Rule 4: reading is left to a library, signatures to OpenSSL; what is signed are the octets as they came.

import { createHash } from 'node:crypto'
import { BasicOCSPResponse, OCSPResponse, OCSPResponseStatus, id_pkix_ocsp_basic } from '@peculiar/asn1-ocsp'
import type { CertID, SingleResponse } from '@peculiar/asn1-ocsp'
import { AsnConvert } from '@peculiar/asn1-schema'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { readCertificate } from '../certificate.ts'
import type { Certificate } from '../certificate.ts'
import { TAG, readAll, readDer, writeDer, writeOid } from '../der.ts'
import { readName } from '../distinguished-name.ts'
import type { PathFault } from '../demands.ts'
import type { Profile } from '../profiles/profile.ts'
import { STANDARD } from '../profiles/standard.ts'
import { weakSignature } from '../strength.ts'
import { subjectText } from '../summary.ts'
import type { Understood } from './evidence.ts'
import { pointersOf } from './pointers.ts'
import { revokedText } from './serials.ts'
import { belowOf, isSignedBy, weakSigned } from './signed.ts'
import type { Below, Signed } from './signed.ts'
import type { Said, Standing, Unknown } from './standing.ts'

/** No honest answer is larger. */
export const LARGEST_OCSP_BYTES = 65_536

const OID_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const SHA1 = '1.3.14.3.2.26'
const HASHES: Readonly<Record<string, string>> = { [SHA1]: 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' }
/** Clocks differ. */
const SKEW_MS = 300_000
/** How long an answer holds that does not say until when: that newer ones are to be had all the time. RFC 6960 §4.2.2.1 */
const UNSAID_MS = 3_600_000
/** More certificates in an answer are not looked at. */
const MOST_SIGNERS = 4

export interface Asked {
  readonly certificate: Certificate
  /** The CA above it, from the validated path. */
  readonly issuer: Certificate
}

/**
 * DER of a request about one certificate; undefined where the certificates do not read.
 * SHA-1 names the issuer, as every responder understands; nothing rests on it.
 */
export function ocspRequest({ certificate, issuer }: Asked): Buffer | undefined {
  const [own, above] = [pointersOf(certificate), pointersOf(issuer)]
  if (typeof own === 'string' || typeof above === 'string') return undefined
  const id = writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeOid(SHA1), Buffer.of(5, 0)),
    writeDer(TAG.octetString, hash('sha1', certificate.issuer.raw)),
    writeDer(TAG.octetString, hash('sha1', above.keyBits)),
    writeDer(TAG.integer, own.serial),
  )
  const list = writeDer(TAG.sequence, writeDer(TAG.sequence, id))
  return writeDer(TAG.sequence, writeDer(TAG.sequence, list))
}

const hash = (algorithm: string, bytes: Buffer): Buffer => createHash(algorithm).update(bytes).digest()

/** What an answer says that counts. */
export interface Answer extends Said {
  /** Signed too weakly for those profiles. */
  readonly below: Below
}

/** What an answer comes to under a profile. */
export function standingUnder({ name }: Profile, { standing, below }: Answer): Standing {
  const fault = below[name]
  if (fault === undefined || standing.status === 'revoked') return standing
  return { status: 'unknown', reason: 'SP-323', detail: fault }
}

/** SECURITY: what a responder said before a revocation of which we know does not undo it, whoever says it again. */
export const undoes = (fresh: Answer, known: Answer): Extract<Understood<never>, { readonly ok: false }> | undefined =>
  known.standing.status === 'revoked' && fresh.standing.status === 'good' && fresh.from <= known.from
    ? {
        ok: false,
        reason: 'SP-336',
        detail: 'the answer is older than one which says that the certificate was revoked',
      }
    : undefined

/** What the answer says about the certificate, at `at` (milliseconds since 1970). */
export function judgeResponse(der: Buffer, asked: Asked, at: number): Standing {
  const answer = readAnswer(der, asked, at)
  return 'standing' in answer ? answer.standing : answer
}

/** The same, with its time. */
export function readAnswer(der: Buffer, asked: Asked, at: number): Answer | Unknown {
  const name = subjectText(asked.certificate)
  const unknown = (reason: ReasonId, detail: string): Unknown => ({
    status: 'unknown',
    reason,
    detail: `${name}: ${detail}`,
  })
  const read = readResponse(der)
  if (typeof read === 'string') return unknown('SP-338', read)
  const { basic, signed, certificates, responder } = read
  const { responses, responseExtensions = [] } = basic.tbsResponseData
  const said = responses.find(({ certID }) => isAbout(certID, asked))
  if (!said) return unknown('SP-338', 'the responder answered about another certificate')
  const critical = [...responseExtensions, ...(said.singleExtensions ?? [])].find((extension) => extension.critical)
  if (critical) return unknown('SP-338', `the responder's answer has the critical extension ${critical.extnID}`)
  const signer = signerOf({ signed, certificates, responder }, asked, at)
  if ('reason' in signer) return unknown(signer.reason, signer.detail)
  const [from, until] = [said.thisUpdate.getTime(), said.nextUpdate?.getTime() ?? said.thisUpdate.getTime() + UNSAID_MS]
  if (Number.isNaN(from) || Number.isNaN(until) || from > at + SKEW_MS)
    return unknown('SP-336', `the responder's answer holds only from ${timeText(from)}`)
  if (until < at) return unknown('SP-336', `the responder's answer held until ${timeText(until)}`)
  const standing = standingOf(said, until, name)
  const below = belowOf((profile) => {
    const weak = weakOf(signed, signer.certificate, asked.issuer, profile)
    return weak && `${name}: ${weak}`
  })
  return standing ? { standing, from, until, below } : unknown('SP-335', 'the responder does not know it')
}

const timeText = (ms: number): string => (Number.isNaN(ms) ? 'a time that is none' : new Date(ms).toISOString())

/** Undefined where the responder does not know the certificate. */
function standingOf({ certStatus }: SingleResponse, until: number, name: string): Answer['standing'] | undefined {
  const { revoked, good } = certStatus
  if (revoked) {
    const at = revoked.revocationTime.getTime()
    const entry = { reason: revoked.revocationReason?.reason ?? 0, at: Number.isNaN(at) ? undefined : at }
    return { status: 'revoked', reason: 'SP-332', detail: `${name}: ${revokedText(entry)}` }
  }
  return good === undefined ? undefined : { status: 'good', until, by: 'responder' }
}

interface Read {
  readonly basic: BasicOCSPResponse
  readonly responder: Responder
  readonly signed: Signed
  /** DER of the certificates that came with it. */
  readonly certificates: readonly Buffer[]
}

function readResponse(der: Buffer): Read | string {
  if (der.length > LARGEST_OCSP_BYTES) return `the responder answered with ${der.length} bytes`
  try {
    const { responseStatus, responseBytes } = AsnConvert.parse(der, OCSPResponse)
    if (responseStatus !== OCSPResponseStatus.successful)
      return `the responder answered "${OCSPResponseStatus[responseStatus] ?? responseStatus}"`
    if (responseBytes?.responseType !== id_pkix_ocsp_basic) return 'the responder answered in a form of its own'
    const raw = Buffer.from(responseBytes.response.buffer)
    const basic = AsnConvert.parse(raw, BasicOCSPResponse)
    const parts = readAll(readDer(raw, TAG.sequence).content)
    const list = parts.find(({ tag }) => tag === 0xa0)
    return {
      basic,
      responder: responderOf(basic.tbsResponseData.responderID),
      signed: { octets: parts[0]!.whole, algorithm: parts[1]!.whole, signature: Buffer.from(basic.signature) },
      certificates: list ? readAll(readDer(list.content, TAG.sequence).content).map(({ whole }) => whole) : [],
    }
  } catch {
    // Whatever the library makes of it: it is no answer.
    return 'what the responder answered does not read'
  }
}

/** RFC 6960 §4.1.1: the same issuer, by name and key, and the same number. */
function isAbout(id: CertID, { certificate, issuer }: Asked): boolean {
  const algorithm = HASHES[id.hashAlgorithm.algorithm]
  const [own, above] = [pointersOf(certificate), pointersOf(issuer)]
  if (algorithm === undefined || typeof own === 'string' || typeof above === 'string') return false
  return (
    own.serial.equals(Buffer.from(id.serialNumber)) &&
    hash(algorithm, certificate.issuer.raw).equals(Buffer.from(id.issuerNameHash.buffer)) &&
    hash(algorithm, above.keyBits).equals(Buffer.from(id.issuerKeyHash.buffer))
  )
}

/** How the responder names itself: by the key of its name, or by the SHA-1 of its public key. */
type Responder = { readonly name: string } | { readonly key: Buffer } | undefined

function responderOf({ byName, byKey }: BasicOCSPResponse['tbsResponseData']['responderID']): Responder {
  if (byKey) return { key: Buffer.from(byKey.buffer) }
  return byName && { name: readName(Buffer.from(AsnConvert.serialize(byName))).key }
}

interface Signature {
  readonly signed: Signed
  readonly certificates: readonly Buffer[]
  readonly responder: Responder
}

/** Who signed it and may, or why nobody. */
function signerOf(
  { signed, certificates, responder }: Signature,
  { certificate, issuer }: Asked,
  at: number,
): { readonly certificate: Certificate } | PathFault {
  const wrong = (detail: string): PathFault => ({ reason: 'SP-337', detail })
  const fault = wrong(`the answer is not signed by ${subjectText(issuer)}, nor by anybody it has certified for that`)
  let weak: string | undefined
  if (isResponder(issuer, responder)) {
    if (isSignedBy(signed, issuer)) return { certificate: issuer }
    weak = weakOf(signed, issuer, issuer, STANDARD)
  }
  for (const der of certificates.slice(0, MOST_SIGNERS)) {
    const signer = readCertificate(der)
    if (typeof signer === 'string' || !isResponder(signer, responder)) continue
    weak ??= weakOf(signed, signer, issuer, STANDARD)
    if (!isSignedBy(signed, signer)) continue
    const who = `the answer is signed by ${subjectText(signer)}`
    if (signer.issuer.key !== issuer.subject.key || !isIssuedBy(signer, issuer))
      return weak === undefined ? wrong(`${who}, which ${subjectText(issuer)} has not certified`) : tooWeak(weak)
    // SECURITY: a certificate does not vouch for itself.
    const usages = signer.extensions.extendedKeyUsage
    if (!usages?.includes(OID_OCSP_SIGNING) || signer.fingerprint === certificate.fingerprint)
      return wrong(`${who}, which is not certified for that`)
    if (at > signer.notAfter || at < signer.notBefore) return wrong(`${who}, whose certificate is not valid now`)
    return { certificate: signer }
  }
  return weak === undefined ? fault : tooWeak(weak)
}

const tooWeak = (detail: string): PathFault => ({ reason: 'SP-323', detail })

/** What is weak, under a profile, about an answer signed so: its signature, the key of the signer, the signer's certificate. */
function weakOf(signed: Signed, signer: Certificate, issuer: Certificate, profile: Profile): string | undefined {
  const weak = weakSigned(signed, signer, profile)
  if (weak !== undefined) return `the answer is ${weak}`
  const isDelegate = signer !== issuer
  const weakCertificate = isDelegate ? weakSignature(signer, profile) : undefined
  return (
    weakCertificate &&
    `the responder ${subjectText(signer)} is certified by one ${weakCertificate}, under the profile ${profile.name}`
  )
}

function isResponder(signer: Certificate, responder: Responder): boolean {
  if (!responder) return false
  if ('name' in responder) return signer.subject.key === responder.name
  const pointers = pointersOf(signer)
  return typeof pointers !== 'string' && hash('sha1', pointers.keyBits).equals(responder.key)
}

function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (weakSignature(certificate) !== undefined) return false
  try {
    return certificate.x509.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}
