// Errors of the operating system, of OpenSSL and of Node, as reasons. The code decides; the message goes into the
// detail, where an administrator may need it.

import type { ReasonId } from '../xmpp/reasons.ts'

export interface Failure {
  readonly reason: ReasonId
  readonly detail: string
}

/** Listens to the errors of a socket that somebody else answers for: what nobody listens to ends the process. */
export const heedless = (): void => {}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
  const code = codeOf(error)
  return code && !reason.includes(code) ? `${code}: ${reason}` : reason
}

const CONNECT: Readonly<Record<string, ReasonId>> = {
  ECONNREFUSED: 'SP-211',
  ETIMEDOUT: 'SP-212',
  EHOSTUNREACH: 'SP-213',
  ENETUNREACH: 'SP-213',
  EHOSTDOWN: 'SP-213',
  ENETDOWN: 'SP-213',
  EADDRNOTAVAIL: 'SP-213',
  EAFNOSUPPORT: 'SP-213',
  ECONNRESET: 'SP-214',
}

/** Why a TCP connection could not be made. */
export const connectFailure = (error: unknown): Failure => ({
  reason: CONNECT[codeOf(error)] ?? 'SP-216',
  detail: detailOf(error),
})

// What the other side says about our certificate. RFC 8446 §6.2; a peer that wants one and gets none says so too.
const CERTIFICATE_ALERT =
  /alert[_ ](?:(?:no|bad|unsupported)[_ ]certificate|certificate[_ ](?:required|expired|revoked|unknown)|unknown[_ ]ca|access[_ ]denied)/i
const VERSION = /unsupported[_ ]protocol|alert[_ ]protocol[_ ]version|inappropriate[_ ]fallback/i
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED'])

/** Why TLS failed: the handshake, or an alert that a peer sends when it has seen our certificate (RFC 8446 §4.4.2.4). */
export function tlsFailure(error: unknown): Failure {
  const code = codeOf(error)
  const detail = detailOf(error)
  const what = `${code} ${detail}`
  if (code === 'ERR_TLS_RENEGOTIATION_DISABLED' || /no[_ ]renegotiation/i.test(what))
    return { reason: 'SP-357', detail }
  if (LOST.has(code)) return { reason: 'SP-355', detail }
  if (VERSION.test(what)) return { reason: 'SP-353', detail }
  if (CERTIFICATE_ALERT.test(what)) return { reason: 'SP-356', detail }
  return { reason: 'SP-354', detail }
}

/** Why an open connection broke. What OpenSSL says on a connection that was secured is the peer's alert. */
export function brokenConnection(error: unknown): Failure {
  const code = codeOf(error)
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return tlsFailure(error)
  return { reason: 'SP-214', detail: detailOf(error) }
}
