// The journal, with an ear for traces: what it is told about a peer that somebody traces is told to them as well.

import type { Stream } from '../../net/stream.ts'
import type { Facts } from '../../policy/facts.ts'
import type { Pair } from '../../stream/types.ts'
import { outsideOf, type Leg } from '../leg.ts'
import type { Journal, Refusal } from '../journal.ts'
import { hostAndPort } from '../status.ts'
import { because, endLine } from './lines.ts'
import type { Said } from './report.ts'
import type { Mention } from './trace.ts'
import type { Tracing } from './tracing.ts'

/** The same journal; traces hear of it first. */
export function tracedJournal(journal: Journal, tracing: () => Tracing): Journal {
  const say = (about: () => Mention, said: () => Said): void => {
    const to = tracing()
    if (!to.idle) to.say(about(), said())
  }
  return {
    opened(stream) {
      tracing().opened(stream)
      journal.opened(stream)
    },
    ended(stream, end) {
      tracing().ended(stream, end)
      journal.ended(stream, end)
    },
    renewed: (stream, outcome) => journal.renewed(stream, outcome),
    failed(failure) {
      const { pair, remoteAddress, reference } = failure
      if (!tracing().failed(reference))
        say(
          () => ({ names: [pair?.remote], addresses: [remoteAddress] }),
          () => endLine(failure, reference),
        )
      journal.failed(failure)
    },
    notOpened(failure) {
      const { leg, pair, reason, detail, reference, attempts } = failure
      const tried = attempts.map(({ target, address }) => hostAndPort(address ?? target.host, target.port))
      say(
        () => ({
          names: [pair && outside(leg, pair)],
          addresses: attempts.map(({ address }) => address),
        }),
        () => ({
          what: 'link',
          text: `no stream to ${pair?.remote}: ${because(reason, detail)}${tried.length > 0 ? `; tried ${tried.join(', ')}` : ''}`,
          mood: 'bad',
          reason,
          reference,
        }),
      )
      journal.notOpened(failure)
    },
    judged(claim, remoteAddress, judgement) {
      const { local, remote } = claim.pair
      say(
        () => ({ names: [remote], addresses: [remoteAddress] }),
        () => ({
          what: 'dialback',
          text: `the claim of ${remoteAddress} to be ${remote} for ${local} is ${judgement.valid ? 'valid' : `refused: ${because(judgement.reason, judgement.detail)}`}`,
          mood: judgement.valid ? 'good' : 'bad',
          ...(judgement.valid ? {} : { reason: judgement.reason, reference: judgement.reference }),
        }),
      )
      journal.judged(claim, remoteAddress, judgement)
    },
    vouched(pair, id, genuine) {
      say(
        () => ({ names: [pair.remote], addresses: [] }),
        () => ({
          what: 'dialback',
          text: `asked whether a key is that of ${pair.local}: it ${genuine ? 'is' : 'is not'}`,
          mood: genuine ? 'good' : 'bad',
        }),
      )
      journal.vouched(pair, id, genuine)
    },
    turnedAway(origin, reason, detail) {
      const { remoteAddress, balancer } = origin
      say(
        () => ({ names: [], addresses: [remoteAddress, balancer] }),
        () => ({
          what: 'connection',
          text: `${remoteAddress} was turned away: ${because(reason, detail)}`,
          mood: 'bad',
          reason,
        }),
      )
      journal.turnedAway(origin, reason, detail)
    },
    passed: (frame, passage, stream, at) => journal.passed(frame, passage, stream, at),
    withheld: (passage) => journal.withheld(passage),
    reported: (facts, stream, findings) => journal.reported(facts, stream, findings),
    refused(facts, stream, refusal, answered) {
      const end = answered ? 'its sender was told' : 'nobody was told'
      say(
        () => mentioned(facts, stream),
        () => refusalLine(`${stanza(facts)} was refused`, refusal, end),
      )
      journal.refused(facts, stream, refusal, answered)
    },
    closing(facts, stream, refusal) {
      say(
        () => mentioned(facts, stream),
        () => refusalLine(`${stanza(facts)} was refused`, refusal, 'its stream ends'),
      )
      journal.closing(facts, stream, refusal)
    },
    bounced(frame, leg, pair, refusal, answered) {
      const { name: kind, type, id, from, to } = frame
      const end = answered ? 'its sender was told' : 'nobody was told'
      say(
        () => ({ names: [outsideOf(leg, pair)], addresses: [] }),
        () => refusalLine(`${stanza({ kind, type, id, from, to })} came back`, refusal, end),
      )
      journal.bounced(frame, leg, pair, refusal, answered)
    },
    lostAnswer(leg, pair, refusal) {
      say(
        () => ({ names: [outsideOf(leg, pair)], addresses: [] }),
        () => refusalLine(`an answer of ours to ${pair.remote} was lost`, refusal),
      )
      journal.lostAnswer(leg, pair, refusal)
    },
    unanswered(question, refusal, answered) {
      const { leg, pair, name: kind, type, id, from, to } = question
      say(
        () => ({ names: [outsideOf(leg, pair)], addresses: [] }),
        () => refusalLine(`${stanza({ kind, type, id, from, to })} was not answered`, refusal),
      )
      journal.unanswered(question, refusal, answered)
    },
    takenBack(taken) {
      const { domain, contacts, occupants, reason } = taken
      say(
        () => ({ names: [domain], addresses: [] }),
        () => ({
          what: 'presence',
          text:
            reason === 'SP-173'
              ? `between ours and ${domain} the presence of ${contacts} contacts and ${occupants} occupants is taken back`
              : `${domain} counts as gone: the presence of ${contacts} contacts and ${occupants} occupants is taken back`,
          mood: 'bad',
          reason,
        }),
      )
      journal.takenBack(taken)
    },
    askedAgain(leg, domain, presences) {
      say(
        () => ({ names: [domain], addresses: [] }),
        () => ({ what: 'presence', text: `${domain} is there again: ${presences} presences are asked for` }),
      )
      journal.askedAgain(leg, domain, presences)
    },
    moved: (move, reference) => journal.moved(move, reference),
    asks: (pending) => journal.asks(pending),
    lookedAt: (pending) => journal.lookedAt(pending),
    ledgers: (status) => journal.ledgers(status),
    keyNoticed: (notice) => journal.keyNoticed(notice),
    keyDecided: (decision) => journal.keyDecided(decision),
    keyUnkept: (notice) => journal.keyUnkept(notice),
    traceBegun: (trace) => journal.traceBegun(trace),
    traceOver: (trace) => journal.traceOver(trace),
    acceptError: (address, error) => journal.acceptError(address, error),
    service: (state) => journal.service(state),
    bug: (error, reference) => journal.bug(error, reference),
  }
}

/** After a failure a link waits; before `until`, in ms, what it is to carry comes back at once. */
export function tellWait(tracing: Tracing, leg: Leg, pair: Pair, until: number): void {
  const about = { names: [outsideOf(leg, pair)], addresses: [] }
  if (tracing.idle) return
  const text = `the link to ${pair.remote} waits until ${new Date(until).toISOString()}; until then stanzas for it come back`
  tracing.say(about, { what: 'link', text, mood: 'bad' })
}

const outside = (leg: string | undefined, pair: Pair): string => outsideOf(leg === 'core' ? 'core' : 'partner', pair)

function mentioned({ partner, fromDomain, toDomain }: Facts, { info }: Stream): Mention {
  return { names: [partner?.domain, fromDomain, toDomain], addresses: [info.peerAddress] }
}

/** Its kind and addressing, in words. */
function stanza({ kind, type, id, from, to }: Stanza): string {
  const what = [kind, type && `of type ${type}`, id && `(id ${id})`].filter(Boolean).join(' ')
  return `${what} from ${from ?? 'nobody'} to ${to ?? 'nobody'}`
}

interface Stanza {
  readonly kind: string
  readonly type: string | undefined
  readonly id: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
}

function refusalLine(what: string, refusal: Refusal, end?: string): Said {
  const { reason, detail, reference } = refusal
  return {
    what: 'refusal',
    text: `${what}: ${because(reason, detail)}${end ? `; ${end}` : ''}`,
    mood: 'bad',
    reason,
    reference,
  }
}
