// What happened, as the records that `why` reads: pure functions from the gateway's words to rows. Names, never contents.

import type { StreamFailure } from '../net/reception.ts'
import type { Stream, StreamEnd, StreamInfo } from '../net/stream.ts'
import { type Facts, provenSender } from '../policy/facts.ts'
import type { Direction } from '../policy/partner.ts'
import { ANSWER, type DecisionRecord, type RecordVerdict } from '../store/store.ts'
import type { Judgement, KeyQuestion, Pair } from '../stream/types.ts'
import type { Frame } from '../xml/frame.ts'
import type { Leg } from './leg.ts'
import type { Refusal } from './journal.ts'
import type { Question } from './ledgers/questions.ts'

/** A stanza that the checkpoint decided about; `refusal` is absent where it passed. */
export function stanzaRecord(
  facts: Facts,
  { info }: Stream,
  verdict: RecordVerdict,
  refusal: Refusal | undefined,
): DecisionRecord {
  const { direction, from, to, kind, type, id, at } = facts
  return {
    at,
    event: 'stanza',
    direction,
    verdict,
    from,
    to,
    kind,
    type,
    id,
    partner: facts.partner?.domain,
    pair: pairSeenFrom(facts, info.pair),
    peerAddress: info.peerAddress,
    facts: { ...facts, stream: info.id },
    ...words(refusal),
  }
}

/** A stanza that passed, and what a rule that only reports had against it. */
export function reportRecord(
  facts: Facts,
  stream: Stream,
  { reason, detail, rule }: Pick<DecisionRecord, 'reason' | 'detail' | 'rule'>,
): DecisionRecord {
  return { ...stanzaRecord(facts, stream, 'pass', undefined), reason, detail, rule }
}

/** A stanza that had passed and could not be delivered. */
export function bounceRecord(
  frame: Frame,
  leg: Leg,
  { local, remote }: Pair,
  refusal: Refusal,
  answered: boolean,
  at: number,
): DecisionRecord {
  const { name, type, id, from, to, payloads } = frame
  const direction: Direction = leg === 'core' ? 'inbound' : 'outbound'
  return {
    at,
    event: 'stanza',
    direction,
    verdict: answered ? 'refuse' : 'drop',
    from,
    to,
    kind: name,
    type,
    id,
    pair: leg === 'core' ? { local: remote, remote: local } : { local, remote },
    facts: { payloads, bytes: frame.bytes.length, link: `${local} → ${remote}` },
    ...words(refusal),
  }
}

/** An answer of ours that could not be delivered; what it was an answer to is the record of its cause. */
export function lostAnswerRecord(leg: Leg, { local, remote }: Pair, refusal: Refusal, at: number): DecisionRecord {
  return {
    at,
    event: 'stanza',
    direction: leg === 'core' ? 'inbound' : 'outbound',
    verdict: 'drop',
    kind: ANSWER,
    pair: leg === 'core' ? { local: remote, remote: local } : { local, remote },
    facts: { leg, link: `${local} → ${remote}` },
    ...words(refusal),
  }
}

/** A question that had crossed, and was answered by us. */
export function unansweredRecord(question: Question, refusal: Refusal, answered: boolean, at: number): DecisionRecord {
  const { name, type, id, from, to, leg, pair } = question
  return {
    at,
    event: 'stanza',
    direction: leg === 'core' ? 'inbound' : 'outbound',
    verdict: answered ? 'refuse' : 'drop',
    from,
    to,
    kind: name,
    type,
    id,
    pair: leg === 'core' ? { local: pair.remote, remote: pair.local } : pair,
    facts: { asked: question.at, link: `${pair.local} → ${pair.remote}` },
    ...words(refusal),
  }
}

/** A claim of dialback that was refused; the stream it was made on may live on. */
export function claimRecord(
  { pair, id }: KeyQuestion,
  peerAddress: string,
  { reference, reason, detail, say }: Extract<Judgement, { valid: false }>,
  at: number,
): DecisionRecord {
  return {
    at,
    event: 'stream',
    direction: 'inbound',
    verdict: 'refuse',
    reference,
    reason,
    detail,
    pair,
    peerAddress,
    facts: { stream: id, role: 'receiving', leg: 'partner', method: 'dialback', said: say },
  }
}

/** A stream that never became ready. */
export function failureRecord(
  failure: StreamFailure & { readonly attempts?: readonly object[] },
  at: number,
): DecisionRecord {
  const { reference, reason, detail, pair, remoteAddress, role, leg, condition, by, certificate, attempts } = failure
  return {
    at,
    event: 'stream',
    direction: directionOf(leg, role),
    verdict: 'fail',
    reference,
    reason,
    detail,
    pair,
    peerAddress: remoteAddress,
    facts: { role, leg, condition, by, certificate, attempts },
  }
}

/** A stream that was up and has ended. */
export function endRecord({ info }: Stream, end: StreamEnd, at: number): DecisionRecord {
  const { reference, reason, detail, by, condition } = end
  const { role, leg, bidi, tls, method, certificate, since, counters } = info
  return {
    at,
    event: 'stream',
    direction: directionOf(leg, role),
    verdict: 'close',
    reference,
    reason,
    detail,
    pair: info.pair,
    peerAddress: info.peerAddress,
    facts: { stream: info.id, role, leg, bidi, condition, by, tls, method, certificate, since, ...counters },
  }
}

function words(refusal: Refusal | undefined): Partial<DecisionRecord> {
  if (!refusal) return {}
  const { reference, cause, reason, rule, detail } = refusal
  return { reference, cause, reason, rule, detail }
}

/** Our domain and theirs, whichever way the stanza went. */
function pairSeenFrom(facts: Facts, pair: StreamInfo['pair']): Pair {
  const { direction, toDomain } = facts
  // Who proved what, not what the stanza claims: a spoofed sender must be found under the partner who sent it.
  const proven = provenSender(facts) ?? pair.remote
  if (direction === 'outbound') return { local: proven, remote: toDomain ?? pair.local }
  return proven === pair.remote ? pair : { local: toDomain ?? pair.local, remote: proven }
}

/** Which way stanzas go on a stream: in from partners and out to them, and the reverse at the core. */
function directionOf(leg: string | undefined, role: 'receiving' | 'initiating'): Direction {
  return (leg === 'core') === (role === 'receiving') ? 'outbound' : 'inbound'
}
