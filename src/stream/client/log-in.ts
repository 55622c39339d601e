// The words of a log-in, in both forms: SASL as in RFC 6120 §6, and SASL2 (XEP-0388). What a client asks for becomes a
// claim; what it is told when it is refused looks the same whoever refuses, and why.

import { parseElement, serialize } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { bareAddress, parseAddress, prepareLocal } from '../../xmpp/address.ts'
import { isSaslCondition, type SaslCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { quote } from '../quote.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { EXTERNAL, externalFor, type Chooser } from './external.ts'
import { isReadable, readClaim } from './mechanisms.ts'

export type Form = 'sasl' | 'sasl2'

/** Somebody wants to be `user`, a bare address. */
export interface Asked {
  readonly form: Form
  readonly mechanism: string
  readonly user: string
  /** What the core is to hear. */
  readonly bytes: Buffer
  /** The first message of the client. */
  readonly message: Buffer
}

export type Reading =
  | ({ readonly kind: 'asked' } & Asked)
  /** There is no first message yet: it is to be asked for. */
  | { readonly kind: 'silent'; readonly form: Form; readonly mechanism: string }
  | {
      readonly kind: 'faulty'
      readonly form: Form
      readonly reason: ReasonId
      readonly condition: SaslCondition
      readonly detail: string
    }

/** The most that one word of a log-in has. */
export const LARGEST_WORD = 4096

// RFC 4648 §4, padded, nothing else in between. RFC 6120 §13.9.1 asks for exactly this.
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Is this the beginning of a log-in? */
export const isAuth = ({ namespace, name }: Frame): boolean =>
  (namespace === NS.sasl && name === 'auth') || (namespace === NS.sasl2 && name === 'authenticate')

/** `<auth/>` or `<authenticate/>` at this domain, where these mechanisms were offered. `card`: what a certificate says. */
export function readAuth(frame: Frame, domain: string, mechanisms: readonly string[], card?: Chooser): Reading {
  const form: Form = frame.namespace === NS.sasl2 ? 'sasl2' : 'sasl'
  const element = parseElement(frame)
  const { mechanism = '' } = element.attrs
  if (!mechanisms.includes(mechanism)) return faulty(form, 'SP-809', 'invalid-mechanism', quote(mechanism))
  // A session is resumed after the log-in: that was not offered here.
  if (form === 'sasl2' && element.getChild('resume', NS.sm))
    return faulty(form, 'SP-810', 'malformed-request', 'resumes inline')
  const first = form === 'sasl' ? element.getText() : element.getChildText('initial-response')
  if (first === null || (form === 'sasl' && first === '')) {
    const isLate = form === 'sasl2' // Where it would have to go, only the client knows.
    return isLate
      ? faulty(form, 'SP-810', 'malformed-request', 'no first message')
      : { kind: 'silent', form, mechanism }
  }
  if (mechanism === EXTERNAL) return claimByCard(form, first, card, form === 'sasl2' ? frame : undefined)
  return claimOf(form, mechanism, first, domain, frame.bytes)
}

/** The first message came by itself, since we had to ask for it. */
export function readFirst(frame: Frame, mechanism: string, domain: string, card?: Chooser): Reading {
  const text = parseElement(frame).getText()
  if (mechanism === EXTERNAL) return claimByCard('sasl', text, card, undefined)
  const bytes = Buffer.from(`<auth xmlns='${NS.sasl}' mechanism='${mechanism}'>${BASE64.test(text) ? text : ''}</auth>`)
  return claimOf('sasl', mechanism, text, domain, bytes)
}

function claimOf(form: Form, mechanism: string, text: string, domain: string, bytes: Buffer): Reading {
  if (text !== '=' && !BASE64.test(text)) return faulty(form, 'SP-810', 'incorrect-encoding', 'not Base64')
  const message = text === '=' ? Buffer.alloc(0) : Buffer.from(text, 'base64')
  const named = isReadable(mechanism) ? readClaim(mechanism, message) : undefined
  if (!named) return faulty(form, 'SP-810', 'malformed-request', `${mechanism} that names nobody`)
  const user = userOf(named.authcid, domain)
  if (user === undefined) return faulty(form, 'SP-810', 'not-authorized', `the name ${quote(named.authcid)}`)
  const acted = named.authzid === '' ? undefined : parseAddress(named.authzid)
  // SECURITY: nobody acts for somebody else through the gateway, whatever the core would allow.
  if (named.authzid !== '' && (acted === undefined || bareAddress(acted) !== user))
    return faulty(form, 'SP-810', 'not-authorized', `${user} for ${quote(named.authzid)}`)
  return { kind: 'asked', form, mechanism, user, bytes: Buffer.from(bytes), message }
}

/** The message is whom the client wants to be, or nothing. RFC 4422 appendix A */
function claimByCard(form: Form, text: string, card: Chooser | undefined, frame: Frame | undefined): Reading {
  if (text !== '=' && !BASE64.test(text)) return faulty(form, 'SP-810', 'incorrect-encoding', 'not Base64')
  const message = text === '=' ? Buffer.alloc(0) : Buffer.from(text, 'base64')
  const choice = card?.(message.length === 0 ? undefined : message.toString('utf8'))
  if (!choice) return faulty(form, 'SP-809', 'invalid-mechanism', EXTERNAL)
  if ('reason' in choice) return faulty(form, choice.reason, 'not-authorized', choice.detail)
  const user = choice.address
  return { kind: 'asked', form, mechanism: EXTERNAL, user, bytes: externalFor(user, frame), message }
}

/** `alice`, or `alice@domain` as some clients write it. */
function userOf(authcid: string, domain: string): string | undefined {
  const local = prepareLocal(authcid)
  if (local !== undefined) return `${local}@${domain}`
  const address = parseAddress(authcid)
  const isHere = address?.local !== undefined && address.domain === domain && address.resource === undefined
  return isHere ? bareAddress(address) : undefined
}

function faulty(form: Form, reason: ReasonId, condition: SaslCondition, detail: string): Reading {
  return { kind: 'faulty', form, reason, condition, detail }
}

/** What a client hears that is not logged in. RFC 6120 §6.4.5, XEP-0388 §2.6 */
export function failure(form: Form, condition: SaslCondition): Buffer {
  return Buffer.from(
    form === 'sasl'
      ? `<failure xmlns='${NS.sasl}'><${condition}/></failure>`
      : `<failure xmlns='${NS.sasl2}'><${condition} xmlns='${NS.sasl}'/></failure>`,
  )
}

/** A challenge with this message. RFC 6120 §6.4.3, XEP-0388 §2.5 */
export const challenge = (form: Form, message: string): Buffer =>
  Buffer.from(
    `<challenge xmlns='${form === 'sasl' ? NS.sasl : NS.sasl2}'>${Buffer.from(message).toString('base64')}</challenge>`,
  )

/** "Go on", where the client has not said its first message. RFC 6120 §6.4.2 */
export const PROMPT = Buffer.from(`<challenge xmlns='${NS.sasl}'/>`)

/** Conditions that say nothing of an account. All others are shown as `not-authorized`. */
const HARMLESS: ReadonlySet<SaslCondition> = new Set<SaslCondition>([
  'aborted',
  'incorrect-encoding',
  'malformed-request',
  'temporary-auth-failure',
])

/** The core's `<failure/>` → what the client hears, and what it was. */
export function heardFailure(frame: Frame): { readonly condition: SaslCondition; readonly detail: string } {
  const said = parseElement(frame)
    .getChildElements()
    .find(({ name }) => name !== 'text')
  const condition = said && isSaslCondition(said.name) ? said.name : 'not-authorized'
  const detail = said?.name ?? ''
  return { condition: HARMLESS.has(condition) ? condition : 'not-authorized', detail: quote(detail) }
}

/** What comes with the core's `<success/>` in SASL2: whom it takes the client for, and what it did at once. */
export interface Success {
  /** The address, full where it is bound. */
  readonly identifier: string | undefined
  readonly bound: boolean
  /** The id of a session that can be resumed. XEP-0198 §3 */
  readonly enabled: Enabled | undefined
}

/** `<success/>` of SASL2 → what it says, and the same without a place inside. XEP-0388 §2.6.2, XEP-0386 §4.2 */
export function rewriteSuccess(frame: Frame): { readonly success: Success; readonly bytes: Buffer } {
  const element = parseElement(frame)
  const bound = element.getChild('bound', NS.bind2)
  const enabled = bound?.getChild('enabled', NS.sm)
  if (enabled) delete enabled.attrs['location']
  const success = {
    identifier: element.getChildText('authorization-identifier') ?? undefined,
    bound: bound !== undefined,
    enabled: enabled && { id: resumableId(enabled.attrs) },
  }
  return { success, bytes: serialize(element) }
}

/** Acknowledgements are on. */
export interface Enabled {
  /** What the session is resumed by; undefined: it is not. */
  readonly id: string | undefined
}

/** `<enabled/>` → the same without the place where the core would rather be met, which is inside. XEP-0198 §3 */
export function rewriteEnabled(frame: Frame): { readonly enabled: Enabled; readonly bytes: Buffer } {
  const element = parseElement(frame)
  delete element.attrs['location']
  return { enabled: { id: resumableId(element.attrs) }, bytes: serialize(element) }
}

function resumableId({ id, resume }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof id === 'string' && (resume === 'true' || resume === '1') ? id : undefined
}
