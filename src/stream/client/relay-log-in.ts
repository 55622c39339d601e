// The log-in of a session, as rows of its table: from the first word to the core's yes or no.
//
// Rule 1: the core hears nothing of a log-in before the gate has been asked.
// Rule 2: a refusal looks the same whoever refuses, and waits until it is told that it may be said.

import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { bareAddress, formatAddress, parseAddress } from '../../xmpp/address.ts'
import type { SaslCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { quote } from '../quote.ts'
import { EXTERNAL, takesExternal } from './external.ts'
import type { Form, Reading } from './log-in.ts'
import {
  challenge,
  failure,
  heardFailure,
  isAuth,
  LARGEST_WORD,
  PROMPT,
  readAuth,
  readFirst,
  rewriteSuccess,
} from './log-in.ts'
import type { Known, Of, RelayEffect, RelayStep, Row } from './relay-types.ts'
import { carried, endRelay, isWord, outOfTurn, strange, tooLong } from './relay-words.ts'

/** More steps than that has no log-in. */
const MOST_STEPS = 10

export const offered: Row<'offered'> = {
  client(s, { frame }, { card }) {
    if (!isAuth(frame)) return outOfTurn(frame, s)
    return frame.raw.length > LARGEST_WORD
      ? tooLong('a first message')
      : begun(s, readAuth(frame, s.domain, s.offer.mechanisms, card))
  },
}

export const prompting: Row<'prompting'> = {
  client(s, { frame }, { card }) {
    const { domain, offer, attempts, mechanism } = s
    const before: Of<'offered'> = { phase: 'offered', domain, offer, attempts }
    if (isWord(frame, 'abort')) return givenUp(before, 'sasl', 'SP-808', 'aborted', 'given up')
    if (!isWord(frame, 'response')) return outOfTurn(frame, s)
    if (frame.raw.length > LARGEST_WORD) return tooLong('a first message')
    return begun(before, readFirst(frame, mechanism, domain, card))
  },
}

export const asking: Row<'asking'> = {
  admitted: (s) =>
    s.asked.mechanism === EXTERNAL
      ? [
          { ...s, phase: 'vouching' },
          { kind: 'vouch', user: s.asked.user, domain: s.domain },
        ]
      : begins(s),
  refused: ({ domain, offer, attempts, asked: { form } }) => [
    { phase: 'failing', domain, offer, attempts, form, condition: 'not-authorized' },
  ],
}

export const vouching: Row<'vouching'> = {
  vouched: (s, { features }) =>
    takesExternal(features, s.asked.form) ? begins(s) : unvouched(s, 'the core does not offer EXTERNAL there'),
  'not-vouched': (s, { detail }) => unvouched(s, detail),
}

export const authenticating: Row<'authenticating'> = {
  client(s, { frame }) {
    const isAnswer = isWord(frame, 'response') || isWord(frame, 'abort') || frame.namespace === NS.sasl2
    if (!isAnswer || isAuth(frame)) return outOfTurn(frame, s)
    if (frame.raw.length > LARGEST_WORD) return tooLong('an answer')
    if (s.steps >= MOST_STEPS) return tooLong('a log-in of many steps')
    return [
      { ...s, steps: s.steps + 1, answered: false },
      { kind: 'to-core', bytes: carried(frame) },
    ]
  },
  core(s, { frame }) {
    const { domain, offer, attempts, asked } = s
    if (frame.namespace !== NS.sasl && frame.namespace !== NS.sasl2) return strange(frame, s)
    switch (frame.name) {
      case 'success':
        return succeeded(s, frame)
      case 'failure': {
        const { condition, detail } = heardFailure(frame)
        if (asked.mechanism === EXTERNAL) return unvouched(s, detail)
        return [
          { phase: 'failing', domain, offer, attempts, form: asked.form, condition },
          { kind: 'failed', challenged: s.challenged, condition, reason: 'SP-808', detail },
        ]
      }
      case 'challenge': {
        const message = Buffer.from(parseElement(frame).getText(), 'base64')
        return [
          { ...s, challenged: true, answered: true },
          { kind: 'challenged', message, first: !s.challenged },
          { kind: 'to-client', bytes: carried(frame) },
        ]
      }
      case 'continue':
        return [
          { ...s, answered: true },
          { kind: 'to-client', bytes: carried(frame) },
        ]
      default:
        return strange(frame, s)
    }
  },
}

export const misled: Row<'misled'> = {
  client(s, { frame }) {
    const isWordOfIts = isWord(frame, 'response') || isWord(frame, 'abort')
    if (!isWordOfIts) return outOfTurn(frame, s)
    const condition = isWord(frame, 'abort') ? 'aborted' : s.condition
    return frame.raw.length > LARGEST_WORD
      ? tooLong('an answer')
      : [{ ...s, phase: 'failing', condition }, { kind: 'misled' }]
  },
}

export const failing: Row<'failing'> = {
  mislead: (s, { message }) => [
    { ...s, phase: 'misled' },
    { kind: 'to-client', bytes: challenge(s.form, message) },
  ],
  told({ domain, offer, attempts, form, condition }) {
    const word: RelayEffect = { kind: 'to-client', bytes: failure(form, condition) }
    if (attempts <= 1) {
      const [next, ...effects] = endRelay('SP-429', condition)
      return [next, word, ...effects]
    }
    return [{ phase: 'offered', domain, offer, attempts: attempts - 1 }, word]
  },
}

/** The core hears the first word. */
const begins = ({ domain, offer, attempts, asked }: Of<'asking' | 'vouching'>): RelayStep => [
  { phase: 'authenticating', domain, offer, attempts, asked, steps: 0, challenged: false, answered: false },
  { kind: 'to-core', bytes: asked.bytes },
]

/** The core does not take our word for the user, who has done nothing wrong. */
function unvouched(s: Of<'vouching' | 'authenticating'>, detail: string): RelayStep {
  const { domain, offer, attempts, asked } = s
  const condition = 'temporary-auth-failure'
  return [
    { phase: 'failing', domain, offer, attempts, form: asked.form, condition },
    { kind: 'failed', challenged: false, condition, reason: 'SP-886', detail },
  ]
}

/** A log-in has begun, or has not. */
function begun(s: Of<'offered'>, reading: Reading): RelayStep {
  const { domain, offer, attempts } = s
  if (reading.kind === 'faulty') return givenUp(s, reading.form, reading.reason, reading.condition, reading.detail)
  if (reading.kind === 'silent') {
    return [
      { phase: 'prompting', domain, offer, attempts, mechanism: reading.mechanism },
      { kind: 'to-client', bytes: PROMPT },
    ]
  }
  const { kind: _, ...asked } = reading
  return [
    { phase: 'asking', domain, offer, attempts, asked },
    { kind: 'claim', asked, domain },
  ]
}

/** It came to nothing before the gate was asked. */
function givenUp(
  { domain, offer, attempts }: Of<'offered'>,
  form: Form,
  reason: ReasonId,
  condition: SaslCondition,
  detail: string,
): RelayStep {
  return [
    { phase: 'failing', domain, offer, attempts, form, condition },
    { kind: 'failed', challenged: false, condition, reason, detail },
  ]
}

function succeeded(s: Of<'authenticating'>, frame: Frame): RelayStep {
  const { asked, domain } = s
  const known: Known = { domain, user: asked.user }
  const loggedIn: RelayEffect = { kind: 'logged-in', asked, known }
  if (asked.form === 'sasl') {
    return [{ phase: 'opening', known }, loggedIn, { kind: 'to-client', bytes: carried(frame) }, { kind: 'restart' }]
  }
  const { success, bytes } = rewriteSuccess(frame)
  const address = parseAddress(success.identifier ?? '')
  if (!address || bareAddress(address) !== known.user) {
    return endRelay('SP-807', `it takes ${known.user} for ${quote(success.identifier ?? '')}`)
  }
  const word: RelayEffect = { kind: 'to-client', bytes }
  if (!success.bound) return [{ phase: 'unbound', known, offer: undefined, asked: undefined }, loggedIn, word]
  const full = formatAddress(address)
  const counting: RelayEffect[] = success.enabled
    ? [{ kind: 'counting' }, { kind: 'counted', enabled: success.enabled }]
    : []
  return [
    { phase: 'bound', known, offer: undefined, address: full },
    loggedIn,
    word,
    { kind: 'bound', address: full },
    ...counting,
  ]
}
