// Plays the cases that see a mutation against the gateway that has it.

import { join } from 'node:path'
import process from 'node:process'
import { CASES } from '../../src/conformance/cases/all.ts'
import { runOf } from '../../src/conformance/report/report.ts'
import { run } from '../../src/conformance/run.ts'
import type { Run } from '../../src/conformance/verdict.ts'
import type { Mutation } from './mutation.ts'

const MUTATED = join(import.meta.dirname, 'mutated.ts')

/** What came of its cases, or of some of them. */
export async function seen(
  { id, cases, profile = 'dod', over = [4] }: Mutation,
  some: readonly string[] = cases,
  atOnce?: number,
): Promise<readonly Run[]> {
  process.env['MUTATION'] = id
  try {
    const { played } = await run({
      ...{ script: MUTATED, profile, cases: CASES.filter((one) => some.includes(one.id)), over },
      ...{ now: Date.now, tell: () => undefined, ...(atOnce !== undefined && { atOnce }) },
    })
    return played.map(runOf)
  } finally {
    delete process.env['MUTATION']
  }
}

/** Cases that ought to have seen it, and have not. What came to nothing has seen nothing. */
export const green = ({ cases }: Mutation, runs: readonly Run[]): readonly string[] =>
  cases.filter((id) => !runs.some((one) => one.case === id && one.outcome.kind === 'violation'))

/** As `seen`, and those that have not seen it once more, one after the other: a busy machine may have come between. */
export async function seenAtLast(mutation: Mutation): Promise<readonly Run[]> {
  const first = await seen(mutation)
  const missing = green(mutation, first)
  if (missing.length === 0) return first
  return [...first.filter((one) => !missing.includes(one.case)), ...(await seen(mutation, missing, 1))]
}
