// The domains that a peer claims on one receiving stream by dialback (XEP-0220 §2.2), each for itself, and what its
// questions about our own keys are answered.
//
// Rule 1: a claim is answered, never punished: a refused one ends neither the stream nor another claim (XEP-0220 §2.5).
// Rule 2: what is no claim and no question (an answer to nothing we asked, an element without names) ends the stream.
// Rule 3: claims that are being judged, and pairs that were proven, are bounded in number.

import type { Frame } from '../xml/frame.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { peerText } from '../xmpp/reference.ts'
import { type Closed, close } from './closing.ts'
import { readDialback, resultAnswer, samePair, verifyAnswer } from './dialback.ts'
import type { DialbackRules, Effect, Judgement, Pair, Step } from './types.ts'

export interface Claims {
  /** Claims that are being judged. */
  readonly pending: readonly Pair[]
  readonly proven: readonly Pair[]
  /** Why the last claim, or the certificate, was not believed. */
  readonly doubt?: { readonly reason: ReasonId; readonly detail: string }
  /** The peer has asked about a key of ours. */
  readonly asked?: true
}

export const NO_CLAIMS: Claims = { pending: [], proven: [] }

/** How many claims of one stream may be judged at a time. */
export const MOST_PENDING = 8
/** How many pairs one stream may carry. */
export const MOST_PROVEN = 100

export type ClaimStep =
  | { readonly claims: Claims; readonly effects: readonly Effect[]; readonly ready?: boolean }
  | { readonly end: Step<Closed> }

/** A `<db:result/>`: the peer claims a domain. XEP-0220 §2.2.1 */
export function claim(claims: Claims, frame: Frame): ClaimStep {
  const word = readDialback(frame)
  if (word.kind === 'malformed') return { end: close('SP-479', word.detail) }
  const { pair } = word
  // SECURITY: whoever believes an answer that nobody asked for can be told anything. XEP-0220 §4.1
  if (word.kind === 'answer') return { end: close('SP-476', `${word.answer.verdict} for ${pair.remote}`) }
  if (claims.proven.some((known) => samePair(known, pair)))
    return { claims, effects: [send(resultAnswer(pair, 'valid'))] }
  const { pending, proven } = claims
  if (
    pending.length >= MOST_PENDING ||
    pending.length + proven.length >= MOST_PROVEN ||
    pending.some((known) => samePair(known, pair))
  ) {
    const doubt = { reason: 'SP-475', detail: `${pending.length} under way and ${proven.length} proven` } as const
    return { claims: { ...claims, doubt }, effects: [send(resultAnswer(pair, 'resource-constraint'))] }
  }
  return { claims: { ...claims, pending: [...pending, pair] }, effects: [{ kind: 'judge', pair, key: word.key }] }
}

/**
 * A claim was judged: the peer is told, and a stream with its first valid one is `ready`.
 * @param bidi the peer wants us to send too, which is for those whom a certificate proves. XEP-0288 §2.2
 */
export function judged(claims: Claims, judgement: Judgement, bidi: boolean): ClaimStep {
  const { pair } = judgement.valid ? judgement.proven : judgement
  const pending = claims.pending.filter((known) => !samePair(known, pair))
  if (pending.length === claims.pending.length) return { claims, effects: [] } // of nothing that was claimed here
  if (judgement.valid) {
    const { proven } = judgement
    const first = claims.proven.length === 0
    const effect: Effect = first
      ? { kind: 'ready', proven, bidi: bidi && proven.method === 'certificate' }
      : { kind: 'proven', proven }
    return {
      claims: { ...claims, pending, proven: [...claims.proven, pair] },
      effects: [send(resultAnswer(pair, 'valid')), effect],
      ready: first,
    }
  }
  const { say, reason, detail, reference } = judgement
  // A false key, and nothing else on the stream that is worth keeping it. XEP-0220 §2.2.1
  if (say === 'invalid' && claims.proven.length === 0 && pending.length === 0) {
    const [closed, ...effects] = close(reason, detail)
    return { end: [closed, send(resultAnswer(pair, 'invalid')), ...effects] }
  }
  const error = say === 'invalid' ? 'forbidden' : say
  return {
    claims: { ...claims, pending, doubt: { reason, detail } },
    effects: [send(resultAnswer(pair, error, peerText(reference)))],
  }
}

/** A `<db:verify/>`: somebody asks about a key of ours. XEP-0220 §2.2.2 */
export function asked(
  frame: Frame,
  rules: DialbackRules,
): { readonly effect: Effect } | { readonly end: Step<Closed> } {
  const word = readDialback(frame)
  if (word.kind === 'malformed') return { end: close('SP-479', word.detail) }
  if (word.kind === 'answer') return { end: close('SP-476', `${word.answer.verdict} for a key of ${word.pair.remote}`) }
  return { effect: send(verifyAnswer(word.pair, word.id, rules.vouches(word))) }
}

const send = (xml: string): Effect => ({ kind: 'send', xml })
