// The conditions of RFC 6120: 22 for stanzas (§8.3.3), 25 for streams (§4.9.3), 11 for SASL (§6.5), in their wire
// spelling. What we send is picked from here, and what we receive is understood only if it is here.
//
// `section` is the section of RFC 6120 that defines the condition. `type` is the error type a stanza condition goes
// with unless whoever refuses knows better; where the RFC allows several, the one that makes fewer clients try again.

/** What the sender of a refused stanza may do about it. RFC 6120 §8.3.2. */
export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait'

interface Defined {
  readonly section: string
}

/** RFC 6120 §8.3.3. */
export const STANZA_CONDITIONS = {
  'bad-request': { type: 'modify', section: '8.3.3.1' },
  conflict: { type: 'cancel', section: '8.3.3.2' },
  'feature-not-implemented': { type: 'cancel', section: '8.3.3.3' },
  forbidden: { type: 'auth', section: '8.3.3.4' },
  gone: { type: 'cancel', section: '8.3.3.5' },
  'internal-server-error': { type: 'cancel', section: '8.3.3.6' },
  'item-not-found': { type: 'cancel', section: '8.3.3.7' },
  'jid-malformed': { type: 'modify', section: '8.3.3.8' },
  'not-acceptable': { type: 'modify', section: '8.3.3.9' },
  'not-allowed': { type: 'cancel', section: '8.3.3.10' },
  'not-authorized': { type: 'auth', section: '8.3.3.11' },
  'policy-violation': { type: 'modify', section: '8.3.3.12' },
  'recipient-unavailable': { type: 'wait', section: '8.3.3.13' },
  redirect: { type: 'modify', section: '8.3.3.14' },
  'registration-required': { type: 'auth', section: '8.3.3.15' },
  'remote-server-not-found': { type: 'cancel', section: '8.3.3.16' },
  'remote-server-timeout': { type: 'wait', section: '8.3.3.17' },
  'resource-constraint': { type: 'wait', section: '8.3.3.18' },
  'service-unavailable': { type: 'cancel', section: '8.3.3.19' },
  'subscription-required': { type: 'auth', section: '8.3.3.20' },
  'undefined-condition': { type: 'cancel', section: '8.3.3.21' },
  'unexpected-request': { type: 'modify', section: '8.3.3.22' },
} as const satisfies Record<string, Defined & { readonly type: StanzaErrorType }>

/** RFC 6120 §4.9.3. */
export const STREAM_CONDITIONS = {
  'bad-format': { section: '4.9.3.1' },
  'bad-namespace-prefix': { section: '4.9.3.2' },
  conflict: { section: '4.9.3.3' },
  'connection-timeout': { section: '4.9.3.4' },
  'host-gone': { section: '4.9.3.5' },
  'host-unknown': { section: '4.9.3.6' },
  'improper-addressing': { section: '4.9.3.7' },
  'internal-server-error': { section: '4.9.3.8' },
  'invalid-from': { section: '4.9.3.9' },
  'invalid-namespace': { section: '4.9.3.10' },
  'invalid-xml': { section: '4.9.3.11' },
  'not-authorized': { section: '4.9.3.12' },
  'not-well-formed': { section: '4.9.3.13' },
  'policy-violation': { section: '4.9.3.14' },
  'remote-connection-failed': { section: '4.9.3.15' },
  reset: { section: '4.9.3.16' },
  'resource-constraint': { section: '4.9.3.17' },
  'restricted-xml': { section: '4.9.3.18' },
  'see-other-host': { section: '4.9.3.19' },
  'system-shutdown': { section: '4.9.3.20' },
  'undefined-condition': { section: '4.9.3.21' },
  'unsupported-encoding': { section: '4.9.3.22' },
  'unsupported-feature': { section: '4.9.3.23' },
  'unsupported-stanza-type': { section: '4.9.3.24' },
  'unsupported-version': { section: '4.9.3.25' },
} as const satisfies Record<string, Defined>

/** RFC 6120 §6.5. */
export const SASL_CONDITIONS = {
  aborted: { section: '6.5.1' },
  'account-disabled': { section: '6.5.2' },
  'credentials-expired': { section: '6.5.3' },
  'encryption-required': { section: '6.5.4' },
  'incorrect-encoding': { section: '6.5.5' },
  'invalid-authzid': { section: '6.5.6' },
  'invalid-mechanism': { section: '6.5.7' },
  'malformed-request': { section: '6.5.8' },
  'mechanism-too-weak': { section: '6.5.9' },
  'not-authorized': { section: '6.5.10' },
  'temporary-auth-failure': { section: '6.5.11' },
} as const satisfies Record<string, Defined>

export type StanzaCondition = keyof typeof STANZA_CONDITIONS
export type StreamCondition = keyof typeof STREAM_CONDITIONS
export type SaslCondition = keyof typeof SASL_CONDITIONS

/** Is this element name a stanza condition we know? A stranger's word is treated as `undefined-condition`. RFC 6120 §8.3.3.21 */
export const isStanzaCondition = (name: string): name is StanzaCondition => Object.hasOwn(STANZA_CONDITIONS, name)

/** Is this element name a stream condition we know? */
export const isStreamCondition = (name: string): name is StreamCondition => Object.hasOwn(STREAM_CONDITIONS, name)

/** Is this element name a SASL condition we know? */
export const isSaslCondition = (name: string): name is SaslCondition => Object.hasOwn(SASL_CONDITIONS, name)
