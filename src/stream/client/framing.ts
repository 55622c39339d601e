// A client's stream over WebSocket, where each message is one whole element and <open/> and <close/> stand for the header
// and the footer (RFC 7395 §3.3 to §3.6). A pure function of the messages: what comes out is what a stream over TCP tells.
//
// Rule 1: what is no whole element, or more than one, or not written as it must be, ends the stream; so do a first message
//         that is no <open/>, and a second <open/> where none is due. White space keeps nothing alive (§3.8).
// Rule 2: an element declares what it uses: nothing is in scope (§3.3.3).
// Rule 3: a stanza's bytes stay as they came. Its scope says `jabber:client`, which is what it declares itself.

import { parseElement } from '../../xml/element.ts'
import type { Frame, Scope, StreamHeader } from '../../xml/frame.ts'
import type { ScanLimits } from '../../xml/limits.ts'
import { Scanner } from '../../xml/scanner.ts'
import { attribute } from '../../xml/write.ts'
import type { StreamCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { quote } from '../quote.ts'
import { streamError } from '../stream-error.ts'

export type FramingEvent =
  | { readonly kind: 'header'; readonly header: StreamHeader }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'footer' }
  /** Terminal. */
  | FramingFault

export interface FramingFault {
  readonly kind: 'fault'
  readonly condition: StreamCondition
  readonly reason: ReasonId
  readonly detail: string
}

type Phase = 'opening' | 'open' | 'closed'

const LESS = 0x3c

export class Framing {
  readonly #scanner: Scanner
  #phase: Phase = 'opening'

  constructor(limits: ScanLimits) {
    this.#scanner = new Scanner(limits)
    this.#scanner.enter(scopeOf(undefined))
  }

  /** Takes a message; undefined: nothing is heard after the end. */
  read(message: Buffer): FramingEvent | undefined {
    if (this.#phase === 'closed') return undefined
    const event = this.#read(message)
    if (event.kind === 'fault' || event.kind === 'footer') this.#phase = 'closed'
    return event
  }

  /** A new <open/> is due. RFC 7395 §3.7 */
  restart(): void {
    if (this.#phase === 'open') this.#phase = 'opening'
  }

  setLimits(limits: ScanLimits): void {
    this.#scanner.setLimits(limits)
  }

  #read(message: Buffer): FramingEvent {
    if (message[0] !== LESS)
      return fault(message.length === 0 ? 'a message of nothing' : 'a message that is no element')
    this.#scanner.push(message)
    const event = this.#scanner.next()
    switch (event?.kind) {
      case 'error':
        return { ...event, kind: 'fault' }
      case 'frame':
        return this.#scanner.pending > 0
          ? fault('something behind the element of a message')
          : this.#element(event.frame)
      case undefined:
        return fault('an element that its message does not end')
      default:
        return fault('an end tag without its start')
    }
  }

  #element(frame: Frame): FramingEvent {
    const { name, namespace, needsScope } = frame
    if (needsScope) return fault(`${quote(name)} relies on a namespace that it does not declare`, 'invalid-namespace')
    if (namespace === NS.framing) return this.#control(frame)
    if (this.#phase === 'opening') return fault(`${quote(name)} before <open/>`)
    return { kind: 'frame', frame }
  }

  #control(frame: Frame): FramingEvent {
    const { name } = frame
    if (name === 'close') return { kind: 'footer' }
    if (name !== 'open') return fault(`${quote(name)} is no element of framing`)
    if (this.#phase === 'open') return fault('<open/> within the stream')
    this.#phase = 'open'
    const { to, from, lang, id } = frame
    const version: unknown = parseElement(frame).attrs['version']
    const scope = scopeOf(lang)
    this.#scanner.enter(scope)
    return {
      kind: 'header',
      header: { to, from, id, version: typeof version === 'string' ? version : undefined, lang, scope },
    }
  }
}

const scopeOf = (lang: string | undefined): Scope => ({ defaultNamespace: NS.client, prefixes: new Map(), lang })

const fault = (detail: string, condition: StreamCondition = 'bad-format'): FramingFault => ({
  kind: 'fault',
  condition,
  reason: 'SP-866',
  detail,
})

// --- what we say ---

export interface OpenFields {
  readonly from: string | undefined
  readonly to?: string | undefined
  readonly id: string
}

/** Our header. RFC 7395 §3.4 */
export function openElement({ from, to, id }: OpenFields): string {
  const named = attribute('from', from) + attribute('to', to) + attribute('id', id)
  return `<open xmlns='${NS.framing}'${named} version='1.0' xml:lang='en'/>`
}

/** The end of our half of the stream. Never `see-other-uri`: nobody is sent elsewhere. RFC 7395 §3.6 */
export const CLOSE_ELEMENT = `<close xmlns='${NS.framing}'/>`

/** COMPAT: Strophe.js, and what is built upon it, finds features and errors by their prefix. */
const STREAM_PREFIX = ` xmlns:stream='${NS.streams}'`

export const featuresMessage = (children: string): string =>
  `<stream:features${STREAM_PREFIX}>${children}</stream:features>`

/** RFC 7395 §3.5 */
export const errorMessage = (condition: StreamCondition, reference: string, application?: string): string =>
  streamError(condition, reference, application).replace('<stream:error', `$&${STREAM_PREFIX}`)
