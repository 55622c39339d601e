// Events of the ledgers: questions that nobody answers, presence taken back and asked for again. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './events.ts'
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
    ledgers({ questions, questionsUntracked, presences, presencesDue, presencesUntracked, peersLost }) {
      figures.questions.set({}, questions)
      figures.presences.set({}, presences)
      figures.presencesDue.set({}, presencesDue)
      figures.peersLost.set({}, peersLost)
      overflow('SP-624', questionsUntracked)
      overflow('SP-625', presencesUntracked)
    },
  }
}
