// What a first-level element is to the negotiation: the names that the tables of both automata have columns for.

import { NS } from '../xmpp/namespaces.ts'
import type { Frame } from '../xml/frame.ts'
import type { StreamEvent } from './types.ts'

export type ElementKind =
  | 'stream-error'
  | 'features'
  | 'starttls'
  | 'proceed'
  | 'tls-failure'
  | 'auth'
  | 'abort'
  | 'response'
  | 'challenge'
  | 'success'
  | 'sasl-failure'
  | 'handshake'
  | 'bidi'
  | 'db-result'
  | 'db-verify'
  | 'enable'
  | 'enabled'
  | 'acks-failed'
  | 'ask'
  | 'ack'
  | 'stanza'
  | 'unknown'

const KINDS: ReadonlyMap<string, ElementKind> = new Map<string, ElementKind>([
  [`${NS.streams} error`, 'stream-error'],
  [`${NS.streams} features`, 'features'],
  [`${NS.tls} starttls`, 'starttls'],
  [`${NS.tls} proceed`, 'proceed'],
  [`${NS.tls} failure`, 'tls-failure'],
  [`${NS.sasl} auth`, 'auth'],
  [`${NS.sasl} abort`, 'abort'],
  [`${NS.sasl} response`, 'response'],
  [`${NS.sasl} challenge`, 'challenge'],
  [`${NS.sasl} success`, 'success'],
  [`${NS.sasl} failure`, 'sasl-failure'],
  [`${NS.component} handshake`, 'handshake'],
  [`${NS.bidi} bidi`, 'bidi'],
  [`${NS.dialback} result`, 'db-result'],
  [`${NS.dialback} verify`, 'db-verify'],
  [`${NS.sm} enable`, 'enable'],
  [`${NS.sm} enabled`, 'enabled'],
  [`${NS.sm} failed`, 'acks-failed'],
  [`${NS.sm} r`, 'ask'],
  [`${NS.sm} a`, 'ack'],
])

/** Is this a stanza, in the content namespace of its stream: a server's or a component's? RFC 6120 §8, XEP-0114 §3 */
export const isStanza = ({ namespace, name, scope }: Frame): boolean =>
  (name === 'message' || name === 'presence' || name === 'iq') &&
  namespace === (scope.defaultNamespace === NS.component ? NS.component : NS.server)

/** What the element is to a stream. */
export const elementKind = (frame: Frame): ElementKind =>
  isStanza(frame) ? 'stanza' : (KINDS.get(`${frame.namespace} ${frame.name}`) ?? 'unknown')

/** The columns of a table: events by their kind, elements by theirs. */
export type Column = Exclude<StreamEvent['kind'], 'element'> | ElementKind

export type EventOf<C extends Column> = Extract<StreamEvent, { kind: C extends ElementKind ? 'element' : C }>

export const columnOf = (event: StreamEvent): Column =>
  event.kind === 'element' ? elementKind(event.frame) : event.kind
