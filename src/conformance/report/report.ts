// A report as data: what was tested, on what, and what each requirement comes to. The other forms are made of it.

import { CASES } from '../cases/all.ts'
import { isOnWire } from '../case.ts'
import { areaOf, type Requirement, REQUIREMENTS } from '../requirement.ts'
import type { Played } from '../run.ts'
import type { Performance } from '../stage/stage.ts'
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
  /** The areas that were asked for, where that were not all: nothing is said of others. */
  readonly part?: readonly string[]
  readonly verdicts: readonly (Verdict & { readonly requirement: string })[]
  /** How many there are; each may have several runs. */
  readonly cases: number
  readonly runs: readonly Run[]
  readonly totals: Readonly<Record<Result, number>>
}

/** Every requirement with its verdict, in the order of the table. */
export function verdictsOf(runs: readonly Run[], about: readonly Requirement[] = REQUIREMENTS): readonly Verdict[] {
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
  ...{ case: performance.testCase.id, outcome, began, ms },
  ...(isOnWire(performance.testCase) && { ip: performance.ip }),
  evidence: [evidenceOf(performance)],
})

/** Where the evidence of a performance lies, relative to the folder of the report. */
export const evidenceOf = ({ testCase, ip }: Performance): string =>
  `evidence/${testCase.id.replaceAll('/', '-')}${isOnWire(testCase) ? `-ipv${ip}` : ''}.txt`

/** @param o `part`: the areas that are reported on, where that are not all */
export function reportOf(o: {
  readonly runs: readonly Run[]
  readonly system: System
  readonly now: number
  readonly part?: readonly string[] | undefined
}): Report {
  const { part } = o
  const about = REQUIREMENTS.filter((requirement) => part === undefined || part.includes(areaOf(requirement)))
  const verdicts = verdictsOf(o.runs, about)
  const count = (result: Result): number => verdicts.filter((verdict) => verdict.result === result).length
  return {
    ...{ format: 1, made: new Date(o.now).toISOString(), system: o.system, verdicts, runs: o.runs },
    cases: new Set(o.runs.map((run) => run.case)).size,
    ...(part && { part }),
    totals: {
      Met: count('Met'),
      'Partially met': count('Partially met'),
      'Not met': count('Not met'),
      'N/A': count('N/A'),
    },
  }
}
