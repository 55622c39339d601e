// The elements of a log-in, in both forms: SASL as in RFC 6120 §6, and SASL2 (XEP-0388). What a client says is read to the
// last child, and what the core hears is written anew from what was read.
//
// SECURITY: an element that two readers take differently would name one user to the gate and another to the core. So nothing
//           of a log-in is carried as it came, and a child that is not known here makes it none.

import { detached } from '../../xml/detached.ts'
import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { attribute, escapeText } from '../../xml/write.ts'
import type { SaslCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { quote } from '../quote.ts'

type Element = ReturnType<typeof parseElement>

export type Form = 'sasl' | 'sasl2'

/** The most that one word of a log-in has. */
export const LARGEST_WORD = 4096

const namespaceOf = (form: Form): string => (form === 'sasl' ? NS.sasl : NS.sasl2)

/** What is asked for together with a log-in: XML that stands alone. XEP-0388 §2.4 */
export interface Beside {
  readonly namespace: string
  readonly xml: string
}

/** How a log-in begins. */
export interface FirstWord {
  readonly mechanism: string
  /** Undefined: there is none yet. */
  readonly message: Buffer | undefined
  readonly beside: readonly Beside[]
}

/** Why a word is none. */
export interface NoWord {
  readonly condition: 'incorrect-encoding' | 'malformed-request'
  readonly detail: string
}

/** Is this the beginning of a log-in? */
export const isAuth = ({ namespace, name }: Frame): boolean =>
  (namespace === NS.sasl && name === 'auth') || (namespace === NS.sasl2 && name === 'authenticate')

export const formOf = ({ namespace }: Frame): Form => (namespace === NS.sasl2 ? 'sasl2' : 'sasl')

/** `<auth/>` or `<authenticate/>`; `inline`: namespaces of what was offered to be asked for together with it. */
export function readFirstWord(frame: Frame, inline: ReadonlySet<string>): FirstWord | NoWord {
  const element = parseElement(frame)
  const { mechanism = '' } = element.attrs
  if (formOf(frame) === 'sasl2') return readSecond(element, mechanism, inline)
  const text = onlyText(element)
  if (text === '') return { mechanism, message: undefined, beside: [] }
  return withMessage(mechanism, text, [])
}

/** XEP-0388 §2.4: one `<initial-response/>`, one `<user-agent/>`, one of each thing that was offered. */
function readSecond(element: Element, mechanism: string, inline: ReadonlySet<string>): FirstWord | NoWord {
  const seen = new Set<string>()
  const beside: Beside[] = []
  let text: string | undefined
  for (const child of element.children) {
    if (typeof child === 'string') {
      if (child.trim() !== '') return malformed('text beside its elements')
      continue
    }
    const namespace = child.getNS() ?? ''
    const name = `{${namespace}}${child.getName()}`
    if (seen.has(name)) return malformed(`${quote(name)} twice`)
    seen.add(name)
    if (name === `{${NS.sasl2}}initial-response`) {
      text = onlyText(child)
      if (text === undefined) return malformed('a first message that is more than text')
      continue
    }
    const xml = writtenAnew(child, name, inline)
    if (xml === undefined) return malformed(quote(name))
    beside.push({ namespace, xml })
  }
  return text === undefined ? { mechanism, message: undefined, beside } : withMessage(mechanism, text, beside)
}

function writtenAnew(child: Element, name: string, inline: ReadonlySet<string>): string | undefined {
  if (name === `{${NS.sasl2}}user-agent`) return userAgent(child)
  const namespace = child.getNS() ?? ''
  return namespace !== NS.sasl2 && inline.has(namespace) ? detached(child) : undefined
}

/** XEP-0388 §2.4: an id, the software, and the device. */
function userAgent(element: Element): string | undefined {
  const parts = new Map<string, string>()
  for (const child of element.getChildElements()) {
    const name = child.getName()
    const text = onlyText(child)
    const isKnown = child.getNS() === NS.sasl2 && (name === 'software' || name === 'device')
    if (!isKnown || parts.has(name) || text === undefined) return undefined
    parts.set(name, `<${name}>${escapeText(text)}</${name}>`)
  }
  return `<user-agent xmlns='${NS.sasl2}'${attribute('id', element.attrs['id'])}>${[...parts.values()].join('')}</user-agent>`
}

function withMessage(mechanism: string, text: string | undefined, beside: readonly Beside[]): FirstWord | NoWord {
  if (text === undefined) return malformed('a first message that is more than text')
  const message = readBase64(text)
  return message ? { mechanism, message, beside } : { condition: 'incorrect-encoding', detail: 'not Base64' }
}

const malformed = (detail: string): NoWord => ({ condition: 'malformed-request', detail })

/** What is in an element that has no others in it. */
function onlyText({ children }: Element): string | undefined {
  let all = ''
  for (const child of children) {
    if (typeof child !== 'string') return undefined
    all += child
  }
  return all
}

/** A client's word within a log-in. */
export type Answer =
  | { readonly kind: 'abort' }
  | { readonly kind: 'response'; readonly message: Buffer }
  /** A response that nobody could read. */
  | ({ readonly kind: 'rubbish' } & NoWord)

/** `<response/>` or `<abort/>` in the form that the log-in has; undefined: it is neither. RFC 6120 §6.4.3, §6.4.4 */
export function readAnswer(frame: Frame, form: Form): Answer | undefined {
  if (frame.namespace !== namespaceOf(form)) return undefined
  if (frame.name === 'abort') return { kind: 'abort' }
  if (frame.name !== 'response') return undefined
  const text = onlyText(parseElement(frame))
  if (text === undefined) return { kind: 'rubbish', ...malformed('an answer that is more than text') }
  const message = readBase64(text)
  return message
    ? { kind: 'response', message }
    : { kind: 'rubbish', condition: 'incorrect-encoding', detail: 'not Base64' }
}

/** A `<challenge/>` of the core: its message. */
export const readChallenge = (frame: Frame): Buffer | undefined => readBase64(onlyText(parseElement(frame)) ?? '')

/** RFC 4648 §4, padded, nothing in between, and written in the one way there is; `=` is nothing. RFC 6120 §6.4.2, §13.9.1 */
export function readBase64(text: string): Buffer | undefined {
  if (text === '=') return Buffer.alloc(0)
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

const inBase64 = (message: Buffer): string => (message.length === 0 ? '=' : message.toString('base64'))

/** The beginning of a log-in, as the core hears it. */
export function firstWord(form: Form, { mechanism, message = Buffer.alloc(0), beside }: FirstWord): Buffer {
  const text = inBase64(message)
  const more = beside.map(({ xml }) => xml).join('')
  return Buffer.from(
    form === 'sasl'
      ? `<auth xmlns='${NS.sasl}' mechanism='${mechanism}'>${text}</auth>`
      : `<authenticate xmlns='${NS.sasl2}' mechanism='${mechanism}'><initial-response>${text}</initial-response>${more}</authenticate>`,
  )
}

/** An answer, as the core hears it. */
export const response = (form: Form, message: Buffer): Buffer =>
  Buffer.from(`<response xmlns='${namespaceOf(form)}'>${message.toString('base64')}</response>`)

export const abort = (form: Form): Buffer => Buffer.from(`<abort xmlns='${namespaceOf(form)}'/>`)

/** What a client hears that is not logged in. RFC 6120 §6.4.5, XEP-0388 §2.6 */
export function failure(form: Form, condition: SaslCondition): Buffer {
  return Buffer.from(
    form === 'sasl'
      ? `<failure xmlns='${NS.sasl}'><${condition}/></failure>`
      : `<failure xmlns='${NS.sasl2}'><${condition} xmlns='${NS.sasl}'/></failure>`,
  )
}

/** A challenge with this message. RFC 6120 §6.4.3, XEP-0388 §2.5 */
export const challenge = (form: Form, message: Buffer): Buffer =>
  Buffer.from(`<challenge xmlns='${namespaceOf(form)}'>${message.toString('base64')}</challenge>`)

/** "Go on", where the client has not said its first message. RFC 6120 §6.4.2 */
export const PROMPT = Buffer.from(`<challenge xmlns='${NS.sasl}'/>`)
