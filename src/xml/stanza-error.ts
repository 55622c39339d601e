// The answer to a stanza that cannot be served. RFC 6120 §8.3.
//
// Rule 1: never an answer to an answer: errors, results and unavailable presence get none (RFC 6120 §8.3.1).
// Rule 2: the payload is not sent back (RFC 6120 §8.3.1 allows it): it would double what a flood costs.

import type { StanzaCondition, StanzaErrorType } from '../xmpp/conditions.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { Frame } from './frame.ts'
import { attribute, escapeText } from './write.ts'

export interface StanzaError {
  readonly condition: StanzaCondition
  readonly type: StanzaErrorType
  /** For the sender to read, in English. */
  readonly text?: string | undefined
  /** Who refuses, where it is not the addressee. */
  readonly by?: string | undefined
}

/** What of a stanza its answer is made from. */
export type Asked = Pick<Frame, 'name' | 'type' | 'id' | 'from' | 'to'>

/** The stanza error that answers `frame`, in the default namespace of the stream; undefined when it must not be answered. */
export function errorReply(frame: Asked, error: StanzaError): Buffer | undefined {
  if (!mayBeAnswered(frame)) return undefined
  const { name, id, from, to } = frame
  const text =
    error.text === undefined
      ? ''
      : `<text xmlns='${NS.stanzaConditions}' xml:lang='en'>${escapeText(error.text)}</text>`
  const stanza =
    `<${name} type='error'${attribute('id', id)}${attribute('from', to)}${attribute('to', from)}>` +
    `<error type='${error.type}'${attribute('by', error.by)}>` +
    `<${error.condition} xmlns='${NS.stanzaConditions}'/>${text}</error></${name}>`
  return Buffer.from(stanza)
}

/** Whether a stanza may be answered with an error, and can be: it says from whom and to whom it is. */
export function mayBeAnswered({ name, type, from, to }: Asked): boolean {
  if (from === undefined || to === undefined || type === 'error') return false
  if (name === 'iq') return type !== 'result'
  if (name === 'presence') return type !== 'unavailable'
  return name === 'message'
}
