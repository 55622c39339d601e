// A report as data: what was tested, on what, and what each requirement comes to. The other forms are made of it.

import { CASES } from '../cases/all.ts'
import { type Requirement, REQUIREMENTS } from '../requirement.ts'
import type { Played } from '../run.ts'
import { STATEMENTS } from '../statements.ts'
import { type Result, type Run, type Statement, type Verdict, verdictOf } from '../verdict.ts'

/** On what the cases were played. */
export interface System {
  readonly version: string
  /** Of Node and of OpenSSL. */
  readonly node: string
  readonly openssl: string
  readonly profile: string
  /** SHA-256 of the settings that the cases were played with. */
  readonly configuration: string
  readonly host: string
}

export interface Report {
  readonly format: 1
  readonly made: string
  readonly system: System
  readonly verdicts: readonly (Verdict & { readonly requirement: string })[]
  readonly runs: readonly Run[]
  readonly totals: Readonly<Record<Result, number>>
}

/** Every requirement with its verdict, in the order of the table. */
export function verdictsOf(runs: readonly Run[], about = REQUIREMENTS): readonly Verdict[] {
  const byRequirement = new Map<string, Run[]>()
  const requirementsOf = new Map(CASES.map(({ id, requirements }) => [id, requirements]))
  for (const run of runs)
    for (const id of requirementsOf.get(run.case) ?? []) byRequirement.set(id, [...(byRequirement.get(id) ?? []), run])
  return about.map((requirement: Requirement) => {
    const statement: Statement | undefined = STATEMENTS[requirement.id]
    return verdictOf(requirement, { runs: byRequirement.get(requirement.id) ?? [], statement })
  })
}

/** The runs as they stand in a report. */
export const runOf = ({ performance, outcome, began, ms }: Played): Run => ({
  ...{ case: performance.testCase.id, ip: performance.ip, outcome, began, ms },
  evidence: [evidenceOf(performance.testCase.id, performance.ip)],
})

export const evidenceOf = (id: string, ip: number): string => `evidence/${id.replaceAll('/', '-')}-ipv${ip}.txt`

export function reportOf(o: { readonly runs: readonly Run[]; readonly system: System; readonly now: number }): Report {
  const verdicts = verdictsOf(o.runs)
  const count = (result: Result): number => verdicts.filter((verdict) => verdict.result === result).length
  return {
    ...{ format: 1, made: new Date(o.now).toISOString(), system: o.system, verdicts, runs: o.runs },
    totals: {
      Met: count('Met'),
      'Partially met': count('Partially met'),
      'Not met': count('Not met'),
      'N/A': count('N/A'),
    },
  }
}
