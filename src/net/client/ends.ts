// How a connection of a session ends by itself, and with which words.

import type { CloseEffect } from '../../stream/types.ts'
import type { StreamCondition } from '../../xmpp/conditions.ts'

export interface LastWords {
  readonly condition?: StreamCondition | undefined
  /** XML beside the condition. RFC 6120 §4.9.4 */
  readonly application?: string | undefined
  readonly reference: string
}

/** It takes nothing of what is written. */
export const STALLED = { kind: 'close', reason: 'SP-467', by: 'network', condition: undefined, say: 'nothing' } as const
/** It has let a deadline pass. */
export const LATE: CloseEffect = {
  kind: 'close',
  reason: 'SP-430',
  detail: '',
  by: 'us',
  condition: 'connection-timeout',
  say: 'error',
}
