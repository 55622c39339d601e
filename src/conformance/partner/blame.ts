// Whose fault is it that an exchange with a live partner has not come out as expected? Pure.
//
// The gateway's own errors bear a reference, whatever else comes was said by the partner. Where nothing came, it counts whether
// the stanza was carried there, whether something has come or was turned away here, and what the live test has found.

import type { Outcome } from '../verdict.ts'
import type { Fault } from './facts.ts'

/** What came, and what is known besides. */
export interface Trouble {
  /** What was wanted, in words. */
  readonly wanted: string
  /** What came instead, as XML; undefined: nothing in time. */
  readonly instead: string | undefined
  readonly fault: Fault | undefined
  /** Has a stanza gone out to the partner meanwhile? */
  readonly carried: boolean
  /** Has one come in from it? */
  readonly arrived: boolean
  /** What the gateway has logged of a stanza of the partner's that it did not let in. */
  readonly turnedAway: string | undefined
}

/** The text of the gateway's errors ends by it. */
const REFERENCE = /Reference:? [0-9a-hjkmnp-tv-z]{4}-/
const LONGEST = 400

export const isOurs = (stanza: string): boolean => REFERENCE.test(stanza)

export function blamed({ wanted, instead, fault, carried, arrived, turnedAway }: Trouble): Outcome {
  const came = instead === undefined ? 'nothing' : instead.slice(0, LONGEST)
  if (instead !== undefined && !isOurs(instead))
    return { kind: 'peer-violation', detail: `answered ${came} instead of ${wanted}` }
  if (fault) return byFault(fault)
  if (instead !== undefined)
    return { kind: 'violation', detail: `the gateway answered by itself: ${came} instead of ${wanted}` }
  if (turnedAway !== undefined)
    return {
      kind: 'violation',
      detail: `${wanted} did not come, and this was turned away: ${turnedAway.slice(0, LONGEST)}`,
    }
  if (arrived)
    return {
      kind: 'violation',
      detail: `the partner has said something, and it did not reach the core: ${wanted} did not come`,
    }
  if (carried) return { kind: 'peer-violation', detail: `was asked and has not answered: ${wanted} did not come` }
  return { kind: 'violation', detail: `what was said was not carried to the partner: ${wanted} did not come` }
}

/** Of what our users have said and did not come to our account at the partner, or what that has got instead. */
export function undelivered({ wanted, instead, fault, carried }: Trouble): Outcome {
  if (instead !== undefined) {
    const came = instead.slice(0, LONGEST)
    if (!isOurs(instead)) return { kind: 'peer-violation', detail: `answered ${came} instead of ${wanted}` }
    if (!fault) return { kind: 'violation', detail: `the gateway answered by itself: ${came} instead of ${wanted}` }
  }
  if (fault) return byFault(fault)
  if (carried)
    return { kind: 'peer-violation', detail: `it was carried to the partner, and ${wanted} did not come to its user` }
  return {
    kind: 'violation',
    detail: `what was said was not carried to the partner: ${wanted} did not come to its user`,
  }
}

/** What the live test has found, as what it says of a scenario. */
export function byFault({ side, sentence }: Fault): Outcome {
  if (side === 'theirs') return { kind: 'peer-violation', detail: sentence }
  return { kind: side === 'ours' ? 'violation' : 'inconclusive', detail: sentence }
}
