// The keys of partners as the records that `why` reads.

import type { DecisionRecord } from '../../store/store.ts'
import { changeText, type KeyDecision, type KeyNotice } from './report.ts'

type NoticeReason = 'SP-387' | 'SP-388'

/** Whether a key that was not known counts. */
export function noticeReason({ held }: KeyNotice): NoticeReason {
  return held ? 'SP-388' : 'SP-387'
}

/** A change that stands open, or with the reason `SP-390` a key that there was no room for. */
export function noticeRecord(
  notice: KeyNotice,
  at: number,
  reason: NoticeReason | 'SP-390' = noticeReason(notice),
): DecisionRecord {
  const { key, known, held } = notice
  const { domain, spki, change, certificate, reference } = key
  return {
    at,
    event: 'certificate',
    verdict: held ? 'refuse' : 'pass',
    reference,
    reason,
    from: domain,
    partner: domain,
    detail: changeText(notice),
    facts: { spki, change, certificate, known: known.map((one) => ({ spki: one.spki, certificate: one.certificate })) },
  }
}

export const decisionReason = ({ confirmed }: KeyDecision): 'SP-913' | 'SP-914' => (confirmed ? 'SP-913' : 'SP-914')

/** Who said what of a key. */
export function decisionRecord(decision: KeyDecision, at: number): DecisionRecord {
  const { key, confirmed, by } = decision
  const { domain, spki, change, certificate, reference } = key
  return {
    at,
    event: 'certificate',
    verdict: confirmed ? 'pass' : 'refuse',
    cause: reference,
    reason: decisionReason(decision),
    from: domain,
    partner: domain,
    detail: `${by ?? 'somebody'} said so of ${spki}`,
    facts: { spki, change, certificate, by },
  }
}
