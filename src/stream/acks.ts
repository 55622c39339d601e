// Acknowledgements of stanzas, as both automata negotiate them (XEP-0198 §3, §4, without resumption, which nobody offers
// between servers). What is counted, and what for, is the affair of `net/acks.ts`; here are the words and who may say them.
//
// Rule 1: offered and asked for only after authentication, by whoever opened the stream, once.
// Rule 2: whoever speaks of them out of turn has its stream closed.

import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { NS } from '../xmpp/namespaces.ts'
import { type Closed, close } from './closing.ts'
import { quote } from './quote.ts'
import type { Effect, Step } from './types.ts'

/** Where acknowledgements stand on a ready stream. `asked`: we count already, and the peer has not answered yet. */
export type Acking = 'off' | 'asked' | 'on'

export const ENABLE = `<enable xmlns='${NS.sm}'/>`
export const ENABLED = `<enabled xmlns='${NS.sm}'/>`
export const ASK = `<r xmlns='${NS.sm}'/>`
export const ack = (handled: number): string => `<a xmlns='${NS.sm}' h='${handled}'/>`

/** What goes into the error for a peer that acknowledges too much. XEP-0198 §6 */
export const countTooHigh = (handled: number, sent: number): string =>
  `<handled-count-too-high xmlns='${NS.sm}' h='${handled}' send-count='${sent}'/>`

const MOST = 2 ** 32 - 1

/** How many stanzas the peer says it has handled, modulo 2^32; undefined when it is no `<a/>` or says no such number. */
export function readAck(frame: Frame): number | undefined {
  if (frame.namespace !== NS.sm || frame.name !== 'a') return undefined
  const text: unknown = parseElement(frame).attrs['h']
  if (typeof text !== 'string' || !/^\d{1,10}$/.test(text)) return undefined
  const handled = Number(text)
  return handled <= MOST ? handled : undefined
}

interface Ready {
  readonly phase: 'ready'
  readonly acks: Acking
}
type Heard = { readonly frame: Frame }

/** The peer's words about acknowledgements on a ready stream, the same on both sides but for who may begin. */
export const ACK_CELLS = {
  enabled: <S extends Ready>(s: S): Step<S | Closed> =>
    s.acks === 'asked'
      ? [
          { ...s, acks: 'on' },
          { kind: 'acks', counts: ['theirs'] },
        ]
      : outOfTurn('<enabled/>'),
  'acks-failed': <S extends Ready>(s: S): Step<S | Closed> =>
    s.acks === 'asked'
      ? [
          { ...s, acks: 'off' },
          { kind: 'acks', counts: [] },
        ]
      : outOfTurn('<failed/>'),
  ask: <S extends Ready>(s: S): Step<S | Closed> =>
    s.acks === 'on' ? [s, { kind: 'acknowledge' }] : outOfTurn('<r/>'),
  ack: <S extends Ready>(s: S, { frame }: Heard): Step<S | Closed> =>
    s.acks === 'on' ? acknowledged(s, frame) : outOfTurn('<a/>'),
}

/** The peer that opened the stream wants acknowledgements. */
export const enable = <S extends Ready>(s: S): Step<S | Closed> =>
  s.acks === 'off'
    ? [
        { ...s, acks: 'on' },
        { kind: 'send', xml: ENABLED },
        { kind: 'acks', counts: ['ours', 'theirs'] },
      ]
    : outOfTurn('<enable/>')

/** We opened the stream, and want acknowledgements where the peer offers them: what follows `ready`. */
export const askForThem: readonly Effect[] = [
  { kind: 'send', xml: ENABLE },
  { kind: 'acks', counts: ['ours'] },
]

/** What is still heard while a stream is closing: what arrived of what we sent. */
export const acknowledged = <S>(s: S, frame: Frame): Step<S | Closed> => {
  const handled = readAck(frame)
  if (handled === undefined) return close('SP-496', `${quote(frame.bytes.toString())} tells no number`)
  return [s, { kind: 'acknowledged', handled }]
}

const outOfTurn = (what: string): Step<Closed> => close('SP-496', `${what} out of turn`)
