// Two reports side by side: what has become better, what worse.

import { areaOf, REQUIREMENTS } from '../requirement.ts'
import type { Result } from '../verdict.ts'

/** What of a report is compared. */
export interface Compared {
  readonly verdicts: readonly { readonly requirement: string; readonly result: Result; readonly because: string }[]
  /** The areas it is about, where those are not all. */
  readonly part?: readonly string[]
}

export interface Difference {
  readonly requirement: string
  readonly before: Result | undefined
  readonly after: Result | undefined
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

/** In the order of the requirements; what is the same in both is left out, and so are areas that one of them is not about. */
export function differencesOf(before: Compared, after: Compared): readonly Difference[] {
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
