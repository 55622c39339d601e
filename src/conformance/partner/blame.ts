// Whose fault is it that an exchange with a live partner has not come out as expected? Pure.
//
// The gateway's own errors bear a reference, whatever else comes was said by the partner. Where nothing came, it counts who spoke,
// whether that was carried on, whether something has come or was turned away here, and what the live test has found.

import type { Outcome } from '../verdict.ts'
import type { Fault } from './facts.ts'
import type { Side } from './scenario.ts'

/** What came, and what is known besides. */
export interface Trouble {
  /** What was wanted, in words. */
  readonly wanted: string
  /** What came instead, as XML; undefined: nothing in time. */
  readonly instead: string | undefined
  readonly fault: Fault | undefined
  /** Who spoke last, and was that for us, or for the partner's own server? */
  readonly by: Side
  readonly toUs: boolean
  /** Has a stanza gone out to the partner meanwhile? */
  readonly carried: boolean
  /** Has one come in from it, and if so, did nothing of it reach the core? */
  readonly cameIn: boolean
  readonly arrived: boolean
  /** What the gateway has logged of a stanza of the partner's that it did not let in. */
  readonly turnedAway: string | undefined
}

/** The text of the gateway's errors ends by it. */
const REFERENCE = /Reference:? [0-9a-hjkmnp-tv-z]{4}-/
const LONGEST = 400

/** Is this line of the log of a stanza that was not let in, or of a stream by which our account there might have come to us? */
export const isTurnedAway = (line: string, by: Side): boolean =>
  (/"event":"stanza\.(?:refused|dropped|closed)"/.test(line) && line.includes('"inbound"')) ||
  (by === 'theirs' && line.includes('"event":"stream.failed"') && line.includes('"role":"receiving"'))

export const isOurs = (stanza: string): boolean => REFERENCE.test(stanza)

export function blamed({ wanted, instead, fault, by, carried, cameIn, arrived, turnedAway }: Trouble): Outcome {
  const came = instead === undefined ? 'nothing' : instead.slice(0, LONGEST)
  if (instead !== undefined && !isOurs(instead))
    return { kind: 'peer-violation', detail: `answered ${came} instead of ${wanted}` }
  if (fault) return byFault(fault)
  if (instead !== undefined)
    return { kind: 'violation', detail: `the gateway answered by itself: ${came} instead of ${wanted}` }
  if (turnedAway !== undefined) return wasTurnedAway(wanted, turnedAway)
  if (arrived)
    return {
      kind: 'violation',
      detail: `the partner has said something, and it did not reach the core: ${wanted} did not come`,
    }
  if (by === 'theirs')
    return cameIn
      ? { kind: 'violation', detail: `something else has come from the partner: ${wanted} did not come` }
      : saidInVain(wanted)
  if (carried) return { kind: 'peer-violation', detail: `was asked and has not answered: ${wanted} did not come` }
  return { kind: 'violation', detail: `what was said was not carried to the partner: ${wanted} did not come` }
}

const wasTurnedAway = (wanted: string, line: string): Outcome => ({
  kind: 'violation',
  detail: `${wanted} did not come, and this was turned away: ${line.slice(0, LONGEST)}`,
})

const saidInVain = (wanted: string): Outcome => ({
  kind: 'peer-violation',
  detail: `our account there said it, and nothing came to us: ${wanted} did not come`,
})

/** Of what was said and did not come to our account at the partner, or what that has got instead. */
export function undelivered(trouble: Trouble): Outcome {
  const { wanted, instead, fault, by, toUs, carried } = trouble
  if (instead !== undefined) {
    const came = instead.slice(0, LONGEST)
    if (!isOurs(instead)) return { kind: 'peer-violation', detail: `answered ${came} instead of ${wanted}` }
    if (!fault) return { kind: 'violation', detail: `the gateway answered by itself: ${came} instead of ${wanted}` }
  }
  if (by === 'theirs' && !toUs)
    return { kind: 'peer-violation', detail: `was asked by our account there: ${wanted} did not come to it` }
  if (fault) return byFault(fault)
  if (by === 'theirs') return unanswered(trouble)
  if (carried)
    return { kind: 'peer-violation', detail: `it was carried to the partner, and ${wanted} did not come to its user` }
  return {
    kind: 'violation',
    detail: `what was said was not carried to the partner: ${wanted} did not come to its user`,
  }
}

/** Our account there has asked us, and has no answer. */
function unanswered({ wanted, carried, cameIn, turnedAway }: Trouble): Outcome {
  if (turnedAway !== undefined) return wasTurnedAway(wanted, turnedAway)
  if (!cameIn) return saidInVain(wanted)
  if (carried)
    return {
      kind: 'peer-violation',
      detail: `an answer was carried to the partner, and ${wanted} did not come to its user`,
    }
  return { kind: 'violation', detail: `the partner has asked, and no answer was carried to it: ${wanted} did not come` }
}

/** What the live test has found, as what it says of a scenario. */
export function byFault({ side, sentence }: Fault): Outcome {
  if (side === 'theirs') return { kind: 'peer-violation', detail: sentence }
  return { kind: side === 'ours' ? 'violation' : 'inconclusive', detail: sentence }
}
