// Two reports side by side: what has become better, what worse.

import { areaOf, REQUIREMENTS } from '../requirement.ts'
import type { PairOutcome } from '../partner/scenario.ts'
import type { Result } from '../verdict.ts'

/** What of a report is compared. */
export interface Compared {
  readonly verdicts: readonly { readonly requirement: string; readonly result: Result; readonly because: string }[]
  /** The areas it is about, where those are not all. */
  readonly part?: readonly string[]
  /** What was played with live partners. */
  readonly pairwise?: { readonly pairs: readonly ComparedPair[] }
}

interface ComparedPair {
  readonly peer: string
  readonly runs: readonly { readonly scenario: string; readonly outcome: PairOutcome }[]
}

export interface Difference {
  /** `STR-01`, or `I-05 with partner.example`. */
  readonly requirement: string
  readonly before: Result | PairOutcome['kind'] | undefined
  readonly after: Result | PairOutcome['kind'] | undefined
  readonly kind: 'better' | 'worse' | 'other'
  /** Why it is so in the later one. */
  readonly because: string
}

const RANK: Readonly<Record<Result, number | undefined>> = {
  'Not met': 0,
  'Partially met': 1,
  Met: 2,
  'N/A': undefined,
  'Not assessed': undefined,
}

/**
 * In the order of the requirements, and then scenarios with partners that both have met; what is the same in both is left out, and
 * so are areas that one of them is not about.
 */
export const differencesOf = (before: Compared, after: Compared): readonly Difference[] => [
  ...rowsThatDiffer(before, after),
  ...scenariosThatDiffer(before, after),
]

function rowsThatDiffer(before: Compared, after: Compared): readonly Difference[] {
  const [earlier, later] = [verdictsById(before), verdictsById(after)]
  const known = REQUIREMENTS.map(({ id }) => id)
  const all = new Set([...known, ...earlier.keys(), ...later.keys()])
  const isAbout = ({ part }: Compared, id: string): boolean => part === undefined || part.includes(areaOf({ id }))
  return [...all].flatMap((requirement) => {
    if (!isAbout(before, requirement) || !isAbout(after, requirement)) return []
    const [was, is] = [earlier.get(requirement), later.get(requirement)]
    if (was?.result === is?.result) return []
    const because = is?.because ?? 'It is not in the later report.'
    return [{ requirement, before: was?.result, after: is?.result, kind: kindOf(was?.result, is?.result), because }]
  })
}

const verdictsById = ({ verdicts }: Compared): ReadonlyMap<string, Compared['verdicts'][number]> =>
  new Map(verdicts.map((verdict) => [verdict.requirement, verdict]))

/** What no longer applies or was not assessed, or has come or gone, is neither. What was met and is in no report any more is worse. */
function kindOf(before: Result | undefined, after: Result | undefined): Difference['kind'] {
  if (after === undefined) return 'worse'
  const [was, is] = [before && RANK[before], RANK[after]]
  if (was === undefined || is === undefined) return 'other'
  return is > was ? 'better' : 'worse'
}

/** What was not run, or came to nothing, is neither better nor worse than something else; what a partner does wrong is its own. */
function scenariosThatDiffer(before: Compared, after: Compared): readonly Difference[] {
  const earlier = scenariosOf(before)
  return [...scenariosOf(after)].flatMap(([requirement, is]) => {
    const was = earlier.get(requirement)
    if (was === undefined || was.kind === is.kind) return []
    const kind = is.kind === 'violation' ? 'worse' : was.kind === 'violation' && is.kind === 'pass' ? 'better' : 'other'
    const because = 'detail' in is ? is.detail : 'It came out as expected.'
    return [{ requirement, before: was.kind, after: is.kind, kind, because }]
  })
}

const scenariosOf = ({ pairwise }: Compared): ReadonlyMap<string, PairOutcome> =>
  new Map(
    (pairwise?.pairs ?? []).flatMap(({ peer, runs }) =>
      runs.map(({ scenario, outcome }) => [`${scenario} with ${peer}`, outcome] as const),
    ),
  )
