// A session between a client and the core, from the client's first header over TLS until its address is bound, as a pure
// function: what either says becomes what the other hears. From then on stanzas pass by `session`, and only what is none
// comes here.
//
// Rule 1: every transition is a cell of TABLE. A missing cell ends the session.
// Rule 2: the core hears nothing of a log-in before the gate has been asked; a refusal looks the same whoever refuses.
// Rule 3: no I/O, no clock, no memory of other sessions: who may is an effect, and its outcome comes back as an event.

import { NS } from '../../xmpp/namespaces.ts'
import { readStreamError } from '../stream-error.ts'
import { EXTERNAL } from './external.ts'
import { rewriteFeatures } from './features.ts'
import { boundRow, reopeningRow, resumingRow, unboundRow } from './relay-bound.ts'
import { answering, asking, failing, judging, misled, offered, prompting, showing, vouching } from './relay-log-in.ts'
import type { RelayEvent, RelayRules, RelayState, RelayStep, Row } from './relay-types.ts'
import { conditionFor, endedByCore, endRelay, outOfTurn, OVER, strange } from './relay-words.ts'
import { domainAsked } from './securing.ts'

const TABLE: { readonly [P in Exclude<RelayState['phase'], 'over'>]: Row<P> } = {
  opening: {
    'client-header'({ known }, { header }, rules) {
      const domain = domainAsked(header, rules)
      if (typeof domain !== 'string') return endRelay(domain.reason, domain.detail, domain.condition)
      const before = known?.domain ?? rules.requested
      // SECURITY: a restart must not change who is talked to.
      if (before !== undefined && before !== domain) return endRelay('SP-425', `from ${before} to ${domain}`)
      if (known) return [{ phase: 'reopening', known }, { kind: 'reopen' }]
      return [
        { phase: 'reaching', domain },
        { kind: 'reach', domain },
      ]
    },
  },
  reaching: {
    reached({ domain }, { features }, rules) {
      const offer = rewriteFeatures(features, rules.card ? [EXTERNAL] : [])
      return [
        { phase: 'offered', domain, offer, attempts: rules.attempts },
        { kind: 'open', domain },
        { kind: 'offer', offer },
      ]
    },
  },
  ...{ offered, prompting, asking, vouching, judging, showing, answering, misled, failing },
  reopening: reopeningRow,
  unbound: unboundRow,
  resuming: resumingRow,
  bound: boundRow,
}

export const BEGIN: RelayState = { phase: 'opening', known: undefined }

/** Feeds one event. Never throws on what either side says. */
export function step(state: RelayState, event: RelayEvent, rules: RelayRules): RelayStep {
  const outcome = take(state, event, rules)
  if (!isUnopened(state)) return outcome
  // The header that must precede an error. RFC 6120 §4.9.1.1
  const [next, ...effects] = outcome
  const isError = effects.some((effect) => effect.kind === 'end' && effect.condition !== undefined)
  return isError ? [next, { kind: 'open', domain: domainOf(state) ?? rules.requested }, ...effects] : outcome
}

/** Does the client still wait for our header? */
const isUnopened = ({ phase }: RelayState): boolean =>
  phase === 'opening' || phase === 'reaching' || phase === 'reopening'

function domainOf(state: RelayState): string | undefined {
  if ('domain' in state) return state.domain
  return 'known' in state ? state.known?.domain : undefined
}

function take(state: RelayState, event: RelayEvent, rules: RelayRules): RelayStep {
  if (state.phase === 'over') return [OVER]
  if (event.kind === 'end') {
    const { reason, detail, condition = conditionFor(reason), application } = event
    return [OVER, { kind: 'end', reason, detail, condition, application }]
  }
  if (event.kind === 'late') return endRelay(owesCore(state) ? 'SP-870' : 'SP-430', `while ${state.phase}`)
  if (event.kind === 'client-footer') return endRelay('SP-815')
  if (event.kind === 'core' && event.frame.namespace === NS.streams && event.frame.name === 'error')
    return endedByCore(event.frame)
  if (event.kind === 'client' && event.frame.namespace === NS.streams && event.frame.name === 'error')
    return endRelay('SP-815', readStreamError(event.frame).detail)
  const cell = cellOf(state.phase, event.kind)
  if (cell) return cell(state, event, rules)
  if (event.kind === 'client') return outOfTurn(event.frame, state)
  if (event.kind === 'core') return strange(event.frame, state)
  return event.kind === 'client-header' ? endRelay('SP-812', `a header while ${state.phase}`) : [state]
}

/** Is it the core whose word is awaited? */
function owesCore(state: RelayState): boolean {
  switch (state.phase) {
    case 'reaching':
    case 'vouching':
    case 'judging':
    case 'reopening':
    case 'resuming':
      return true
    case 'unbound':
      return state.asked !== undefined
    default:
      return false
  }
}

type AnyCell = (state: RelayState, event: RelayEvent, rules: RelayRules) => RelayStep

/** The cell for a phase and an event. That its parameters fit them is what `RelayTable` says, and no type of a look-up can. */
function cellOf(phase: Exclude<RelayState['phase'], 'over'>, kind: RelayEvent['kind']): AnyCell | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return (TABLE as Readonly<Record<string, Readonly<Record<string, AnyCell | undefined>>>>)[phase]?.[kind]
}
