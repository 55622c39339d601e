// Events in the lives of remote users' sessions. See `events.ts` for the rules. Of a log-in, who and how; never what was
// said in it.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import { plainIp } from './fields.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

/** A client, and who it is or claims to be. */
export interface ClientFacts {
  readonly session?: string | undefined
  readonly remoteAddress: string
  readonly listener: string
  readonly transport?: string | undefined
  readonly user?: string | undefined
  readonly mechanism?: string | undefined
  readonly tls?: { readonly version: string; readonly cipher: string } | undefined
}

export interface ClientEndFacts {
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
  readonly condition?: string | undefined
}

export interface SessionFigures {
  readonly open: number
  readonly loggedIn: number
  readonly waiting: number
  readonly resumable: number
  readonly gate: {
    readonly locks: number
    readonly counted: number
    readonly answersWaiting: number
    readonly answersCut: number
  }
}

export interface SessionEvents {
  /** A client never got as far as a secured stream. */
  clientUnsecured(client: ClientFacts, end: ClientEndFacts): void
  logInFailed(client: ClientFacts, end: ClientEndFacts): void
  /** A certificate was shown by which nobody logs in. */
  cardRefused(client: ClientFacts, end: ClientEndFacts): void
  loggedIn(client: ClientFacts, reference: string): void
  sessionBound(client: ClientFacts, address: string): void
  /** `loggedIn`: it had got that far. */
  sessionEnded(
    client: ClientFacts & { readonly since: number },
    end: ClientEndFacts,
    counted: { readonly loggedIn: boolean; readonly stanzasIn: number; readonly stanzasOut: number },
  ): void
  remoteRefused(
    client: ClientFacts,
    stanza: { readonly kind: string; readonly type?: string | undefined; readonly to?: string | undefined },
    refusal: { readonly reason: ReasonId; readonly detail: string; readonly reference: string; readonly rule: string },
    answered: boolean,
  ): void
  /** Said once in a while: each log-in sees it. */
  coreBindsChannel(): void
  /** Gauges only; undefined: there are no remote users. */
  sessionsNow(now: SessionFigures | undefined): void
}

/** The metrics of these events. */
export function declareSessions(metrics: Metrics) {
  return {
    sessions: metrics.declare({
      name: 'sallyport_sessions',
      type: 'gauge',
      help: 'Sessions of remote users: open, logged-in, waiting for their turn to have the core dialled, and resumable (XEP-0198), up or not.',
      labels: ['state'],
    }),
    gate: metrics.declare({
      name: 'sallyport_log_in_guard',
      type: 'gauge',
      help: 'Accounts, addresses and networks that are locked, and those that are counted; failed log-ins that wait for an answer, and those that got none since the start.',
      labels: ['what'],
    }),
    logIns: metrics.declare({
      name: 'sallyport_log_ins',
      type: 'counter',
      help: 'Log-ins of remote users, by outcome: ok, or the reason.',
      labels: ['outcome'],
    }),
    cardsRefused: metrics.declare({
      name: 'sallyport_cards_refused',
      type: 'counter',
      help: 'Certificates that clients of remote users showed and by which nobody logs in, by reason.',
      labels: ['reason'],
    }),
    sessionsEnded: metrics.declare({
      name: 'sallyport_sessions_ended',
      type: 'counter',
      help: 'Connections of remote users that ended, logged in or not, by reason.',
      labels: ['reason', 'state'],
    }),
    remoteRefusals: metrics.declare({
      name: 'sallyport_remote_refusals',
      type: 'counter',
      help: 'Stanzas of remote users that went no further, by reason.',
      labels: ['reason'],
    }),
  }
}

/** So often it is said that the core binds channels. */
const REMIND_MS = 3_600_000

export function sessionEvents({ log, figures, now }: Desk): SessionEvents {
  let reminded = -Infinity
  return {
    clientUnsecured(client, { reason, ...end }) {
      figures.sessionsEnded.add({ reason, state: 'unsecured' })
      log.write('info', 'client.unsecured', { ...who(client), ...because(reason), ...end })
    },
    logInFailed(client, { reason, ...end }) {
      figures.logIns.add({ outcome: reason })
      log.write('warn', 'log-in.failed', { ...who(client), ...because(reason), ...end })
    },
    cardRefused(client, { reason, ...end }) {
      figures.cardsRefused.add({ reason })
      log.write('warn', 'log-in.card-refused', { ...who(client), ...because(reason), ...end })
    },
    loggedIn(client, reference) {
      figures.logIns.add({ outcome: 'ok' })
      log.write('info', 'log-in.ok', { ...who(client), reference })
    },
    sessionBound(client, address) {
      log.write('debug', 'session.bound', { ...who(client), address })
    },
    sessionEnded({ since, ...client }, { reason, ...end }, { loggedIn, ...counted }) {
      figures.sessionsEnded.add({ reason, state: loggedIn ? 'logged-in' : 'unproven' })
      const seconds = Math.round((now() - since) / 1000)
      log.write('info', loggedIn ? 'session.ended' : 'client.ended', {
        ...who(client),
        ...because(reason),
        ...end,
        ...counted,
        seconds,
      })
    },
    remoteRefused(client, { kind, type, to }, { reason, ...refusal }, answered) {
      figures.remoteRefusals.add({ reason })
      log.write('info', 'session.refused', { ...who(client), kind, type, to, ...because(reason), ...refusal, answered })
    },
    coreBindsChannel() {
      if (now() - reminded < REMIND_MS) return
      reminded = now()
      log.write('warn', 'core.binds-channel', because('SP-823'))
    },
    sessionsNow(figuresNow) {
      if (!figuresNow) return
      const { open, loggedIn, waiting, resumable, gate } = figuresNow
      figures.sessions.set({ state: 'open' }, open)
      figures.sessions.set({ state: 'logged-in' }, loggedIn)
      figures.sessions.set({ state: 'waiting' }, waiting)
      figures.sessions.set({ state: 'resumable' }, resumable)
      figures.gate.set({ what: 'locked' }, gate.locks)
      figures.gate.set({ what: 'counted' }, gate.counted)
      figures.gate.set({ what: 'waiting' }, gate.answersWaiting)
      figures.gate.set({ what: 'unanswered' }, gate.answersCut)
    },
  }
}

const who = ({ remoteAddress, session, listener, transport, user, mechanism, tls }: ClientFacts) => ({
  ip: plainIp(remoteAddress),
  user,
  ...{ mechanism, session, listener, transport },
  tls: tls?.version,
  cipher: tls?.cipher,
})
