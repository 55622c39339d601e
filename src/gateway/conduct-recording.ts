// States of conduct as the records that `why` reads.

import { CONDUCT_STATES } from '../policy/conduct/conduct.ts'
import type { ConductMove } from '../policy/conduct/conducts.ts'
import type { DecisionRecord } from '../store/store.ts'

/** The reason for which a move is told. */
export function moveReason({ from, to, how }: ConductMove): 'SP-163' | 'SP-164' | 'SP-165' {
  if (how === 'hand') return 'SP-165'
  return CONDUCT_STATES.indexOf(to) > CONDUCT_STATES.indexOf(from) ? 'SP-163' : 'SP-164'
}

/** A domain is in another state. */
export function moveRecord(move: ConductMove, reference: string): DecisionRecord {
  const { domain, from, to, at, points, counts, by, why } = move
  const parts = Object.entries(points).map(([what, some]) => `${what} ${some.toFixed(1)}`)
  const said = by === undefined ? '' : `, said by ${by}${why === undefined ? '' : `: ${why}`}`
  const told = counts ? '' : ', only told, as it has an entry'
  return {
    at,
    event: 'conduct',
    reference,
    direction: 'inbound',
    verdict: to === 'blocked' && counts ? 'refuse' : 'pass',
    reason: moveReason(move),
    from: domain,
    partner: domain,
    detail: `${from} to ${to}${told}${said}; points: ${parts.join(', ') || 'none'}`,
    facts: move,
  }
}
