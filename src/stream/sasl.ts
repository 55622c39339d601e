// SASL on the wire (RFC 6120 §6), with the one mechanism that servers use among each other: EXTERNAL (XEP-0178), where
// the certificate of the TLS layer is the proof and the exchange only names the authorization identity.

import { NS } from '../xmpp/namespaces.ts'
import { isSaslCondition, type SaslCondition } from '../xmpp/conditions.ts'
import { parseDomain } from '../xmpp/domain.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { quote } from './quote.ts'

// RFC 4648 §4, padded, nothing else in between. RFC 6120 §13.9.1 asks for exactly this.
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `<auth/>` for EXTERNAL with our domain as the authorization identity. XEP-0178 §3 */
export function authElement(domain: string): string {
  return `<auth xmlns='${NS.sasl}' mechanism='EXTERNAL'>${Buffer.from(domain).toString('base64')}</auth>`
}

export const SUCCESS = `<success xmlns='${NS.sasl}'/>`

export function failureElement(condition: SaslCondition): string {
  return `<failure xmlns='${NS.sasl}'><${condition}/></failure>`
}

/** What is wrong with a peer's `<auth/>`, or undefined when it authenticates as `domain`, whose proof the caller has. */
export function judgeAuth(frame: Frame, domain: string): SaslCondition | undefined {
  const element = parseElement(frame)
  if (element.attrs['mechanism'] !== 'EXTERNAL') return 'invalid-mechanism' // RFC 6120 §6.5.7
  const text = element.getText()
  // `=` is a response of no bytes, and nothing at all would ask for a challenge that has nothing to ask. XEP-0178 §3
  if (text === '' || text === '=') return undefined
  if (!BASE64.test(text)) return 'incorrect-encoding' // RFC 6120 §6.5.5
  let authzid: string
  try {
    authzid = utf8.decode(Buffer.from(text, 'base64'))
  } catch {
    return 'incorrect-encoding'
  }
  return parseDomain(authzid) === domain ? undefined : 'invalid-authzid' // RFC 6120 §6.3.8
}

export interface HeardFailure {
  readonly condition: SaslCondition | undefined
  readonly reason: ReasonId
  readonly detail: string
}

/** What a peer's `<failure/>` means to us. A condition that RFC 6120 does not have counts as a plain refusal. */
export function readFailure(frame: Frame): HeardFailure {
  let condition: SaslCondition | undefined
  let said = ''
  let text = ''
  for (const child of parseElement(frame).getChildElements()) {
    const name = child.getName()
    if (name === 'text') text ||= quote(child.getText())
    else if (!said) {
      said = isSaslCondition(name) ? name : quote(name)
      condition = isSaslCondition(name) ? name : undefined
    }
  }
  return { condition, reason: HEARD[condition ?? 'not-authorized'], detail: [said, text].filter(Boolean).join(' ') }
}

const HEARD: Record<SaslCondition, ReasonId> = {
  aborted: 'SP-445',
  'account-disabled': 'SP-441',
  'credentials-expired': 'SP-441',
  'encryption-required': 'SP-444',
  'incorrect-encoding': 'SP-445',
  'invalid-authzid': 'SP-442',
  'invalid-mechanism': 'SP-444',
  'malformed-request': 'SP-445',
  'mechanism-too-weak': 'SP-444',
  'not-authorized': 'SP-441',
  'temporary-auth-failure': 'SP-443',
}
