// What becomes of a stanza that is more than a limit lets through, as a decision like those of the checkpoint.

import { STANZA_CONDITIONS } from '../../xmpp/conditions.ts'
import { stanzaCondition } from '../../xmpp/reasons.ts'
import type { Decision } from '../checkpoint.ts'
import type { Exceeded } from './meters.ts'
import { REASON_OF } from './terms.ts'

/** It is refused. */
export function tooMuch({ limit, most, user, group }: Exceeded): Extract<Decision, { verdict: 'refuse' }> {
  const reason = REASON_OF[limit]
  const condition = stanzaCondition(reason)
  const detail = `${user === undefined ? `partner=${group}` : `user=${user}`}, ${limit}=${most}`
  return { verdict: 'refuse', rule: 'limits', reason, detail, condition, type: STANZA_CONDITIONS[condition].type }
}
