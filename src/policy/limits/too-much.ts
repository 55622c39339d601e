// What becomes of a stanza that is more than a limit lets through, as a decision like those of the checkpoint.

import { STANZA_CONDITIONS } from '../../xmpp/conditions.ts'
import { stanzaCondition } from '../../xmpp/reasons.ts'
import type { Decision } from '../checkpoint.ts'
import { TO_OUTSIDERS } from '../whom/clause.ts'
import type { Exceeded } from './meters.ts'
import type { TooManyRequests } from './requests.ts'
import { REASON_OF } from './terms.ts'

/**
 * It is refused. SECURITY: of what waits for users of ours those outside hear what they hear of walls and rules, or they would
 * learn from it what others ask of whom.
 */
export function tooMuch(exceeded: Exceeded | TooManyRequests): Extract<Decision, { verdict: 'refuse' }> {
  if ('reason' in exceeded) {
    const { reason, detail } = exceeded
    return { verdict: 'refuse', rule: 'limits', reason, detail, ...TO_OUTSIDERS }
  }
  const { limit, most, user, group } = exceeded
  const reason = REASON_OF[limit]
  const condition = stanzaCondition(reason)
  const detail = `${user === undefined ? `partner=${group}` : `user=${user}`}, ${limit}=${most}`
  const refusal = { rule: 'limits', reason, detail, condition, type: STANZA_CONDITIONS[condition].type }
  return { verdict: 'refuse', ...refusal, ...(user !== undefined && { ofUser: true }) }
}
