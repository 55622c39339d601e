// The baseline: what every requirement came to under each profile when it was last written, and what has become worse.

import { readFileSync } from 'node:fs'
import { verdictsOf } from '../../src/conformance/report/report.ts'
import type { Result, Run, Verdict } from '../../src/conformance/verdict.ts'
import type { ProfileName } from '../../src/trust/profiles/profile.ts'
import { BASELINE } from './playing.ts'

export type Baseline = Readonly<Record<ProfileName, Readonly<Record<string, Result>>>>

/** That a row does not apply is below Met: what was shown is not argued away unseen. */
const RANK: Readonly<Record<Result, number>> = { 'Not met': 0, 'Partially met': 1, 'N/A': 2, 'Not assessed': 2, Met: 3 }

export const readBaseline = (): Baseline => JSON.parse(readFileSync(BASELINE, 'utf8'))

/** What every requirement came to under one of the profiles. */
export interface Before {
  readonly profile: ProfileName
  readonly results: Readonly<Record<string, Result>>
}

/** Rows that are worse than they were, each with why. @param onlyPlayed leaves out rows without a run */
export function worseThan(before: Before, runs: readonly Run[], onlyPlayed = false): readonly string[] {
  return compared(before, runs, onlyPlayed)
    .filter(({ was, is }) => RANK[is.result] < RANK[was])
    .map(({ was, is }) => `${is.requirement} was "${was}" and is "${is.result}": ${is.because}`)
}

/** Rows that ask for a new baseline. */
export const betterThan = (before: Before, runs: readonly Run[]): readonly string[] =>
  compared(before, runs, false)
    .filter(({ was, is }) => RANK[is.result] > RANK[was])
    .map(({ was, is }) => `${is.requirement}: "${was}" → "${is.result}"`)

function compared(
  before: Before,
  runs: readonly Run[],
  onlyPlayed: boolean,
): readonly { readonly was: Result; readonly is: Verdict }[] {
  return verdictsOf(runs, before.profile).flatMap((is) => {
    const was = before.results[is.requirement]
    return was === undefined || (onlyPlayed && is.cases.length === 0) ? [] : [{ was, is }]
  })
}
