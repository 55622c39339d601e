import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { brokenConnection, connectFailure, tlsFailure } from '../../../src/net/failure.ts'
import type { ReasonId } from '../../../src/xmpp/reasons.ts'

const error = (code: string, message = code): Error => Object.assign(new Error(message), { code })

test('why a connection could not be made', () => {
  const table: readonly (readonly [code: string, reason: ReasonId])[] = [
    ['ECONNREFUSED', 'SP-211'],
    ['ETIMEDOUT', 'SP-212'],
    ['EHOSTUNREACH', 'SP-213'],
    ['ENETUNREACH', 'SP-213'],
    ['EADDRNOTAVAIL', 'SP-213'],
    ['ECONNRESET', 'SP-214'],
    ['EMFILE', 'SP-216'],
    ['', 'SP-216'],
  ]
  for (const [code, reason] of table) equal(connectFailure(error(code)).reason, reason, code)
  equal(connectFailure('?').detail, '?')
})

test('why TLS failed, in the words of OpenSSL 3', () => {
  const table: readonly (readonly [code: string, words: string, reason: ReasonId])[] = [
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'unsupported protocol', 'SP-353'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tlsv1 alert protocol version', 'SP-353'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number', 'SP-354'], // plaintext where a handshake should be
    ['ERR_SSL_HTTP_REQUEST', 'http request', 'SP-354'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'no shared cipher', 'SP-354'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'sslv3 alert handshake failure', 'SP-354'],
    ['ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', 'sslv3 alert bad record mac', 'SP-354'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tlsv1 alert unknown ca', 'SP-356'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'sslv3 alert bad certificate', 'SP-356'],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'ssl/tls alert certificate expired', 'SP-356'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tlsv13 alert certificate required', 'SP-356'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'tlsv1 alert access denied', 'SP-356'],
    ['ERR_TLS_RENEGOTIATION_DISABLED', '', 'SP-357'],
    ['ECONNRESET', 'read ECONNRESET', 'SP-355'],
    ['EPIPE', 'write EPIPE', 'SP-355'],
  ]
  for (const [code, words, reason] of table) equal(tlsFailure(error(code, words)).reason, reason, code)
})

test('an alert on a connection that was secured is about our certificate, anything else is the network', () => {
  equal(brokenConnection(error('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tlsv1 alert unknown ca')).reason, 'SP-356')
  equal(brokenConnection(error('ECONNRESET')).reason, 'SP-214')
  equal(brokenConnection(error('EPIPE')).reason, 'SP-214')
})
