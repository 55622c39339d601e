// Events of the ledgers: questions that nobody answers, presence taken back and asked for again. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

export interface UnansweredFacts {
  readonly leg: string
  readonly pair: { readonly local: string; readonly remote: string }
  readonly from: string
  readonly to: string
  readonly type: string
  readonly id: string
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
  /** False: the sender could not be told. */
  readonly answered: boolean
}

export interface TakenBackFacts {
  readonly leg: string
  /** Of the partner; undefined: the core. */
  readonly domain: string | undefined
  readonly reason: ReasonId
  readonly contacts: number
  readonly occupants: number
}

export interface LedgerFigures {
  readonly questions: number
  readonly questionsUntracked: number
  readonly presences: number
  readonly presencesDue: number
  readonly presencesUntracked: number
  readonly occupants: number
  readonly peersLost: number
}

export interface LedgerEvents {
  /** A question that had crossed was answered by us. */
  questionUnanswered(question: UnansweredFacts): void
  /** Somebody is gone, and others are told so. */
  presenceTakenBack(taken: TakenBackFacts): void
  /** A partner, or the core, is in touch again, and presence that was taken back is asked for. */
  presenceAskedAgain(leg: string, domain: string | undefined, presences: number): void
  /** How full the tables are. The log hears when one begins to overflow. */
  ledgers(figures: LedgerFigures): void
}

export function ledgerEvents({ log, figures }: Desk): LedgerEvents {
  const overflowing = new Set<ReasonId>()
  const overflow = (reason: ReasonId, untracked: number): void => {
    figures.untracked.set({ reason }, untracked)
    if (untracked === 0 || overflowing.has(reason)) return
    overflowing.add(reason)
    log.write('warn', 'ledger.full', because(reason))
  }
  return {
    questionUnanswered({ leg, pair, from, to, type, id, reason, detail, reference, answered }) {
      figures.questionsUnanswered.add({ leg, reason })
      const who = { leg, local: pair.local, remote: pair.remote, from, to, type, id }
      log.write('warn', 'question.unanswered', { ...because(reason), reference, detail, ...who, answered })
    },
    presenceTakenBack({ leg, domain, reason, contacts, occupants }) {
      figures.presencesTakenBack.add({ leg, reason }, contacts + occupants)
      log.write('warn', 'presence.taken-back', { ...because(reason), leg, domain, contacts, occupants })
    },
    presenceAskedAgain(leg, domain, presences) {
      figures.presencesAsked.add({ leg }, presences)
      log.write('info', 'presence.asked-again', { leg, domain, presences })
    },
    ledgers({ questions, questionsUntracked, presences, presencesDue, presencesUntracked, occupants, peersLost }) {
      figures.questions.set({}, questions)
      figures.presences.set({}, presences)
      figures.presencesDue.set({}, presencesDue)
      figures.occupants.set({}, occupants)
      figures.peersLost.set({}, peersLost)
      overflow('SP-624', questionsUntracked)
      overflow('SP-625', presencesUntracked)
    },
  }
}

/** Declares the metrics of the ledgers. */
export function declareLedgers(metrics: Metrics) {
  return {
    questions: metrics.declare({
      name: 'sallyport_questions',
      type: 'gauge',
      help: 'Questions (iq) that have crossed and wait for their answer.',
      labels: [],
    }),
    questionsUnanswered: metrics.declare({
      name: 'sallyport_questions_unanswered',
      type: 'counter',
      help: 'Questions (iq) that had crossed and were answered by the gateway, by leg they went out by and reason.',
      labels: ['leg', 'reason'],
    }),
    presences: metrics.declare({
      name: 'sallyport_presences',
      type: 'gauge',
      help: 'Presences remembered, each as one address sees another.',
      labels: [],
    }),
    presencesDue: metrics.declare({
      name: 'sallyport_presences_due',
      type: 'gauge',
      help: 'Presences that have to be taken back or asked for, and wait for their turn.',
      labels: [],
    }),
    presencesTakenBack: metrics.declare({
      name: 'sallyport_presences_taken_back',
      type: 'counter',
      help: 'Presences taken back because whoever is behind them was lost or is no longer admitted, by leg and reason.',
      labels: ['leg', 'reason'],
    }),
    presencesAsked: metrics.declare({
      name: 'sallyport_presences_asked_again',
      type: 'counter',
      help: 'Presences that were taken back and are asked for, because their domain is in touch again, by leg.',
      labels: ['leg'],
    }),
    untracked: metrics.declare({
      name: 'sallyport_ledger_untracked',
      type: 'gauge',
      help: 'What crossed without being remembered since the start because a table was full, by reason.',
      labels: ['reason'],
    }),
    occupants: metrics.declare({
      name: 'sallyport_room_occupants',
      type: 'gauge',
      help: 'Nicks in rooms of which it is known who is behind them; at most 20,000, and 5,000 of one partner.',
      labels: [],
    }),
    peersLost: metrics.declare({
      name: 'sallyport_peers_lost',
      type: 'gauge',
      help: 'Peers that count as gone.',
      labels: [],
    }),
  }
}
