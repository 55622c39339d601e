// Events of stanzas at the checkpoint. What passes is counted and nothing more: it may be a million in a second. See
// `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import { plainIp } from './fields.ts'
import type { Level } from './line.ts'
import type { Series } from './metrics.ts'
import { because } from './stream-events.ts'

export type Direction = 'inbound' | 'outbound'

export interface StanzaFacts {
  readonly direction: Direction
  /** The domain of the partner's entry. */
  readonly partner: string | undefined
  readonly kind: string
  readonly type: string | undefined
  readonly id: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly peerAddress: string | undefined
}

export interface RefusalFacts {
  readonly reason: ReasonId
  readonly reference: string
  readonly detail?: string | undefined
  readonly rule?: string | undefined
  readonly condition?: string | undefined
  readonly cause?: string | undefined
}

export interface Totals {
  readonly passed: number
  readonly refused: number
  readonly closed: number
}

export interface StanzaEvents {
  /** `partner` is the domain of the partner's entry. */
  stanzaPassed(direction: Direction, partner: string | undefined): void
  /** The partner is not shown what it tells; nobody is told. */
  stanzaWithheld(direction: Direction, partner: string | undefined): void
  /** It crosses; a rule that only reports would have refused it. */
  stanzaReported(stanza: StanzaFacts, finding: Pick<RefusalFacts, 'reason' | 'detail' | 'rule'>): void
  /** Answered with an error. */
  stanzaRefused(stanza: StanzaFacts, refusal: RefusalFacts): void
  /** Refused, and may not be answered. RFC 6120 §8.3.1 */
  stanzaDropped(stanza: StanzaFacts, refusal: RefusalFacts): void
  /** It ends the stream that it came on. */
  stanzaClosed(stanza: StanzaFacts, refusal: RefusalFacts): void
  /** Since the start. */
  totals(): Totals
}

export function stanzaEvents({ log, figures, partnerLabels }: Desk): StanzaEvents {
  const totals = { passed: 0, refused: 0, closed: 0 }
  // One look-up for each stanza that passes, by partner, instead of building a key of three labels.
  const passing = { inbound: new Map<string | undefined, Series>(), outbound: new Map<string | undefined, Series>() }
  partnerLabels.onChange((gone) => {
    passing.inbound.clear()
    passing.outbound.clear()
    for (const label of gone) figures.stanzas.forget('partner', label)
  })

  const refuse = (
    level: Level,
    verdict: 'refuse' | 'drop' | 'close',
    stanza: StanzaFacts,
    refusal: RefusalFacts,
  ): void => {
    const { direction, partner, peerAddress, kind, type, id, from, to } = stanza
    const { reason, reference, cause, rule, condition, detail } = refusal
    figures.stanzas.add({ direction, verdict, partner: partnerLabels.of(partner) })
    figures.refusals.add({ direction, reason })
    const who = { direction, partner, from, to, kind, type, id }
    const why = { ...because(reason), reference, cause, rule, condition, detail }
    log.write(level, EVENT_NAMES[verdict], { ip: plainIp(peerAddress), ...why, ...who })
  }

  return {
    stanzaPassed(direction, partner) {
      let series = passing[direction].get(partner)
      if (series === undefined) {
        series = figures.stanzas.with({ direction, verdict: 'pass', partner: partnerLabels.of(partner) })
        passing[direction].set(partner, series)
      }
      series.value += 1
      totals.passed += 1
    },
    stanzaWithheld(direction, partner) {
      figures.stanzas.add({ direction, verdict: 'withhold', partner: partnerLabels.of(partner) })
    },
    stanzaReported({ direction, partner, kind, type, id, from, to }, { reason, detail, rule }) {
      figures.reports.add({ direction, reason })
      const who = { direction, partner, from, to, kind, type, id }
      log.write('info', 'stanza.reported', { ...because(reason), rule, detail, ...who })
    },
    stanzaRefused(stanza, refusal) {
      totals.refused += 1
      refuse('warn', 'refuse', stanza, refusal)
    },
    stanzaDropped(stanza, refusal) {
      totals.refused += 1
      refuse('warn', 'drop', stanza, refusal)
    },
    stanzaClosed(stanza, refusal) {
      totals.closed += 1
      refuse('warn', 'close', stanza, refusal)
    },
    totals: () => ({ ...totals }),
  }
}

const EVENT_NAMES = { refuse: 'stanza.refused', drop: 'stanza.dropped', close: 'stanza.closed' } as const
