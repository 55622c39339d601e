// A stanza that is refused or comes back: why, and what its answer says.

import type { Decision } from '../policy/checkpoint.ts'
import type { Finding } from '../policy/rule.ts'
import { STANZA_CONDITIONS, type StanzaCondition, type StanzaErrorType } from '../xmpp/conditions.ts'
import { type ReasonId, stanzaCondition } from '../xmpp/reasons.ts'

export interface Refused {
  readonly reason: ReasonId
  readonly detail: string
  readonly reference: string
  readonly rule: string | undefined
  readonly cause?: string
  readonly condition: StanzaCondition
  readonly type: StanzaErrorType
  readonly ofUser?: true
}

/** By no rule: it could not be delivered, or was not answered. */
export function undeliverable(why: Pick<Refused, 'reason' | 'detail' | 'reference' | 'cause'>): Refused {
  const condition = stanzaCondition(why.reason)
  return { ...why, rule: undefined, condition, type: STANZA_CONDITIONS[condition].type }
}

/** The answer to what is for nobody who could be reached where a provider serves people. */
export function nobodyThere({ detail }: Finding): Extract<Decision, { verdict: 'refuse' }> {
  const condition = stanzaCondition('SP-168')
  const { type } = STANZA_CONDITIONS[condition]
  return {
    verdict: 'refuse',
    rule: 'behind-provider',
    reason: 'SP-168',
    ...(detail !== undefined && { detail }),
    condition,
    type,
  }
}
