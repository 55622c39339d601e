// Plays the cases that see a mutation against the gateway that has it.

import { join } from 'node:path'
import process from 'node:process'
import { CASES } from '../../src/conformance/cases/all.ts'
import { runOf } from '../../src/conformance/report/report.ts'
import { run } from '../../src/conformance/run.ts'
import type { Run } from '../../src/conformance/verdict.ts'
import type { Mutation } from './mutations.ts'

const MUTATED = join(import.meta.dirname, 'mutated.ts')

/** What came of its cases, over the first version of IP alone. */
export async function seen({ id, cases, profile = 'dod' }: Mutation): Promise<readonly Run[]> {
  process.env['MUTATION'] = id
  try {
    const { played } = await run({
      ...{ script: MUTATED, profile, cases: CASES.filter((one) => cases.includes(one.id)), over: [4] },
      ...{ now: Date.now, tell: () => undefined },
    })
    return played.map(runOf)
  } finally {
    delete process.env['MUTATION']
  }
}

/** Cases that ought to have seen it, and have not. What came to nothing has seen nothing. */
export const green = ({ cases }: Mutation, runs: readonly Run[]): readonly string[] =>
  cases.filter((id) => !runs.some((one) => one.case === id && one.outcome.kind === 'violation'))
