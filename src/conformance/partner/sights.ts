// Holds what was negotiated with a live partner against what a scenario is about. Pure.

import type { ProfileName } from '../../trust/profiles/profile.ts'
import { byFault } from './blame.ts'
import { type Facts, waysIn, waysOut } from './facts.ts'
import { gridDiffers } from './grid.ts'
import type { PairOutcome, Sight } from './scenario.ts'

const PASS: PairOutcome = { kind: 'pass' }
const notRun = (detail: string): PairOutcome => ({ kind: 'not-run', detail })

export function sighted(sight: Sight, facts: Facts, profile: ProfileName): PairOutcome {
  switch (sight) {
    case 'service records':
    case 'its addresses':
    case 'its entry':
      return facts.found === sight ? PASS : notRun(`The partner is found by ${facts.found}.`)
    case 'another place':
      if (facts.vain === undefined) return notRun('Its first place answers, or it has one alone.')
      return waysOut(facts).length > 0 ? PASS : atFault(facts, `${facts.vain} is down, and no other place was tried`)
    case 'certificates':
      return provenBy('certificate', facts)
    case 'dialback':
      return provenBy('dialback', facts)
    case 'grid': {
      const differs = gridDiffers(profile, facts)
      return differs === undefined ? PASS : atFault(facts, differs)
    }
    default:
      return sight satisfies never
  }
}

/** Whatever was found wrong is why; else it is what was seen. */
const atFault = ({ fault }: Facts, seen: string): PairOutcome =>
  fault ? byFault(fault) : { kind: 'violation', detail: seen }

function provenBy(proof: 'certificate' | 'dialback', facts: Facts): PairOutcome {
  const { streams, floor } = facts
  const open = streams.find(({ start }) => start === 'none')
  if (open) return { kind: 'violation', detail: `a stream without TLS, opened ${open.opened}` }
  const byDialback = streams.find((stream) => stream.proof === 'dialback')
  if (byDialback && floor === 'certificate')
    return {
      kind: 'violation',
      detail: `a stream proven by dialback, opened ${byDialback.opened}, which its entry does not let do`,
    }
  if (proof === 'certificate' && byDialback) return notRun('The partner has proven its name by dialback: see I-15.')
  if (proof === 'dialback' && !byDialback && streams.length > 0)
    return notRun('The partner has proven its name by certificate: see I-05.')
  if (waysOut(facts).length === 0) return atFault(facts, 'no stream to the partner has come about')
  if (waysIn(facts).length === 0) return atFault(facts, 'no stream of the partner has come about')
  return PASS
}
