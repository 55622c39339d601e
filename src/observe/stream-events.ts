// Events in the life of streams, links and listeners. See `events.ts` for the rules.

import { reason as entry, type ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import { plainIp, type Fields } from './fields.ts'
import type { Level } from './line.ts'

export type Role = 'receiving' | 'initiating'

interface Names {
  /** The domain we speak for, and the one at the other end. */
  readonly local: string
  readonly remote: string
}

/** A stream that is or was ready; `net/`'s own description of it fits. */
export interface StreamFacts {
  readonly id: string
  readonly role: Role
  readonly leg: string
  readonly pair: Names
  readonly peerAddress: string
  /** Undefined in plaintext. */
  readonly tls: { readonly version: string; readonly cipher: string; readonly group?: string | undefined } | undefined
  readonly bidi: boolean
  readonly method: string
  /** What proved it; undefined where no certificate did. */
  readonly certificate:
    | {
        readonly subject: string
        readonly issuer?: string
        readonly serial?: string
        readonly spki: string
        readonly notAfter: string
        /** Absent: nobody was asked whether it was revoked. */
        readonly revocation?: { readonly status: string; readonly by?: string; readonly reason?: ReasonId }
      }
    | undefined
  readonly since: number
  /** Where the peer acknowledges (XEP-0198): what it has acknowledged of ours, and what not. */
  readonly acks?: { readonly acknowledged: number; readonly unacknowledgedStanzas: number } | undefined
  readonly counters: {
    readonly stanzasIn: number
    readonly stanzasOut: number
    readonly bytesIn: number
    readonly bytesOut: number
  }
}

export interface EndFacts {
  readonly reason: ReasonId
  readonly reference: string
  readonly detail: string
  readonly by: 'us' | 'peer' | 'network'
  readonly condition: string | undefined
}

/** A stream that never became ready: names are as claimed. */
export interface FailureFacts extends EndFacts {
  readonly role: Role
  readonly leg: string | undefined
  readonly pair: Names | undefined
  readonly remoteAddress: string
  readonly certificate?: { readonly subject: string; readonly spki: string } | undefined
}

/** A connection that no stream came of. */
export interface RefusedFacts {
  readonly remoteAddress: string
  readonly listener: string
  readonly balancer?: string
  readonly detail?: string
}

export interface LinkFailureFacts extends EndFacts {
  readonly leg: string
  readonly pair: Names
  /** What was tried, in order. */
  readonly attempts?:
    | readonly { readonly target: string; readonly reason: ReasonId; readonly detail: string }[]
    | undefined
}

export interface BounceFacts {
  readonly leg: string
  readonly pair: Names
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly kind?: string | undefined
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
  /** The reference of the failed link. */
  readonly cause?: string | undefined
  /** False: the sender may not be told. */
  readonly answered?: boolean
}

export interface StreamEvents {
  streamOpened(stream: StreamFacts): void
  streamClosed(stream: StreamFacts, end: EndFacts): void
  streamFailed(failure: FailureFacts): void
  /** A partner was to prove its name anew in place of this stream: what came of it. */
  streamRenewed(stream: StreamFacts, outcome: 'renewed' | 'told' | 'unused' | 'failed' | 'overdue'): void
  /** A claim of dialback was decided: by which proof it is valid, or why not. `id` is the stream's. */
  dialbackJudged(
    claim: { readonly pair: Names; readonly id: string; readonly remoteAddress: string },
    judgement:
      | { readonly valid: true; readonly proven: { readonly method: string } }
      | { readonly valid: false; readonly reason: ReasonId; readonly detail: string; readonly reference: string },
  ): void
  /** Somebody asked whether a key is ours. */
  dialbackAnswered(pair: Names, id: string, genuine: boolean): void
  /** Turned away before a stream existed. */
  connectionRefused(origin: RefusedFacts, reason: ReasonId): void
  /** A listener could not accept a connection; it goes on. */
  acceptFailed(address: string, error: Error): void
  linkConnecting(link: { readonly leg: string; readonly pair: Names }): void
  linkFailed(failure: LinkFailureFacts): void
  /** One stanza that waited for a link or was handed to one, and could not be delivered. */
  queueBounced(bounce: BounceFacts): void
  /** An answer of ours could not be delivered. `cause` is the reference in it. */
  answerLost(answer: Pick<BounceFacts, 'leg' | 'pair' | 'reason' | 'detail' | 'reference' | 'cause'>): void
}

export function streamEvents({ log, figures, now }: Desk): StreamEvents {
  return {
    streamOpened(stream) {
      const { id, role, leg, pair, peerAddress, bidi, tls, method, certificate } = stream
      figures.streams.add({ leg, role })
      figures.streamsOpened.add({ leg, role })
      log.write('info', 'stream.opened', {
        ip: plainIp(peerAddress),
        leg,
        role,
        ...names(pair),
        stream: id,
        tls: tls?.version ?? 'none',
        cipher: tls?.cipher,
        group: tls?.group,
        bidi,
        method,
        subject: certificate?.subject,
        issuer: certificate?.issuer,
        serial: certificate?.serial,
        spki: certificate?.spki,
        revocation: certificate && (certificate.revocation?.status ?? 'not-asked'),
        revocationBy: certificate?.revocation?.by,
        revocationReason: certificate?.revocation?.reason,
      })
    },
    streamClosed(stream, end) {
      const { id, role, leg, pair, peerAddress, since, counters, acks } = stream
      figures.streams.add({ leg, role }, -1)
      figures.streamsClosed.add({ leg, by: end.by, reason: end.reason })
      if (acks) {
        figures.acknowledged.add({ leg }, acks.acknowledged)
        figures.unacknowledged.add({ leg }, acks.unacknowledgedStanzas)
      }
      log.write(levelOf(end.reason), 'stream.closed', {
        ip: plainIp(peerAddress),
        ...ending(end),
        leg,
        role,
        ...names(pair),
        stream: id,
        seconds: Math.round((now() - since) / 1000),
        stanzasIn: counters.stanzasIn,
        stanzasOut: counters.stanzasOut,
        bytesIn: counters.bytesIn,
        bytesOut: counters.bytesOut,
        acknowledged: acks?.acknowledged,
        unacknowledged: acks?.unacknowledgedStanzas,
      })
    },
    streamFailed(failure) {
      const { role, leg, pair, remoteAddress, certificate, reason } = failure
      figures.streamFailures.add({ leg: leg ?? 'unknown', role, reason })
      log.write(levelOf(reason), 'stream.failed', {
        ip: plainIp(remoteAddress),
        ...ending(failure),
        leg,
        role,
        ...names(pair),
        subject: certificate?.subject,
        spki: certificate?.spki,
      })
    },
    streamRenewed({ id, role, leg, pair, since }, outcome) {
      figures.reauthentications.add({ outcome })
      const bad = outcome === 'failed' || outcome === 'overdue'
      const seconds = Math.round((now() - since) / 1000)
      log.write(bad ? 'warn' : 'info', `reauthentication.${outcome}`, {
        leg,
        role,
        ...names(pair),
        stream: id,
        seconds,
      })
    },
    dialbackJudged({ pair, id, remoteAddress }, judgement) {
      const fields = { ip: plainIp(remoteAddress), ...names(pair), stream: id }
      if (judgement.valid) {
        const { method } = judgement.proven
        figures.dialbackClaims.add({ outcome: method })
        return log.write('info', 'dialback.valid', { ...fields, method })
      }
      const { reason, reference, detail } = judgement
      figures.dialbackClaims.add({ outcome: reason })
      log.write('warn', 'dialback.refused', { ...fields, ...because(reason), reference, detail })
    },
    dialbackAnswered(pair, id, genuine) {
      figures.dialbackAnswers.add({ outcome: genuine ? 'valid' : 'invalid' })
      // A key that is not ours was shown by somebody who claims to be us.
      log.write(genuine ? 'info' : 'warn', 'dialback.answered', { ...names(pair), stream: id, genuine })
    },
    connectionRefused({ remoteAddress, listener, balancer, detail }, reason) {
      figures.connectionsRefused.add({ listener, reason })
      const where = { listener, balancer: balancer === remoteAddress ? undefined : balancer }
      log.write('warn', 'connection.refused', {
        ip: plainIp(remoteAddress),
        ...because(reason),
        detail: detail || undefined,
        ...where,
      })
    },
    acceptFailed(address, error) {
      figures.acceptErrors.add({})
      log.write('error', 'accept.failed', { address, detail: error.message })
    },
    linkConnecting({ leg, pair }) {
      figures.links.add({ leg })
      log.write('debug', 'link.connecting', { leg, ...names(pair) })
    },
    linkFailed(failure) {
      const { leg, pair, reason, attempts } = failure
      figures.linkFailures.add({ leg, reason })
      log.write('warn', 'link.failed', {
        ...ending(failure),
        leg,
        ...names(pair),
        attempts: attempts?.map(({ target, reason: why, detail }) => ({ target, reason: why, detail })),
      })
    },
    queueBounced({ leg, pair, from, to, kind, reason, detail, reference, cause, answered }) {
      figures.bounced.add({ leg, reason })
      const fields = { ...because(reason), reference, cause, detail, leg, ...names(pair), from, to, kind, answered }
      log.write('warn', 'stanza.bounced', fields)
    },
    answerLost({ leg, pair, reason, detail, reference, cause }) {
      figures.answersLost.add({ leg, reason })
      log.write('warn', 'answer.lost', { ...because(reason), reference, cause, detail, leg, ...names(pair) })
    },
  }
}

/** A reason as fields: its id, and its name for readers. */
export function because(reason: ReasonId): Fields {
  return { reason, reasonName: entry(reason).name }
}

const names = (pair: Names | undefined): Fields => ({ local: pair?.local, remote: pair?.remote })

function ending({ reason, reference, detail, by, condition }: EndFacts): Fields {
  return { ...because(reason), reference, detail, by, condition }
}

/** A stream whose end needs nobody's attention says so quietly: shutdowns, idleness, a peer's good-bye. */
function levelOf(reason: ReasonId): Level {
  return entry(reason).act.startsWith('Nothing') ? 'info' : 'warn'
}
