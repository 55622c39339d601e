// How a session ends, what elements are to it, and how they are carried from one side to the other.

import type { Frame } from '../../xml/frame.ts'
import { rescope } from '../../xml/rescope.ts'
import { bufferOf } from '../../xml/stretch.ts'
import type { StreamCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { streamCondition, type ReasonId } from '../../xmpp/reasons.ts'
import { quote } from '../quote.ts'
import { readStreamError } from '../stream-error.ts'
import type { RelayState, RelayStep } from './relay-types.ts'

/** Phases in which the client is not read: something has to happen first. */
export const HELD: ReadonlySet<RelayState['phase']> = new Set<RelayState['phase']>([
  'reaching',
  'asking',
  'vouching',
  'judging',
  'showing',
  'failing',
  'reopening',
  'resuming',
])

export const OVER: RelayState = { phase: 'over' }

export function endRelay(reason: ReasonId, detail = '', condition = conditionFor(reason)): RelayStep {
  return [OVER, { kind: 'end', reason, detail, condition }]
}

/** A reason that has none ends a session without a word. */
const SILENT: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-815', 'SP-816'])
export const conditionFor = (reason: ReasonId): StreamCondition | undefined =>
  SILENT.has(reason) ? undefined : streamCondition(reason)

/** A core that no longer knows: what a client is told that wants back what nobody here remembers. XEP-0198 §5 */
export const NOT_REMEMBERED = Buffer.from(
  `<failed xmlns='${NS.sm}'><item-not-found xmlns='${NS.stanzaConditions}'/></failed>`,
)

export const carried = (frame: Frame): Buffer =>
  Buffer.from(bufferOf(rescope(frame, { lang: 'en', content: NS.client })))

export const isFeatures = ({ namespace, name }: Frame): boolean => namespace === NS.streams && name === 'features'

export const isStanza = ({ namespace, name }: Frame): boolean =>
  namespace === NS.client && (name === 'message' || name === 'presence' || name === 'iq')

export const isBind = ({ namespace, name, type, payloads }: Frame): boolean =>
  namespace === NS.client && name === 'iq' && type === 'set' && payloads[0]?.namespace === NS.bind

export const nameOf = ({ namespace, name }: Frame): string => quote(`{${namespace}}${name}`)

export const outOfTurn = (frame: Frame, { phase }: { readonly phase: string }): RelayStep =>
  endRelay('SP-812', `${nameOf(frame)} while ${phase}`)

export const strange = (frame: Frame, { phase }: { readonly phase: string }): RelayStep =>
  endRelay('SP-807', `${nameOf(frame)} while ${phase}`)

export const tooLong = (what: string): RelayStep => endRelay('SP-811', what)

/** Conditions that a client can do something with; all others say only that the core is gone. */
const TOLD: ReadonlySet<StreamCondition> = new Set<StreamCondition>([
  'conflict',
  'connection-timeout',
  'policy-violation',
  'not-authorized',
  'resource-constraint',
  'reset',
  'system-shutdown',
  'undefined-condition',
])

/** The core has ended the stream with an error: its words stay inside. */
export function endedByCore(frame: Frame): RelayStep {
  const { condition, detail } = readStreamError(frame)
  return endRelay('SP-805', detail, TOLD.has(condition) ? condition : 'remote-connection-failed')
}
