// The log-in of a session, as rows of its table: from the first word to the core's yes or no.
//
// Rule 1: the core hears nothing of a log-in before the gate has been asked.
// Rule 2: a refusal looks the same whoever refuses, and waits until it is told that it may be said.
// Rule 3: one word each: while it is the core's turn the client is not read.
// Rule 4: of what a client says in a log-in nothing is carried: what was read of it is said anew.

import type { Frame } from '../../xml/frame.ts'
import { bareAddress, formatAddress, parseAddress } from '../../xmpp/address.ts'
import type { SaslCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { quote } from '../quote.ts'
import { EXTERNAL, takesExternal } from './external.ts'
import { heardFailure, readAuth, readFirst, rewriteSuccess, type Reading } from './log-in.ts'
import type { Known, Of, RelayEffect, RelayStep, Row, Said, Trying } from './relay-types.ts'
import { carried, endRelay, outOfTurn, strange, tooLong } from './relay-words.ts'
import {
  abort,
  type Answer,
  challenge,
  failure,
  type Form,
  isAuth,
  LARGEST_WORD,
  PROMPT,
  readAnswer,
  readChallenge,
  response,
} from './sasl.ts'
import { isScramProof, readScramChallenge } from './scram.ts'

export const offered: Row<'offered'> = {
  client(s, { frame }, { card }) {
    if (!isAuth(frame)) return outOfTurn(frame, s)
    return frame.raw.length > LARGEST_WORD
      ? tooLong('a first message')
      : begun(s, readAuth(frame, { ...s.offer, domain: s.domain }, card))
  },
}

export const prompting: Row<'prompting'> = {
  client(s, { frame }, { card }) {
    const { domain, offer, attempts, mechanism } = s
    const before: Of<'offered'> = { phase: 'offered', domain, offer, attempts }
    const answer = readAnswer(frame, 'sasl')
    if (!answer) return outOfTurn(frame, s)
    if (frame.raw.length > LARGEST_WORD) return tooLong('a first message')
    if (answer.kind === 'abort') return givenUp(before, 'sasl', 'SP-808', 'aborted', 'given up')
    return begun(before, readFirst(answer, mechanism, domain, card))
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

export const judging: Row<'judging'> = {
  core(s, { frame }) {
    if (frame.namespace !== NS.sasl && frame.namespace !== NS.sasl2) return strange(frame, s)
    switch (frame.name) {
      case 'success':
        return mayBeOver(s) ? succeeded(s, frame) : strange(frame, s)
      case 'failure':
        return refused(s, frame)
      case 'challenge':
        return challenged(s, frame)
      default:
        return strange(frame, s)
    }
  },
}

export const showing: Row<'showing'> = {
  show: (s) => [
    { ...trying(s), phase: 'answering', nonce: s.nonce, last: false },
    { kind: 'to-client', bytes: challenge(s.asked.form, s.message) },
  ],
}

export const answering: Row<'answering'> = {
  client(s, { frame }) {
    const { form } = s.asked
    const answer = readAnswer(frame, form)
    if (!answer) return outOfTurn(frame, s)
    if (frame.raw.length > LARGEST_WORD) return tooLong('an answer')
    const said = whatIsSaid(s, answer)
    const isProper = said !== 'rubbish' && answer.kind === 'response'
    return [
      { ...trying(s), phase: 'judging', said, nonce: s.nonce },
      { kind: 'to-core', bytes: isProper ? response(form, answer.message) : abort(form) },
    ]
  },
}

/** Whatever it is, nothing comes of it: it is only seen that it is an answer, as in `answering`. */
export const misled: Row<'misled'> = {
  client(s, { frame }) {
    const answer = readAnswer(frame, s.form)
    if (!answer) return outOfTurn(frame, s)
    if (frame.raw.length > LARGEST_WORD) return tooLong('an answer')
    const condition = answer.kind === 'abort' ? 'aborted' : s.condition
    return [{ ...s, phase: 'failing', condition }, { kind: 'misled' }]
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

const trying = ({ domain, offer, attempts, asked }: Trying): Trying => ({ domain, offer, attempts, asked })

/** The core hears the first word. */
const begins = (s: Of<'asking' | 'vouching'>): RelayStep => [
  { ...trying(s), phase: 'judging', said: 'first', nonce: '' },
  { kind: 'to-core', bytes: s.asked.bytes },
]

/** May the core say yes now? Not without a proof. */
const mayBeOver = ({ said, asked }: Of<'judging'>): boolean =>
  said === 'proof' || said === 'last' || (said === 'first' && asked.scram === undefined)

/** SECURITY: once a challenge was shown, what is said follows from nothing but what the client has said. */
function refused(s: Of<'judging'>, frame: Frame): RelayStep {
  const { domain, offer, attempts, asked, said } = s
  const heard = heardFailure(frame)
  if (asked.mechanism === EXTERNAL) return unvouched(s, heard.detail)
  const isFirst = said === 'first'
  const condition = isFirst ? heard.condition : said === 'abort' ? 'aborted' : 'not-authorized'
  const isRubbish = said === 'rubbish'
  return [
    { phase: 'failing', domain, offer, attempts, form: asked.form, condition },
    {
      kind: 'failed',
      ...{ challenged: !isFirst, condition },
      reason: isRubbish ? 'SP-810' : 'SP-808',
      detail: isRubbish ? 'an answer that is none' : said === 'abort' ? 'given up' : heard.detail,
    },
  ]
}

function challenged(s: Of<'judging'>, frame: Frame): RelayStep {
  const { asked, said } = s
  const message = readChallenge(frame)
  if (said === 'proof' && message) {
    // The core's own proof, where it does not come with its yes. RFC 5802 §3
    const bytes = challenge(asked.form, message)
    return [
      { ...trying(s), phase: 'answering', nonce: s.nonce, last: true },
      { kind: 'to-client', bytes },
    ]
  }
  if (said !== 'first' || !message || !asked.scram) return strange(frame, s)
  const shown = readScramChallenge(message, asked.scram.nonce)
  if (!shown) return strange(frame, s)
  return [
    { ...trying(s), phase: 'showing', message, nonce: asked.scram.nonce + shown.more },
    { kind: 'challenged', shown },
  ]
}

function whatIsSaid({ asked, nonce, last }: Of<'answering'>, answer: Answer): Said {
  if (answer.kind !== 'response') return answer.kind
  const { mechanism, scram } = asked
  if (last) return answer.message.length === 0 ? 'last' : 'rubbish'
  return scram && isScramProof(answer.message, mechanism, scram, nonce) ? 'proof' : 'rubbish'
}

/** The core does not take our word for the user, who has done nothing wrong. */
function unvouched(s: Of<'vouching' | 'judging'>, detail: string): RelayStep {
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

function succeeded(s: Of<'judging'>, frame: Frame): RelayStep {
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
  if (!success.bound)
    return [{ phase: 'unbound', known, offer: undefined, asked: undefined, unresumed: 0 }, loggedIn, word]
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
